"""What expectations ask and what they give, before any back end answers; and what comes of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from nesy.dsl.checks.constants import fold
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.span import NOWHERE
from nesy.dsl.statements import Expect, Query
from nesy.dsl.syntax import Call, Formula, Node, Operator, Variable, children, walk
from nesy.solvers.ground_model import AllOf, Attribute, AttributeLiteral, GroundFormula, GroundModel, GroundQuery

if TYPE_CHECKING:
    from nesy.program import Program


@dataclass(frozen=True)
class Outcome:
    """An expectation and what came of it; its formula is called ``label`` in answers, ``found`` says what is the case.

    The possibilistic back end fills the degrees of the formula and ``instead``, the most possible values of the
    attributes in it: ``("y", (("8", 1.0),))``. The back ends that search fill ``witness``: the values of these
    attributes in a model that shows why the expectation fails, ``("y", "8")``. The probabilistic back end fills the
    ``probability`` of the formula.
    """

    expectation: Expect
    text: str
    passed: bool
    wanted: str
    label: str
    found: str
    possibility: float | None = None
    necessity: float | None = None
    instead: tuple[tuple[str, tuple[tuple[str, float], ...]], ...] = ()
    witness: tuple[tuple[str, str], ...] = ()
    probability: float | None = None


TOLERANCE = 1e-9
"""Degrees that differ by no more than this are equal."""

_COMPARE: dict[Operator, Callable[[float, float], bool]] = {
    "=": lambda left, right: abs(left - right) <= TOLERANCE,
    "!=": lambda left, right: abs(left - right) > TOLERANCE,
    "<": lambda left, right: left < right - TOLERANCE,
    "<=": lambda left, right: left <= right + TOLERANCE,
    ">": lambda left, right: left > right + TOLERANCE,
    ">=": lambda left, right: left >= right - TOLERANCE,
}


def compared(operator: Operator, left: float, right: float) -> bool:
    """Whether a comparison holds up to :data:`TOLERANCE`."""
    return _COMPARE[operator](left, right)


GroundAlone = Callable[[Query], GroundModel]
"""Grounds one query by itself."""


def formulas_of(program: Program, expectations: Sequence[Expect]) -> list[Formula]:
    """Every formula that is needed, once: what is expected, what is given, and the attributes to show."""
    found: dict[Formula, None] = {}
    for entry in expectations:
        found.setdefault(entry.formula)
        for reading in entry.given:
            found.setdefault(reading)
        for call in attributes_in(program, entry.formula):
            found.setdefault(call)
    return list(found)


def attributes_in(program: Program, node: Node) -> Iterator[Call]:
    """The attributes of a formula, as far as they have no variables."""
    if isinstance(node, Call) and node.name in program.checked.attributes:
        if not any(isinstance(part, Variable) for part in walk(node)):
            yield node
        return
    for child in children(node):
        yield from attributes_in(program, child)


def ground_queries(model: GroundModel, queries: Sequence[Query], alone: GroundAlone) -> list[GroundQuery]:
    """What each query became. Grounding keeps one of several queries with the same label: the others are looked up."""
    by_label = {(query.kind, query.label): query for query in model.queries}
    found = []
    for query in queries:
        own = [entry for entry in model.queries if entry.span == query.span != NOWHERE]
        instances = own or alone(query).queries
        if len(instances) != 1:
            message = "what is expected or given here lies outside the index of its attribute"
            raise NesyError(Diagnostic("E511", message, query.span, "'nesy ground' lists the index of every attribute"))
        found.append(by_label[instances[0].kind, instances[0].label])
    return found


def given_distributions(
    model: GroundModel, expectations: Sequence[Expect], found: Mapping[Formula, GroundQuery]
) -> dict[str, Tensor]:
    """Possibility distributions ``[expectation, *index shape, value]`` by percept: 1 wherever nothing is given."""
    tables = {
        place: torch.ones((len(expectations), len(attribute.index), len(attribute.domain)), dtype=torch.float64)
        for place, attribute in enumerate(model.attributes)
        if attribute.kind == "percept"
    }
    for number, entry in enumerate(expectations):
        for reading in entry.given:
            for literal in _literals(model, found[reading], reading):
                row = tables[literal.attribute][number, literal.index]
                kept = torch.zeros_like(row)
                kept[list(literal.values)] = 1
                row *= kept
                if not bool(row.any()):
                    raise _no_value(model.attributes[literal.attribute], literal.index, reading)
    return {
        model.attributes[place].name: table.reshape(
            len(expectations), *model.attributes[place].shape, len(model.attributes[place].domain)
        )
        for place, table in tables.items()
    }


def _literals(model: GroundModel, query: GroundQuery, reading: Formula) -> Iterator[AttributeLiteral]:
    """The restrictions of percepts that a reading stands for."""
    if query.kind == "attribute":
        domain = model.attributes[query.attribute].domain
        yield AttributeLiteral(query.attribute, query.index, (domain.values.index(True),))
        return
    waiting: list[GroundFormula | None] = [query.formula]
    while waiting:
        formula = waiting.pop()
        match formula:
            case AttributeLiteral() if model.attributes[formula.attribute].kind == "percept":
                yield formula
            case AllOf(items):
                waiting.extend(items)
            case _:
                message = f"'{query.label}' does not say which values one percept may have"
                hint = "write percept(index) = value, or percept(index) in {…}"
                raise NesyError(Diagnostic("E428", message, reading.span, hint))


def _no_value(attribute: Attribute, index: int, reading: Formula) -> NesyError:
    message = f"the readings of this expectation leave {attribute.label(index)} no value"
    return NesyError(Diagnostic("E428", message, reading.span, "give each percept once"))


def threshold_of(program: Program, entry: Expect) -> float:
    """The degree that an expectation names; 0 if it names none."""
    if entry.threshold is None:
        return 0.0
    value = fold(entry.threshold, program.checked.constants)
    assert isinstance(value, int | float)
    return float(value)
