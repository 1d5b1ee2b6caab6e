"""Real numbers for gringo, which has none: ranks that keep every comparison, and tests that compute.

A :class:`Ranks` table holds every number that can occur, once; gringo sees its place. A comparison of two such numbers
is one of their places. Where there is arithmetic, gringo calls a function with the places, which computes in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.error_rules.columns import COMPARE
from nesy.dsl.checks.constants import NotConstantError, Scalar, calculate
from nesy.dsl.syntax import Binary, Comparison, Negative, Number, Term, Variable


class Ranks:
    """Different numbers in order; gringo sees their places."""

    def __init__(self, arrays: Iterable[NDArray[np.float64]], literals: Iterable[float]) -> None:
        parts = [*arrays, np.array(list(literals), dtype=np.float64)]
        found = np.unique(np.concatenate(parts))
        self.numbers = found[~np.isnan(found)]

    def places(self, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
        """The places of numbers that are in the table."""
        return np.asarray(np.searchsorted(self.numbers, numbers), dtype=np.int64)

    def place(self, number: float) -> int:
        """The place of one number that is in the table."""
        return int(np.searchsorted(self.numbers, number))


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison with arithmetic. ``variables`` are its arguments, ``real`` tells which of them are places."""

    comparison: Comparison
    variables: tuple[str, ...]
    real: tuple[bool, ...]


class Tests:
    """The functions that gringo calls: an attribute for each test, ``test0``, ``test1``, …"""

    def __init__(self, ranks: Ranks) -> None:
        self._ranks = ranks
        self._tests: list[Test] = []

    def add(self, test: Test) -> str:
        """The name of a new function; it gives 1 where the comparison holds and 0 elsewhere."""
        self._tests.append(test)
        return f"test{len(self._tests) - 1}"

    def function(self, name: str) -> Callable[[Sequence[Scalar]], bool]:
        """Whether the test ``name`` holds for the values of its variables."""
        test = self._tests[int(name.removeprefix("test"))]

        def holds(arguments: Sequence[Scalar]) -> bool:
            numbers = self._ranks.numbers
            values: dict[str, Scalar] = {
                variable: float(numbers[argument]) if real and isinstance(argument, int) else argument
                for variable, argument, real in zip(test.variables, arguments, test.real, strict=True)
            }
            try:
                left, right = self._value(test.comparison.left, values), self._value(test.comparison.right, values)
            except NotConstantError:
                return False
            return bool(COMPARE[test.comparison.operator](left, right))

        return holds

    def _value(self, term: Term, values: Mapping[str, Scalar]) -> float | int:
        match term:
            case Number(value):
                return value
            case Variable(name):
                return _number(values[name])
            case Negative(operand):
                return 0 - self._value(operand, values)
            case Binary(operator, left, right):
                return calculate(operator, self._value(left, values), self._value(right, values))
            case _:
                raise NotConstantError("it is no number")


def _number(value: Scalar) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotConstantError("it is no number")
    return value
