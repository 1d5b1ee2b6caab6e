"""Predictions made at random, for tests of what fuses them."""

from __future__ import annotations

import numpy as np

from nesy.abduction.predictions import ABSTAINED, Predictions


def predictions_of(
    labels: np.ndarray | list[list[int]], confidence: np.ndarray | list[list[float]] | None = None, classes: int = 3
) -> Predictions:
    """Predictions of so many classes; confidence 0.5 throughout unless given."""
    said = np.asarray(labels, dtype=np.int64)
    sure = np.full(said.shape, 0.5) if confidence is None else np.asarray(confidence, dtype=np.float64)
    objects, models = said.shape
    return Predictions(
        tuple(f"o{place}" for place in range(objects)),
        tuple(f"m{place}" for place in range(models)),
        tuple(range(classes)),
        said,
        np.where(said == ABSTAINED, 0.0, sure),
    )


def drawn(
    seed: int, objects: int = 12, models: int = 4, classes: int = 3, *, right: float = 0.65, absent: float = 0.2
) -> tuple[Predictions, np.ndarray]:
    """Models that are right with probability ``right`` and abstain with ``absent``; and the truth.

    Confidences have one decimal place, so that ties occur.
    """
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, objects)
    said = np.where(
        random.random((objects, models)) < right, truth[:, None], random.integers(0, classes, (objects, models))
    )
    said[random.random((objects, models)) < absent] = ABSTAINED
    return predictions_of(said, random.integers(1, 11, (objects, models)) / 10, classes), truth
