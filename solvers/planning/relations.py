"""What is known of a relation before grounding: all of its tuples, or how many there may be of which values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf, prod
from typing import TypeAlias

from nesy.dsl.values import Value

Known: TypeAlias = "Value | None"
"""A value, or None where it is not known which."""

Tuple: TypeAlias = tuple[Known, ...]


@dataclass(frozen=True)
class Table:
    """All tuples of a relation, each once."""

    rows: Sequence[Tuple]
    arity: int
    _indices: dict[tuple[int, ...], dict[Tuple, list[Tuple]]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def size(self) -> float:
        """Number of tuples."""
        return float(len(self.rows))

    def index(self, places: tuple[int, ...]) -> dict[Tuple, list[Tuple]]:
        """The tuples by their values at ``places``."""
        found = self._indices.get(places)
        if found is None:
            found = self._indices[places] = {}
            for row in self.rows:
                found.setdefault(tuple(row[place] for place in places), []).append(row)
        return found

    def fan_out(self, places: tuple[int, ...]) -> float:
        """How many tuples there are, on average, for values at ``places`` that occur."""
        return self.size / len(self.index(places)) if places and self.rows else self.size

    def without(self, places: Sequence[int]) -> Table:
        """The relation of the other places."""
        kept = [place for place in range(self.arity) if place not in places]
        return Table(list(dict.fromkeys(tuple(row[place] for place in kept) for row in self.rows)), len(kept))


@dataclass(frozen=True)
class Vague:
    """A relation of about ``size`` tuples, spread evenly over the product of ``columns``.

    A column holds the values of a place, None where no bound is known. ``size`` may be infinite.
    """

    columns: tuple[Sequence[Value] | None, ...]
    size: float

    @staticmethod
    def product(columns: Sequence[Sequence[Value]]) -> Vague:
        """Every combination of values."""
        return Vague(tuple(columns), float(prod(map(len, columns))))

    @property
    def arity(self) -> int:
        return len(self.columns)

    @cached_property
    def is_full(self) -> bool:
        """Whether it is known to hold every combination of values."""
        return all(column is not None for column in self.columns) and self.size >= self.largest

    @cached_property
    def largest(self) -> float:
        """How many tuples there can be."""
        return prod((self.distinct(place) for place in range(self.arity)), start=1.0)

    @cached_property
    def members(self) -> tuple[frozenset[Value] | None, ...]:
        """The columns as sets."""
        return tuple(None if column is None else frozenset(column) for column in self.columns)

    def distinct(self, place: int) -> float:
        """How many values there can be at a place."""
        column = self.columns[place]
        return self.size if column is None else float(len(column))

    def fan_out(self, places: tuple[int, ...]) -> float:
        """How many tuples there are, on average, for values at ``places``."""
        if self.size == 0:
            return 0.0
        if self.size == inf:
            return prod((self.distinct(place) for place in range(self.arity) if place not in places), start=1.0)
        return self.size / min(self.size, prod((max(1.0, self.distinct(place)) for place in places), start=1.0))

    def without(self, places: Sequence[int]) -> Vague:
        """The relation of the other places."""
        kept = tuple(column for place, column in enumerate(self.columns) if place not in places)
        full = Vague(kept, self.size)
        return Vague(kept, min(self.size, full.largest)) if None not in kept else full


Relation: TypeAlias = Table | Vague

NOTHING = Table((), 0)
