"""Systems of a set of rules cut into pieces, so that what is made of them stays small and in the caches."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from nesy.solvers.possibilistic.systems.rule_layout import Layout, Piece, RuleSystem, columns_of
from nesy.solvers.possibilistic.systems.rule_rows import (
    conclusions,
    highest_of_piece,
    maxima_of_piece,
    pushes,
    raised_by_piece,
)
from nesy.solvers.possibilistic.systems.sign_tree import sign_tree
from nesy.solvers.possibilistic.systems.suffix_maxima import (
    NOTHING,
    SuffixMaxima,
    add_to,
    empty_maxima,
    joined,
    stacked,
)

NUMBERS = 1 << 17
"""Numbers in a table ``[cells, n]`` or ``[sides, n]`` on a CPU: the tables of a piece stay in its caches."""

CUDA_NUMBERS = 1 << 24
"""The same on a GPU, whose memory is the only limit: 128 MB in float64."""

Place = tuple[slice, slice]
"""Which systems and which of their samples."""


@dataclass(frozen=True, slots=True)
class FlatRules:
    """Systems of a set of rules with one batch dimension, which stands for the dimensions ``lead``.

    ``possible``, ``excluded`` ``[batch, samples, rules]``; ``targets``, ``bound`` ``[batch, samples, cells]``; ``keep``
    ``[batch, samples, cells or 1]``.
    """

    layout: Layout
    lead: torch.Size
    possible: Tensor
    excluded: Tensor
    targets: Tensor
    bound: Tensor | None
    keep: Tensor | None

    @property
    def limit(self) -> int:
        """Samples in a piece."""
        numbers = NUMBERS if self.targets.device.type == "cpu" else CUDA_NUMBERS
        return max(1, numbers // max(self.layout.tree.sides, self.layout.tree.cells))

    def batches(self) -> list[slice]:
        """Slices of the batch whose systems share pieces."""
        step = max(1, self.limit // max(1, self.targets.shape[1]))
        return [slice(start, start + step) for start in range(0, len(self.targets), step)]

    def pieces(self) -> Iterator[tuple[Place, Piece]]:
        """All pieces and where they lie, batch by batch."""
        for batch in self.batches():
            yield from self.pieces_of(batch)

    def pieces_of(self, batch: slice) -> Iterator[tuple[Place, Piece]]:
        """The pieces of one of the :meth:`batches`."""
        step = self.limit
        for start in range(0, self.targets.shape[1], step):
            place = (batch, slice(start, start + step))
            yield place, self._piece(place)

    def _piece(self, place: Place) -> Piece:
        entries = torch.stack([self.possible[place], self.excluded[place]], -1)
        systems, samples, rules, _ = entries.shape
        entries = entries.view(systems * samples, 2 * rules).T.contiguous()
        entries[self.layout.columns.column < 0] = 1
        targets = _samples_last(self.targets[place])
        bound = None if self.bound is None else _samples_last(self.bound[place])
        if self.keep is None:
            return Piece(self.layout, systems, entries, targets, bound, None)
        keep = _samples_last(self.keep[place])
        if len(keep) == 1:
            entries = entries.where(keep, entries.new_ones(()))
        return Piece(self.layout, systems, entries, targets.where(keep, targets.new_zeros(())), bound, keep)


def _samples_last(table: Tensor) -> Tensor:
    return table.flatten(0, 1).T.contiguous()


def flat_rules(system: RuleSystem, keep: Tensor | None, *, alone: bool = False) -> FlatRules:
    """The systems with one batch dimension; ``alone``: a system for each sample."""
    *lead, samples, cells = system.targets.shape
    rules = system.signs.shape[1]
    if alone:
        lead, samples = [*lead, samples], 1
    elif system.shared:
        lead, samples = [], math.prod(lead) * samples
    batch = math.prod(lead)
    if keep is not None:
        rows = keep.dim() == system.targets.dim()
        keep = keep.expand(system.targets.shape if rows else system.targets.shape[:-1])
        keep = keep.reshape(batch, samples, cells if rows else 1)
    return FlatRules(
        Layout(sign_tree(system.signs), columns_of(system.columns)),
        torch.Size(lead),
        system.possible.reshape(batch, samples, rules),
        system.excluded.reshape(batch, samples, rules),
        system.targets.reshape(batch, samples, cells),
        None if system.bound is None else system.bound.expand_as(system.targets).reshape(batch, samples, cells),
        keep,
    )


def maxima_of(flat: FlatRules) -> SuffixMaxima:
    """The staircases of all unknowns, ``[batch, unknowns, steps]``."""
    nothing = empty_maxima(flat.targets.new_zeros((len(flat.targets), flat.layout.columns.unknowns, 0)))
    return stacked([_maxima_of_batch(flat, batch, nothing.part(batch)) for batch in flat.batches()] or [nothing])


def _maxima_of_batch(flat: FlatRules, batch: slice, nothing: SuffixMaxima) -> SuffixMaxima:
    stack = [nothing]
    for _, piece in flat.pieces_of(batch):
        add_to(stack, maxima_of_piece(piece))
    return joined(stack)


def raised(distance: Tensor, maxima: SuffixMaxima, flat: FlatRules) -> Tensor:
    """The larger of ``distance [batch]`` and the distances of all rows."""
    distance = distance.clone()
    for (batch, _), piece in flat.pieces():
        distance[batch] = raised_by_piece(distance[batch], maxima.part(batch), piece)
    return distance


def highest(distance: Tensor, flat: FlatRules) -> Tensor:
    """u(δ) ``[batch, unknowns]`` for ``distance [batch]``."""
    found = distance.new_full((len(distance), flat.layout.columns.unknowns), NOTHING)
    for (batch, _), piece in flat.pieces():
        own = distance[batch].repeat_interleave(piece.samples)
        most = piece.by_system(highest_of_piece(piece, own)).amax(2).T
        found[batch] = torch.maximum(found[batch], most)
    return found


def distance_alone(piece: Piece) -> Tensor:
    """∇ ``[n]`` of samples each of which is a system."""
    if _is_one_hot(piece.targets):
        return one_hot_distance(piece)
    start = piece.targets.new_zeros(piece.systems)
    return raised_by_piece(start, maxima_of_piece(piece), piece)


def _is_one_hot(targets: Tensor) -> bool:
    """Whether each sample has the target 1 in one cell, or in none, and 0 elsewhere."""
    return bool(((targets == 0) | (targets == 1)).all() and (targets.sum(0) <= 1).all())


def one_hot_distance(piece: Piece) -> Tensor:
    """∇ ``[n]`` of samples whose target is 1 in one cell c* and 0 elsewhere.

    ∇_c = min_i max(a_i, g_i) for c ≠ c*, where g_i = min(½, 1 - a_i) on the unknowns of the sides that c* takes and 0
    on others.
    """
    _, gaps = pushes(piece)
    reached = conclusions(piece, piece.layout.columns.largest(gaps).clamp(0, 0.5))
    short = torch.zeros_like(reached) if piece.bound is None else 1 - piece.bound
    return piece.where_kept(short.where(piece.targets == 1, reached)).amax(0)
