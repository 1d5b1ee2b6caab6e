"""Files that are never half written."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from nesy.dsl.diagnostics import Diagnostic, NesyError


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let ``write`` fill a new file beside ``path`` and put it in its place once it is complete and on the disk.

    Whatever interrupts the writing, ``path`` holds its old content or the new one. E476 if it cannot be written.
    """
    try:
        _write(path, write)
    except OSError as error:
        message = f"the file cannot be written: {error.strerror or error}"
        hint = "make room, or name another folder in the variable NESY_CACHE"
        raise NesyError(Diagnostic("E476", message, hint=hint, place=str(path))) from None


def _write(path: Path, write: Callable[[BinaryIO], object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
