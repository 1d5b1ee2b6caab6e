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

Degrees are compared up to 1e-9. The back ends that search: :mod:`nesy.searched_expectations`; posteriors:
:mod:`nesy.probabilistic_expectations`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.source import statement_text
from nesy.dsl.statements import Expect, Query
from nesy.dsl.syntax import Formula
from nesy.dsl.values import format_value
from nesy.expecting import (
    TOLERANCE,
    Outcome,
    attributes_in,
    compared,
    formulas_of,
    given_distributions,
    ground_queries,
    threshold_of,
)
from nesy.program import given_parameters
from nesy.solvers.backend import Options
from nesy.solvers.backend import backend as find_backend
from nesy.solvers.ground_model import GroundQuery
from nesy.solvers.grounding import ground
from nesy.solvers.possibilistic import compile_model

if TYPE_CHECKING:
    from pathlib import Path

    from nesy.program import Program
    from nesy.solvers.answer import Answer
    from nesy.solvers.possibilistic.learning.parameters import Parameters

BEST = 3
"""How many values of an attribute a failure shows."""


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
    learned = given_parameters(parameters, backend)
    expectations = [entry for entry in program.ast.statements if isinstance(entry, Expect)]
    if not expectations:
        return ()
    if backend == "probabilistic":
        from nesy.probabilistic_expectations import run_probabilistic

        return run_probabilistic(program, expectations, warnings)
    if backend != "possibilistic":
        from nesy.searched_expectations import run_searched

        return run_searched(program, backend, expectations, warnings)
    formulas = formulas_of(program, expectations)
    queries = [Query(formula, span=formula.span) for formula in formulas]
    model = ground(program.checked, queries)
    if warnings is not None:
        warnings.extend(model.warnings)
    alone = ground_queries(model, queries, lambda query: ground(program.checked, [query]))
    found = dict(zip(formulas, alone, strict=True))
    given = given_distributions(model, expectations, found)
    engine = compile_model(model, Options(parameters=learned))
    answer = engine.infer_possibility(given)
    if not given:
        return tuple(degree_outcome(program, entry, found, answer, 0) for entry in expectations)
    return tuple(degree_outcome(program, entry, found, answer, number) for number, entry in enumerate(expectations))


# ----- what comes out

_SIGNS = {"!=": "≠", "<=": "≤", ">=": "≥"}


def degree_outcome(
    program: Program,
    entry: Expect,
    found: Mapping[Formula, GroundQuery],
    answer: Answer,
    instance: int,
) -> Outcome:
    """What the degrees of one instance make of an expectation."""
    query = found[entry.formula]
    result = answer[query.label]
    assert result.possibility is not None
    assert result.necessity is not None
    true = result.domain.values.index(True)
    possibility, necessity = (float(degrees[instance, true]) for degrees in (result.possibility, result.necessity))
    threshold = threshold_of(program, entry)
    attributes = [found[call] for call in attributes_in(program, entry.formula)]
    instead = {each.label: _best(answer, each, instance) for each in attributes if each != query}
    return Outcome(
        entry,
        statement_text(program.ast, entry.span),
        _holds(entry, possibility, necessity, threshold),
        _wanted(entry, threshold),
        query.label,
        f"Π({query.label}) = {possibility:.3f}, N({query.label}) = {necessity:.3f}",
        possibility,
        necessity,
        tuple(instead.items()),
    )


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
            return compared(entry.operator, measured, threshold)


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
