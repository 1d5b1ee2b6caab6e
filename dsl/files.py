"""Files that are never half written."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def replace_file(path: str | Path, write: Callable[[BinaryIO], object]) -> None:
    """Let ``write`` fill a new file beside ``path``, and put it in its place once it is complete and on the disk.

    Whatever interrupts the writing, ``path`` holds its old content or the new one. The permissions of a file that is
    replaced are kept; of a link the file it points to is replaced; devices and pipes are written to directly. Raises
    OSError, and ValueError for a path that cannot be one.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file() and not target.is_dir():
        with target.open("wb") as stream:
            write(stream)
        return
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    with part.open("xb") as stream:
        try:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
            if target.exists():
                part.chmod(target.stat().st_mode & 0o7777)
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
