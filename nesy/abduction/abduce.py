"""Abduction for users: a program, what several models say, and the hypothesis that covers most of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.building import PairName, ProblemOptions, build_problem, surroundings_of
from nesy.abduction.error_rules.learning import GRID, ErrorRuleLearner
from nesy.abduction.error_rules.reading import read_rules
from nesy.abduction.error_rules.rules import ErrorRules
from nesy.abduction.error_rules.surroundings import Surroundings
from nesy.abduction.hypothesis import Hypothesis
from nesy.abduction.observations import Observations, fused_percept
from nesy.abduction.prediction_files import Given, read_observations
from nesy.abduction.prediction_tables import Missing
from nesy.abduction.problem import Denominator
from nesy.abduction.result import Abduction
from nesy.abduction.solve import Method, solve
from nesy.abduction.truth import Truth, read_truth
from nesy.dsl.checked import AttributeInfo, CheckedProgram

if TYPE_CHECKING:
    from nesy.abduction.clock import Progress
    from nesy.program import Program

Rules: TypeAlias = "ErrorRules | str | Path"
"""Error rules, or the file that holds them."""

RulesByBudget: TypeAlias = "Rules | Mapping[float | None, Rules]"
"""Error rules for all budgets, or by recall budget."""


@dataclass(frozen=True)
class HeldOut:
    """Held-out predictions with known classes, from which error rules are learned for each of ``budgets``."""

    evidence: Given
    targets: Truth
    budgets: Sequence[float] = GRID
    learner: ErrorRuleLearner = field(default_factory=ErrorRuleLearner)


def abduce(
    program: Program | str | Path,
    evidence: Given,
    *,
    max_inconsistency: float = 0.1,
    denominator: Denominator = "objects",
    method: Method = "auto",
    solver: str | None = None,
    percept: str | None = None,
    error_rules: RulesByBudget | None = None,
    held_out: HeldOut | None = None,
    scenes: str | None = None,
    required: Sequence[PairName] = (),
    forbidden: Sequence[PairName] = (),
    targets: Truth | None = None,
    missing: Missing = "error",
    seed: int = 0,
    time_limit: float | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Abduction:
    """The hypothesis about several models' readings of one percept that covers most objects.

    ``program`` declares the percept with its sources (``percept label(object) : class from m1, m2.``), error rules and
    constraints; ``percept`` names it where several have sources. ``evidence`` are predictions in any of their forms
    (see :mod:`~.prediction_files`); ``missing="abstain"`` lets a model say nothing of objects that it leaves out.

    ``max_inconsistency`` bounds the rate of inconsistency, whose ``denominator`` is ``objects``, ``covered`` or
    ``denials``. ``error_rules`` are added to those of the program, by recall budget where a mapping is given;
    ``held_out`` learns them. ``scenes`` names the column or relation whose values are the scenes of a rate over scenes.
    ``required`` and ``forbidden`` are pairs of a model and a class. ``targets``, the true classes, are for the report
    alone. ``method``, ``solver``, ``seed``, ``time_limit`` (seconds), ``workers`` and ``progress`` as in
    :func:`nesy.abduction.solve.solve`, whose statuses are those of the hypothesis.

    Raises :class:`NesyError` with all that is wrong with the predictions (E48x, E49x, E571, E572), the error rules
    (E573–E577), the truth (E578), the constraints (E489) and the options (E575, E58x).
    """
    checked = _program(program).checked
    info = fused_percept(checked, percept)
    observations = read_observations(checked, info, evidence, missing)
    truth = None if targets is None else read_truth(info, observations, targets)
    rules = dict(_by_budget(error_rules))
    learned: Mapping[float | None, ErrorRules] = {}
    if held_out is not None:
        learned = learn_error_rules(checked, info, held_out, missing)
        rules |= learned
    options = ProblemOptions(max_inconsistency, denominator, rules, scenes, required, forbidden)
    problem, surroundings = build_problem(checked, info, observations, options)
    hypothesis: Hypothesis = solve(
        problem, method, solver=solver, seed=seed, time_limit=time_limit, workers=workers, progress=progress
    )
    return Abduction(info.name, problem, hypothesis, surroundings, truth, learned)


def learn_error_rules(
    checked: CheckedProgram, info: AttributeInfo, held_out: HeldOut, missing: Missing = "error"
) -> dict[float | None, ErrorRules]:
    """Error rules for each recall budget from held-out predictions of the same program."""
    surroundings, truth = held_out_data(checked, info, held_out.evidence, held_out.targets, missing)
    return held_out.learner.fit_grid(surroundings, truth, list(held_out.budgets))


def held_out_data(
    checked: CheckedProgram, info: AttributeInfo, evidence: Given, targets: Truth, missing: Missing = "error"
) -> tuple[Surroundings, NDArray[np.int64]]:
    """Held-out observations within their program, and the class of each object."""
    observations: Observations = read_observations(checked, info, evidence, missing)
    truth: NDArray[np.int64] = read_truth(info, observations, targets)
    return surroundings_of(checked, observations), truth


def _program(program: Program | str | Path) -> Program:
    from nesy.program import Program, load

    return program if isinstance(program, Program) else load(program)


def _by_budget(given: RulesByBudget | None) -> Mapping[float | None, ErrorRules]:
    if given is None:
        return {}
    if isinstance(given, ErrorRules | str | Path):
        return {None: _rules(given)}
    return {budget: _rules(rules) for budget, rules in given.items()}


def _rules(given: Rules) -> ErrorRules:
    if isinstance(given, ErrorRules):
        return given
    from nesy.dsl.loading import read_text

    return read_rules(read_text(Path(given)), str(given))
