"""The source text behind a span."""

from __future__ import annotations

from nesy.dsl.span import Span
from nesy.dsl.statements import Program


def statement_text(program: Program, span: Span) -> str:
    """The text of ``span`` with comments left out and blanks and line breaks made one blank each.

    Empty where the program does not know the file or the place, as for statements that were not read from text.
    """
    for name, text in program.sources:
        if name == span.file:
            return text_of(text.split("\n"), span)
    return ""


def text_of(lines: list[str], span: Span) -> str:
    """As :func:`statement_text`, from the lines of the file; for callers with many spans of one file."""
    if not 1 <= span.line <= span.end_line <= len(lines):
        return ""
    taken = lines[span.line - 1 : span.end_line]
    taken[-1] = taken[-1][: span.end_column - 1]
    taken[0] = taken[0][span.column - 1 :]
    return " ".join(" ".join(map(_without_comment, taken)).split())


def _without_comment(line: str) -> str:
    quoted = escaped = False
    for place, character in enumerate(line):
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == "%" and not quoted:
            return line[:place]
    return line
