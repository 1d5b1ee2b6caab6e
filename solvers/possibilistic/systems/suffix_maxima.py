"""What the equations of a min–max system say about one unknown, as a staircase.

An equation k with right-hand side (level) d_k and entry g_kj pushes the unknown x_j up to d_k, unless d_k is lowered
by its gap (d_k - g_kj)^+. For a column j let D_j(l) be the largest gap among the equations of level l or more. This
suffix maximum is a staircase, and only its steps are kept: equations that no other equation exceeds in both level and
gap. It holds all that is asked of the equations of a column (spec §2.2):

* g_j(t) = max_k min((d_k - t)^+ / 2, (d_k - g_kj)^+), the distance that they force upon an equation of right-hand
  side t;
* u_j(δ) = max {d_k : d_k - g_kj > δ}, the highest level that still pushes when all are lowered by δ.

Staircases of parts of the equations merge into that of all by taking the steps together, so equations can be given
in pieces of any size and order: the numbers that come out are the same to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

ABOVE = 2.0
"""Level of the padding behind the last step of a column: above all levels, with no gap, so that it never counts."""

NOTHING = -1.0
"""The highest level that pushes, where none does: below all right-hand sides."""


@dataclass(frozen=True, slots=True)
class SuffixMaxima:
    """Staircases of columns, all padded to the same number of steps.

    ``levels`` and ``gaps``, ``[..., columns, steps]``: levels do not decrease along the last dimension, gaps do not
    increase; the padding at the end has level :data:`ABOVE` and gap 0.
    """

    levels: Tensor
    gaps: Tensor

    @property
    def steps(self) -> int:
        """Steps of the longest staircase."""
        return self.levels.shape[-1]

    def part(self, batch: slice) -> SuffixMaxima:
        """Those of some systems: a slice of the first dimension."""
        return SuffixMaxima(self.levels[batch], self.gaps[batch])


def suffix_maxima(levels: Tensor, gaps: Tensor) -> SuffixMaxima:
    """The staircases of equations in any order: ``levels`` and ``gaps``, ``[..., columns, equations]``.

    Negative gaps count as none.
    """
    shape = gaps.shape
    pushing = gaps > 0
    most = int(pushing.sum(-1).max()) if pushing.numel() else 0
    if 2 * most <= shape[-1]:  # sorting costs most, so few are sorted
        levels, gaps = _packed(pushing, most, levels, gaps)
    order = levels.argsort(-1, descending=True)
    return staircases(levels.gather(-1, order), gaps.gather(-1, order))


def staircases(levels: Tensor, gaps: Tensor) -> SuffixMaxima:
    """The staircases of equations in the order of falling levels: ``gaps [..., columns, equations]``.

    ``levels`` may be the same for all columns, of one shape but for that with ``gaps``.
    """
    if not gaps.numel():
        return empty_maxima(gaps)
    best = gaps.cummax(-1).values
    step = best > 0
    step[..., 1:] &= best[..., 1:] > best[..., :-1]
    found_levels, found_gaps = _packed(step, int(step.sum(-1).max()), levels.expand(gaps.shape), best)
    return SuffixMaxima(found_levels.flip(-1), found_gaps.flip(-1))


def empty_maxima(columns: Tensor) -> SuffixMaxima:
    """No equations at all, for the columns ``[..., columns, any]``."""
    empty = columns.new_zeros((*columns.shape[:-1], 0))
    return SuffixMaxima(empty, empty)


def _packed(kept: Tensor, width: int, levels: Tensor, gaps: Tensor) -> tuple[Tensor, Tensor]:
    """The levels and gaps that are ``kept``, at the end of rows of ``width``, with padding before them."""
    *lead, size = kept.shape
    rows = math.prod(lead)
    row, place = kept.reshape(rows, size).nonzero().unbind(1)
    ends = torch.bincount(row, minlength=rows).cumsum(0)
    target = torch.arange(len(row), device=row.device) - ends[row] + (row + 1) * width
    packed = gaps.new_full((2, rows * width), ABOVE)
    packed[1] = 0
    packed[0, target] = levels.reshape(rows, size)[row, place]
    packed[1, target] = gaps.reshape(rows, size)[row, place]
    return packed[0].view(*lead, width), packed[1].view(*lead, width)


def merge(one: SuffixMaxima, other: SuffixMaxima) -> SuffixMaxima:
    """The staircases of the equations of both."""
    if not one.steps or not other.steps:
        return one if one.steps else other
    return suffix_maxima(torch.cat([one.levels, other.levels], -1), torch.cat([one.gaps, other.gaps], -1))


def add_to(stack: list[SuffixMaxima], maxima: SuffixMaxima) -> None:
    """Lay ``maxima`` onto ``stack``; staircases are merged when of like size, so that no step is merged often."""
    stack.append(maxima)
    while len(stack) > 1 and stack[-2].steps <= 2 * stack[-1].steps:
        last = stack.pop()
        stack[-1] = merge(stack[-1], last)


def joined(stack: list[SuffixMaxima]) -> SuffixMaxima:
    """All staircases of a ``stack``, of which there is at least one, as one."""
    maxima = stack[-1]
    for other in reversed(stack[:-1]):
        maxima = merge(other, maxima)
    return maxima


def stacked(batches: Sequence[SuffixMaxima]) -> SuffixMaxima:
    """The staircases of several batches, one after the other along the first dimension."""
    if len(batches) == 1:
        return batches[0]
    steps = max(maxima.steps for maxima in batches)
    levels = [functional.pad(maxima.levels, (0, steps - maxima.steps), value=ABOVE) for maxima in batches]
    gaps = [functional.pad(maxima.gaps, (0, steps - maxima.steps)) for maxima in batches]
    return SuffixMaxima(torch.cat(levels), torch.cat(gaps))


def forced_distance(maxima: SuffixMaxima, targets: Tensor, column: Tensor) -> Tensor:
    """g_j(t) for right-hand sides ``targets`` and the numbers ``column`` of columns; both of one shape.

    Columns are numbered through all leading dimensions: batch · columns + j. In l, (s_l - t) / 2 increases and D_j(l)
    does not, so the largest of their minima stands where they cross; the crossing is bracketed in log₂(steps)
    halvings with the very comparison of these two numbers, so the result is exact.
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


def highest_levels(maxima: SuffixMaxima, distance: Tensor, *, strict: bool = True) -> Tensor:
    """u_j(δ) ``[..., columns]``, the highest level that pushes though lowered by ``distance [...]``; :data:`NOTHING`
    if none does.

    Not ``strict``: gaps of just ``distance`` push as well.
    """
    least = distance[..., None, None]
    pushing = maxima.gaps > least if strict else maxima.gaps >= least
    nothing = maxima.levels.new_full((), NOTHING)
    if not maxima.steps:
        return nothing.expand(maxima.levels.shape[:-1]).clone()
    return maxima.levels.where(pushing, nothing).amax(-1)


def lowest_unknowns(maxima: SuffixMaxima, distance: Tensor) -> Tensor:
    """x_low for the right-hand sides lowered by ``distance [...]``: (u_j(δ) - δ)^+, ``[..., columns]`` (spec §1.4).

    The comparison is d_k - g_kj > δ and not g_kj < d_k - δ: it is the one that δ comes from, and rounding the other
    way could raise an unknown by far more than a rounding error.
    """
    return (highest_levels(maxima, distance) - distance[..., None]).clamp_(min=0)
