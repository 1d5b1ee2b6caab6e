"""Plans as data: what a back end would do with a program, how large that becomes, what it costs, why not otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf
from typing import Literal

from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.span import NOWHERE, Span
from nesy.solvers.planning.statements import Accuracy, Sized

Exactness = Literal["exact", "bounds", "approximate"]


@dataclass(frozen=True, slots=True)
class CostModel:
    """Seconds and megabytes, linear in what a program becomes; measured by ``benchmarks/speed/plan.py``.

    Making the engine takes ``start`` seconds, ``tried`` for each partial match and ``rule`` for each ground instance.
    A batch takes ``call`` seconds, and each answer ``answer`` and ``answer_rule`` for each instance that is open.
    Memory is ``memory`` megabytes, and ``memory_rule`` for each instance. A part counts as a quarter of an instance.
    The truth is taken to lie within ``spread`` times of the estimate, either way (``answer_spread`` for answers);
    ``answer_note`` says what is not in the model.
    """

    start: float
    tried: float
    rule: float
    call: float
    answer: float
    answer_rule: float
    memory: float
    memory_rule: float
    spread: float
    answer_spread: float
    answer_note: str = ""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another route, and why it was not taken: it cannot be (``possible`` is false), or it is expected to be worse."""

    name: str
    possible: bool
    reason: str
    span: Span = NOWHERE

    def to_json(self) -> dict[str, object]:
        """Plain data."""
        place = {"file": self.span.file, "line": self.span.line} if self.span != NOWHERE else {}
        return {"name": self.name, "possible": self.possible, "reason": self.reason} | place


@dataclass(frozen=True)
class Route:
    """How a back end would answer; what the planner of a back end gives.

    ``solver`` is what evaluates or searches, ``reason`` why. ``exactness`` says what the answers are, ``meaning`` in
    words. ``steps`` are worth knowing, in order. ``statements`` are those that are ground; ``crisp`` ones as well, but
    nothing is left of them when evidence comes. ``obstacles`` are the errors in which compiling would end, ``left_out``
    warnings, ``others`` the other solvers of the same back end.
    """

    solver: str
    reason: str
    exactness: Exactness
    meaning: str
    steps: tuple[str, ...]
    crisp: Sequence[Sized]
    statements: Sequence[Sized]
    obstacles: tuple[Diagnostic, ...]
    left_out: tuple[Diagnostic, ...]
    cost: CostModel
    others: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """The estimated ground size of the statement at one source line; see :class:`~.statements.Size`."""

    span: Span
    statement: str
    kind: str
    instances: float
    parts: float
    tried: float
    accuracy: Accuracy

    def to_json(self) -> dict[str, object]:
        """Plain data; infinite numbers are ``null``."""
        return {
            "file": self.span.file,
            "line": self.span.line,
            "statement": self.statement,
            "kind": self.kind,
            "instances": number(self.instances),
            "parts": number(self.parts),
            "tried": number(self.tried),
            "accuracy": self.accuracy,
        }


@dataclass(frozen=True, slots=True)
class Culprit:
    """A statement that exceeds the budget: which variables multiply to what, and what to do about it.

    ``certain`` is false where only an upper bound exceeds it.
    """

    span: Span
    statement: str
    work: float
    variables: tuple[tuple[str, float], ...]
    message: str
    cure: str
    certain: bool

    def to_json(self) -> dict[str, object]:
        """Plain data; infinite numbers are ``null``."""
        return {
            "file": self.span.file,
            "line": self.span.line,
            "statement": self.statement,
            "work": number(self.work),
            "variables": {name: number(factor) for name, factor in self.variables},
            "message": self.message,
            "cure": self.cure,
            "certain": self.certain,
        }


@dataclass(frozen=True, slots=True)
class Range:
    """An expected number and between which numbers it is likely to lie."""

    low: float
    expected: float
    high: float

    @staticmethod
    def around(expected: float, spread: float) -> Range:
        """``expected``, up to ``spread`` times less or more."""
        return Range(expected / spread, expected, expected * spread)

    def to_json(self) -> dict[str, object]:
        """Plain data; infinite numbers are ``null``."""
        return {"low": number(self.low), "expected": number(self.expected), "high": number(self.high)}


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds to compile, seconds for the answers to ``batch`` instances, and megabytes beside the libraries."""

    compile_seconds: Range
    answer_seconds: Range
    memory_mb: Range
    batch: int
    note: str

    def to_json(self) -> dict[str, object]:
        """Plain data."""
        return {
            "compile_seconds": self.compile_seconds.to_json(),
            "answer_seconds": self.answer_seconds.to_json(),
            "memory_mb": self.memory_mb.to_json(),
            "batch": self.batch,
            "note": self.note,
        }


@dataclass(frozen=True)
class Plan:
    """What one back end would do with a program.

    ``possible`` is false where it would refuse the program; then ``obstacles`` say why, and there is no cost. ``rows``
    are the statements in the order of the file, without facts, which ``facts`` counts. ``budget`` is the number of
    partial matches of one statement beyond which it is a culprit (None: no limit).
    """

    backend: str
    possible: bool
    solver: str
    reason: str
    exactness: Exactness
    meaning: str
    steps: tuple[str, ...]
    rows: tuple[Row, ...]
    facts: int
    budget: int | None
    culprits: tuple[Culprit, ...]
    cost: Cost | None
    obstacles: tuple[Diagnostic, ...]
    left_out: tuple[Diagnostic, ...]
    others: tuple[Alternative, ...]

    @property
    def instances(self) -> float:
        """Ground instances in all, without facts."""
        return sum(row.instances for row in self.rows)

    @property
    def parts(self) -> float:
        """What stands in them beside their own literals."""
        return sum(row.parts for row in self.rows)

    def to_json(self) -> dict[str, object]:
        """Plain data, as ``nesy plan --json`` prints it."""
        return {
            "backend": self.backend,
            "possible": self.possible,
            "solver": self.solver,
            "reason": self.reason,
            "exactness": self.exactness,
            "meaning": self.meaning,
            "steps": list(self.steps),
            "instances": number(self.instances),
            "parts": number(self.parts),
            "facts": self.facts,
            "statements": [row.to_json() for row in self.rows],
            "budget": self.budget,
            "culprits": [culprit.to_json() for culprit in self.culprits],
            "cost": None if self.cost is None else self.cost.to_json(),
            "obstacles": [diagnostic.to_json() for diagnostic in self.obstacles],
            "left_out": [diagnostic.to_json() for diagnostic in self.left_out],
            "others": [other.to_json() for other in self.others],
        }


def number(value: float) -> float | int | None:
    """A number as JSON has it: whole ones without a point, infinite ones as None."""
    if isinf(value):
        return None
    return int(value) if value == int(value) else round(value, 6)
