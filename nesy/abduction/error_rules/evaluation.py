"""How good error rules are, class by class, on data with known labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.error_rules.learning import check_truth
from nesy.abduction.error_rules.rules import ErrorRules
from nesy.abduction.error_rules.surroundings import Surroundings
from nesy.abduction.predictions import Predictions
from nesy.dsl.values import Value


@dataclass(frozen=True, slots=True)
class Measured:
    """The rules of one class as one model predicts it: counts, and the shares that follow from them.

    ``predictions`` of the class, ``wrong`` of them wrong, ``members`` objects that belong to it; ``caught`` wrong and
    ``lost`` right predictions are flagged. A share of nothing is nan.
    """

    model: str
    label: Value
    predictions: int
    wrong: int
    members: int
    caught: int
    lost: int

    @property
    def support(self) -> float:
        """The share of the predictions that are flagged."""
        return _share(self.caught + self.lost, self.predictions)

    @property
    def confidence(self) -> float:
        """The share of the flagged predictions that are wrong: the precision of telling errors."""
        return _share(self.caught, self.caught + self.lost)

    @property
    def error_recall(self) -> float:
        """The share of the wrong predictions that are flagged."""
        return _share(self.caught, self.wrong)

    @property
    def precision(self) -> tuple[float, float]:
        """Precision of the class before and after the flagged predictions are left out."""
        right = self.predictions - self.wrong
        left = self.predictions - self.caught - self.lost
        return _share(right, self.predictions), _share(right - self.lost, left)

    @property
    def recall(self) -> tuple[float, float]:
        """Recall of the class before and after."""
        right = self.predictions - self.wrong
        return _share(right, self.members), _share(right - self.lost, self.members)

    def to_json(self) -> dict[str, object]:
        """Plain data."""
        counts = {
            name: getattr(self, name)
            for name in ("model", "label", "predictions", "wrong", "members", "caught", "lost")
        }
        shares = {"support": self.support, "confidence": self.confidence, "error_recall": self.error_recall}
        pairs = {"precision": list(self.precision), "recall": list(self.recall)}
        return {**counts, **{name: _plain(value) for name, value in {**shares, **pairs}.items()}}


def measure(
    rules: ErrorRules, predictions: Predictions | Surroundings, truth: NDArray[np.int64]
) -> tuple[Measured, ...]:
    """The figures of each model and class that predicts something; ``truth`` [N] as the learner takes it."""
    known = predictions if isinstance(predictions, Predictions) else predictions.predictions
    check_truth(known, truth)
    return tuple(_measure(known, truth, rules.flag(predictions)))


def _measure(known: Predictions, truth: NDArray[np.int64], flagged: NDArray[np.bool_]) -> Iterator[Measured]:
    for place, model in enumerate(known.models):
        for label, value in enumerate(known.classes):
            rows = known.labels[:, place] == label
            if rows.any():
                wrong, out = truth[rows] != label, flagged[rows, place]
                counts = (rows.sum(), wrong.sum(), (truth == label).sum(), (wrong & out).sum(), (~wrong & out).sum())
                yield Measured(model, value, *map(int, counts))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _plain(value: object) -> object:
    """nan as None, which JSON has."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and np.isnan(value) else value
