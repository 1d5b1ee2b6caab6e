"""Accuracy, ambiguity, area under ROC curves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


def decided(possibility: Floats) -> Integers:
    """The place of the one most possible value along the last axis, −1 where two or more are exactly as possible."""
    best = possibility.max(-1, keepdims=True)
    alone = (possibility == best).sum(-1) == 1
    return np.where(alone, possibility.argmax(-1), -1)


def area(scores: Floats, positive: Booleans) -> float:
    """The area under the ROC curve: how probably a positive case has the higher score, ties counted one half."""
    order = np.argsort(scores, kind="stable")
    _, starts, counts = np.unique(scores[order], return_index=True, return_counts=True)
    ranks = np.empty(len(scores))
    ranks[order] = np.repeat(starts + (counts + 1) / 2, counts)
    above, below = int(positive.sum()), int((~positive).sum())
    if above == 0 or below == 0:
        return float("nan")
    return float((ranks[positive].sum() - above * (above + 1) / 2) / (above * below))


def paper_area(possibility: Floats, valid: Booleans) -> float:
    """The paper's figure: for each class the area with its possibility as score, averaged; ``[puzzles, 2]``."""
    return (area(possibility[:, 1], valid) + area(possibility[:, 0], ~valid)) / 2


def margins(possibility: Floats) -> Floats:
    """How much more possible it is that a puzzle is valid than that it is not."""
    return np.asarray(possibility[:, 1] - possibility[:, 0])


def margin_area(possibility: Floats, valid: Booleans) -> float:
    """The area with the difference of both possibilities as score, which for s = r = 0 is λ − ρ of the last rule."""
    return area(margins(possibility), valid)


def best_cut(scores: Floats, positive: Booleans) -> float:
    """The score above which to say yes so that most cases are right: half-way between two scores that occur.

    Where several cuts are equally good, the middle one of them (the lower of two).
    """
    known = np.unique(scores)
    cuts = np.concatenate([[known[0] - 1.0], (known[1:] + known[:-1]) / 2, [known[-1] + 1.0]])
    right = ((scores[None] > cuts[:, None]) == positive[None]).sum(1)
    best = cuts[right == right.max()]
    return float(best[(len(best) - 1) // 2])
