"""Reading standard input, and writing the files that users name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from nesy.dsl.diagnostics import Diagnostic, NesyError, reason_of
from nesy.dsl.files import replace_file


def read_standard_input() -> bytes:
    """All of standard input; E415 if the process was started without one (``<&-``)."""
    stream: TextIO | None = sys.stdin
    if stream is None:
        hint = "name a file, or send the text to standard input"
        raise NesyError(Diagnostic("E415", "standard input is closed", hint=hint, place="<stdin>"))
    return stream.buffer.read()


def write_atomically(path: str | Path, content: str | bytes) -> None:
    """Write a file completely or not at all (see :func:`nesy.dsl.files.replace_file`); text in UTF-8. E430."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        replace_file(path, lambda stream: stream.write(data))
    except (OSError, ValueError) as error:
        message = f"the file cannot be written: {reason_of(error)}"
        raise NesyError(Diagnostic("E430", message, hint="check the folder and its rights", place=str(path))) from None
