"""What follows from accepted pairs: the predictions that stand, each object's label, and who contradicts whom."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy import bool_, int64
from numpy.typing import NDArray

from nesy.abduction.predictions import ABSTAINED
from nesy.abduction.problem import AbductionProblem, Pair


def standing_predictions(problem: AbductionProblem, accepted: Mapping[Pair, float]) -> NDArray[bool_]:
    """The predictions whose pair is accepted and that the error rules of its budget do not flag, [N, F]."""
    labels = problem.predictions.labels
    objects, models = labels.shape
    place = np.full((models, len(problem.predictions.classes) + 1), -1, np.int64)
    for (model, label), epsilon in accepted.items():
        place[model, label] = problem.epsilons.index(epsilon)
    found = np.zeros((objects, models), np.bool_)
    for model in range(models):
        budget = place[model, labels[:, model]]  # the last column, of objects without a label, is never accepted
        for number in np.unique(budget[budget >= 0]):
            found[:, model] |= (budget == number) & ~problem.flagged[number, :, model]
    return found


def break_ties(problem: AbductionProblem, candidates: NDArray[bool_]) -> tuple[NDArray[int64], NDArray[int64]]:
    """The label of the most confident candidate of each object, and its model; −1 where there is none.

    Models that are equally confident come in their order, as in the paper's tie-breaker.
    """
    confidence = np.where(candidates, problem.predictions.confidence, -1.0)
    support = np.argmax(confidence, axis=1)
    rows = np.arange(len(support))
    found = candidates[rows, support]
    labels = np.where(found, problem.predictions.labels[rows, support], ABSTAINED)
    return labels, np.where(found, support, -1)


def contradictions(problem: AbductionProblem, candidates: NDArray[bool_]) -> NDArray[int64]:
    """Objects with incompatible candidates, each with the first two models that contradict one another, [K, 3]."""
    labels, incompatible = problem.predictions.labels, problem.incompatible
    models = labels.shape[1]
    witness = np.full((labels.shape[0], 2), -1, np.int64)
    kept = np.ascontiguousarray(candidates.T)
    for one in range(models - 1, -1, -1):
        for other in range(models - 1, one, -1):
            both = np.flatnonzero(kept[one] & kept[other])
            witness[both[incompatible[labels[both, one], labels[both, other]]]] = one, other
    objects = np.flatnonzero(witness[:, 0] >= 0)
    return np.column_stack([objects, witness[objects]]).astype(np.int64)
