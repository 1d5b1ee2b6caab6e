"""What a knowledge base says beyond a program: what names mean in English, how people speak of them, alternatives.

Engines that run a program pass over these statements; model synthesis reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from nesy.dsl.span import NOWHERE, Span
from nesy.dsl.syntax import Formula, Interval, Negative, Number, Term, Variable


@dataclass(frozen=True, slots=True)
class Variant:
    """``[variant heavy = 0.3]`` behind a random variable or a definition: one of several ways to model it.

    ``weight`` is the prior probability of the variant; None: an equal share of what the others leave.
    """

    name: str
    weight: Number | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Gloss:
    """``gloss strength : "how strong somebody is" also "power" unit "kg" scale 0..100.``"""

    name: str
    text: str
    synonyms: tuple[str, ...] = ()
    unit: str | None = None
    scale: Interval | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def limits(self) -> tuple[float, float] | None:
        """The ends of the scale; None without a scale, or where they are no increasing numbers."""
        ends = () if self.scale is None else tuple(map(_number, (self.scale.low, self.scale.high)))
        low, high = ends or (None, None)
        return (low, high) if low is not None and high is not None and low < high else None


def _number(term: Term) -> float | None:
    match term:
        case Number(value):
            return float(value)
        case Negative(Number(value)):
            return -float(value)
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Meaning:
    """One part of what a phrase means.

    ``fact``: an atom that becomes a fact; ``observe``, ``query``, ``do``: a formula; ``new``: a variable that stands
    for something that the text has not named yet.
    """

    mode: Literal["fact", "observe", "query", "do", "new"]
    formula: Formula | Variable
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """``phrase "{A+} beat {B+} in match {M}" means match(M), plays(A, M, home), … observe beats(home, away, M).``

    ``patterns`` are English with slots: ``{A}`` one name or value, ``{A+}`` a list of names (“Ann, Bob and Cal”),
    ``{A:type}`` says of which type.
    """

    patterns: tuple[str, ...]
    meanings: tuple[Meaning, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)
