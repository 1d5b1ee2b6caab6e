"""Phrases of a knowledge base as regular expressions over sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.checks.knowledge import SLOT
from nesy.dsl.knowledge import Phrase
from nesy.synthesis.slots import Denoted, Slot, slots_of

_ARTICLES = ("the", "a", "an")


@dataclass(frozen=True)
class Pattern:
    """One pattern of a phrase. ``words`` are its own words, by which the most specific of several patterns is found."""

    phrase: Phrase
    text: str
    slots: Mapping[str, Slot]
    expression: re.Pattern[str]
    words: tuple[str, ...]

    def read(self, sentence: str) -> Mapping[str, tuple[Denoted, ...]] | None:
        """What each slot denotes in ``sentence``; None where the pattern does not fit all of it."""
        found = self.expression.fullmatch(sentence)
        if found is None:
            return None
        values = {name: slot.read(found[name]) for name, slot in self.slots.items()}
        kept = {name: value for name, value in values.items() if value is not None}
        return kept if len(kept) == len(values) else None


def patterns_of(phrase: Phrase, checked: CheckedProgram) -> tuple[Pattern, ...]:
    """The patterns of one phrase of a checked knowledge base."""
    return tuple(_pattern(phrase, text, checked) for text in phrase.patterns)


def _pattern(phrase: Phrase, text: str, checked: CheckedProgram) -> Pattern:
    variables = [(name, bool(plus), kind or None) for name, plus, kind in SLOT.findall(text)]
    slots = slots_of(variables, phrase.meanings, checked)
    pieces: list[str] = []
    place = 0
    for found in SLOT.finditer(text):
        pieces += _literal(text[place : found.start()])
        pieces.append(f"(?P<{found[1]}>{slots[found[1]].pattern()})")
        place = found.end()
    pieces += _literal(text[place:].rstrip(" .?!"))
    expression = re.sub(r"(\\s\+)+", r"\\s+", "".join(pieces)).removeprefix(r"\s+").removesuffix(r"\s+")
    words = tuple(re.findall(r"[\w'’-]+", SLOT.sub(" ", text).lower()))
    return Pattern(phrase, text, slots, re.compile(expression), words)


def _literal(text: str) -> list[str]:
    """Words in any case, with any blanks between them; articles and commas may be left out."""
    pieces: list[str] = []
    for token in re.findall(r"\s+|,|[^\s,]+", text):
        if token.isspace():
            pieces.append(r"\s+")
        elif token == ",":
            pieces.append(r"\s*,?")
        elif token.lower() in _ARTICLES:
            pieces.append(rf"(?:(?i:{token})\s+)?")
        else:
            pieces.append(f"(?i:{re.escape(token)})")
    return _without_doubled_blanks(pieces)


def _without_doubled_blanks(pieces: list[str]) -> list[str]:
    """An article that may be left out brings its own blank."""
    kept: list[str] = []
    for piece in pieces:
        if piece == r"\s+" and kept and kept[-1].endswith(r"\s+)?"):
            continue
        kept.append(piece)
    return kept
