"""Random predictions for the tests of error rules."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.predictions import Predictions

CLASSES = ("car", "bus", "truck")


def drawn(seed: int, size: int, models: int = 2, *, whole: bool = False) -> tuple[Predictions, NDArray[np.int64]]:
    """Predictions of models that are mostly right, and the truth; with ``whole``, whole distributions."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(-1, len(CLASSES), size)
    noise = rng.random((size, models))
    guesses = rng.integers(0, len(CLASSES), (size, models))
    labels = np.where((noise < 0.6) & (truth[:, None] >= 0), truth[:, None], guesses)
    shares = rng.dirichlet(np.ones(len(CLASSES)), (size, models)).round(2)
    shares[..., -1] = 1 - shares[..., :-1].sum(-1)
    order = np.sort(shares, axis=-1)
    confidence = order[..., -1]
    distributions = np.take_along_axis(order, (np.arange(len(CLASSES)) - labels[..., None] - 1) % len(CLASSES), -1)
    labels = np.where(noise > 0.9, -1, labels)
    columns = {
        "light": rng.random(size).round(2),
        "lane": rng.integers(-3, 5, size),
        "sky": np.array(["fog", "clear sky"])[rng.integers(0, 2, size)],
        "width": rng.random((size, models)).round(1),
    }
    return (
        Predictions(
            tuple(f"o{place}" for place in range(size)),
            tuple(f"m{place + 1}" for place in range(models)),
            CLASSES,
            labels,
            np.where(labels >= 0, confidence, 0.0),
            np.where(labels[..., None] >= 0, distributions, 0.0) if whole else None,
            columns,
        ),
        truth,
    )
