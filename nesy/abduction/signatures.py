"""Objects that all solvers treat alike, merged: the size of the search follows the distinct signatures.

The signature of an object is, for each model, its label and the recall budgets under which the error rules let it
stand. As long as constraints speak of one object at a time, objects with the same signature are interchangeable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import bool_, int64
from numpy.typing import NDArray

from nesy.abduction.predictions import ABSTAINED
from nesy.abduction.problem import AbductionProblem


@dataclass(frozen=True, eq=False)
class Signatures:
    """S distinct signatures.

    ``weights`` [S] count their objects. ``labels`` [S, F] are the labels that stand under some budget, −1 where there
    is none; ``budgets`` [S, F] the budgets under which they do, as bits. ``place`` [N] is the signature of each object.
    """

    weights: NDArray[int64]
    labels: NDArray[int64]
    budgets: NDArray[int64]
    place: NDArray[int64]


def admitted(problem: AbductionProblem) -> NDArray[bool_]:
    """The pairs that are not forbidden, [F, C]."""
    _, models, classes = problem.predictions.shape
    free = np.ones((models, classes), np.bool_)
    for model, label in problem.forbidden:
        free[model, label] = False
    return free


def compress(problem: AbductionProblem, *, merge: bool = True) -> Signatures:
    """The signatures of ``problem``; without ``merge`` each object keeps its own, which is only of use for
    comparison."""
    from nesy.abduction.grouping import ROOM, group, pack

    labels = np.ascontiguousarray(problem.predictions.labels, np.int64)
    flagged = np.ascontiguousarray(problem.flagged, np.bool_)
    free = admitted(problem)
    rows, models = labels.shape
    radix = (free.shape[1] + 1) << len(problem.epsilons)
    keys, size, start = np.zeros(rows, np.int64), 1, 0
    for model in range(models + 1):
        if model < models and size * radix < ROOM:
            size *= radix
            continue
        pack(keys, labels, flagged, free, start, model)
        if model < models:  # no room for the next: what was packed so far is numbered anew
            distinct, _, keys = group(keys, size)
            size, start = distinct.size * radix, model
    distinct, weights, place = group(keys, size)
    if not merge:
        weights, place = np.ones(rows, np.int64), np.arange(rows)
        return Signatures(weights, *_standing(labels, flagged, free), place)
    first = np.empty(distinct.size, np.int64)
    first[place[::-1]] = np.arange(rows)[::-1]
    return Signatures(weights, *_standing(labels[first], flagged[:, first], free), place)


def _standing(
    labels: NDArray[int64], flagged: NDArray[bool_], free: NDArray[bool_]
) -> tuple[NDArray[int64], NDArray[int64]]:
    """Labels that stand under some budget, and the budgets as bits."""
    bits = np.int64(1) << np.arange(flagged.shape[0], dtype=np.int64)
    budgets = np.tensordot(bits, ~flagged, axes=1)
    kept = (labels != ABSTAINED) & free[np.arange(labels.shape[1]), labels]
    budgets = np.where(kept, budgets, 0).astype(np.int64)
    return np.where(budgets > 0, labels, ABSTAINED), budgets
