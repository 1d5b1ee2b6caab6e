"""Text into sentences, each with its place, so that findings can point at the words that caused them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nesy.dsl.span import Span

QUESTION = "<question>"
"""The name by which messages call a text that stands in no file."""

_END = re.compile(r"[.?!;]+(?=\s|$)|\n\s*\n")
_ABBREVIATIONS = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|vs|e\.g|i\.e|approx|No)\.$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. ``text`` is without its final sign and with single blanks; ``question``: it ended in ``?``.

    ``span`` is its place in the whole text, lines and columns from 1.
    """

    number: int
    text: str
    question: bool
    span: Span


def split_sentences(text: str, file: str = QUESTION) -> tuple[Sentence, ...]:
    """The sentences of a text, in order; they end in ``.``, ``?``, ``!``, ``;`` or at an empty line."""
    found: list[Sentence] = []
    start = 0
    for end in (*_END.finditer(text), None):
        stop = len(text) if end is None else end.start()
        sign = "" if end is None else end[0]
        if "." in sign and _ABBREVIATIONS.search(text[: stop + 1]):
            continue
        words = " ".join(text[start:stop].split())
        if words:
            begin = start + len(text[start:stop]) - len(text[start:stop].lstrip())
            stop = begin + len(text[begin:stop].rstrip())
            found.append(Sentence(len(found), words, "?" in sign, _span(text, begin, stop, file)))
        start = stop if end is None else end.end()
    return tuple(found)


def _span(text: str, begin: int, stop: int, file: str) -> Span:
    line, end_line = text.count("\n", 0, begin) + 1, text.count("\n", 0, stop) + 1
    column = begin - text.rfind("\n", 0, begin)
    return Span(file, line, column, end_line, stop - text.rfind("\n", 0, stop))
