"""Arithmetic of constant tables while a plan is made: products, and what their entries show of structure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import torch
from torch import Tensor

from nesy.solvers.probabilistic.elimination.network import Table


@dataclass
class Folding:
    """Multiplies constant tables, and sums or (``maximal``) maximises variables out; equal tasks are done once."""

    maximal: bool = False
    known: dict[tuple[object, ...], Tensor] = field(default_factory=dict)
    made: dict[int, str] = field(default_factory=dict)
    sums: dict[tuple[object, ...], tuple[Table, bool] | None] = field(default_factory=dict)

    def product(self, left: Table, right: Table, summed: Collection[int]) -> Table:
        """Σ (or max) over ``summed`` of left × right; the variables of the result in order of appearance."""
        scope = tuple(dict.fromkeys((*left.scope, *right.scope)))
        kept = tuple(variable for variable in scope if variable not in summed)
        local = {variable: place for place, variable in enumerate((*kept, *(v for v in scope if v not in kept)))}
        left_axes, right_axes = [[local[v] for v in each.scope] for each in (left, right)]
        key = (left.key, right.key, tuple(left_axes), tuple(right_axes), len(kept))
        if key not in self.known:
            if self.maximal:
                every = list(range(len(local)))
                joint = torch.einsum(left.values, left_axes, right.values, right_axes, every)
                self.known[key] = self._without(joint, tuple(every[len(kept) :]))
            else:
                axes = list(range(len(kept)))
                self.known[key] = torch.einsum(left.values, left_axes, right.values, right_axes, axes)
        return self._named(kept, key)

    def sum_out(self, table: Table, summed: Collection[int]) -> Table:
        """Σ (or max) over ``summed`` of a table."""
        kept = tuple(variable for variable in table.scope if variable not in summed)
        axes = tuple(place for place, variable in enumerate(table.scope) if variable in summed)
        if not axes:
            return table
        key = (table.key, axes)
        if key not in self.known:
            self.known[key] = self._without(table.values, axes)
        return self._named(kept, key)

    def arranged(self, table: Table, scope: tuple[int, ...]) -> Table:
        """The table with its axes in the order of ``scope``."""
        if scope == table.scope:
            return table
        axes = tuple(table.scope.index(variable) for variable in scope)
        key = (table.key, "axes", axes)
        if key not in self.known:
            self.known[key] = table.values.permute(axes).contiguous()
        return self._named(scope, key)

    def as_sum(self, table: Table, first: int, second: int) -> tuple[Table, bool] | None:
        """The table over the sum (or the difference, True) of two variables, where it depends on nothing else of them.

        Its first axis is u + v, or u − v + n − 1 for n values of v; then come its other variables in order.
        """
        places = table.scope.index(first), table.scope.index(second)
        key = (table.key, places)
        if key not in self.sums:
            rest = (place for place in range(len(table.scope)) if place not in places)
            values = table.values.permute(*places, *rest)
            found = None
            for flipped in (False, True):
                rows = _diagonals(values.flip(1) if flipped else values)
                if rows is not None:
                    found = Table(tuple(range(rows.dim())), rows), flipped
                    break
            self.sums[key] = found
        return self.sums[key]

    def _without(self, values: Tensor, axes: tuple[int, ...]) -> Tensor:
        if not axes:
            return values
        return values.amax(axes) if self.maximal else values.sum(axes)

    def _named(self, scope: tuple[int, ...], key: tuple[object, ...]) -> Table:
        """A table whose key is computed once for each task."""
        values = self.known[key]
        found = Table(scope, values)
        digest = self.made.get(id(values))
        if digest is None:
            self.made[id(values)] = found.key
        else:
            found.__dict__["key"] = digest
        return found


def irrelevant(table: Table) -> tuple[int, ...]:
    """The variables along which nothing changes."""
    found = []
    for axis, variable in enumerate(table.scope):
        first = table.values.narrow(axis, 0, 1)
        if bool((table.values == first).all()):
            found.append(variable)
    return tuple(found)


def _diagonals(values: Tensor) -> Tensor | None:
    """One row for each u + v, where equal sums have equal rows."""
    count, other = values.shape[:2]
    rows = torch.cat([values[:, 0], values[-1, 1:]])
    sums = torch.arange(count)[:, None] + torch.arange(other)[None]
    return rows if torch.equal(rows[sums], values) else None
