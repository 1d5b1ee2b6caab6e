"""Quantiles of a smooth density on an even grid, to the fourth order of its spacing."""

from __future__ import annotations

import torch
from torch import Tensor

from nesy.solvers.probabilistic.inference.results import LEVELS

HALVINGS = 60
NEGLIGIBLE = 1e-12


def along_axis(values: Tensor, weights: Tensor) -> tuple[float, ...] | None:
    """The quantiles at :data:`LEVELS` of ``values`` ``[points, combinations]`` that rise or fall along a grid.

    ``weights`` sum to 1. None where the values do not rise or fall, as those of a function with several branches, or
    depend on the combination. The
    distribution function is the trapezoidal sum with its first correction (Euler and Maclaurin), between the points
    the cubic with the density as slope; values are interpolated by cubics as well.
    """
    if len(values) < 4 or not bool((values == values[:, :1])[weights > 0].all()):
        return None
    values, weights = values[:, 0], weights.sum(1)
    if float(values[-1]) < float(values[0]):
        values, weights = values.flip(0), weights.flip(0)
    steps = values.diff()
    # near the end of a support different points may be one floating-point number
    flat = (steps == 0) & (weights[1:] < NEGLIGIBLE) & (weights[:-1] < NEGLIGIBLE)
    if not bool(((steps > 0) | flat).all()):
        return None
    bend = torch.zeros_like(weights)
    bend[1:-1] = (weights[2:] - weights[:-2]) / 24
    sums = weights.cumsum(0) - weights / 2 - bend
    return tuple(_quantile(level, sums, weights, values) for level in LEVELS)


def _quantile(level: float, sums: Tensor, weights: Tensor, values: Tensor) -> float:
    place = int(torch.searchsorted(sums, torch.tensor(level, dtype=sums.dtype)))
    if place in (0, len(sums)):
        return float(values[min(place, len(values) - 1)])
    ends = tuple(map(float, (sums[place - 1], sums[place], weights[place - 1], weights[place])))
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _cubic(middle, *ends) < level else (low, middle)
    around = [float(values[min(max(place + shift, 0), len(values) - 1)]) for shift in (-2, -1, 0, 1)]
    slopes = (around[2] - around[0]) / 2, (around[3] - around[1]) / 2
    found = _cubic(high, around[1], around[2], *slopes)
    return min(max(found, around[1]), around[2])


def _cubic(t: float, start: float, end: float, slope: float, last: float) -> float:
    """Hermite's cubic between two points of distance 1."""
    return (
        (2 * t**3 - 3 * t**2 + 1) * start
        + (t**3 - 2 * t**2 + t) * slope
        + (3 * t**2 - 2 * t**3) * end
        + (t**3 - t**2) * last
    )
