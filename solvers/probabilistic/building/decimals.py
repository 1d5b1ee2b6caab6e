"""Decimal numbers in facts and rules: what gringo, which counts in integers, is made to see of them.

A decimal number becomes a term of its own, ``decimal'("1.73")``, which gringo only tells from others; one that is a
whole number becomes that, so that 2.0 and 2 stay the same. Where numbers are compared by order, gringo asks a function.
Which variables may hold decimals is worked out before: those at places of relations where a fact or a head puts one.
What computes with them in a rule is refused: conditions and definitions of random models do that.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace as with_fields
from typing import TypeVar

from nesy.dsl.checks.constants import Scalar, fold
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.statements import Constraint, Rule
from nesy.dsl.syntax import (
    Aggregate,
    Binary,
    Call,
    Comparison,
    Interval,
    Membership,
    Negative,
    Node,
    Number,
    SetTerm,
    Term,
    Text,
    TupleTerm,
    Variable,
    children,
    terms_of,
    walk,
)
from nesy.dsl.values import format_scalar
from nesy.solvers.grounding.symbols import DECIMAL, LARGEST, SMALLEST, order_key
from nesy.solvers.grounding.walking import NodeType, replace, variables

Place = tuple[str, int, int]
"""A relation's name, its number of arguments, and the place among them."""

Statement = TypeVar("Statement", Rule, Constraint)

_ORDER: Mapping[str, tuple[str, Callable[[tuple[object, ...], tuple[object, ...]], bool]]] = {
    "<": ("below", operator.lt),
    "<=": ("at_most", operator.le),
    ">": ("above", operator.gt),
    ">=": ("at_least", operator.ge),
}
_TESTS = dict(_ORDER.values())


def order_test(name: str) -> Callable[[Sequence[Scalar]], bool]:
    """What gringo asks for by ``@below(X,Y)``: numbers by their size, before all that is no number."""
    test = _TESTS[name]
    return lambda values: test(order_key(values[0]), order_key(values[1]))


class Decimals:
    """Rewrites the crisp statements of a program for gringo."""

    def __init__(self, constants: Mapping[str, Scalar], rules: Iterable[Rule]) -> None:
        self._constants = constants
        self._places: set[Place] = set()
        with_bodies: list[Rule] = []
        for rule in rules:
            if rule.body:
                with_bodies.append(rule)
            elif isinstance(rule.head, Call):
                self._take(rule.head, frozenset())
        before = -1
        while before < len(self._places):
            before = len(self._places)
            for rule in with_bodies:
                if isinstance(rule.head, Call):
                    self._take(rule.head, self._holders(rule.body))

    def _take(self, head: Call, holders: frozenset[str]) -> None:
        size = len(head.arguments)
        places = (place for place, term in enumerate(head.arguments) if self._decimal(term, holders))
        self._places.update((head.name, size, place) for place in places)

    def rewritten(self, statement: Statement) -> Statement:
        """``statement`` as gringo can take it; E517 where it computes with decimal numbers."""
        holders = self._holders(statement.body)
        body = tuple(self._replaced(formula, holders) for formula in statement.body)
        if isinstance(statement, Rule) and isinstance(statement.head, Call):
            return with_fields(statement, head=self._replaced(statement.head, holders), body=body)
        return with_fields(statement, body=body)

    # ----- which variables may hold decimals

    def _holders(self, nodes: Sequence[Node]) -> frozenset[str]:
        parts = [part for node in nodes for part in walk(node)]
        found: frozenset[str] = frozenset()
        while True:
            more = found.union(*(self._held(part, found) for part in parts))
            if more == found:
                return found
            found = more

    def _held(self, part: Node, known: frozenset[str]) -> Iterable[str]:
        """The variables that ``part`` gives decimals to."""
        match part:
            case Call(name, arguments) if arguments:
                size = len(arguments)
                taken = (term for place, term in enumerate(arguments) if (name, size, place) in self._places)
                return variables(taken)
            case Comparison("=", left, right):
                sides = [side for side in (left, right) if not isinstance(side, Aggregate)]
                return variables(sides) if any(self._decimal(side, known) for side in sides) else ()
            case Membership(term, SetTerm(items)) if any(self._decimal(item, known) for item in items):
                return variables([term])
            case _:
                return ()

    def _decimal(self, node: Node, holders: frozenset[str]) -> bool:
        """Whether a decimal number may stand in ``node``, outside of aggregates."""
        match node:
            case Variable(name):
                return name in holders
            case Number() | Call(arguments=()):
                return isinstance(fold(node, self._constants), float)
            case Aggregate():
                return False
            case _:
                return any(self._decimal(child, holders) for child in children(node))

    # ----- what gringo sees

    def _replaced(self, node: NodeType, holders: frozenset[str]) -> NodeType:
        return replace(node, lambda part: self._change(part, holders))

    def _change(self, part: Node, holders: frozenset[str]) -> Node | None:
        match part:
            case Number() | Negative() | Binary() | Call(arguments=()):
                value = fold(part, self._constants)
                if isinstance(value, float):
                    return _encoded(value, part)
                if not isinstance(part, Number | Call) and self._decimal(part, holders):
                    raise _refused("arithmetic", part)
            case Comparison(sign, left, right) if any(self._decimal(side, holders) for side in (left, right)):
                if isinstance(left, Aggregate) or isinstance(right, Aggregate):
                    raise _refused("a comparison of an aggregate", part)
                if sign in _ORDER:
                    sides = (self._replaced(left, holders), self._replaced(right, holders))
                    return Comparison("=", Call(f"@{_ORDER[sign][0]}", sides, None, part.span), Number(1), part.span)
            case Membership(term, Interval()) if self._decimal(term, holders):
                raise _refused("an interval", part)
            case Interval() | TupleTerm() | Call("abs") if self._decimal(part, holders):
                raise _refused({Interval: "an interval", TupleTerm: "a tuple"}.get(type(part), "arithmetic"), part)
            case Aggregate(function, elements) if function != "count":
                if any(self._decimal(terms_of(element)[0], holders) for element in elements):
                    raise _refused(f"the aggregate '{function}'", part)
        return None


def _encoded(value: float, part: Node) -> Term:
    if value.is_integer() and SMALLEST <= value <= LARGEST:
        size = Number(abs(int(value)), part.span)
        return Negative(size, part.span) if value < 0 else size
    return Call(DECIMAL, (Text(format_scalar(value)),), None, part.span)


def _refused(what: str, part: Node) -> NesyError:
    message = f"{what} with decimal numbers stands in a rule, which can only compare them"
    hint = "compute in a definition, define mean(P) = b * X for height(P, X), or scale the numbers to integers"
    return NesyError(Diagnostic("E517", message, part.span, hint))
