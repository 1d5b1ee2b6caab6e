"""One value for each object: what the conditions of an error rule compare, as arrays.

A column holds numbers (nan where there is none) or places in a tuple of values (−1 where there is none). A comparison
with something that is not there fails, whatever its sign.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias, TypeGuard, cast

import numpy as np
from numpy.typing import NDArray

from nesy.dsl.syntax import Operator
from nesy.dsl.values import Value

Mask: TypeAlias = "NDArray[np.bool_]"


class NotVectorisedError(Exception):
    """Raised for a condition that is no matter of one object by itself; such rules are grounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Numbers [N], float64; ``whole`` where they are whole numbers by their type."""

    data: NDArray[np.float64]
    whole: bool = False

    @property
    def present(self) -> Mask:
        """Where there is a value, [N]."""
        return ~np.isnan(self.data)


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """Places in ``values`` [N], int64, −1 for none."""

    values: tuple[Value, ...]
    data: NDArray[np.int64]

    @property
    def present(self) -> Mask:
        """Where there is a value, [N]."""
        return np.asarray(self.data >= 0)


Column: TypeAlias = Numbers | Codes

COMPARE: Mapping[Operator, Callable[[Any, Any], Any]] = MappingProxyType(
    {
        "=": operator.eq,
        "!=": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
)


def constant(value: Value | float, size: int) -> Column:
    """The same value for each of ``size`` objects."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Numbers(np.full(size, float(value)), whole=isinstance(value, int))
    return Codes((value,), np.zeros(size, dtype=np.int64))


def column_of(array: NDArray[Any]) -> Column:
    """Metadata [N] as a column: numbers, truth values or texts; None and nan stand for no value."""
    match array.dtype.kind:
        case "f":
            return Numbers(array.astype(np.float64))
        case "i" | "u":
            return Numbers(array.astype(np.float64), whole=True)
        case "b":
            return Codes((False, True), array.astype(np.int64))
        case "U":
            texts, places = np.unique(array, return_inverse=True)
            return Codes(tuple(map(str, texts.tolist())), places.astype(np.int64))
        case _:
            return coded(array.tolist())


def coded(entries: Sequence[Value | None]) -> Codes:
    """Values one by one as places in the tuple of the different ones, in order of first appearance."""
    known: dict[tuple[type, Value], int] = {}
    places = [known.setdefault((type(entry), entry), len(known)) if _is_there(entry) else -1 for entry in entries]
    return Codes(tuple(value for _, value in known), np.array(places, dtype=np.int64))


def _is_there(entry: Value | None) -> TypeGuard[Value]:
    return entry is not None and not (isinstance(entry, float) and np.isnan(entry))


def compare(sign: Operator, left: Column, right: Column) -> Mask:
    """Where ``left sign right`` holds, [N]. Raises :class:`NotVectorisedError` for an order among names."""
    if isinstance(left, Codes) and isinstance(right, Codes):
        if sign in ("=", "!="):
            return _compare_codes(sign, left, right)
        left, right = numbers_of(left), numbers_of(right)
    first, second = numbers_of(left), numbers_of(right)
    with np.errstate(invalid="ignore"):
        found = COMPARE[sign](first.data, second.data)
    return np.asarray(found & first.present & second.present)


def _compare_codes(sign: Operator, left: Codes, right: Codes) -> Mask:
    places = {(type(value), value): place for place, value in enumerate(left.values)}
    # values that the other side does not have get places beyond its own
    there = np.array(
        [places.get((type(value), value), len(places) + place) for place, value in enumerate(right.values)] + [-1],
        dtype=np.int64,
    )
    found = COMPARE[sign](left.data, there[right.data])
    return np.asarray(found & left.present & right.present)


def numbers_of(column: Column) -> Numbers:
    """A column of whole numbers as numbers; :class:`NotVectorisedError` for names."""
    if isinstance(column, Numbers):
        return column
    if not all(type(value) is int for value in column.values):
        raise NotVectorisedError
    table = np.array([*cast("tuple[int, ...]", column.values), np.nan], dtype=np.float64)
    return Numbers(table[column.data], whole=True)


def calculate(sign: str, left: Column, right: Column) -> Numbers:
    """``left sign right`` in float64, as Python computes it; whole numbers are divided by the grounder only."""
    first, second = numbers_of(left), numbers_of(right)
    whole = first.whole and second.whole
    if sign == "mod" or (sign == "/" and whole):
        raise NotVectorisedError
    with np.errstate(all="ignore"):
        match sign:
            case "+":
                found = first.data + second.data
            case "-":
                found = first.data - second.data
            case "*":
                found = first.data * second.data
            case _:
                found = np.where(second.data == 0, np.nan, first.data / np.where(second.data == 0, 1, second.data))
    return Numbers(found, whole)
