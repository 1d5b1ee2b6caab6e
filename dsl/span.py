"""Places in source text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a rule file.

    Lines and columns count from 1, as editors do; ``end_column`` is one past the last character.
    ``file`` is the path as the user gave it, or ``"<text>"`` for text that came from no file.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of ``other``."""
        return Span(self.file, self.line, self.column, other.end_line, other.end_column)


NOWHERE = Span("<none>", 0, 0, 0, 0)
