"""What the equations of a min–max system say about one unknown, as a staircase.

An equation k with right-hand side (level) d_k and entry g_kj pushes the unknown x_j up to d_k, unless d_k is lowered
by its gap (d_k - g_kj)^+. For a column j let D_j(l) be the largest gap among the equations of level l or more. This
suffix maximum is a staircase, and only its steps are kept: equations that no other equation exceeds in both level and
gap. It holds all that is asked of the equations of a column:

* g_j(t) = max_k min((d_k - t)^+ / 2, (d_k - g_kj)^+), the distance that they force upon an equation of right-hand
  side t;
* u_j(δ) = max {d_k : d_k - g_kj > δ}, the highest level that still pushes when all are lowered by δ.

Staircases of parts of the equations merge into that of all by taking the steps together, so equations can be given
in pieces of any size and order: the numbers that come out are the same to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

ABOVE = 2.0
"""Level of the padding behind the last step of a column: above all levels, with no gap, so that it never counts."""

NOTHING = -1.0
"""The highest level that pushes, where none does: below all right-hand sides."""

PENDING = 1 << 8
"""Steps that may wait to be joined, however few there are. If more waited, they would cut up the memory of parts."""


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


@dataclass(frozen=True, slots=True)
class Room:
    """Memory for what is made of one part after the other; taking it anew each time can cost more than filling it."""

    numbers: Tensor
    places: Tensor

    @classmethod
    def of(cls, like: Tensor, size: int) -> Room:
        """Room for parts of up to ``size`` numbers of the kind of ``like``, or for all of it."""
        size = min(size, like.numel())
        return cls(like.new_empty((2, size)), like.new_empty(size, dtype=torch.int64))

    def gaps(self, *shape: int) -> Tensor:
        """Where gaps go."""
        return self.numbers[0, : math.prod(shape)].view(shape)

    def best(self, *shape: int) -> Tensor:
        """Where their maxima go."""
        return self.numbers[1, : math.prod(shape)].view(shape)

    def maxima(self, gaps: Tensor) -> Tensor:
        """The running maxima of ``gaps`` along the last dimension."""
        places = self.places[: gaps.numel()].view(gaps.shape)
        return torch.cummax(gaps, -1, out=(self.best(*gaps.shape), places)).values


def staircases(levels: Tensor, gaps: Tensor, room: Room | None = None) -> SuffixMaxima:
    """The staircases of equations in the order of falling levels: ``gaps [..., columns, equations]``.

    ``levels`` may be the same for all columns, of one shape but for that with ``gaps``.
    """
    if not gaps.numel():
        return empty_maxima(gaps)
    best = (room or Room.of(gaps, gaps.numel())).maxima(gaps)
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


def add_to(parts: list[SuffixMaxima], maxima: SuffixMaxima) -> None:
    """Put ``maxima`` with the other ``parts``, which are joined when those behind the first grow to twice its size.

    So few steps are ever held that are no steps of all, and even if all remain, each is sorted a few times only.
    """
    parts.append(maxima)
    if sum(part.steps for part in parts[1:]) > max(PENDING, 2 * parts[0].steps):
        parts[:] = [joined(parts)]


def joined(parts: Sequence[SuffixMaxima]) -> SuffixMaxima:
    """The staircases of the equations of all ``parts``, of which there is at least one."""
    some = [part for part in parts if part.steps] or list(parts[:1])
    if len(some) == 1:
        return some[0]
    return suffix_maxima(torch.cat([part.levels for part in some], -1), torch.cat([part.gaps for part in some], -1))


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
    first = _first(start, maxima.steps, len(levels), lambda step: (levels[step] - targets) / 2 >= gaps[step])
    at = gaps[first.clamp(max=len(levels) - 1)].where(first < start + maxima.steps, levels.new_zeros(()))
    before = ((levels[(first - 1).clamp(min=0)] - targets) / 2).where(first > start, levels.new_zeros(()))
    return torch.maximum(before, at).clamp_(min=0)


def _first(start: Tensor, steps: int, total: int, holds: Callable[[Tensor], Tensor]) -> Tensor:
    """The first of ``steps`` from ``start`` on at which ``holds`` is true, as it is from there on, or the one behind.

    All steps are numbered up to ``total``.
    """
    low, high = start, start + steps
    for _ in range(steps.bit_length()):
        middle = (low + high) // 2
        here = holds(middle.clamp(max=total - 1)) | (middle >= high)
        high = torch.where(here, middle, high)
        low = torch.where(here, low, middle + 1)
    return low


def highest_levels(maxima: SuffixMaxima, distance: Tensor, *, strict: bool = True) -> Tensor:
    """u_j(δ) ``[..., columns]``, the highest level that pushes though lowered by ``distance [...]``; :data:`NOTHING`
    if none does.

    Not ``strict``: gaps of just ``distance`` push as well.
    """
    *lead, columns, steps = maxima.levels.shape
    nothing = maxima.levels.new_full((), NOTHING)
    if not maxima.levels.numel():
        return nothing.expand(*lead, columns).clone()
    levels, gaps = maxima.levels.reshape(-1), maxima.gaps.reshape(-1)
    start = torch.arange(0, len(levels), steps, device=levels.device)
    least = distance[..., None].expand(*lead, columns).reshape(-1)
    first = _first(start, steps, len(levels), lambda step: gaps[step] <= least if strict else gaps[step] < least)
    return levels[(first - 1).clamp(min=0)].where(first > start, nothing).view(*lead, columns)


def lowest_unknowns(maxima: SuffixMaxima, distance: Tensor) -> Tensor:
    """x_low for the right-hand sides lowered by ``distance [...]``: (u_j(δ) - δ)^+, ``[..., columns]``.

    The comparison is d_k - g_kj > δ and not g_kj < d_k - δ: it is the one that δ comes from, and rounding the other
    way could raise an unknown by far more than a rounding error.
    """
    return (highest_levels(maxima, distance) - distance[..., None]).clamp_(min=0)
