"""Running the ``expect`` statements of a program.

Every expectation is one instance of one batch: the percepts after ``given`` are certain, all others are unknown
(every value fully possible). The program is grounded once, for all formulas and readings together. In the
possibilistic back end

=========================  ==================================================================
``expect F``               Π(F) = 1 and N(F) > 0: F is accepted, its contrary is less possible
``expect possible F``      Π(F) > 0
``expect impossible F``    Π(F) = 0
``expect P >= t F``        Π(F) ≥ t, and so for ``= != < <= >``
``expect N >= t F``        N(F) ≥ t, likewise
=========================  ==================================================================

Degrees are compared up to 1e-9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from nesy.dsl.checks.constants import fold
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.source import statement_text
from nesy.dsl.span import NOWHERE
from nesy.dsl.statements import Expect, Query
from nesy.dsl.syntax import Call, Formula, Node, Variable, children, walk
from nesy.dsl.values import format_value
from nesy.program import given_parameters
from nesy.solvers.backend import Options
from nesy.solvers.backend import backend as find_backend
from nesy.solvers.ground_model import AllOf, Attribute, AttributeLiteral, GroundFormula, GroundModel, GroundQuery
from nesy.solvers.grounding import ground
from nesy.solvers.possibilistic import compile_model

if TYPE_CHECKING:
    from pathlib import Path

    from nesy.program import Program
    from nesy.solvers.answer import Answer
    from nesy.solvers.possibilistic.learning.parameters import Parameters

TOLERANCE = 1e-9
BEST = 3
"""How many values of an attribute a failure shows."""


@dataclass(frozen=True)
class Outcome:
    """An expectation and what came of it: the degrees of its formula, called ``label`` in answers.

    ``instead`` has the most possible values of the attributes in the formula, as ``("y", (("8", 1.0),))``.
    """

    expectation: Expect
    text: str
    passed: bool
    wanted: str
    label: str
    possibility: float
    necessity: float
    instead: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]


def run_expectations(
    program: Program,
    backend: str = "possibilistic",
    warnings: list[Diagnostic] | None = None,
    parameters: Parameters | str | Path | None = None,
) -> tuple[Outcome, ...]:
    """The outcome of every ``expect`` statement of a program, in order; what grounding remarks goes to ``warnings``.

    ``parameters`` are learned ones that take the place of those in the rules. Raises :class:`NesyError` as compiling
    does, and E428 where readings leave a percept no value.
    """
    find_backend(backend)
    if backend != "possibilistic":
        hint = "leave --with out: possibilities and necessities decide"
        message = f"expectations are not tested with the back end '{backend}' in this version"
        raise NesyError(Diagnostic("E502", message, hint=hint, place="--with"))
    expectations = [entry for entry in program.ast.statements if isinstance(entry, Expect)]
    if not expectations:
        return ()
    formulas = _formulas(program, expectations)
    queries = [Query(formula, span=formula.span) for formula in formulas]
    model = ground(program.checked, queries)
    if warnings is not None:
        warnings.extend(model.warnings)
    found = dict(zip(formulas, _ground_queries(program, model, queries), strict=True))
    given = _distributions(model, expectations, found)
    engine = compile_model(model, Options(parameters=given_parameters(parameters, backend)))
    answer = engine.infer_possibility(given)
    if not given:
        return tuple(_outcome(program, entry, found, answer, 0) for entry in expectations)
    return tuple(_outcome(program, entry, found, answer, number) for number, entry in enumerate(expectations))


# ----- what is asked


def _formulas(program: Program, expectations: Sequence[Expect]) -> list[Formula]:
    """Every formula that is needed, once: what is expected, what is given, and the attributes to show."""
    found: dict[Formula, None] = {}
    for entry in expectations:
        found.setdefault(entry.formula)
        for reading in entry.given:
            found.setdefault(reading)
        for call in _attributes_in(program, entry.formula):
            found.setdefault(call)
    return list(found)


def _attributes_in(program: Program, node: Node) -> Iterator[Call]:
    """The attributes of a formula, as far as they have no variables."""
    if isinstance(node, Call) and node.name in program.checked.attributes:
        if not any(isinstance(part, Variable) for part in walk(node)):
            yield node
        return
    for child in children(node):
        yield from _attributes_in(program, child)


def _ground_queries(program: Program, model: GroundModel, queries: Sequence[Query]) -> list[GroundQuery]:
    """What each query became. Grounding keeps one of several queries with the same label: the others are looked up."""
    by_label = {(query.kind, query.label): query for query in model.queries}
    found = []
    for query in queries:
        own = [entry for entry in model.queries if entry.span == query.span != NOWHERE]
        (alone,) = own or ground(program.checked, [query]).queries
        found.append(by_label[alone.kind, alone.label])
    return found


# ----- what is given


def _distributions(
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


# ----- what comes out

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": lambda left, right: abs(left - right) <= TOLERANCE,
    "!=": lambda left, right: abs(left - right) > TOLERANCE,
    "<": lambda left, right: left < right - TOLERANCE,
    "<=": lambda left, right: left <= right + TOLERANCE,
    ">": lambda left, right: left > right + TOLERANCE,
    ">=": lambda left, right: left >= right - TOLERANCE,
}
_SIGNS = {"!=": "≠", "<=": "≤", ">=": "≥"}


def _outcome(
    program: Program,
    entry: Expect,
    found: Mapping[Formula, GroundQuery],
    answer: Answer,
    instance: int,
) -> Outcome:
    query = found[entry.formula]
    result = answer[query.label]
    assert result.possibility is not None
    assert result.necessity is not None
    true = result.domain.values.index(True)
    possibility, necessity = (float(degrees[instance, true]) for degrees in (result.possibility, result.necessity))
    threshold = _threshold(program, entry)
    attributes = [found[call] for call in _attributes_in(program, entry.formula)]
    instead = {each.label: _best(answer, each, instance) for each in attributes if each != query}
    return Outcome(
        entry,
        statement_text(program.ast, entry.span),
        _holds(entry, possibility, necessity, threshold),
        _wanted(entry, threshold),
        query.label,
        possibility,
        necessity,
        tuple(instead.items()),
    )


def _threshold(program: Program, entry: Expect) -> float:
    if entry.threshold is None:
        return 0.0
    value = fold(entry.threshold, program.checked.constants)
    assert isinstance(value, int | float)
    return float(value)


def _holds(entry: Expect, possibility: float, necessity: float, threshold: float) -> bool:
    match entry.mode:
        case "certain":
            return possibility >= 1 - TOLERANCE and necessity > TOLERANCE
        case "possible":
            return possibility > TOLERANCE
        case "impossible":
            return possibility <= TOLERANCE
        case "degree":
            assert entry.operator is not None
            measured = necessity if entry.measure == "N" else possibility
            return _COMPARE[entry.operator](measured, threshold)


def _wanted(entry: Expect, threshold: float) -> str:
    match entry.mode:
        case "certain":
            return "Π = 1 and N > 0"
        case "possible":
            return "Π > 0"
        case "impossible":
            return "Π = 0"
        case "degree":
            assert entry.operator is not None
            symbol = "N" if entry.measure == "N" else "Π"
            return f"{symbol} {_SIGNS.get(entry.operator, entry.operator)} {threshold:g}"


def _best(answer: Answer, query: GroundQuery, instance: int) -> tuple[tuple[str, float], ...]:
    """The most possible values of an attribute, with their degrees."""
    result = answer[query.label]
    assert result.possibility is not None
    degrees = result.possibility[instance].tolist()
    ranked = sorted(range(len(degrees)), key=lambda place: -degrees[place])[:BEST]
    return tuple(
        (format_value(result.domain.values[place]), degrees[place]) for place in ranked if degrees[place] > TOLERANCE
    )
