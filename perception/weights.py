"""Trained weights on the disk: written whole or not at all, with a checksum, and read as data, never as code."""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError, reason_of
from nesy.perception.files import write_atomically

_MAGIC = b"nesy weights 1\n"
_HEADER = len(_MAGIC) + 64 + 1
"""The first line, then the SHA-256 of the rest in hexadecimal and a line feed."""


@dataclass(frozen=True)
class Weights:
    """What a training leaves: the ``state`` of the network, the ``temperature`` fitted on held-out data, and ``facts``.

    ``key`` is the fingerprint of the data, the network, the settings and the seed. ``facts`` are measured numbers by
    name (``validation_accuracy``, ``seconds``, …).
    """

    key: str
    state: Mapping[str, Tensor]
    temperature: float
    facts: Mapping[str, float]


def save_weights(path: Path, weights: Weights) -> None:
    """Write ``weights`` to ``path`` atomically."""
    payload = io.BytesIO()
    state = {name: value.detach().cpu().contiguous() for name, value in weights.state.items()}
    content = {"key": weights.key, "state": state, "temperature": weights.temperature, "facts": dict(weights.facts)}
    torch.save(content, payload)
    data = payload.getvalue()
    header = _MAGIC + hashlib.sha256(data).hexdigest().encode() + b"\n"
    write_atomically(path, lambda stream: stream.writelines([header, data]))


def load_weights(path: Path, key: str) -> Weights:
    """The weights in ``path``, on the CPU. E470 if the file is damaged or was made for something else than ``key``."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _refused(path, f"it cannot be read ({reason_of(error)})") from None
    if not content.startswith(_MAGIC):
        raise _refused(path, "it does not start as a file of weights does")
    expected, data = content[len(_MAGIC) : _HEADER - 1], content[_HEADER:]
    if hashlib.sha256(data).hexdigest().encode() != expected:
        raise _refused(path, "its content does not have the checksum that its header promises")
    try:
        found = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
        weights = Weights(found["key"], found["state"], found["temperature"], found["facts"])
    except (pickle.UnpicklingError, RuntimeError, EOFError, TypeError, KeyError):
        raise _refused(path, "it holds something else than weights") from None
    if weights.key != key:
        raise _refused(path, "it was trained with other data, another network or other settings")
    return weights


def _refused(path: Path, reason: str) -> NesyError:
    message = f"the weights cannot be used: {reason}"
    hint = "delete the file: the network is then trained anew when it is next needed"
    return NesyError(Diagnostic("E470", message, hint=hint, place=str(path)))
