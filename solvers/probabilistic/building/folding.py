"""Applying operators to ground expressions: constants are computed at once, truth values are simplified.

if true then X else Y   →   X            X and false   →   false
sum { 1; 2; X }         →   sum { 3; X } X = true      →   X
"""

from __future__ import annotations

from collections.abc import Sequence

from nesy.dsl.values import Value
from nesy.solvers.probabilistic.model.arithmetic import operate, same
from nesy.solvers.probabilistic.model.expressions import FALSE, TRUE, Apply, Constant, Expression, Operator


def applied(operator: Operator, *arguments: Expression) -> Expression:
    """``operator`` applied to ``arguments``. Raises :class:`UndefinedError` for constants without a value."""
    match operator:
        case "and":
            return conjunction(arguments)
        case "or":
            return disjunction(arguments)
        case "not":
            return negation(arguments[0])
        case "if":
            return conditional(*arguments)
        case "sum":
            return total(arguments)
        case "count":
            return counted(arguments)
    if all(isinstance(argument, Constant) for argument in arguments):
        return Constant(operate(operator, [part.value for part in arguments if isinstance(part, Constant)]))
    match operator, arguments:
        case ("=", (Constant(bool() as value), other)) | ("=", (other, Constant(bool() as value))):
            return other if value else negation(other)
        case ("!=", (Constant(bool() as value), other)) | ("!=", (other, Constant(bool() as value))):
            return negation(other) if value else other
        case ("+", (Constant(value), other)) | ("+", (other, Constant(value))) if same(value, 0):
            return other
        case ("-", (other, Constant(value))) if same(value, 0):
            return other
        case ("*", (Constant(value), other)) | ("*", (other, Constant(value))) if same(value, 1):
            return other
        case ("/", (other, Constant(value))) if same(value, 1):
            return other
        case ("min" | "max", (other,)):
            return other
    return Apply(operator, arguments)


def conjunction(items: Sequence[Expression]) -> Expression:
    """All of ``items``; true when empty."""
    left = _flat("and", items)
    if FALSE in left:
        return FALSE
    left = [item for item in left if item != TRUE]
    return left[0] if len(left) == 1 else Apply("and", tuple(left)) if left else TRUE


def disjunction(items: Sequence[Expression]) -> Expression:
    """Any of ``items``; false when empty."""
    left = _flat("or", items)
    if TRUE in left:
        return TRUE
    left = [item for item in left if item != FALSE]
    return left[0] if len(left) == 1 else Apply("or", tuple(left)) if left else FALSE


def _flat(operator: Operator, items: Sequence[Expression]) -> list[Expression]:
    """``items`` with those of the same operator opened, each once."""
    found: dict[Expression, None] = {}
    for item in items:
        parts = item.arguments if isinstance(item, Apply) and item.operator == operator else (item,)
        found.update(dict.fromkeys(parts))
    return list(found)


def negation(item: Expression) -> Expression:
    """Not ``item``."""
    match item:
        case Constant(bool() as value):
            return Constant(not value)
        case Apply("not", (inner,)):
            return inner
        case _:
            return Apply("not", (item,))


def conditional(condition: Expression, then: Expression, otherwise: Expression) -> Expression:
    """``if condition then … else …``."""
    if isinstance(condition, Constant):
        return then if condition.value is True else otherwise
    if then == otherwise:
        return then
    return Apply("if", (condition, then, otherwise))


def total(items: Sequence[Expression]) -> Expression:
    """The sum of ``items``; 0 when empty."""
    known = [item.value for item in items if isinstance(item, Constant)]
    left: list[Expression] = [item for item in items if not isinstance(item, Constant)]
    constant = operate("sum", known)
    if not left:
        return Constant(constant)
    if not same(constant, 0):
        left.append(Constant(constant))
    return left[0] if len(left) == 1 and constant == 0 else Apply("sum", tuple(left))


def counted(items: Sequence[Expression]) -> Expression:
    """How many of ``items`` are true."""
    certain = sum(item == TRUE for item in items)
    left = [item for item in items if not isinstance(item, Constant)]
    if not left:
        return Constant(certain)
    count = Apply("count", tuple(left))
    return Apply("+", (count, Constant(certain))) if certain else count


def known_values(parts: Sequence[Expression]) -> tuple[Value, ...] | None:
    """The values of an index or of a tuple's items; None unless all are known and none is a decimal number."""
    found: list[Value] = []
    for part in parts:
        if not isinstance(part, Constant) or isinstance(part.value, float):
            return None
        found.append(part.value)
    return tuple(found)


def same_values(left: Expression, right: Expression) -> bool:
    """Whether two expressions are the same constant."""
    return isinstance(left, Constant) and isinstance(right, Constant) and same(left.value, right.value)
