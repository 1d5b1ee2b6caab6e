"""Conditions without tuples of their own: comparisons, memberships in sets that are written out, absence of facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from nesy.dsl.syntax import Comparison, Interval, Membership, SetTerm, Term, Variable
from nesy.solvers.grounding.walking import variables
from nesy.solvers.planning.matching import Bindings, Constants, between, compare, inverted, matched, value_of
from nesy.solvers.planning.relations import Known, Table


@dataclass(frozen=True)
class Absent:
    """``not p(X)`` where all tuples of ``p`` are known."""

    table: Table
    arguments: tuple[Term, ...]


@dataclass(frozen=True)
class Outside:
    """``X not in {…}``."""

    membership: Membership


Condition: TypeAlias = Comparison | Membership | Absent | Outside
"""A membership is one in an interval, or in a set without a condition."""

LARGEST_INTERVAL = 1_000_000


def names_of(condition: Condition) -> set[str]:
    """The variables that it speaks of."""
    match condition:
        case Absent():
            return set(variables(condition.arguments))
        case Outside():
            return set(variables([condition.membership]))
        case _:
            return set(variables([condition]))


def holds(condition: Condition, row: Bindings, constants: Constants) -> bool | None:
    """Whether it holds of ``row``, which binds all of its variables; None where that cannot be told."""
    match condition:
        case Comparison(operator, left, Interval() as interval) | Comparison(operator, Interval() as interval, left):
            inside = _inside(left, interval, row, constants)
            return inside if operator == "=" or inside is None else None
        case Comparison(operator, left, right):
            return compare(operator, value_of(left, row, constants), value_of(right, row, constants))
        case Membership(term, Interval() as interval):
            return _inside(term, interval, row, constants)
        case Membership(term, values):
            value = value_of(term, row, constants)
            if value is None or not isinstance(values, SetTerm) or values.condition:
                return None
            return any(matched(item, value, row, constants) is not None for item in values.items)
        case Outside(membership):
            inside = holds(membership, row, constants)
            return None if inside is None else not inside
        case Absent(table, arguments):
            places = tuple(p for p, term in enumerate(arguments) if not (isinstance(term, Variable) and term.anonymous))
            key = tuple(value_of(arguments[place], row, constants) for place in places)
            return None if None in key else key not in table.index(places)


def _inside(term: Term, interval: Interval, row: Bindings, constants: Constants) -> bool | None:
    numbers, value = between(interval, row, constants), value_of(term, row, constants)
    return None if numbers is None or value is None else type(value) is int and value in numbers


def alternatives(condition: Condition, name: str, row: Bindings, constants: Constants) -> Sequence[Known] | None:
    """The values that it leaves for ``name``, the only variable that ``row`` does not bind; None if it binds none."""
    match condition:
        case Comparison("=", left, right):
            for side, other in ((left, right), (right, left)):
                if name not in variables([side]) or name in variables([other]):
                    continue
                if isinstance(other, Interval):
                    return _numbers(other, row, constants) if isinstance(side, Variable) else None
                found = inverted(side, value_of(other, row, constants), row, constants)
                if found is not None:
                    return [found[1]]
                return [None] if isinstance(side, Variable) else None
        case Membership(Variable(variable), Interval() as interval) if variable == name:
            return _numbers(interval, row, constants)
        case Membership(Variable(variable), SetTerm(items, ())) if variable == name and name not in variables(items):
            return list(dict.fromkeys(value_of(item, row, constants) for item in items))
    return None


def _numbers(interval: Interval, row: Bindings, constants: Constants) -> Sequence[Known]:
    numbers = between(interval, row, constants)
    return [None] if numbers is None or len(numbers) > LARGEST_INTERVAL else numbers


def numbers_of(condition: Condition, constants: Constants) -> Iterator[tuple[str, float]]:
    """The variables that it lets range over an interval between constants, and the number of their values."""
    match condition:
        case Comparison("=", Variable(name), Interval() as interval) | Comparison(
            "=", Interval() as interval, Variable(name)
        ):
            numbers = between(interval, {}, constants)
        case Membership(Variable(name), Interval() as interval):
            numbers = between(interval, {}, constants)
        case _:
            return
    if numbers is not None:
        yield name, float(len(numbers))
