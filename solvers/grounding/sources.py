"""The source text of statements, for explanations."""

from __future__ import annotations

from pathlib import Path

from nesy.dsl.source import text_of
from nesy.dsl.span import Span
from nesy.dsl.statements import Program


class Sources:
    """Cuts statements out of the texts that they were read from; each text is split into lines once."""

    def __init__(self, program: Program) -> None:
        self.title = Path(program.sources[0][0]).name if program.sources else ""
        """The name of the main file; empty if the program was made from no text."""
        self._lines = {file: text.split("\n") for file, text in program.sources}

    def statement(self, span: Span) -> str:
        """The statement at ``span`` on one line, without comments; empty if its text is not known."""
        return text_of(self._lines.get(span.file, []), span)
