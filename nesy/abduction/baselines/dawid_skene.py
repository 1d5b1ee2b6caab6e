"""Dawid and Skene, “Maximum likelihood estimation of observer error-rates using the EM algorithm”, 1979.

Each model f has a confusion matrix p(says l | is c), each class a prior; models are independent given the class. EM
starts from the shares of votes. A model that abstains tells nothing about the object. No truth is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy import bool_, float64, int64
from numpy.typing import NDArray

from nesy.abduction.predictions import ABSTAINED, Predictions

_LEAST = float(np.finfo(np.float64).eps)
"""Probabilities and counts are kept above this, so that no vote excludes a class for good."""


@dataclass(frozen=True, slots=True, eq=False)
class DawidSkene:
    """What was estimated.

    ``labels`` [N] the most probable classes, −1 for an object without votes; ``posterior`` [N, C], uniform where there
    are no votes; ``confusion`` [F, C, C]: for each model, true class and said class a probability; ``prior`` [C];
    ``log_likelihood`` of the votes, in nats, before the last step.
    """

    labels: NDArray[int64]
    posterior: NDArray[float64]
    confusion: NDArray[float64]
    prior: NDArray[float64]
    iterations: int
    log_likelihood: float


def dawid_skene(predictions: Predictions, *, iterations: int = 100, tolerance: float = 1e-5) -> DawidSkene:
    """EM until the log likelihood per vote grows by less than ``tolerance``, or for so many ``iterations``."""
    objects, _, classes = predictions.shape
    votes = [(np.flatnonzero(answered), labels[answered]) for labels, answered in _columns(predictions)]
    voted = np.asarray(predictions.answered.any(1))
    posterior = np.zeros((objects, classes))
    for places, said in votes:
        posterior[places, said] += 1
    posterior[~voted] = 1
    posterior /= posterior.sum(1, keepdims=True)
    prior, confusion = _maximise(votes, posterior, voted)
    likelihood, done = -np.inf, 0
    while done < iterations:
        done += 1
        logarithms = np.tile(np.log(prior), (objects, 1))
        for (places, said), matrix in zip(votes, confusion, strict=True):
            logarithms[places] += np.log(matrix).T[said]
        highest = logarithms.max(1, keepdims=True)
        powers = np.exp(logarithms - highest)
        total = powers.sum(1, keepdims=True)
        before, likelihood = likelihood, float((highest + np.log(total))[voted].sum())
        posterior[voted] = (powers / total)[voted]
        prior, confusion = _maximise(votes, posterior, voted)
        if likelihood - before <= tolerance * sum(len(places) for places, _ in votes):
            break
    labels = np.where(voted, posterior.argmax(1), ABSTAINED)
    return DawidSkene(labels, posterior, confusion, prior, done, likelihood)


_Votes = tuple[NDArray[int64], NDArray[int64]]
"""Of one model: the objects that it says something about, and what it says."""


def _columns(predictions: Predictions) -> Iterator[tuple[NDArray[int64], NDArray[bool_]]]:
    return zip(predictions.labels.T, predictions.answered.T, strict=True)


def _maximise(
    votes: list[_Votes], posterior: NDArray[float64], voted: NDArray[bool_]
) -> tuple[NDArray[float64], NDArray[float64]]:
    """Prior [C] and confusions [F, C, C] from the objects that have votes; uniform where there are none."""
    classes = posterior.shape[1]
    prior = posterior[voted].mean(0) if voted.any() else np.full(classes, 1 / classes)
    counts = np.empty((len(votes), classes, classes))
    for model, (places, said) in enumerate(votes):
        for true, weights in enumerate(posterior[places].T):
            counts[model, true] = np.bincount(said, weights, classes)
    counts = np.maximum(counts, _LEAST)
    return np.maximum(prior, _LEAST), counts / counts.sum(2, keepdims=True)
