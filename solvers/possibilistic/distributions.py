"""The possibility distribution of one attribute at one index, as far as a circuit needs it.

The one question asked is “how possible is it that the value lies in this set?”, a maximum over the set. A distribution
answers it without listing its values where its structure allows: a product domain whose rules each speak of one
component has Π(u) = min_k A_k(u_k), and then
max over S of Π = max over x of min(A(x), max over S_x of B).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Protocol

from nesy.solvers.possibilistic.circuit import FALSE, Circuit
from nesy.solvers.possibilistic.partition import Partition, partition
from nesy.solvers.possibilistic.vectors import Vector

Values = tuple[int, ...]

LATE = 2
"""By how many operations a component must be known later than another to count as late."""


class Distribution(Protocol):
    """Answers the possibility of a set of values (increasing places), as a node."""

    def possibility(self, values: Values) -> int: ...

    @property
    def size(self) -> int:
        """Number of values."""
        ...


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
    """A set of ``tuples``, taken apart: for each alternative, values of the first component and what may follow them.

    ``place`` numbers the splits of one :class:`Shapes`. Of the last component only ``values`` is left.
    """

    place: int
    tuples: frozenset[Values]
    values: Values
    alternatives: tuple[tuple[Values, Split], ...]


@dataclass(slots=True)
class Shapes:
    """Facts about sets that do not depend on the degrees, worked out once: splits of sets, classes of families."""

    _splits: dict[tuple[Values, Values, Values], Split] = field(default_factory=dict)
    _known: dict[object, Split] = field(default_factory=dict)
    _classes: dict[tuple[int, tuple[Values, ...]], tuple[int, Partition]] = field(default_factory=dict)
    _early: dict[tuple[Values, Values, int, tuple[Values, ...]], Early | None] = field(default_factory=dict)

    def split(self, sizes: Values, order: Values, values: Values) -> Split:
        """Take the set ``values`` of a product with factors of ``sizes`` apart, components in the given order."""
        known = self._splits.get((sizes, order, values))
        if known is None:
            tuples = frozenset(tuple(coordinates(value, sizes)[k] for k in order) for value in values)
            known = self._splits[sizes, order, values] = self.take_apart(tuples)
        return known

    def take_apart(self, tuples: frozenset[Values]) -> Split:
        """The split of a set of tuples of one length, first component first; equal remainders are split once."""
        known = self._known.get(tuples)
        if known is not None:
            return known
        if all(len(entry) == 1 for entry in tuples):
            found = Split(len(self._known), tuples, tuple(sorted(entry[0] for entry in tuples)), ())
        else:
            following: dict[int, set[Values]] = {}
            for entry in tuples:
                following.setdefault(entry[0], set()).add(entry[1:])
            firsts: dict[frozenset[Values], list[int]] = {}
            for first in sorted(following):
                firsts.setdefault(frozenset(following[first]), []).append(first)
            alternatives = tuple((tuple(xs), self.take_apart(rest)) for rest, xs in firsts.items())
            found = Split(len(self._known), tuples, (), alternatives)
        self._known[tuples] = found
        return found

    def classes(self, size: int, sets: Sequence[Values]) -> tuple[int, Partition]:
        """The classes of values that none of ``sets`` tells apart, with a number for this family of sets."""
        key = (size, tuple(sets))
        known = self._classes.get(key)
        if known is None:
            known = self._classes[key] = (len(self._classes), partition(size, sets))
        return known

    def early(self, sizes: Values, order: Values, late: int, asked: tuple[Values, ...]) -> Early | None:
        """How the ``asked`` sets tell apart what the components after the first ``late`` ones (in ``order``) can be.

        None where there are hardly fewer classes than tuples, so that going through them gains nothing.
        """
        key = (sizes, order, late, asked)
        if key not in self._early:
            sets: dict[tuple[int, Values], set[Values]] = {}
            for number, values in enumerate(asked):
                for entry in self.split(sizes, order, values).tuples:
                    sets.setdefault((number, entry[:late]), set()).add(entry[late:])
            signs: dict[Values, list[int]] = {}
            for number, tuples in enumerate(dict.fromkeys(map(frozenset, sets.values()))):
                for entry in sorted(tuples):
                    signs.setdefault(entry, []).append(number)
            classes: dict[tuple[int, ...], set[Values]] = {}
            for entry in sorted(signs):
                classes.setdefault(tuple(signs[entry]), set()).add(entry)
            splits = tuple(self.take_apart(frozenset(members)) for members in classes.values())
            worth = 2 * len(splits) <= len(signs)
            self._early[key] = Early(len(self._early), splits) if worth else None
        return self._early[key]


@dataclass(frozen=True, slots=True)
class Early:
    """Classes of tuples of the components that are known early. ``number`` tells these from other classes."""

    number: int
    classes: tuple[Split, ...]

    def places(self, tuples: frozenset[Values]) -> Values | None:
        """The classes that make up ``tuples``; None where they do not fit."""
        places = tuple(place for place, entry in enumerate(self.classes) if entry.tuples <= tuples)
        return places if sum(len(self.classes[place].tuples) for place in places) == len(tuples) else None


def coordinates(value: int, sizes: Values) -> Values:
    """The places of a product value's components; the last runs fastest."""
    found = []
    for size in reversed(sizes):
        value, place = divmod(value, size)
        found.append(place)
    return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class Factored:
    """Π(u) = min over the components k of ``factors[k]``'s degree of u_k.

    ``asked`` are the sets for which the program will ask. A component that is known much later than the others (it
    is a link of a chain) is taken outermost, and what is asked of the others is worked out before, by classes.
    """

    circuit: Circuit
    shapes: Shapes
    factors: tuple[Cells, ...]
    group: Hashable
    asked: tuple[Values, ...] = ()
    _rows: dict[int, Vector] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return prod(factor.size for factor in self.factors)

    def possibility(self, values: Values) -> int:
        if not values:
            return FALSE
        sizes = tuple(factor.size for factor in self.factors)
        depths = [factor.row.depth for factor in self.factors]
        order = tuple(sorted(range(len(sizes)), key=lambda k: (-depths[k], k)))
        late = sum(depth > min(depths) + LATE for depth in depths)
        early = self.shapes.early(sizes, order, late, self.asked) if 0 < late < len(sizes) - 1 else None
        return self._over(self.shapes.split(sizes, order, values), order, late, early)

    def _over(self, split: Split, order: Values, late: int, early: Early | None) -> int:
        if late == 0 and early is not None:
            places = early.places(split.tuples)
            if places is not None:
                return self._row(early, order).maximum(places)
        factor = self.factors[order[0]]
        if not split.alternatives:
            return factor.possibility(split.values)
        circuit = self.circuit
        terms = []
        for place, (firsts, rest) in enumerate(split.alternatives):
            pair = factor.possibility(firsts), self._over(rest, order[1:], late - 1, early)
            terms.append(circuit.minimum(pair, circuit.kind((self.group, "both", split.place, place))))
        return circuit.maximum(terms, circuit.kind((self.group, "any", split.place)))

    def _row(self, early: Early, order: Values) -> Vector:
        """The maxima over the classes of the early components."""
        row = self._rows.get(early.number)
        if row is None:
            nodes = [self._over(entry, order, -1, None) for entry in early.classes]
            row = self._rows[early.number] = Vector(self.circuit, nodes, (self.group, "early", early.number))
        return row


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
