"""The source text of statements, for explanations."""

from __future__ import annotations

import re

from nesy.dsl.span import Span
from nesy.dsl.statements import Program

_PIECE = re.compile(r'"(?:\\.|[^"\\])*"|%[^\n]*')


class Sources:
    """Cuts statements out of the text that they were read from."""

    def __init__(self, program: Program) -> None:
        self._lines = {file: text.splitlines() for file, text in program.sources}

    def statement(self, span: Span) -> str:
        """The statement at ``span`` on one line, without comments; empty if its text is not known."""
        lines = self._lines.get(span.file, [])[span.line - 1 : span.end_line]
        if not lines:
            return ""
        if span.end_line - span.line + 1 == len(lines):
            lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        text = _PIECE.sub(lambda piece: "" if piece.group().startswith("%") else piece.group(), "\n".join(lines))
        return " ".join(text.split())
