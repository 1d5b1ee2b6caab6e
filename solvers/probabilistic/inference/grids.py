"""Grids on which an integrand over one or two unconstrained coordinates is summed by the trapezoidal rule.

For smooth integrands that decay at both ends the rule converges faster than any power of the spacing. The grid is found
by looking far out first and closing in on where the integrand is not negligible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nesy.solvers.probabilistic.vectorised.codes import FLOAT

NEGLIGIBLE = 42.0
"""Log units below the greatest value at which the integrand counts as 0."""
WIDEST = 40.0
SCANNED = {1: 801, 2: 61}
"""Points along each axis while looking."""
CLOSINGS = 12

LogIntegrand = Callable[[Tensor], Tensor]
"""From points ``[points, axes]`` to log values ``[points]``."""


@dataclass(frozen=True)
class Grid:
    """An even grid: the points along each axis, and all points ``[points, axes]``, the last axis fastest."""

    axes: tuple[Tensor, ...]

    @property
    def points(self) -> Tensor:
        """All points."""
        return torch.cartesian_prod(*self.axes).reshape(-1, len(self.axes)) if self.axes else torch.zeros(1, 0)

    @property
    def log_cell(self) -> float:
        """The log volume of a cell."""
        return sum(float((axis[1] - axis[0]).log()) for axis in self.axes)

    @property
    def coarser(self) -> Tensor:
        """Which points belong to the grid with every other point along each axis, ``[points]``, bool."""
        flags = [torch.arange(len(axis)) % 2 == 0 for axis in self.axes]
        found = torch.ones(1, dtype=torch.bool)
        for flag in flags:
            found = (found[:, None] & flag[None, :]).reshape(-1)
        return found


def around(starts: Sequence[Tensor], integrand: LogIntegrand, points: int) -> Grid:
    """A grid over where the integrand is not negligible; ``starts`` are likely values of each coordinate.

    The search begins with a wide box, and shrinks it as long as it is much larger than the region that counts.
    """
    axes = len(starts)
    if not axes:
        return Grid(())
    low = torch.stack([torch.quantile(s, 0.0) - WIDEST for s in starts])
    high = torch.stack([torch.quantile(s, 1.0) + WIDEST for s in starts])
    low, high = low.clamp(min=-1e6), high.clamp(max=1e6)
    for number in range(CLOSINGS):
        grid = _box(low, high, SCANNED[axes])
        if number == 0:
            grid = Grid(tuple(_with(axis, start) for axis, start in zip(grid.axes, starts, strict=True)))
        values = integrand(grid.points)
        counts = values > values.max() - NEGLIGIBLE
        inside = grid.points[counts]
        steps = torch.stack([_widest_step(axis, inside[:, place]) for place, axis in enumerate(grid.axes)])
        new_low, new_high = inside.amin(0) - 2 * steps, inside.amax(0) + 2 * steps
        done = bool(((new_high - new_low) > 0.6 * (high - low)).all()) and number > 0
        low, high = torch.maximum(new_low, low), torch.minimum(new_high, high)
        if done:
            break
    return _box(low, high, points)


def _with(axis: Tensor, start: Tensor) -> Tensor:
    """An axis with some of the starting values put in."""
    some = start[:: max(1, len(start) // 100)][:100]
    return torch.cat([axis, some]).sort().values


def _widest_step(axis: Tensor, chosen: Tensor) -> Tensor:
    """The distance from the chosen points to their neighbours on an axis."""
    low = torch.searchsorted(axis, chosen.min()).clamp(min=1)
    high = torch.searchsorted(axis, chosen.max()).clamp(max=len(axis) - 2)
    return torch.maximum(axis[low] - axis[low - 1], axis[high + 1] - axis[high])


def _box(low: Tensor, high: Tensor, points: int) -> Grid:
    return Grid(tuple(torch.linspace(float(a), float(b), points, dtype=FLOAT) for a, b in zip(low, high, strict=True)))
