"""Chebyshev distance and lowest solution of a piece of the equations of a set of rules.

* Of the cells that take a side only the one with the largest target pushes the unknown of that side, so a sample
  gives each column one equation for each of its sides, not one for each cell.
* Whether the distance of a row exceeds δ is told by its target: d < min_i max(a_i - δ, u_i(δ) - 2δ) over the sides
  that it takes, a minimum over a table of sides (:class:`SignTree`). Only the rows for which this holds are
  evaluated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from nesy.solvers.possibilistic.systems.chebyshev import with_bound
from nesy.solvers.possibilistic.systems.rule_layout import Piece
from nesy.solvers.possibilistic.systems.suffix_maxima import (
    NOTHING,
    SuffixMaxima,
    forced_distance,
    highest_levels,
    suffix_maxima,
)

ROUNDS = 3
"""How often the most exceeding row of each sample is evaluated before all rows are that still exceed."""

ENTRIES = 1 << 21
"""Entries of rows that are evaluated together."""


def pushes(piece: Piece) -> tuple[Tensor, Tensor]:
    """The largest target for each side and its gap (below 0: none), ``[sides, n]``."""
    levels = piece.layout.tree.largest(piece.targets)
    return levels, levels - piece.entries


def maxima_of_piece(piece: Piece) -> SuffixMaxima:
    """The staircases ``[systems, unknowns, steps]``."""
    levels, gaps = (piece.by_system(table).transpose(0, 1) for table in pushes(piece))
    return piece.layout.columns.of_sides(suffix_maxima(levels, gaps))


def highest_of_piece(piece: Piece, distance: Tensor) -> Tensor:
    """u(δ) ``[unknowns, n]`` of each sample alone, for its δ in ``distance [n]``."""
    levels, gaps = pushes(piece)
    return piece.layout.columns.largest(levels.where(gaps > distance, levels.new_full((), NOTHING)))


def conclusions(piece: Piece, unknowns: Tensor) -> Tensor:
    """Γ □ X ``[cells, n]`` for the ``unknowns [unknowns, n]`` of each sample."""
    entries = piece.entries
    if piece.layout.columns.unknowns:
        entries = torch.maximum(entries, piece.layout.columns.to_sides(unknowns))
    found = piece.layout.tree.least(entries)
    return found if piece.bound is None else torch.minimum(found, piece.bound)


def raised_by_piece(distance: Tensor, maxima: SuffixMaxima, piece: Piece) -> Tensor:
    """The larger of ``distance [systems]`` and the distances of the rows of ``piece``."""
    if piece.bound is not None:
        short = piece.where_kept(piece.targets - piece.bound)
        distance = torch.maximum(distance, piece.by_system(short).amax((0, 2)))
    for _ in range(ROUNDS):
        margin = _exceeding(distance, maxima, piece)
        most, cell = margin.max(0)
        sample = (most > -math.inf).nonzero()[:, 0]
        if not len(sample):
            return distance
        raised = _raised_by_rows(distance, maxima, piece, cell[sample], sample)
        if torch.equal(raised, distance):
            break
        distance = raised
    cell, sample = (_exceeding(distance, maxima, piece) > -math.inf).nonzero().unbind(1)
    return _raised_by_rows(distance, maxima, piece, cell, sample)


def row_distances_of_piece(maxima: SuffixMaxima, piece: Piece) -> Tensor:
    """∇_i ``[cells, n]`` of all rows.

    An unknown that nothing pushes forces no distance: where the entry of such a one is the least, no staircase is
    searched.
    """
    tree, columns = piece.layout.tree, piece.layout.columns
    least = (tree.least(piece.entries) - piece.targets).clamp_(min=0)
    found = with_bound(least, piece.targets, piece.bound)
    if maxima.steps and columns.unknowns:
        pushed = columns.to_sides((maxima.gaps[:, :, 0] > 0).T)
        loose = piece.by_system(piece.entries).masked_fill(pushed[:, :, None], 1.0).view_as(piece.entries)
        cell, sample = (tree.least(loose) - piece.targets > least).nonzero().unbind(1)
        for rows in _parts(len(cell), piece):
            found[cell[rows], sample[rows]] = distances_of_rows(maxima, piece, cell[rows], sample[rows])
    return piece.where_kept(found)


def reaching_rows_of_piece(distance: Tensor, maxima: SuffixMaxima, piece: Piece) -> Tensor:
    """Whether ∇_i ``[cells, n]`` is ``distance [systems]`` or more; few rows are evaluated for it."""
    margin = _thresholds(distance, maxima, piece, strict=False) - piece.targets
    reaching = margin > 0
    if piece.bound is not None:
        spare = piece.by_system(piece.bound - piece.targets)
        reaching &= (spare >= distance[:, None]).view_as(margin)
        reaching |= (-spare >= distance[:, None]).view_as(margin)
    cell, sample = (margin.abs() <= _rounding(margin)).nonzero().unbind(1)
    for rows in _parts(len(cell), piece):
        found = distances_of_rows(maxima, piece, cell[rows], sample[rows])
        reaching[cell[rows], sample[rows]] = found >= distance[sample[rows] // piece.samples]
    reaching |= (distance <= 0).repeat_interleave(piece.samples)
    return piece.where_kept(reaching)


def distances_of_rows(maxima: SuffixMaxima, piece: Piece, cell: Tensor, sample: Tensor) -> Tensor:
    """∇_i ``[rows]`` of the rows ``cell``, ``sample``, exactly."""
    columns = piece.layout.columns
    side = piece.layout.tree.own[cell]
    entries = piece.entries[side, sample[:, None]]
    targets = piece.targets[cell, sample]
    column = (sample // piece.samples)[:, None] * columns.unknowns + columns.column[side].clamp(min=0)
    level = targets[:, None].expand(entries.shape)
    found = torch.maximum(forced_distance(maxima, level, column), entries - level).amin(1)
    return with_bound(found, targets, None if piece.bound is None else piece.bound[cell, sample])


def _thresholds(distance: Tensor, maxima: SuffixMaxima, piece: Piece, *, strict: bool) -> Tensor:
    """Below which target a row ``[cells, n]`` exceeds ``distance [systems]``, up to rounding and its constant term."""
    table = piece.by_system(piece.entries) - distance[:, None]
    if maxima.steps:
        pushed = highest_levels(maxima, distance, strict=strict) - 2 * distance[:, None]
        torch.maximum(table, piece.layout.columns.to_sides(pushed.T)[:, :, None], out=table)
    return piece.layout.tree.least(table.view_as(piece.entries))


def _rounding(numbers: Tensor) -> float:
    """By how much rounding may misplace a threshold."""
    return 8 * torch.finfo(numbers.dtype).eps


def _exceeding(distance: Tensor, maxima: SuffixMaxima, piece: Piece) -> Tensor:
    """``[cells, n]``: by what margin the target of a row says that it exceeds ``distance [systems]``; minus infinity:
    it does not.

    Among the rows with a margin are all that exceed, and those that rounding does not let decide. At δ = 0 nothing is
    rounded.
    """
    margin = _thresholds(distance, maxima, piece, strict=True) - piece.targets
    slack = _rounding(margin) * (distance > 0).to(margin.dtype)
    exceeding = piece.by_system(margin) > -slack[:, None]
    if piece.bound is not None:
        exceeding &= piece.by_system(piece.bound - piece.targets) > distance[:, None]
    return margin.where(piece.where_kept(exceeding.view_as(margin)), margin.new_full((), -math.inf))


def _raised_by_rows(distance: Tensor, maxima: SuffixMaxima, piece: Piece, cell: Tensor, sample: Tensor) -> Tensor:
    for rows in _parts(len(cell), piece):
        found = distances_of_rows(maxima, piece, cell[rows], sample[rows])
        distance = distance.scatter_reduce(0, sample[rows] // piece.samples, found, "amax")
    return distance


def _parts(rows: int, piece: Piece) -> Iterator[slice]:
    """Slices of rows to evaluate together."""
    step = max(1, ENTRIES // piece.layout.tree.sides)
    return (slice(start, start + step) for start in range(0, rows, step))
