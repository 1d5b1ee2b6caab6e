"""Contraction steps: what one table is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from nesy.solvers.probabilistic.elimination.network import Table


@dataclass(frozen=True, slots=True)
class Row:
    """One table that lies in a buffer: an input's name or the number of a step, and the row."""

    buffer: str | int
    row: int


@dataclass(frozen=True, slots=True)
class Product:
    """Σ over the last variables of left × right (or of left alone); the first ``kept`` variables stay.

    Variables are local: ``cards[i]`` values each. ``left_axes`` and ``right_axes`` say which variables the operands
    have, in the order of their axes. A constant right operand has the axes (shared and kept, its own, summed) and the
    variables of the result stand in the order shared, its own, those of left alone.
    """

    cards: tuple[int, ...]
    kept: int
    left: Row
    left_axes: tuple[int, ...]
    right: Row | Table | None
    right_axes: tuple[int, ...]
    rescale: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of values of the result's variables."""
        return self.cards[: self.kept]

    @property
    def operands(self) -> tuple[Row, ...]:
        """The operands that are not constant."""
        return (self.left, self.right) if isinstance(self.right, Row) else (self.left,)

    @property
    def signature(self) -> tuple[object, ...]:
        """Equal for steps that can be done at once."""
        right = self.right.key if isinstance(self.right, Table) else _kind(self.right)
        return (self.cards, self.kept, _kind(self.left), self.left_axes, right, self.right_axes, self.rescale)

    @property
    def joint(self) -> int:
        """Entries of the table before it is summed."""
        return _size(self.cards)


@dataclass(frozen=True, slots=True)
class Convolution:
    """The distribution of a sum: Σ left[u] · right[s − u], ``[left, right]`` values 0 … n − 1 each.

    With ``flipped``, right is read backwards, which gives differences: right[n − 1 − v].
    """

    cards: tuple[int, int]
    left: Row
    right: Row
    flipped: bool = False
    rescale: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of values of the result's variable."""
        return (self.cards[0] + self.cards[1] - 1,)

    @property
    def operands(self) -> tuple[Row, ...]:
        return (self.left, self.right)

    @property
    def signature(self) -> tuple[object, ...]:
        """Equal for steps that can be done at once."""
        return ("convolution", self.cards, _kind(self.left), _kind(self.right), self.flipped, self.rescale)

    @property
    def joint(self) -> int:
        """Products that are added up."""
        return _size(self.cards)


Step: TypeAlias = Product | Convolution


def _kind(row: Row | None) -> str:
    if row is None:
        return "none"
    return row.buffer if isinstance(row.buffer, str) else ""


def _size(cards: tuple[int, ...]) -> int:
    found = 1
    for card in cards:
        found *= card
    return found
