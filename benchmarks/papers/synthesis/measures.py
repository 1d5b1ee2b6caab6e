"""How well answers agree with what is to be predicted, each with the definition that it follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def r_squared(predicted: Floats, observed: Floats) -> float:
    """The squared Pearson correlation of two vectors; 0 where one of them does not vary."""
    one, other = predicted - predicted.mean(), observed - observed.mean()
    size = float((one**2).sum() * (other**2).sum())
    return float((one @ other) ** 2 / size) if size > 0 else 0.0


def wasserstein(one: Floats, other: Floats) -> float:
    """The Wasserstein-1 distance of two samples: the area between their distribution functions."""
    points = np.sort(np.concatenate([one, other]))
    below = [np.searchsorted(np.sort(sample), points[:-1], side="right") / len(sample) for sample in (one, other)]
    return float((np.abs(below[0] - below[1]) * np.diff(points)).sum())


def crps(sample: Floats, outcome: float) -> float:
    """The continuous ranked probability score of a sample: E|X − y| − ½ E|X − X'| (Gneiting and Raftery 2007)."""
    ordered = np.sort(sample)
    count = len(ordered)
    weights = 2 * np.arange(1, count + 1) - count - 1
    return float(np.abs(ordered - outcome).mean() - (weights @ ordered) / count**2)


@dataclass(frozen=True)
class Interval:
    """An estimate with the 95 % interval of its bootstrap distribution."""

    value: float
    low: float
    high: float


def bootstrap(
    people: Sequence[Floats], measure: Callable[[Sequence[Floats]], float], *, times: int, seed: int
) -> Interval:
    """A measure of what several people said, people resampled with replacement."""
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(times):
        chosen = generator.integers(len(people), size=len(people))
        found.append(measure([people[number] for number in chosen]))
    low, high = np.quantile(found, [0.025, 0.975])
    return Interval(measure(people), float(low), float(high))


def split_half(people: Sequence[Floats], *, times: int, seed: int) -> float:
    """The mean R² between the means of two random halves of the people: the ceiling that people set for a model."""
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(times):
        order = generator.permutation(len(people))
        halves = np.array_split(order, 2)
        means = [np.nanmean(np.stack([people[number] for number in half]), 0) for half in halves]
        kept = ~(np.isnan(means[0]) | np.isnan(means[1]))
        found.append(r_squared(means[0][kept], means[1][kept]))
    return float(np.mean(found))


def coverage(low: Floats, high: Floats, truth: Floats) -> float:
    """The share of intervals that hold the truth."""
    return float(((low <= truth) & (truth <= high)).mean())


def calibration_error(probability: Floats, outcome: Floats, *, bins: int = 10) -> float:
    """The expected calibration error over equally wide bins: Σ share · |mean probability − share that came true|."""
    place = np.minimum((probability * bins).astype(int), bins - 1)
    total = 0.0
    for number in range(bins):
        inside = place == number
        if inside.any():
            total += inside.mean() * abs(probability[inside].mean() - outcome[inside].mean())
    return float(total)


def rank_statistic(ranks: NDArray[np.int64], draws: int, *, bins: int = 20) -> float:
    """The p-value of a χ² test that ranks among ``draws`` draws are uniform (simulation-based calibration).

    S. Talts, M. Betancourt and others, arXiv 1804.06788: the rank of the true value among posterior draws is uniform on
    0 … draws if the posteriors are right.
    """
    from scipy.stats import chi2

    counts = np.histogram(ranks, bins=bins, range=(-0.5, draws + 0.5))[0]
    expected = len(ranks) / bins
    return float(chi2.sf(float(((counts - expected) ** 2 / expected).sum()), bins - 1))
