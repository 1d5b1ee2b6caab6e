"""Fingerprints: what a data set, a network and its training are recognised by. All are SHA-256 in hexadecimal."""

from __future__ import annotations

import hashlib
import inspect
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn


def of_text(*parts: str) -> str:
    """Of texts; where one ends and the next begins counts."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()


def of_arrays(*arrays: NDArray[Any]) -> str:
    """Of the shapes, types and contents of arrays."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def of_network(network: nn.Module) -> str:
    """Of the architecture: the layers and their settings, the shapes of the weights, and the source of own layers.

    The values of the weights do not count: a trained network has the fingerprint that it had untrained.
    """
    shapes = [f"{name}{tuple(value.shape)}{value.dtype}" for name, value in network.state_dict().items()]
    own = {type(module) for module in network.modules() if not type(module).__module__.startswith("torch.")}
    sources = [_source(kind) for kind in sorted(own, key=lambda kind: kind.__qualname__)]
    return of_text(repr(network), *shapes, *sources)


def _source(kind: type) -> str:
    try:
        return inspect.getsource(kind)
    except (OSError, TypeError):  # defined at a prompt: the layers and shapes have to do
        return kind.__qualname__
