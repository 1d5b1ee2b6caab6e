"""The possibility distribution of one attribute at one index, as far as a circuit needs it.

The one question asked is “how possible is it that the value lies in this set?”, a maximum over the set. A distribution
answers it without listing its values where its structure allows: a product domain whose rules each speak of one
component has Π(u) = min_k A_k(u_k), and then
max over S of Π = max over x of min(A(x), max over S_x of B).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from nesy.solvers.possibilistic.circuit import FALSE, Circuit
from nesy.solvers.possibilistic.partition import Partition, partition
from nesy.solvers.possibilistic.vectors import Vector

Values = tuple[int, ...]


class Distribution(Protocol):
    """Answers the possibility of a set of values (increasing places), as a node."""

    def possibility(self, values: Values) -> int: ...

    @property
    def size(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Cells:
    """Values fall into cells of equal degree: one node for each cell. Also used with a cell for each value."""

    row: Vector
    cell_of: Values

    @property
    def size(self) -> int:
        return len(self.cell_of)

    def possibility(self, values: Values) -> int:
        return self.row.maximum(sorted({self.cell_of[value] for value in values}))


def plain(row: Vector) -> Cells:
    """A distribution given value by value."""
    return Cells(row, tuple(range(len(row.nodes))))


@dataclass(frozen=True, eq=False, slots=True)
class Split:
    """A set of tuples, taken apart: for each alternative, values of the first component and what may follow them.

    ``place`` numbers the splits of one :class:`Shapes`. Of the last component only ``values`` is left.
    """

    place: int
    values: Values
    alternatives: tuple[tuple[Values, Split], ...]


@dataclass(slots=True)
class Shapes:
    """Facts about sets that do not depend on the degrees, worked out once: splits of sets, classes of families."""

    _splits: dict[tuple[Values, Values, Values], Split] = field(default_factory=dict)
    _known: dict[object, Split] = field(default_factory=dict)
    _classes: dict[tuple[int, tuple[Values, ...]], tuple[int, Partition]] = field(default_factory=dict)

    def split(self, sizes: Values, order: Values, values: Values) -> Split:
        """Take the set ``values`` of a product with factors of ``sizes`` apart, components in the given order."""
        known = self._splits.get((sizes, order, values))
        if known is None:
            tuples = frozenset(tuple(coordinates(value, sizes)[k] for k in order) for value in values)
            known = self._splits[sizes, order, values] = self._take_apart(tuples)
        return known

    def _take_apart(self, tuples: frozenset[Values]) -> Split:
        known = self._known.get(tuples)
        if known is not None:
            return known
        if all(len(entry) == 1 for entry in tuples):
            found = Split(len(self._known), tuple(sorted(entry[0] for entry in tuples)), ())
        else:
            following: dict[int, set[Values]] = {}
            for entry in tuples:
                following.setdefault(entry[0], set()).add(entry[1:])
            firsts: dict[frozenset[Values], list[int]] = {}
            for first in sorted(following):
                firsts.setdefault(frozenset(following[first]), []).append(first)
            alternatives = tuple((tuple(xs), self._take_apart(rest)) for rest, xs in firsts.items())
            found = Split(len(self._known), (), alternatives)
        self._known[tuples] = found
        return found

    def classes(self, size: int, sets: Sequence[Values]) -> tuple[int, Partition]:
        """The classes of values that none of ``sets`` tells apart, with a number for this family of sets."""
        key = (size, tuple(sets))
        known = self._classes.get(key)
        if known is None:
            known = self._classes[key] = (len(self._classes), partition(size, sets))
        return known


def coordinates(value: int, sizes: Values) -> Values:
    """The places of a product value's components; the last runs fastest."""
    found = []
    for size in reversed(sizes):
        value, place = divmod(value, size)
        found.append(place)
    return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class Factored:
    """Π(u) = min over the components k of ``factors[k]``'s degree of u_k."""

    circuit: Circuit
    shapes: Shapes
    factors: tuple[Cells, ...]
    group: Hashable

    @property
    def size(self) -> int:
        total = 1
        for factor in self.factors:
            total *= factor.size
        return total

    def possibility(self, values: Values) -> int:
        if not values:
            return FALSE
        sizes = tuple(factor.size for factor in self.factors)
        # what is known last goes outermost, so that the rest can be worked out before it
        order = tuple(sorted(range(len(sizes)), key=lambda k: (-self.factors[k].row.depth, k)))
        return self._over(self.shapes.split(sizes, order, values), order)

    def _over(self, split: Split, order: Values) -> int:
        factor = self.factors[order[0]]
        if not split.alternatives:
            return factor.possibility(split.values)
        circuit = self.circuit
        terms = []
        for place, (firsts, rest) in enumerate(split.alternatives):
            pair = factor.possibility(firsts), self._over(rest, order[1:])
            terms.append(circuit.minimum(pair, circuit.kind((self.group, "both", split.place, place))))
        return circuit.maximum(terms, circuit.kind((self.group, "any", split.place)))


@dataclass(frozen=True, slots=True)
class Classes:
    """A distribution seen through the sets that one rule set asks for: the maximum over each class of values."""

    row: Vector
    class_of: Values

    def possibility(self, values: Values) -> int:
        return self.row.maximum(sorted({self.class_of[value] for value in values}))


def seen_through(
    source: Distribution, circuit: Circuit, shapes: Shapes, sets: Sequence[Values], group: Hashable
) -> Classes:
    """``source`` reduced to the classes that ``sets`` tell apart. The sets' complements are unions of classes too."""
    number, found = shapes.classes(source.size, sets)
    nodes = [source.possibility(cell) for cell in found.cells]
    return Classes(Vector(circuit, nodes, (group, "classes", number)), found.cell_of)
