"""Explanations: which readings and which rules decide a degree. Filled by the back ends, drawn by the facade."""

from __future__ import annotations

from dataclasses import dataclass

from nesy.dsl.span import Span
from nesy.dsl.values import Value


@dataclass(frozen=True, slots=True)
class Reading:
    """A percept degree that an explanation rests on: ``π(cell(1,2) = 3) = 0.4``.

    ``statement`` is a membership such as ``cell(1,2) = 3`` or ``a(1) != 3``. ``slack`` says how far this degree may
    move, up and down, before the explained degree changes (as far as the reading alone is concerned);
    ``probability`` is the network's own number where one value is meant.
    """

    percept: str
    statement: str
    degree: float
    probability: float | None = None
    slack: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the chain from the answer down to the readings.

    ``statement`` is what has the degree (``Π(valid = true) = 0.4``), ``because`` says in words how the binding rule
    gives it; ``span``/``source`` are the rule's place and line, ``bindings`` its variables' values.
    """

    statement: str
    degree: float
    because: str
    span: Span | None = None
    source: str = ""
    bindings: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Alternative:
    """The next-best value of the query, its degree, and the chain that decides it."""

    value: str
    degree: float
    steps: tuple[Step, ...] = ()
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why ``measure(query = value)`` is ``degree`` in one instance.

    ``readings`` are all the percept degrees that decide it: changing any other reading, within
    its slack, leaves the degree.
    """

    instance: int
    query: str
    value: str
    measure: str
    degree: float
    steps: tuple[Step, ...]
    readings: tuple[Reading, ...]
    alternative: Alternative | None = None
