"""Expectations about programs over percepts under the probabilistic back end: all of them are one batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch

from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.source import statement_text
from nesy.dsl.statements import Expect, Query
from nesy.dsl.values import format_value
from nesy.expecting import Outcome, attributes_in, formulas_of, given_distributions, ground_queries, threshold_of
from nesy.solvers.answer import Answer, Status
from nesy.solvers.backend import Options
from nesy.solvers.logic.reading import ground_logic
from nesy.solvers.probabilistic.counting import compile_counting

if TYPE_CHECKING:
    from nesy.program import Program

Judge = Callable[[Expect, float, float], bool]
IMPOSSIBLE = "what is given cannot hold together"


def run_counted(
    program: Program,
    expectations: Sequence[Expect],
    warnings: list[Diagnostic] | None,
    holds: Judge,
    wanted: Callable[[Expect, float], str],
) -> list[Outcome]:
    """The outcomes of ``expectations``, in order; unnamed percepts have every value with the same probability.

    ``holds`` judges a probability by an expectation and its threshold, ``wanted`` words what is expected.
    """
    if not expectations:
        return []
    formulas = formulas_of(program, expectations)
    queries = [Query(formula, span=formula.span) for formula in formulas]
    engine = compile_counting(program.checked, queries, Options())
    if warnings is not None:
        warnings.extend(warning for warning in engine.model.warnings if warning not in warnings)
    alone = ground_queries(engine.model, queries, lambda query: ground_logic(program.checked, [query]).model)
    found = dict(zip(formulas, alone, strict=True))
    given = given_distributions(engine.model, expectations, found)
    answer = engine.infer({name: table / table.sum(-1, keepdim=True) for name, table in given.items()})
    outcomes = []
    for number, entry in enumerate(expectations):
        instance = number if given else 0
        label, threshold = found[entry.formula].label, threshold_of(program, entry)
        text = statement_text(program.ast, entry.span)
        if answer.status[instance] is Status.INFEASIBLE:
            passed = entry.mode == "impossible"
            outcomes.append(Outcome(entry, text, passed, wanted(entry, threshold), label, IMPOSSIBLE))
            continue
        result = answer[label]
        assert result.probability is not None
        probability = float(result.probability[instance, result.domain.values.index(True)])
        shown = [found[call].label for call in attributes_in(program, entry.formula)]
        witness = tuple((each, _best(answer, each, instance)) for each in shown if each != label)
        said = f"P({label}) = {probability:.4f}"
        outcomes.append(
            Outcome(
                entry,
                text,
                holds(entry, probability, threshold),
                wanted(entry, threshold),
                label,
                said,
                witness=witness,
                probability=probability,
            )
        )
    return outcomes


def _best(answer: Answer, label: str, instance: int) -> str:
    """The most probable value of an attribute."""
    result = answer[label]
    assert result.probability is not None
    return format_value(result.domain.values[int(torch.argmax(result.probability[instance]))])
