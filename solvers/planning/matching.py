"""Terms and conditions over one row of values: what a term is worth, which variables a pattern binds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from nesy.dsl.checks.constants import NotConstantError, calculate
from nesy.dsl.syntax import Binary, Call, Interval, Negative, Number, Operator, Term, Text, TupleTerm, Variable
from nesy.dsl.values import Value
from nesy.solvers.grounding.walking import variables
from nesy.solvers.planning.relations import Known

Bindings: TypeAlias = Mapping[str, Known]
Constants: TypeAlias = "Mapping[str, Value | float]"


def value_of(term: Term, bindings: Bindings, constants: Constants) -> Known:
    """The value of ``term``; None where it is not known, or undefined."""
    match term:
        case Variable(name):
            return bindings.get(name)
        case Number(value):
            return value if isinstance(value, int) else None
        case Text(text):
            return text
        case Call(name, (), None):
            if name in ("true", "false"):
                return name == "true"
            constant = constants.get(name, name)
            return None if isinstance(constant, float) else constant
        case TupleTerm(items):
            values = [value_of(item, bindings, constants) for item in items]
            return None if any(value is None for value in values) else tuple(v for v in values if v is not None)
        case Negative(operand):
            inner = value_of(operand, bindings, constants)
            return -inner if type(inner) is int else None
        case Binary(operator, left, right):
            first, second = value_of(left, bindings, constants), value_of(right, bindings, constants)
            if type(first) is not int or type(second) is not int:
                return None
            try:
                return int(calculate(operator, first, second))
            except NotConstantError:
                return None
        case _:
            return None


def compare(operator: Operator, left: Known, right: Known) -> bool | None:
    """Whether a comparison holds; None where that is not known. Numbers come before names, as in gringo."""
    if left is None or right is None:
        return None
    if operator in ("=", "!="):
        return (left == right and isinstance(left, bool) == isinstance(right, bool)) == (operator == "=")
    first, second = _rank(left), _rank(right)
    match operator:
        case "<":
            return first < second
        case "<=":
            return first <= second
        case ">":
            return first > second
        case _:
            return first >= second


def _rank(value: Value) -> tuple[int, int, str]:
    if isinstance(value, int) and not isinstance(value, bool):
        return (0, value, "")
    return (1, 0, str(value))


def between(interval: Interval, bindings: Bindings, constants: Constants) -> range | None:
    """The numbers of an interval; None where an end is not known."""
    low, high = value_of(interval.low, bindings, constants), value_of(interval.high, bindings, constants)
    return range(low, high + 1) if type(low) is int and type(high) is int else None


def matched(pattern: Term, value: Known, bindings: Bindings, constants: Constants) -> dict[str, Known] | None:
    """What ``pattern`` binds where it is matched with ``value``; None where it does not match.

    ``X + 1`` is matched by computing backwards. What cannot be told matches.
    """
    match pattern:
        case Variable(name):
            if pattern.anonymous:
                return {}
            if name not in bindings:
                return {name: value}
            known = bindings[name]
            return {} if known is None or value is None or compare("=", known, value) else None
        case TupleTerm(items):
            if value is None:
                return dict.fromkeys(_unbound(pattern, bindings))
            if not isinstance(value, tuple) or len(value) != len(items):
                return None
            found: dict[str, Known] = {}
            for item, part in zip(items, value, strict=True):
                more = matched(item, part, {**bindings, **found}, constants)
                if more is None:
                    return None
                found |= more
            return found
        case Binary() | Negative():
            unbound = _unbound(pattern, bindings)
            if not unbound:
                return {} if compare("=", value_of(pattern, bindings, constants), value) is not False else None
            inverse = inverted(pattern, value, bindings, constants)
            return dict.fromkeys(unbound) if inverse is None else {inverse[0]: inverse[1]}
        case _:
            return {} if compare("=", value_of(pattern, bindings, constants), value) is not False else None


def inverted(term: Term, value: Known, bindings: Bindings, constants: Constants) -> tuple[str, Known] | None:
    """The one unbound variable of a sum or difference and its value where the term has ``value``."""
    match term:
        case Variable(name) if not term.anonymous and name not in bindings:
            return name, value
        case Negative(operand) if type(value) is int:
            return inverted(operand, -value, bindings, constants)
        case Binary("+" | "-" as operator, left, right) if type(value) is int:
            for side, other, first in ((left, right, True), (right, left, False)):
                known = value_of(other, bindings, constants)
                if type(known) is int and not _unbound(other, bindings):
                    if operator == "+":
                        rest = value - known
                    else:
                        rest = value + known if first else known - value
                    return inverted(side, rest, bindings, constants)
    return None


def _unbound(term: Term, bindings: Bindings) -> list[str]:
    return [name for name in variables([term]) if name not in bindings]
