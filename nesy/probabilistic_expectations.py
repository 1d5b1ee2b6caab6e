"""Expectations under the probabilistic back end.

What stands after ``given`` is observed on top of the file's own observations; percepts that are not named are unknown:
every value is as likely as any other.

=========================  ===============================================================
``expect F``               F is likelier than its contrary: P(F) > 0.5
``expect possible F``      P(F) > 0
``expect impossible F``    P(F) = 0
``expect P >= t F``        P(F) ≥ t, and so for ``= != < <= >``; N means the same
=========================  ===============================================================

Exact probabilities are compared up to 1e-9. Estimated ones are compared as they are: the seed is fixed, and a failure
shows the standard error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from nesy.counted_expectations import run_counted
from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.source import statement_text
from nesy.dsl.statements import Expect, Query
from nesy.expecting import Outcome, compared, threshold_of
from nesy.solvers.answer import Status
from nesy.solvers.backend import Options
from nesy.solvers.probabilistic import is_about_percepts
from nesy.solvers.probabilistic.engine import compile_graph

if TYPE_CHECKING:
    from nesy.program import Program


def run_probabilistic(
    program: Program, expectations: Sequence[Expect], warnings: list[Diagnostic] | None = None
) -> tuple[Outcome, ...]:
    """The outcomes of ``expectations``, in order."""
    about_percepts = [entry for entry in expectations if is_about_percepts(program.checked, [Query(entry.formula)])]
    counted = iter(run_counted(program, about_percepts, warnings, _holds, _wanted))
    return tuple(
        next(counted) if entry in about_percepts else _outcome(program, entry, warnings) for entry in expectations
    )


def _outcome(program: Program, entry: Expect, warnings: list[Diagnostic] | None) -> Outcome:
    query = Query(entry.formula, span=entry.formula.span)
    engine = compile_graph(program.checked, [query], Options(), given=entry.given)
    evidence = {
        percept.name: torch.full((1, *percept.shape, len(percept.domain)), 1 / len(percept.domain), dtype=torch.float64)
        for percept in engine.built.percepts
    }
    answer = engine.infer(evidence)
    if warnings is not None:
        warnings.extend(warning for warning in answer.warnings if warning not in warnings)
    label = engine.graph.estimands[0].label
    threshold = threshold_of(program, entry)
    text, wanted = statement_text(program.ast, entry.span), _wanted(entry, threshold)
    if answer.status[0] not in (Status.SOLVED, Status.ESTIMATED):
        words = {Status.INFEASIBLE: "what is observed and given is impossible together"}
        found = words.get(answer.status[0], f"no posterior ({answer.status[0]})")
        return Outcome(entry, text, False, wanted, label, found)
    result = answer[label]
    assert result.probability is not None
    probability = float(result.probability[0, result.domain.values.index(True)])
    error = "" if result.error is None else f" ± {float(result.error[0]):.2g}"
    passed = _holds(entry, probability, threshold)
    return Outcome(
        entry, text, passed, wanted, label, f"P({label}) = {probability:.4f}{error}", probability=probability
    )


def _holds(entry: Expect, probability: float, threshold: float) -> bool:
    match entry.mode:
        case "certain":
            return compared(">", probability, 0.5)
        case "possible":
            return compared(">", probability, 0.0)
        case "impossible":
            return compared("=", probability, 0.0)
        case "degree":
            assert entry.operator is not None
            return compared(entry.operator, probability, threshold)


def _wanted(entry: Expect, threshold: float) -> str:
    match entry.mode:
        case "certain":
            return "P > 0.5"
        case "possible":
            return "P > 0"
        case "impossible":
            return "P = 0"
        case "degree":
            return f"P {entry.operator} {threshold:g}"
