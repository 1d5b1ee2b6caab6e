"""Votes: of all models, of those that say something, weighted by confidence or precision, or the loudest alone."""

from __future__ import annotations

import numpy as np
from numpy import bool_, float64, int64
from numpy.typing import NDArray

from nesy.abduction.predictions import ABSTAINED, Predictions


def strict_majority(predictions: Predictions) -> NDArray[int64]:
    """The label that more than half of *all* models give; a model that abstains counts among all. [N]."""
    votes = _sums(predictions, np.ones(predictions.labels.shape))
    best = votes.argmax(1)
    return np.where(votes.max(1) * 2 > predictions.labels.shape[1], best, ABSTAINED)


def plurality(predictions: Predictions) -> NDArray[int64]:
    """The label that most of the models that say something give; of ties the label of the most confident vote. [N]."""
    return weighted_vote(predictions, np.ones(predictions.labels.shape))


def confidence_weighted_vote(predictions: Predictions) -> NDArray[int64]:
    """The label with the greatest sum of confidences; ties as in :func:`plurality`. [N]."""
    return weighted_vote(predictions, predictions.confidence)


def precision_weighted_vote(predictions: Predictions, precision: NDArray[float64]) -> NDArray[int64]:
    """Each vote weighs as much as the held-out ``precision`` [F, C] of its model for that class; ties as above. [N].

    NaN (a model never gave the class on held-out data) counts as 0.
    """
    models = np.arange(predictions.labels.shape[1])
    return weighted_vote(predictions, np.nan_to_num(precision)[models, predictions.labels])


def accept_all(predictions: Predictions, flagged: NDArray[bool_] | None = None) -> NDArray[int64]:
    """The label of the most confident model, of equally confident ones of the first: the tie-breaker alone. [N].

    ``flagged`` [N, F] are predictions that error rules leave out: error rules with the tie-breaker, without abduction.
    """
    stands = predictions.answered if flagged is None else predictions.answered & ~flagged
    model = np.where(stands, predictions.confidence, -1).argmax(1)
    objects = np.arange(len(model))
    return np.where(stands[objects, model], predictions.labels[objects, model], ABSTAINED)


def weighted_vote(predictions: Predictions, weights: NDArray[float64]) -> NDArray[int64]:
    """The label whose votes have the greatest sum of ``weights`` [N, F], −1 where nobody votes. [N].

    Of sums that are equal up to 1e-12 the label of the most confident vote wins, then the first class.
    """
    sums, loudest = _sums(predictions, weights), _loudest(predictions)
    tied = (sums >= sums.max(1, keepdims=True) - 1e-12) & (loudest >= 0)
    label = np.where(tied, loudest, -1).argmax(1)
    return np.where(predictions.answered.any(1), label, ABSTAINED)


def _sums(predictions: Predictions, weights: NDArray[float64]) -> NDArray[float64]:
    """The sum of the weights of the votes for each class, [N, C]."""
    objects, _, classes = predictions.shape
    found = np.zeros((objects, classes))
    for labels, answered, weight in zip(predictions.labels.T, predictions.answered.T, weights.T, strict=True):
        found[np.flatnonzero(answered), labels[answered]] += weight[answered]
    return found


def _loudest(predictions: Predictions) -> NDArray[float64]:
    """The highest confidence of the votes for each class, −1 for one without votes, [N, C]."""
    objects, _, classes = predictions.shape
    found = np.full((objects, classes), -1.0)
    columns = zip(predictions.labels.T, predictions.answered.T, predictions.confidence.T, strict=True)
    for labels, answered, confidence in columns:
        places = (np.flatnonzero(answered), labels[answered])
        found[places] = np.maximum(found[places], confidence[answered])
    return found
