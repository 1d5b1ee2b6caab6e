"""Minima and maxima over subsets of a row of degrees, with as much shared work as possible.

For a row of n degrees, the extreme over “all but one” for every one of them costs 3n - 6 operations together
(up and down a balanced tree); any other subset is put together from the tree's blocks, and equal parts are made
once. This is the only place where closed forms such as “second largest value” or prefix and suffix maxima come
from: a caller just asks for the subsets that it needs.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from nesy.solvers.possibilistic.circuit import Circuit, Op


@dataclass(slots=True)
class Vector:
    """A row of nodes. ``group`` names what the row is, the same for all indices of an attribute."""

    circuit: Circuit
    nodes: Sequence[int]
    group: Hashable
    _blocks: dict[tuple[Op, int, int], int] = field(default_factory=dict)
    _others: dict[tuple[Op, int, int], int] = field(default_factory=dict)
    _parts: dict[tuple[Op, int, int, tuple[int, ...]], int] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        """Depth of the deepest node."""
        return max((self.circuit.depths[node] for node in self.nodes), default=0)

    def minimum(self, places: Sequence[int]) -> int:
        return self.extreme(Op.MINIMUM, places)

    def maximum(self, places: Sequence[int]) -> int:
        return self.extreme(Op.MAXIMUM, places)

    def extreme(self, op: Op, places: Sequence[int]) -> int:
        """The extreme over the nodes at ``places``, which increase."""
        size = len(self.nodes)
        if not places:
            return self.circuit.extreme(op, (), -1)
        if len(places) == 1:
            return self.nodes[places[0]]
        if len(places) == size:
            return self._block(op, 0, size)
        if len(places) == size - 1:
            missing = next((place for place, taken in enumerate(places) if place != taken), size - 1)
            return self._all_but(op, missing)
        return self._part(op, 0, size, tuple(places))

    def _pair(self, op: Op, left: int, right: int, key: Hashable) -> int:
        return self.circuit.extreme(op, (left, right), self.circuit.kind((self.group, op, key)))

    def _block(self, op: Op, start: int, stop: int) -> int:
        """The extreme over the nodes ``start … stop - 1``."""
        if stop - start == 1:
            return self.nodes[start]
        known = self._blocks.get((op, start, stop))
        if known is None:
            middle = (start + stop) // 2
            left, right = self._block(op, start, middle), self._block(op, middle, stop)
            known = self._blocks[op, start, stop] = self._pair(op, left, right, ("block", start, stop))
        return known

    def _all_but(self, op: Op, missing: int) -> int:
        """The extreme over all nodes but one: down the tree, joining the blocks that are left behind."""
        start, stop, outside = 0, len(self.nodes), None
        while stop - start > 1:
            middle = (start + stop) // 2
            here, there = ((start, middle), (middle, stop)) if missing < middle else ((middle, stop), (start, middle))
            known = self._others.get((op, *here))
            if known is None:
                sibling = self._block(op, *there)
                known = sibling if outside is None else self._pair(op, outside, sibling, ("others", *here))
                self._others[op, *here] = known
            outside = known
            start, stop = here
        return self.circuit.extreme(op, (), -1) if outside is None else outside

    def _part(self, op: Op, start: int, stop: int, places: tuple[int, ...]) -> int:
        """The extreme over the nodes at ``places``, all of them in ``start … stop - 1``."""
        if len(places) == stop - start:
            return self._block(op, start, stop)
        if len(places) == 1:
            return self.nodes[places[0]]
        known = self._parts.get((op, start, stop, places))
        if known is not None:
            return known
        middle = (start + stop) // 2
        left = tuple(place for place in places if place < middle)
        right = places[len(left) :]
        if not right:
            known = self._part(op, start, middle, left)
        elif not left:
            known = self._part(op, middle, stop, right)
        else:
            parts = self._part(op, start, middle, left), self._part(op, middle, stop, right)
            known = self._pair(op, *parts, ("part", start, stop, places))
        self._parts[op, start, stop, places] = known
        return known
