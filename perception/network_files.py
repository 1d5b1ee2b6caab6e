"""Saved networks named by their file where a perceiver's name may stand: what the file does not say is tried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.values import Value
from nesy.perception.adapters import ModelPerceiver, file_perceiver
from nesy.perception.devices import find_device
from nesy.perception.inputs import portions

if TYPE_CHECKING:
    from nesy.perception.protocol import Inputs

ENDINGS = frozenset({".pt", ".pt2", ".pth", ".ts"})
PROBE = 64
"""So many images are read to see what a network gives."""
_TOLERANCE = 1e-3


def is_network_file(name: str) -> bool:
    """Whether ``name`` is that of a saved network, not that of a perceiver."""
    return Path(name).suffix.lower() in ENDINGS


def network_file(
    path: str, inputs: Inputs, image_shape: tuple[int, ...], values: Sequence[Value], *, device: str = "cpu"
) -> ModelPerceiver:
    """The network in ``path``, with what its outputs for the first of ``inputs`` show.

    As many outputs as ``values`` mean these, in their order; otherwise they are called 0, 1, …, and it has to be
    said what they mean. Rows that are probability distributions are taken as such, all others as logits. E472 for
    files that hold no network, E455 where it fails on these inputs, E454 where there are none.
    """
    made = file_perceiver(path, classes=tuple(values), image_shape=image_shape, device=device)
    first = next(portions(inputs, image_shape, size=PROBE, device=find_device(device), name=made.name), None)
    if first is None:
        raise NesyError(Diagnostic("E454", "there are no inputs", hint="give at least one image", place=made.name))
    with torch.no_grad():
        outputs = made.outputs(first)
    if outputs.ndim != 2 or outputs.shape[1] == len(values):
        classes = made.classes
    else:
        classes = tuple(range(outputs.shape[1]))
    return replace(made, classes=classes, output="probabilities" if _are_distributions(outputs) else "logits")


def _are_distributions(rows: Tensor) -> bool:
    """Whether all rows are probability distributions, as logits never are but by a rare accident."""
    if rows.ndim != 2 or rows.shape[1] < 2 or rows.is_complex():
        return False
    rows = rows.double()
    return bool((rows >= 0).all()) and bool(((rows.sum(1) - 1).abs() <= _TOLERANCE).all())
