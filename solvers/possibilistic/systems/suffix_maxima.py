"""What the equations of a min–max system say about one unknown, as a staircase.

An equation k with right-hand side (level) d_k and entry g_kj pushes the unknown x_j up to d_k, unless d_k is lowered by its
gap (d_k - g_kj)^+. For a column j let D_j(l) be the largest gap among the equations of level l or more. This suffix
maximum is a staircase, and only its steps are kept: equations that no other equation exceeds in both level and gap.
It holds all that is asked of the equations of a column (spec §2.2):

* g_j(t) = max_k min((d_k - t)^+ / 2, (d_k - g_kj)^+), the distance that they force upon an equation of right-hand side t;
* u_j(δ) = max {d_k : d_k - g_kj > δ}, the highest level that still pushes when all are lowered by δ.

Staircases of parts of the equations merge into that of all by taking the steps together, so equations can be given
in pieces of any size and order: the numbers that come out are the same to the last bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

ABOVE = 2.0
"""Level of the padding behind the last step of a column: above all levels, with no gap, so that it never counts."""

NOTHING = -1.0
"""The highest level that pushes, where none does: below all right-hand sides."""


@dataclass(frozen=True, slots=True)
class SuffixMaxima:
    """Staircases of columns, all padded to the same number of steps.

    ``levels`` and ``gaps``, ``[..., columns, steps]``: levels do not decrease along the last dimension, gaps do not increase; the padding
    at the end has level :data:`ABOVE` and gap 0.
    """

    levels: Tensor
    gaps: Tensor

    @property
    def steps(self) -> int:
        """Steps of the longest staircase."""
        return self.levels.shape[-1]


def suffix_maxima(levels: Tensor, gaps: Tensor) -> SuffixMaxima:
    """The staircases of equations with ``levels`` and ``gaps``, ``[..., columns, equations]``; ``levels`` may be of one column for all.

    The equations may stand in any order; negative gaps count as none.
    """
    shape = gaps.shape
    order = levels.argsort(-1, descending=True)
    levels = levels.gather(-1, order).expand(shape)
    return staircases(levels, gaps.gather(-1, order.expand(shape)))


def staircases(levels: Tensor, gaps: Tensor) -> SuffixMaxima:
    """The staircases of equations whose ``levels`` do not increase along the last dimension of ``[..., columns, equations]``."""
    *lead, columns, equations = gaps.shape
    rows = math.prod(lead) * columns
    if not equations or not rows:
        empty = gaps.new_zeros((*lead, columns, 0))
        return SuffixMaxima(empty, empty)
    best = gaps.reshape(rows, equations).cummax(1).values
    before = best.new_zeros((rows, equations))
    before[:, 1:] = best[:, :-1].clamp(min=0)
    row, place = (best > before).nonzero().unbind(1)
    counts = torch.bincount(row, minlength=rows)
    steps = int(counts.max())
    rank = torch.arange(len(row), device=row.device) - (counts.cumsum(0) - counts)[row]
    target = row * steps + (counts[row] - 1 - rank)  # ascending levels: the last step found comes first
    kept_levels = torch.full((rows * steps,), ABOVE, dtype=gaps.dtype, device=gaps.device)
    kept_gaps = kept_levels.new_zeros(rows * steps)
    kept_levels[target] = levels.expand(gaps.shape).reshape(rows, equations)[row, place]
    kept_gaps[target] = best[row, place]
    return SuffixMaxima(kept_levels.view(*lead, columns, steps), kept_gaps.view(*lead, columns, steps))


def merge(one: SuffixMaxima, other: SuffixMaxima) -> SuffixMaxima:
    """The staircases of the equations of both."""
    return suffix_maxima(torch.cat([one.levels, other.levels], -1), torch.cat([one.gaps, other.gaps], -1))


def forced_distance(maxima: SuffixMaxima, targets: Tensor, column: Tensor) -> Tensor:
    """g_j(t) for right-hand sides ``targets`` and the numbers ``column`` of columns; both of one shape.

    Columns are numbered through all leading dimensions: batch · columns + j. In l, (s_l - t) / 2 increases and D_j(l) does
    not, so the largest of their minima stands where they cross; the crossing is bracketed in
    log₂(steps) halvings with the very comparison of these two numbers, so the result is exact.
    """
    if not maxima.steps:
        return torch.zeros_like(targets)
    levels, gaps = maxima.levels.reshape(-1), maxima.gaps.reshape(-1)
    start = column * maxima.steps
    low = start.clone()  # the first step at which (s - t) / 2 >= D lies in low … high; high: behind the last
    high = start + maxima.steps
    for _ in range(maxima.steps.bit_length()):
        middle = (low + high) // 2
        inside = middle.clamp(max=len(levels) - 1)
        crossed = ((levels[inside] - targets) / 2 >= gaps[inside]) | (middle >= high)
        high = torch.where(crossed, middle, high)
        low = torch.where(crossed, low, middle + 1)
    at = gaps[low.clamp(max=len(levels) - 1)].where(low < start + maxima.steps, levels.new_zeros(()))
    before = ((levels[(low - 1).clamp(min=0)] - targets) / 2).where(low > start, levels.new_zeros(()))
    return torch.maximum(before, at).clamp_(min=0)


def highest_levels(maxima: SuffixMaxima, distance: Tensor) -> Tensor:
    """u_j(δ), ``[..., columns]``: the highest level that pushes though lowered by ``distance [...]``; :data:`NOTHING` if none."""
    pushing = maxima.gaps > distance[..., None, None]
    nothing = maxima.levels.new_full((), NOTHING)
    if not maxima.steps:
        return nothing.expand(maxima.levels.shape[:-1]).clone()
    return maxima.levels.where(pushing, nothing).amax(-1)


def lowest_unknowns(maxima: SuffixMaxima, distance: Tensor) -> Tensor:
    """x_low for the right-hand sides lowered by ``distance [...]``: (u_j(δ) - δ)^+, ``[..., columns]`` (spec §1.4).

    The comparison is d_k - g_kj > δ and not g_kj < d_k - δ: it is the one that δ comes from, and rounding the other way
    could raise an unknown by far more than a rounding error.
    """
    return (highest_levels(maxima, distance) - distance[..., None]).clamp_(min=0)
