"""Chebyshev distance of min–max systems G □ x = d, in O(N log N + N · M) (spec §1.4 and §2.2).

∇_i = min_j max((g_ij - d_i)^+, g_j(d_i)) is the distance that equation i suffers from all others, ∇ = max_i ∇_i the distance
of d from the closest right-hand side for which the system has a solution. With a known constant term k_i in
each equation, min(k_i, min_j max(g_ij, x_j)) = d_i, it becomes max((d_i - k_i)^+, min((k_i - d_i)^+, ∇_i)): a constant that is too
low cannot be mended, and one that is low enough does an unknown's work.

For ∇ alone, few ∇_i are evaluated: against a distance δ already reached, ∇_i > δ can be told for all equations by comparing
them with one level for each column (:func:`highest_levels`), and the first δ comes from a sample of equations.

Numbers lie in [0, 1]; leading dimensions are a batch of systems of one shape; results have the dtype and the device of the matrix.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from nesy.solvers.possibilistic.systems.suffix_maxima import (
    SuffixMaxima,
    forced_distance,
    highest_levels,
    merge,
    staircases,
)

GOLDEN = (math.sqrt(5) - 1) / 2


def chebyshev_distance(matrix: Tensor, targets: Tensor, *, bound: Tensor | None = None) -> Tensor:
    """∇ ``[...]`` of ``matrix [..., N, M]`` □ x = ``targets [..., N]``; 0 where there are no equations."""
    lead, matrix, targets, bound = _flat(matrix, targets, bound)
    found = [
        _distance_of_batch(matrix[part], targets[part], None if bound is None else bound[part])
        for part in batch_parts(matrix)
    ]
    return torch.cat(found).view(lead) if found else targets.new_zeros(lead)


def row_distances(matrix: Tensor, targets: Tensor, *, bound: Tensor | None = None) -> Tensor:
    """∇_i ``[..., N]``, the distance that each equation suffers from all."""
    lead, matrix, targets, bound = _flat(matrix, targets, bound)
    rows = torch.empty_like(targets)
    for part in batch_parts(matrix):
        maxima = maxima_of_rows(matrix[part], targets[part])
        batch = torch.arange(len(matrix[part]), device=matrix.device)[:, None]
        for piece in row_parts(matrix[part]):
            some = targets[part, piece]
            rows[part, piece] = distances_of_rows(
                maxima,
                matrix[part, piece].flatten(0, 1),
                some.flatten(),
                None if bound is None else bound[part, piece].flatten(),
                batch.expand(some.shape).flatten(),
            ).view(some.shape)
    return rows.view(*lead, -1)


def _distance_of_batch(matrix: Tensor, targets: Tensor, bound: Tensor | None) -> Tensor:
    maxima = maxima_of_rows(matrix, targets)
    distance = targets.new_zeros(len(targets))
    for piece in row_parts(matrix):
        limits = None if bound is None else bound[:, piece]
        distance = raised_distance(distance, maxima, matrix[:, piece], targets[:, piece], limits, piece.start == 0)
    return distance


def maxima_of_rows(matrix: Tensor, targets: Tensor) -> SuffixMaxima:
    """The staircases of the columns of ``matrix [batch, N, M]``, made part by part."""
    stack: list[SuffixMaxima] = []
    for piece in row_parts(matrix):
        add_part(stack, matrix[:, piece], targets[:, piece])
    return joined(stack, matrix)


def add_part(stack: list[SuffixMaxima], matrix: Tensor, targets: Tensor) -> None:
    """Lay the staircases of some equations onto ``stack``, merging those of like size, so that merging costs N log N at most."""
    batch, rows, columns = matrix.shape
    order = targets.argsort(1, descending=True)
    levels = targets.gather(1, order)
    start = torch.arange(batch, device=order.device)[:, None] * rows
    sorted_rows = matrix.flatten(0, 1).index_select(0, (order + start).flatten()).view(batch, rows, columns)
    gaps = torch.sub(levels[:, :, None], sorted_rows).transpose(1, 2).contiguous()
    stack.append(staircases(levels[:, None, :], gaps))
    while len(stack) > 1 and stack[-2].steps <= 2 * stack[-1].steps:
        last = stack.pop()
        stack[-1] = merge(stack[-1], last)


def joined(stack: list[SuffixMaxima], matrix: Tensor) -> SuffixMaxima:
    """All staircases of ``stack`` as one; empty ones for the columns of ``matrix`` if there are none."""
    if not stack:
        empty = matrix.new_zeros((matrix.shape[0], matrix.shape[2], 0))
        return SuffixMaxima(empty, empty)
    while len(stack) > 1:
        last = stack.pop()
        stack[-1] = merge(stack[-1], last)
    return stack[0]


def raised_distance(
    distance: Tensor, maxima: SuffixMaxima, matrix: Tensor, targets: Tensor, bound: Tensor | None, first: bool
) -> Tensor:
    """The larger of ``distance [batch]`` and the distances of the equations in ``matrix [batch, n, M]``.

    ``first``: evaluate a sample of the equations before all are compared with what has been reached.
    """
    batch, rows, _ = matrix.shape
    if first:
        count = min(rows, math.isqrt(rows) + 8)
        spread = (torch.arange(count, dtype=torch.float64) * GOLDEN % 1 * rows).long().to(matrix.device)
        picked = torch.arange(batch, device=matrix.device)[:, None].expand(batch, count).flatten(), spread.repeat(batch)
        distance = _raised_by(distance, maxima, matrix, targets, bound, picked)
    picked = exceeding(distance, maxima, matrix, targets, bound).nonzero().unbind(1)
    return _raised_by(distance, maxima, matrix, targets, bound, picked)


def exceeding(distance: Tensor, maxima: SuffixMaxima, matrix: Tensor, targets: Tensor, bound: Tensor | None) -> Tensor:
    """Which equations ``[batch, n]`` have a distance above ``distance [batch]``, exactly."""
    ceiling = 1 if bound is None else bound
    if matrix.shape[2]:
        pushed = highest_levels(maxima, distance)[:, None, :]
        forced = torch.sub(pushed, targets[:, :, None]).div_(2)
        reached = torch.maximum(forced, torch.sub(matrix, targets[:, :, None]), out=forced).amin(2)
        if bound is not None:
            reached = torch.minimum(reached, bound - targets)
    else:
        reached = ceiling - targets
    above = reached > distance[:, None]
    return above if bound is None else above | (targets - bound > distance[:, None])


def _raised_by(
    distance: Tensor,
    maxima: SuffixMaxima,
    matrix: Tensor,
    targets: Tensor,
    bound: Tensor | None,
    picked: tuple[Tensor, ...],
) -> Tensor:
    """``distance`` raised by the equations ``picked``: their systems and their rows."""
    system, row = picked
    for some in torch.arange(len(row), device=row.device).split(max(1, CELLS // max(1, matrix.shape[2]))):
        at = system[some], row[some]
        limit = None if bound is None else bound[at]
        found = distances_of_rows(maxima, matrix[at], targets[at], limit, at[0])
        distance = distance.scatter_reduce(0, at[0], found, "amax")
    return distance


def distances_of_rows(
    maxima: SuffixMaxima, matrix: Tensor, targets: Tensor, bound: Tensor | None, system: Tensor
) -> Tensor:
    """∇_i ``[rows]`` of single equations: ``matrix [rows, M]``, ``targets``, ``bound`` and the number of the system ``[rows]``."""
    columns = matrix.shape[1]
    worst = targets.new_ones(()) if bound is None else bound
    if columns:
        column = system[:, None] * columns + torch.arange(columns, device=matrix.device)
        forced = forced_distance(maxima, targets[:, None].expand(matrix.shape), column)
        found = torch.maximum(forced, matrix - targets[:, None]).amin(1)
        if bound is None:
            return found
        return torch.maximum(torch.minimum(found, (bound - targets).clamp(min=0)), targets - bound)
    return (worst - targets).abs()


CELLS = 1 << 18
"""Entries of a matrix that are worked on together on a CPU: what its caches hold, with the intermediate results."""

CUDA_CELLS = 1 << 25


def batch_parts(matrix: Tensor) -> Iterator[slice]:
    """Slices of the batch of ``matrix [batch, N, M]``."""
    batch, rows, columns = matrix.shape
    step = max(1, _cells(matrix) // max(1, rows * columns))
    return (slice(start, start + step) for start in range(0, batch, step))


def row_parts(matrix: Tensor) -> Iterator[slice]:
    """Slices of the equations of ``matrix [batch, N, M]``."""
    batch, rows, columns = matrix.shape
    step = max(1, _cells(matrix) // max(1, batch * columns))
    return (slice(start, start + step) for start in range(0, rows, step))


def _cells(matrix: Tensor) -> int:
    return CELLS if matrix.device.type == "cpu" else CUDA_CELLS


def _flat(matrix: Tensor, targets: Tensor, bound: Tensor | None) -> tuple[torch.Size, Tensor, Tensor, Tensor | None]:
    """The leading dimensions, and everything with one batch dimension."""
    *lead, rows, columns = torch.broadcast_shapes(matrix.shape, (*targets.shape, 1))
    size = math.prod(lead)
    return (
        torch.Size(lead),
        matrix.expand(*lead, rows, matrix.shape[-1]).reshape(size, rows, matrix.shape[-1]),
        targets.expand(*lead, rows).reshape(size, rows),
        None if bound is None else bound.expand(*lead, rows).reshape(size, rows),
    )
