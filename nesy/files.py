"""Writing the files that users name."""

from __future__ import annotations

from pathlib import Path

from nesy.dsl.diagnostics import Diagnostic, NesyError, reason_of
from nesy.dsl.files import replace_file


def write_atomically(path: str | Path, content: str | bytes) -> None:
    """Write a file completely or not at all (see :func:`nesy.dsl.files.replace_file`); text in UTF-8. E430."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        replace_file(path, lambda stream: stream.write(data))
    except (OSError, ValueError) as error:
        message = f"the file cannot be written: {reason_of(error)}"
        raise NesyError(Diagnostic("E430", message, hint="check the folder and its rights", place=str(path))) from None
