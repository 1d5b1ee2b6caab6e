"""How good decisions and degrees are."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from nesy.solvers.possibilistic.learning.pooling import pignistic

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SMALLEST = 1e-3
"""Probabilities are kept this far from 0 in the logarithmic score, which otherwise is infinite for certain mistakes."""

BINS = np.array([0.0, 0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1.0001])
"""Borders of the probabilities that a point of a calibration plot stands for."""


@dataclass(frozen=True)
class Scores:
    """Mean over cases. ``brier`` is Σ over values of (p − outcome)², 0 … 2; ``log`` in nats.

    ``outcomes`` tells how well cases with an outcome are told from those without by Π(v) − max of the other Π, or by
    the probability, mean over the values; ``right`` how well right decisions are told from wrong ones by their
    necessity, or probability: areas under ROC curves, 0.5 if not at all. ``undecided`` is the share of cases with
    several best values, which count as wrong; ``inconsistency`` the mean of 1 − max Π.
    """

    accuracy: float
    brier: float
    log: float
    outcomes: float
    right: float
    undecided: float
    inconsistency: float


def of_degrees(possibility: Floats, outcomes: Integers) -> tuple[Scores, Floats]:
    """Scores of possibility distributions ``[cases, values]``, and their pignistic probabilities.

    A sub-normalised distribution is divided by its maximum first; one that is 0 everywhere says nothing.
    """
    top = possibility.max(1, keepdims=True)
    normal = np.where(top > 0, possibility / np.where(top > 0, top, 1.0), 1.0)
    probabilities = pignistic(torch.from_numpy(normal)).numpy()
    ordered = np.sort(normal, axis=1)
    best, second = ordered[:, -1:], ordered[:, -2:-1]
    lead = normal - np.where(normal == best, second, best)
    undecided = (best == second)[:, 0]
    found = _scores(probabilities, outcomes, lead, 1.0 - second[:, 0], undecided, float((1 - top).mean()))
    return found, probabilities


def of_probabilities(probabilities: Floats, outcomes: Integers) -> Scores:
    """Scores of probabilities ``[cases, values]``."""
    undecided = np.zeros(len(outcomes), dtype=bool)
    return _scores(probabilities, outcomes, probabilities, probabilities.max(1), undecided, 0.0)


def _scores(
    probabilities: Floats,
    outcomes: Integers,
    order: Floats,
    sure: Floats,
    undecided: NDArray[np.bool_],
    inconsistency: float,
) -> Scores:
    right = (probabilities.argmax(1) == outcomes) & ~undecided
    hot = np.eye(probabilities.shape[1])[outcomes]
    chosen = probabilities[np.arange(len(outcomes)), outcomes].clip(SMALLEST, 1.0)
    areas = [auc(order[:, value], outcomes == value) for value in range(order.shape[1])]
    return Scores(
        float(right.mean()),
        float(((probabilities - hot) ** 2).sum(1).mean()),
        float(-np.log(chosen).mean()),
        float(np.mean(areas)),
        auc(sure, right),
        float(undecided.mean()),
        inconsistency,
    )


def auc(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """Probability that a positive case is scored above a negative one, ties half; 0.5 if one kind is missing."""
    many, few = int(positive.sum()), int((~positive).sum())
    if not many or not few:
        return 0.5
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (counts.cumsum() - (counts - 1) / 2)[place]
    return float((ranks[positive].sum() - many * (many + 1) / 2) / (many * few))


def calibration(probabilities: Floats, outcomes: Integers) -> list[list[float]]:
    """Points of a calibration plot over all values of all cases: mean probability, relative frequency, count."""
    said = probabilities.ravel()
    happened = np.eye(probabilities.shape[1])[outcomes].ravel()
    places = np.digitize(said, BINS) - 1
    points = []
    for place in range(len(BINS) - 1):
        mine = places == place
        if mine.any():
            points.append([float(said[mine].mean()), float(happened[mine].mean()), int(mine.sum())])
    return points


def as_record(scores: Scores) -> dict[str, float]:
    """Plain data, rounded to five places."""
    return {name: round(value, 5) for name, value in asdict(scores).items()}
