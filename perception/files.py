"""Writing what perception keeps: weights, checkpoints, downloads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from nesy.dsl.diagnostics import Diagnostic, NesyError, reason_of
from nesy.dsl.files import replace_file


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let ``write`` fill ``path``, completely or not at all (see :func:`nesy.dsl.files.replace_file`).

    Missing folders are made. E476 if the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, write)
    except OSError as error:
        message = f"the file cannot be written: {reason_of(error)}"
        hint = "make room, or name another folder in the variable NESY_CACHE"
        raise NesyError(Diagnostic("E476", message, hint=hint, place=str(path))) from None
