"""Checkpoints: where a training stands after an epoch, in a file that is complete at any moment."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from nesy.dsl.diagnostics import Diagnostic, NesyError, reason_of
from nesy.perception.files import write_atomically

Checkpoint = Mapping[str, Any]
"""``key`` (what is trained how on what), ``epoch`` (how many are done), ``network``, ``average``, ``optimiser``,
``history``."""


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write ``checkpoint`` to ``path`` atomically."""
    write_atomically(path, lambda stream: torch.save(dict(checkpoint), stream))


def load_checkpoint(path: Path, key: str, device: torch.device) -> Checkpoint | None:
    """The checkpoint in ``path``, or None if there is no such file.

    E475 if the file is damaged, E471 if it belongs to another network, other data or other settings than ``key``.
    """
    if not path.exists():
        return None
    try:
        found = torch.load(path, map_location=device, weights_only=True)
        missing = {"key", "epoch", "network", "average", "optimiser", "history"} - set(found)
    except (OSError, RuntimeError, EOFError, ValueError, TypeError, KeyError, pickle.UnpicklingError) as error:
        raise _damaged(path, reason_of(error)) from None
    if missing:
        raise _damaged(path, f"without {', '.join(sorted(missing))}")
    if found["key"] != key:
        message = "the checkpoint belongs to another network, other data or other training settings"
        hint = "delete the file to train anew, or name another one"
        raise NesyError(Diagnostic("E471", message, hint=hint, place=str(path)))
    checkpoint: Checkpoint = found
    return checkpoint


def _damaged(path: Path, reason: str) -> NesyError:
    message = f"the checkpoint cannot be read: {reason}"
    return NesyError(Diagnostic("E475", message, hint="delete the file to train anew", place=str(path)))
