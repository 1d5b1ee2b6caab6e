"""The signs of clingo's language, with their places; comments and blanks are passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.span import Span

_SIGNS = re.compile(
    r"""(?P<blank>\s+|%(?!\*)[^\n]*)
    |(?P<script>\#script\b.*?\#end\s*\.?)
    |(?P<text>"(?:\\.|[^"\\\n])*")
    |(?P<number>0x[0-9A-Fa-f]+|\d+)
    |(?P<name>[_']*[a-z][A-Za-z0-9_']*)
    |(?P<variable>[_']*[A-Z][A-Za-z0-9_']*|_)
    |(?P<directive>\#[a-z]+\+?)
    |(?P<sign>:-|:~|\.\.|!=|<=|>=|==|<>|\*\*|[-+*/\\=<>.,:;|()\[\]{}?^~&@$!])""",
    re.VERBOSE | re.DOTALL,
)
_BLOCK = re.compile(r"%\*|\*%")


@dataclass(frozen=True, slots=True)
class Token:
    """One sign. ``spaced`` tells whether blanks or a comment stand before it."""

    kind: str
    text: str
    span: Span
    spaced: bool


class Tokens:
    """The tokens of ``text``, which stands in ``file``; what cannot be read is told in ``problems`` (E546)."""

    def __init__(self, text: str, file: str) -> None:
        self.problems: list[Diagnostic] = []
        self._text = text
        self._file = file
        self._line, self._start = 1, 0

    def __iter__(self) -> Iterator[Token]:
        place, spaced = 0, False
        while place < len(self._text):
            if self._text.startswith("%*", place):
                end = self._comment_end(place)
                self._span(place, end)
                place, spaced = end, True
                continue
            found = _SIGNS.match(self._text, place)
            if found is None:
                span = self._span(place, place + 1)
                self._problem(f"{self._text[place]!r} begins no word of clingo's language", span)
                place, spaced = place + 1, True
                continue
            span = self._span(place, found.end())
            place = found.end()
            if found.lastgroup == "blank":
                spaced = True
                continue
            yield Token(str(found.lastgroup), found[0], span, spaced)
            spaced = False

    def _comment_end(self, start: int) -> int:
        """The end of a block comment; they nest."""
        depth = 0
        for found in _BLOCK.finditer(self._text, start):
            depth += 1 if found[0] == "%*" else -1
            if depth == 0:
                return found.end()
        span = Span(self._file, self._line, start - self._start + 1, self._line, start - self._start + 3)
        self._problem("a comment begins here and does not end", span, "close it by *%")
        return len(self._text)

    def _span(self, start: int, end: int) -> Span:
        """The place from ``start`` to ``end``; to be asked for in order."""
        line, column = self._line, start - self._start + 1
        breaks = self._text.count("\n", start, end)
        if breaks:
            self._line += breaks
            self._start = self._text.rindex("\n", start, end) + 1
        return Span(self._file, line, column, self._line, end - self._start + 1)

    def _problem(self, message: str, span: Span, hint: str = "see the manual of clingo for its syntax") -> None:
        self.problems.append(Diagnostic("E546", message, span, hint))


def joined(tokens: Sequence[Token]) -> str:
    """The text of tokens on one line: one blank where there were blanks or comments."""
    return "".join(f" {token.text}" if place and token.spaced else token.text for place, token in enumerate(tokens))
