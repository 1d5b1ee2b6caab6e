"""Chebyshev distance of min–max systems G □ x = d.

∇_i = min_j max((g_ij - d_i)^+, g_j(d_i)) is the distance that equation i suffers from all others, and ∇ = max_i ∇_i
that of d from the closest right-hand side for which the system has a solution. With a known constant term k_i in
each equation, min(k_i, min_j max(g_ij, x_j)) = d_i, the first becomes max((d_i - k_i)^+, min((k_i - d_i)^+, ∇_i)): a
constant that is too low cannot be mended, and one that is low enough does an unknown's work.

For ∇ alone few ∇_i are evaluated: whether any exceeds a distance δ that has been reached already can be told by one
level for each column (:func:`highest_levels`), and the first δ comes from a sample of the equations.

Time is O(N log N + N · M), with a few operations for each entry, as long as staircases are short; the steps of long
ones are sorted, so that contrived systems, in which nearly each entry is a step, take O(N · M log N).

Numbers lie in [0, 1]; leading dimensions are a batch of systems of one shape; results have the dtype and the device of
the matrix.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from nesy.solvers.possibilistic.systems.suffix_maxima import (
    Room,
    SuffixMaxima,
    add_to,
    empty_maxima,
    forced_distance,
    highest_levels,
    joined,
    stacked,
    staircases,
)

ENTRIES = 1 << 18
"""Entries of matrices that are worked on at once on a CPU: they and what is made of them stay in its caches."""

CUDA_ENTRIES = 1 << 24
"""The same on a GPU: 128 MB in float64."""

GOLDEN = (math.sqrt(5) - 1) / 2
"""Multiples of it, without their whole parts, spread evenly and keep step with no period of the equations."""


def chebyshev_distance(matrix: Tensor, targets: Tensor, *, bound: Tensor | None = None) -> Tensor:
    """∇ ``[...]`` of ``matrix [..., N, M]`` □ x = ``targets [..., N]``, with constant terms ``bound [..., N]``.

    0 where there are no equations.
    """
    equations = equations_of(matrix, targets, bound)
    start = targets.new_zeros(len(equations.targets))
    return raised(start, maxima_of(equations), equations).view(equations.lead)


def row_distances(matrix: Tensor, targets: Tensor, *, bound: Tensor | None = None) -> Tensor:
    """∇_i ``[..., N]``, the distance that each equation suffers from all."""
    equations = equations_of(matrix, targets, bound)
    maxima = maxima_of(equations)
    found = torch.empty_like(equations.targets)
    for batch in equations.batches():
        for rows in equations.rows_of(batch):
            some = equations.part(batch, rows)
            system, row = _all_rows(some)
            found[batch, rows] = _distances(maxima.part(batch), some, system, row).view(some.targets.shape)
    return found.view(targets.shape)


@dataclass(frozen=True, slots=True)
class Equations:
    """Systems with one batch dimension: ``matrix [batch, N, M]``, ``targets`` and ``bound`` ``[batch, N]``.

    ``lead`` are the dimensions that the batch stands for.
    """

    lead: torch.Size
    matrix: Tensor
    targets: Tensor
    bound: Tensor | None

    @property
    def limit(self) -> int:
        """Entries that are worked on at once."""
        return ENTRIES if self.matrix.device.type == "cpu" else CUDA_ENTRIES

    def batches(self) -> list[slice]:
        """Slices of the batch that are worked on together."""
        batch, rows, columns = self.matrix.shape
        step = max(1, self.limit // max(1, rows * columns))
        return [slice(start, start + step) for start in range(0, batch, step)]

    def rows_of(self, batch: slice) -> Iterator[slice]:
        """Slices of the equations that are worked on together, for one of the :meth:`batches`."""
        rows, columns = self.matrix.shape[1:]
        step = max(1, self.limit // max(1, len(self.targets[batch]) * columns))
        return (slice(start, start + step) for start in range(0, rows, step))

    def part(self, batch: slice, rows: slice) -> Equations:
        """Some equations of some systems."""
        bound = None if self.bound is None else self.bound[batch, rows]
        return Equations(self.lead, self.matrix[batch, rows], self.targets[batch, rows], bound)


def equations_of(matrix: Tensor, targets: Tensor, bound: Tensor | None = None) -> Equations:
    """Systems as they are given, with one batch dimension."""
    *lead, rows, columns = matrix.shape
    batch = math.prod(lead)
    return Equations(
        torch.Size(lead),
        matrix.reshape(batch, rows, columns),
        targets.reshape(batch, rows),
        None if bound is None else bound.reshape(batch, rows),
    )


def maxima_of(equations: Equations) -> SuffixMaxima:
    """The staircases of all columns, ``[batch, M, steps]``."""
    nothing = empty_maxima(equations.matrix.transpose(1, 2))
    room = Room.of(equations.matrix, max(equations.limit, equations.matrix.shape[2]))
    batches = []
    for batch in equations.batches():
        parts = [nothing.part(batch)]
        for rows in equations.rows_of(batch):
            add_to(parts, _maxima_of_part(equations.part(batch, rows), room))
        batches.append(joined(parts))
    return stacked(batches or [nothing])


def raised(distance: Tensor, maxima: SuffixMaxima, equations: Equations) -> Tensor:
    """The larger of ``distance [batch]`` and the distances of all ``equations``."""
    distance = distance.clone()
    for batch in equations.batches():
        whole, own = equations.part(batch, slice(None)), maxima.part(batch)
        distance[batch] = _raised_by_rows(distance[batch], own, whole, *_sample(whole))
        for rows in equations.rows_of(batch):
            some = equations.part(batch, rows)
            system, row = _exceeding(distance[batch], own, some).nonzero().unbind(1)
            distance[batch] = _raised_by_rows(distance[batch], own, some, system, row)
    return distance


def _maxima_of_part(equations: Equations, room: Room) -> SuffixMaxima:
    batch, rows, columns = equations.matrix.shape
    order = equations.targets.argsort(1, descending=True)
    levels = equations.targets.gather(1, order)
    start = torch.arange(batch, device=order.device)[:, None] * rows
    entries = room.best(batch * rows, columns)
    torch.index_select(equations.matrix.flatten(0, 1), 0, (order + start).flatten(), out=entries)
    entries = torch.sub(levels[:, :, None], entries.view(batch, rows, columns), out=entries.view(batch, rows, columns))
    gaps = room.gaps(batch, columns, rows).copy_(entries.transpose(1, 2))
    return staircases(levels[:, None, :], gaps, room)


def _all_rows(equations: Equations) -> tuple[Tensor, Tensor]:
    """The system and the row of all equations."""
    batch, rows = equations.targets.shape
    numbers = torch.arange(batch * rows, device=equations.targets.device)
    return numbers // rows, numbers % rows


def _sample(equations: Equations) -> tuple[Tensor, Tensor]:
    """The system and the row of about √N equations of each system."""
    batch, rows = equations.targets.shape
    count = min(rows, math.isqrt(rows) + 8)
    row = (torch.arange(count, dtype=torch.float64) * GOLDEN % 1 * rows).long().to(equations.targets.device)
    return torch.arange(batch, device=row.device).repeat_interleave(count), row.repeat(batch)


def _exceeding(distance: Tensor, maxima: SuffixMaxima, equations: Equations) -> Tensor:
    """Which equations ``[batch, n]`` have a distance above ``distance [batch]``; exact."""
    targets, bound = equations.targets, equations.bound
    if equations.matrix.shape[2]:
        reached = torch.sub(highest_levels(maxima, distance)[:, None, :], targets[:, :, None]).div_(2)
        reached = torch.maximum(reached, equations.matrix - targets[:, :, None], out=reached).amin(2)
    else:
        reached = 1 - targets
    if bound is None:
        return reached > distance[:, None]
    return torch.maximum(torch.minimum(reached, bound - targets), targets - bound) > distance[:, None]


def _raised_by_rows(
    distance: Tensor, maxima: SuffixMaxima, equations: Equations, system: Tensor, row: Tensor
) -> Tensor:
    step = max(1, equations.limit // max(1, equations.matrix.shape[2]))
    for start in range(0, len(row), step):
        some = system[start : start + step]
        found = _distances(maxima, equations, some, row[start : start + step])
        distance = distance.scatter_reduce(0, some, found, "amax")
    return distance


def _distances(maxima: SuffixMaxima, equations: Equations, system: Tensor, row: Tensor) -> Tensor:
    """∇_i ``[rows]`` of the equations ``system``, ``row``."""
    targets, entries = equations.targets[system, row], equations.matrix[system, row]
    columns = entries.shape[1]
    if columns:
        column = system[:, None] * columns + torch.arange(columns, device=row.device)
        level = targets[:, None].expand(entries.shape)
        found = torch.maximum(forced_distance(maxima, level, column), entries - level).amin(1)
    else:
        found = 1 - targets
    return with_bound(found, targets, None if equations.bound is None else equations.bound[system, row])


def with_bound(distances: Tensor, targets: Tensor, bound: Tensor | None) -> Tensor:
    """The distances of equations that have constant terms as well, all of one shape."""
    if bound is None:
        return distances
    return torch.maximum(torch.minimum(distances, (bound - targets).clamp(min=0)), targets - bound)
