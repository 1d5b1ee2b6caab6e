"""Operators on single values: the meaning of every :data:`Operator`, said once for constants and for traces."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from nesy.solvers.probabilistic.model.expressions import Constant, Expression, Lookup, Operator, Reference, Scalar


class UndefinedError(Exception):
    """An operator has no value for what it is applied to; the text says why."""


def evaluate(expression: Expression, values: Mapping[str, Scalar]) -> Scalar:
    """The value of an expression, given those of the nodes it refers to.

    Only the branch of an ``if`` that is taken is evaluated. Raises :class:`UndefinedError`.
    """
    match expression:
        case Constant(value):
            return value
        case Reference(label):
            return values[label]
        case Lookup(selector, cases):
            chosen = evaluate(selector, values)
            for value, case in cases:
                if same(value, chosen):
                    return evaluate(case, values)
            raise UndefinedError(f"there is no case for the value {chosen}")
        case _ if expression.operator == "if":
            condition, then, otherwise = expression.arguments
            return evaluate(then if _truth(evaluate(condition, values)) else otherwise, values)
        case _:
            return operate(expression.operator, [evaluate(part, values) for part in expression.arguments])


def operate(operator: Operator, values: Sequence[Scalar]) -> Scalar:
    """The value of ``operator`` applied to ``values``. Raises :class:`UndefinedError`."""
    match operator:
        case "=" | "!=":
            return same(values[0], values[1]) == (operator == "=")
        case "and":
            return all(map(_truth, values))
        case "or":
            return any(map(_truth, values))
        case "not":
            return not _truth(values[0])
        case "count":
            return sum(map(_truth, values))
        case "if":
            return values[1] if _truth(values[0]) else values[2]
        case "min" | "max" if not values:
            raise UndefinedError(f"the '{operator}' of nothing has no value")
        case _:
            return _arithmetic(operator, [_number(value) for value in values])


def same(left: Scalar, right: Scalar) -> bool:
    """Equality of the language: 1 and true are different, 1 and 1.0 are the same."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _truth(value: Scalar) -> bool:
    if not isinstance(value, bool):
        raise UndefinedError(f"{value} is not true or false")
    return value


def _number(value: Scalar) -> int | float:
    """A number; truth values count as 0 and 1."""
    if isinstance(value, int | float):
        return int(value) if isinstance(value, bool) else value
    raise UndefinedError(f"'{value}' is not a number")


def _arithmetic(operator: str, values: Sequence[int | float]) -> int | float | bool:
    try:
        found = _ARITHMETIC[operator](*values)
    except (ZeroDivisionError, OverflowError, ValueError):
        shown = ", ".join(f"{value:g}" for value in values)
        raise UndefinedError(f"'{operator}' has no value for {shown}") from None
    if isinstance(found, float) and math.isnan(found):
        raise UndefinedError(f"'{operator}' has no value here")
    return found


def _logarithm(value: float) -> float:
    return -math.inf if value == 0 else math.log(value)


def _exponential(value: float) -> float:
    return math.exp(value) if value < 709.0 else math.inf


_ARITHMETIC: dict[str, Callable[..., int | float | bool]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "mod": lambda left, right: left % right,
    "neg": lambda value: -value,
    "exp": _exponential,
    "log": _logarithm,
    "sqrt": math.sqrt,
    "abs": abs,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "sum": lambda *values: sum(values),
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
}
