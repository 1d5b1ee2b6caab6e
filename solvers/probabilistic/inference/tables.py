"""Functions from a few finite variables to values, as dense arrays: what expressions of finite models become.

Truth values are 0 and 1, names are codes (:class:`~nesy.solvers.probabilistic.vectorised.codes.Codes`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Dense:
    """A function of the variables in ``scope``: ``values`` has one axis for each, in order."""

    scope: tuple[int, ...]
    values: Array

    @property
    def size(self) -> int:
        """Number of entries."""
        return int(self.values.size)

    @property
    def items(self) -> Array:
        """The different values, increasing; values that differ by rounding only are one, nan is the last."""
        flat = np.unique(self.values)
        if len(flat) < 2:
            return flat
        with np.errstate(invalid="ignore"):
            apart = np.abs(np.diff(flat)) > 1e-12 * np.maximum(1.0, np.abs(flat[1:]))
        return flat[np.concatenate(([True], apart | ~np.isfinite(flat[1:])))]

    def places(self, items: Array) -> NDArray[np.int64]:
        """For each entry the place of its value among ``items``, which holds all of them up to rounding."""
        right = np.clip(np.searchsorted(items, self.values), 0, len(items) - 1)
        left = np.clip(right - 1, 0, len(items) - 1)
        with np.errstate(invalid="ignore"):
            nearer = np.abs(items[left] - self.values) < np.abs(items[right] - self.values)
        return np.where(nearer, left, right)

    def over(self, scope: tuple[int, ...]) -> Array:
        """The values as an array that broadcasts over the variables of ``scope``, which holds all of its own."""
        order = sorted(range(len(self.scope)), key=lambda axis: scope.index(self.scope[axis]))
        moved = self.values.transpose(order)
        shape = [1] * len(scope)
        for axis, place in zip(order, range(len(order)), strict=True):
            shape[scope.index(self.scope[axis])] = moved.shape[place]
        return moved.reshape(shape)


def constant(value: float) -> Dense:
    """A function of no variables."""
    return Dense((), np.asarray(value, dtype=np.float64))


def joined_scope(parts: Sequence[Dense]) -> tuple[int, ...]:
    """All variables of ``parts`` in order of appearance."""
    return tuple(dict.fromkeys(variable for part in parts for variable in part.scope))


def joint_size(parts: Sequence[Dense]) -> int:
    """Entries of an array over all variables of ``parts``."""
    cards = {variable: card for part in parts for variable, card in zip(part.scope, part.values.shape, strict=True)}
    size = 1
    for card in cards.values():
        size *= card
    return size


def combined(operator: str, parts: Sequence[Dense]) -> Dense:
    """An operator applied entry by entry; nan where it has no value, mostly in a branch that is not taken."""
    scope = joined_scope(parts)
    with np.errstate(all="ignore"):
        found = OPERATIONS[operator](*(part.over(scope) for part in parts))
    return Dense(scope, np.asarray(found, dtype=np.float64))


def _remainder(left: Array, right: Array) -> Array:
    return np.mod(left, right)


OPERATIONS: dict[str, Callable[..., Array]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "mod": _remainder,
    "neg": np.negative,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "=": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "and": np.minimum,
    "or": np.maximum,
    "not": lambda value: 1.0 - value,
    "sum": np.add,
    "count": np.add,
    "min": np.minimum,
    "max": np.maximum,
}
"""The n-ary ones (``and or sum count min max``) for two operands."""
