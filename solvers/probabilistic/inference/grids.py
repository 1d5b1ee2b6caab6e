"""Grids on which an integrand over one or two unconstrained coordinates is summed by the trapezoidal rule.

For smooth integrands that decay at both ends the rule converges faster than any power of the spacing. The grid is found
by looking far out first and closing in on where the integrand is not negligible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

import torch
from torch import Tensor

from nesy.solvers.probabilistic.vectorised.codes import FLOAT

NEGLIGIBLE = 42.0
"""Log units below the greatest value at which the integrand counts as 0."""
WIDEST = 40.0
SCANNED = {1: 801, 2: 61}
"""Points along each axis while looking."""
CLOSINGS = 12
WIDENINGS = 12

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


def around(
    starts: Sequence[Tensor], integrand: LogIntegrand, points: int, limits: Sequence[tuple[float, float]]
) -> Grid:
    """A grid over where the integrand is not negligible; ``starts`` are likely values of each coordinate.

    The search begins with a wide box. It widens it, within ``limits``, as long as the integrand is not negligible at
    its ends, and then shrinks it as long as it is much larger than the region that counts.
    """
    axes = len(starts)
    if not axes:
        return Grid(())
    low = torch.stack([torch.quantile(s, 0.0) - WIDEST for s in starts])
    high = torch.stack([torch.quantile(s, 1.0) + WIDEST for s in starts])
    least, most = torch.tensor(limits, dtype=low.dtype).T
    low, high = torch.maximum(low, least), torch.minimum(high, most)
    low, high = _widened(low, high, least, most, starts, integrand)
    for number in range(CLOSINGS):
        grid = _box(low, high, SCANNED[axes])
        if number == 0:
            grid = Grid(tuple(_with(axis, start) for axis, start in zip(grid.axes, starts, strict=True)))
        values = integrand(grid.points)
        if bool(values.max() == -inf):
            # nothing counts at all: evidence that no point explains
            break
        counts = values > values.max() - NEGLIGIBLE
        inside = grid.points[counts]
        steps = torch.stack([_widest_step(axis, inside[:, place]) for place, axis in enumerate(grid.axes)])
        new_low, new_high = inside.amin(0) - 2 * steps, inside.amax(0) + 2 * steps
        done = bool(((new_high - new_low) > 0.6 * (high - low)).all()) and number > 0
        low, high = torch.maximum(new_low, low), torch.minimum(new_high, high)
        if done:
            break
    return _box(low, high, points)


def _widened(
    low: Tensor, high: Tensor, least: Tensor, most: Tensor, starts: Sequence[Tensor], integrand: LogIntegrand
) -> tuple[Tensor, Tensor]:
    """The ends of a box at which the integrand is negligible, or the limits."""
    for _ in range(WIDENINGS):
        grid = _box(low, high, SCANNED[len(starts)])
        grid = Grid(tuple(_with(axis, start) for axis, start in zip(grid.axes, starts, strict=True)))
        values = integrand(grid.points)
        inside = grid.points[values > values.max() - NEGLIGIBLE]
        if not len(inside):
            break
        room = high - low
        open_low = (inside.amin(0) <= low) & (low > least)
        open_high = (inside.amax(0) >= high) & (high < most)
        if not bool((open_low | open_high).any()):
            break
        low = torch.where(open_low, torch.maximum(low - room, least), low)
        high = torch.where(open_high, torch.minimum(high + room, most), high)
    return low, high


def tails(weights: Tensor, shape: Sequence[int], stride: int = 1) -> Tensor:
    """Log weights of rows ``[points × combinations]`` with what lies beyond the grid added at its ends.

    Beyond its ends the integrand is taken to fall exponentially, as it does between its last two points; ``stride`` is
    the distance of points that count. Where it does not fall, the result is infinite.
    """
    table = weights.reshape(*shape, -1).clone()
    for axis in range(len(shape)):
        for end, inside in ((0, stride), (-1, -1 - stride)):
            fall = table.select(axis, inside) - table.select(axis, end)
            ends = table.select(axis, end)
            counts = ends > weights.max() - NEGLIGIBLE
            more = torch.where(fall > 0, (0.5 + 1 / fall.clamp(min=1e-9)).log(), torch.full_like(fall, inf))
            ends += torch.where(counts, more, 0.0)
    return table.reshape(-1)


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
