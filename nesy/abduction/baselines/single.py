"""One model alone: which one is best, on held-out data or, with hindsight, on the test data themselves."""

from __future__ import annotations

import numpy as np
from numpy import float64, int64
from numpy.typing import NDArray

from nesy.abduction.metrics import Measure, score
from nesy.abduction.predictions import Predictions


def model_scores(predictions: Predictions, truth: NDArray[int64], measure: Measure = "f1") -> NDArray[float64]:
    """F1 or accuracy of each model, [F]; see :class:`~nesy.abduction.metrics.Scores`."""
    classes = len(predictions.classes)
    return np.array([getattr(score(labels, truth, classes), measure) for labels in predictions.labels.T])


def best_model(predictions: Predictions, truth: NDArray[int64], measure: Measure = "f1") -> int:
    """The number of the model with the highest score, of ties the first.

    By validation where ``predictions`` and ``truth`` are held-out ones; with those of the test set it is the oracle
    that a paper calls “best single model”.
    """
    return int(np.nanargmax(model_scores(predictions, truth, measure)))


def precision_of(predictions: Predictions, truth: NDArray[int64]) -> NDArray[float64]:
    """The precision of each model for each class, [F, C], NaN where the model never gives the class."""
    classes = len(predictions.classes)
    return np.stack([score(labels, truth, classes).precision for labels in predictions.labels.T])
