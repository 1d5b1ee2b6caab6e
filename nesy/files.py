"""Writing files so that a reader never sees half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from nesy.dsl.diagnostics import Diagnostic, NesyError


def write_atomically(path: str | Path, content: str | bytes) -> None:
    """Write a file completely or not at all; the permissions of a file that is replaced are kept. E430 if it fails.

    Where ``path`` is a link the file it points to is replaced; devices and pipes are written to directly.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(data)
            return
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as reason:
        why = getattr(reason, "strerror", None) or str(reason)
        message = f"the file cannot be written: {why}"
        raise NesyError(Diagnostic("E430", message, hint="check the folder and its rights", place=str(path))) from None


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
