"""Every way to fuse the predictions of a batch, with abduction and without, behind one signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.papers.abduction.settings import EACH, EPSILONS
from nesy.abduction.baselines.votes import accept_all
from nesy.abduction.hypothesis import Hypothesis
from nesy.abduction.predictions import ABSTAINED, Predictions
from nesy.abduction.problem import AbductionProblem, Denominator, Scenes
from nesy.abduction.solve import Method as SolveMethod
from nesy.abduction.solve import solve

Labels = NDArray[np.int64]

TIME_LIMIT = 30.0
"""Seconds for one problem; what is not proved optimal by then is counted."""


@dataclass(frozen=True, eq=False)
class Case:
    """A batch as methods see it: predictions, the ``scene`` of each object, what the error rules of each budget flag
    (``[E, N, F]``, E as in ``EPSILONS``); ``order`` are the models, the best on held-out images first."""

    predictions: Predictions
    scene: Labels
    flagged: NDArray[np.bool_]
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is left open in a method: the recall budget, or :data:`EACH`, and the bound on inconsistency."""

    epsilon: float = EACH
    delta: float = 0.0


@dataclass(frozen=True, eq=False)
class Fused:
    """Labels [N] after the tie-breaker, and ``alone`` without it, where an object with several different labels has
    none; the predictions that stand, [N, F]; the hypothesis
    where there is one."""

    labels: Labels
    alone: Labels
    kept: NDArray[np.bool_]
    hypothesis: Hypothesis | None


def problem_of(
    case: Case, choice: Choice, denominator: Denominator = "objects", *, scenes: bool = False
) -> AbductionProblem:
    """The problem of a batch; with ``scenes`` the objects of a scene have different labels."""
    epsilons, flagged = EPSILONS, case.flagged
    if choice.epsilon != EACH:
        place = EPSILONS.index(choice.epsilon)
        epsilons, flagged = (choice.epsilon,), case.flagged[place : place + 1]
    classes = len(case.predictions.classes)
    number = int(case.scene.max()) + 1
    constraint = Scenes(case.scene, np.ones(number, dtype=np.bool_)) if scenes else None
    incompatible = ~np.eye(classes, dtype=np.bool_)
    return AbductionProblem(case.predictions, epsilons, flagged, incompatible, choice.delta, denominator, constraint)


def abduce(case: Case, choice: Choice, method: SolveMethod, denominator: Denominator = "objects") -> Fused:
    """Abduction with constraints on single objects."""
    problem = problem_of(case, choice, denominator)
    found = solve(problem, method, seed=0, time_limit=TIME_LIMIT, order=case.order)
    return Fused(found.labels, without_tie_breaker(case.predictions, found.candidates), found.candidates, found)


def abduce_scenes(case: Case, choice: Choice) -> Fused:
    """Abduction with the constraint that the objects of a scene are different."""
    found = solve(problem_of(case, choice, scenes=True), "auto", seed=0, time_limit=TIME_LIMIT)
    return Fused(found.labels, found.labels, found.candidates, found)


def without_tie_breaker(predictions: Predictions, kept: NDArray[np.bool_]) -> Labels:
    """The label of objects whose kept predictions agree; −1 where they do not, or where there is none."""
    high = np.where(kept, predictions.labels, ABSTAINED).max(1, initial=ABSTAINED)
    low = np.where(kept, predictions.labels, len(predictions.classes)).min(1, initial=len(predictions.classes))
    return np.where(high == low, high, ABSTAINED)


def without_rules(case: Case) -> Case:
    """The same batch with error rules that flag nothing."""
    return replace(case, flagged=np.zeros_like(case.flagged))


def rules_alone(case: Case, choice: Choice) -> Fused:
    """Whatever the error rules of one budget leave, and the tie-breaker: no abduction."""
    kept = case.predictions.answered & ~case.flagged[EPSILONS.index(choice.epsilon)]
    labels = accept_all(case.predictions, ~kept)
    return Fused(labels, without_tie_breaker(case.predictions, kept), kept, None)


Method = Callable[[Case, Choice], Fused]


def _by(method: SolveMethod, denominator: Denominator = "objects") -> Method:
    return lambda case, choice: abduce(case, choice, method, denominator)


METHODS: Mapping[str, Method] = {
    "IP": _by("auto"),
    "annealed": _by("anneal"),
    "heuristic": _by("search"),
    "error rules": rules_alone,
    "no error rules": lambda case, choice: abduce(without_rules(case), choice, "anneal"),
    "covered": _by("anneal", "covered"),
    "denials": _by("anneal", "denials"),
    "scenes": abduce_scenes,
}
"""Methods with something to choose: the optimum; the annealed search, which comes close to it in a fraction of the
time and stands in for it where many problems are solved (to choose ε and δ, and in the ablations: without error rules,
and with the other two denominators of the rate of inconsistency); the paper's heuristic; error rules alone; scenes."""
