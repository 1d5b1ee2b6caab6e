"""How the equations of a set of rules lie in memory: sides, unknowns, and pieces of samples with the samples last.

Γ has an entry for each rule in each row: λ_i in the column of s_i where the conclusion holds, ρ_i in that of r_i
where it does not; the other entry of the pair is 1 and never decides. So a sample is a table of two *sides* for each
rule, in the order +1, -1, +2, -2, …, of which a row takes one for each rule. A side that is not learned has the entry
1.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nesy.solvers.possibilistic.systems.sign_tree import SignTree
from nesy.solvers.possibilistic.systems.suffix_maxima import (
    ABOVE,
    NOTHING,
    SuffixMaxima,
    empty_maxima,
    suffix_maxima,
)


@dataclass(frozen=True, slots=True)
class RuleSystem:
    """The equations that samples give for the parameters of a set of rules; degrees in [0, 1], of one dtype, on one
    device.

    ``signs`` bool ``[cells, rules]``: whether the conclusion of the rule holds in the cell.
    ``possible``, ``excluded`` ``[..., samples, rules]``: λ and ρ, the possibility of the premise and of its contrary.
    ``targets`` ``[..., samples, cells]``: Y.
    ``columns`` int64 ``[2 · rules]``: the places of s_1, r_1, s_2, r_2, … in X; -1: not learned; equal numbers: one
    shared parameter.
    ``bound`` ``[..., samples, cells]``: a constant term of each equation, from rules whose parameters are fixed.
    ``shared``: False: one X for each leading index; True: one X for all of them.
    """

    signs: Tensor
    possible: Tensor
    excluded: Tensor
    targets: Tensor
    columns: Tensor
    bound: Tensor | None = None
    shared: bool = False

    @property
    def unknowns(self) -> int:
        """Length of X."""
        return int(self.columns.max()) + 1 if len(self.columns) else 0


@dataclass(frozen=True, slots=True)
class Columns:
    """The unknown of each side: ``column`` int64 ``[sides]``, -1 for none; and the ``sides [unknowns, most]`` of each
    unknown.

    Unknowns with fewer than ``most`` sides are padded with a number behind the last side.
    """

    column: Tensor
    sides: Tensor

    @property
    def unknowns(self) -> int:
        return self.sides.shape[0]

    @property
    def tied(self) -> bool:
        """Whether some unknown has several sides."""
        return self.sides.shape[1] > 1

    def of_sides(self, maxima: SuffixMaxima) -> SuffixMaxima:
        """Staircases of the unknowns from those of the sides, ``[systems, sides, steps]``.

        An unknown's column holds the least of the entries that a row has in it, and
        min(max(a, x), max(b, x)) pushes x as both parts do: its staircase is that of all equations of its sides.
        """
        systems, _, steps = maxima.levels.shape
        if not steps or not self.unknowns:
            return empty_maxima(maxima.levels.new_zeros((systems, self.unknowns, 0)))
        padding = maxima.levels.new_full((systems, 1, steps), ABOVE)
        levels, gaps = torch.cat([maxima.levels, padding], 1), torch.cat([maxima.gaps, torch.zeros_like(padding)], 1)
        shape = (systems, self.unknowns, self.sides.shape[1] * steps)
        picked = self.sides.flatten()
        levels, gaps = levels.index_select(1, picked).view(shape), gaps.index_select(1, picked).view(shape)
        return suffix_maxima(levels, gaps) if self.tied else SuffixMaxima(levels, gaps)

    def to_sides(self, table: Tensor) -> Tensor:
        """Values of the unknowns ``[unknowns, n]``, of which there are some, at the sides ``[sides, n]``.

        A side without an unknown gets some value; its entry is 1, so that it does not matter.
        """
        return table.index_select(0, self.column.clamp(min=0))

    def largest(self, table: Tensor) -> Tensor:
        """The largest of ``[sides, n]`` over the sides of each unknown, ``[unknowns, n]``; at least :data:`NOTHING`."""
        place = torch.where(self.column < 0, self.unknowns, self.column)[:, None].expand(table.shape)
        most = table.new_full((self.unknowns + 1, table.shape[1]), NOTHING)
        return most.scatter_reduce_(0, place, table, "amax")[: self.unknowns]


def columns_of(column: Tensor) -> Columns:
    """The unknowns of sides whose places in X are ``column`` int64 ``[sides]``."""
    places = column.tolist()
    groups: list[list[int]] = [[] for _ in range(max(places, default=-1) + 1)]
    for side, place in enumerate(places):
        if place >= 0:
            groups[place].append(side)
    most = max((len(group) for group in groups), default=0)
    padded = [group + [len(places)] * (most - len(group)) for group in groups]
    return Columns(column, torch.tensor(padded, dtype=torch.int64, device=column.device).view(len(groups), most))


@dataclass(frozen=True, slots=True)
class Layout:
    """What all samples share."""

    tree: SignTree
    columns: Columns


@dataclass(frozen=True, slots=True)
class Piece:
    """Some samples of some systems, ``n`` = systems · samples of them, system by system.

    ``entries [sides, n]``; ``targets``, ``bound`` ``[cells, n]``; ``keep`` bool ``[cells or 1, n]``: what counts. All
    that does not count has the target 0.
    """

    layout: Layout
    systems: int
    entries: Tensor
    targets: Tensor
    bound: Tensor | None
    keep: Tensor | None

    @property
    def samples(self) -> int:
        """Samples of each system."""
        return self.entries.shape[1] // self.systems

    def by_system(self, table: Tensor) -> Tensor:
        """``[rows, systems, samples]`` of ``[rows, n]``."""
        return table.view(-1, self.systems, self.samples)

    def where_kept(self, table: Tensor) -> Tensor:
        """``table [cells, n]`` with 0, or false, for all that does not count."""
        return table if self.keep is None else table.where(self.keep, table.new_zeros(()))

    def samples_last(self, table: Tensor) -> Tensor:
        """``table [cells, n]`` as ``[systems, samples, cells]``, the form in which systems are given."""
        return table.T.reshape(self.systems, self.samples, -1)
