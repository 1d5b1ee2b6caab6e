"""Sets of values: intervals with open or closed ends, and finite sets; arithmetic on them gives supersets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, isinf, log, sqrt
from typing import TypeAlias

from nesy.dsl.values import format_value
from nesy.solvers.probabilistic.model.expressions import Scalar


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from ``low`` to ``high``; an open end is not attained itself (infinite ends never are)."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def __str__(self) -> str:
        left = "(" if self.low_open or isinf(self.low) else "["
        right = ")" if self.high_open or isinf(self.high) else "]"
        return f"{left}{number(self.low)}, {number(self.high)}{right}"

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies within."""
        above = value > self.low or (value == self.low and not self.low_open)
        return above and (value < self.high or (value == self.high and not self.high_open))

    @property
    def empty(self) -> bool:
        """Whether nothing lies within."""
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def meet(self, other: Interval) -> Interval:
        """What lies in both."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Interval(low, high, low_open, not closed)


@dataclass(frozen=True, slots=True)
class Values:
    """Finitely many values, each once."""

    items: tuple[Scalar, ...]

    def __str__(self) -> str:
        shown = [number(x) if isinstance(x, float) else format_value(x) for x in self.items[:8]]
        return f"{{{', '.join(shown)}{', …' if len(self.items) > 8 else ''}}}"


Support: TypeAlias = Interval | Values

EVERYTHING = Interval(-inf, inf)


def number(value: float) -> str:
    """A number as messages show it."""
    return "∞" if value == inf else "-∞" if value == -inf else f"{value:g}"


def hull(support: Support) -> Interval:
    """The least interval around numbers; truth values count as 0 and 1. Names give everything."""
    if isinstance(support, Interval):
        return support
    numbers = [float(item) for item in support.items if isinstance(item, int | float)]
    if len(numbers) < len(support.items) or not numbers:
        return EVERYTHING
    return Interval(min(numbers), max(numbers))


def union(left: Support, right: Support) -> Support:
    """What lies in either."""
    if isinstance(left, Values) and isinstance(right, Values):
        known = {(isinstance(item, bool), item): item for item in (*left.items, *right.items)}
        return Values(tuple(known.values()))
    first, second = hull(left), hull(right)
    low, low_open = min((first.low, first.low_open), (second.low, second.low_open))
    high, closed = max((first.high, not first.high_open), (second.high, not second.high_open))
    return Interval(low, high, low_open, not closed)


# ----- arithmetic

End = tuple[float, bool]
"""A number, and whether it is only approached."""


def _least(ends: Sequence[End]) -> End:
    return min(ends)


def _greatest(ends: Sequence[End]) -> End:
    value = max(end[0] for end in ends)
    return value, all(is_open for number, is_open in ends if number == value)


def _from(ends: Sequence[End]) -> Interval:
    low, high = _least(ends), _greatest(ends)
    return Interval(low[0], high[0], low[1], high[1])


def _ends(interval: Interval) -> tuple[End, End]:
    return (interval.low, interval.low_open), (interval.high, interval.high_open)


def add(left: Interval, right: Interval) -> Interval:
    """Sums."""
    return Interval(
        left.low + right.low, left.high + right.high, left.low_open or right.low_open, left.high_open or right.high_open
    )


def negate(interval: Interval) -> Interval:
    """Opposites."""
    return Interval(-interval.high, -interval.low, interval.high_open, interval.low_open)


def multiply(left: Interval, right: Interval) -> Interval:
    """Products."""
    corners = []
    for a, a_open in _ends(left):
        for b, b_open in _ends(right):
            zero = (a == 0 and not a_open) or (b == 0 and not b_open)
            product = 0.0 if a == 0 or b == 0 else a * b
            corners.append((product, (a_open or b_open) and not zero))
    return _from(corners)


def divide(left: Interval, right: Interval) -> Interval:
    """Quotients; everything where the divisor may have either sign."""
    if right.low < 0 < right.high or (right.low == 0 == right.high):
        return EVERYTHING
    if right.low < 0:
        return negate(divide(left, negate(right)))
    high = inf if right.low == 0 else 1 / right.low
    reciprocal = Interval(
        0.0 if isinf(right.high) else 1 / right.high,
        high,
        isinf(right.high) or right.high_open,
        right.low_open or isinf(high),
    )
    return multiply(left, reciprocal)


def monotone(function: Callable[[float], float], interval: Interval) -> Interval:
    """The values of an increasing function."""
    (low, low_open), (high, high_open) = _ends(interval)
    return Interval(function(low), function(high), low_open or isinf(low), high_open or isinf(high))


def exponential(value: float) -> float:
    """exp, with 0 and ∞ at the ends."""
    return 0.0 if value == -inf else exp(value) if value < 709 else inf


def logarithm(value: float) -> float:
    """log, −∞ up to 0."""
    return -inf if value <= 0 else inf if value == inf else log(value)


def square_root(value: float) -> float:
    """The square root, 0 up to 0."""
    return 0.0 if value <= 0 else sqrt(value)


def absolute(interval: Interval) -> Interval:
    """Distances from 0."""
    if interval.low >= 0:
        return interval
    if interval.high <= 0:
        return negate(interval)
    high = _greatest([(-interval.low, interval.low_open), (interval.high, interval.high_open)])
    return Interval(0.0, high[0], False, high[1])
