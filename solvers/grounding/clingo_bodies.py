"""Terms as clingo text, and the body that they become part of: what all writers of bodies share.

An attribute inside a term is an atom of the body and a fresh variable in its place: ``cell(1, 2) + 1`` becomes
``V'1+1`` beside ``cell(1,2,V'1)``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from itertools import count
from typing import Self

from nesy.dsl.diagnostics import NesyError
from nesy.dsl.syntax import (
    Aggregate,
    Binary,
    Call,
    Conditional,
    Formula,
    Interval,
    Negative,
    Node,
    Number,
    Quantified,
    Term,
    Text,
    TupleTerm,
    Variable,
    children,
)
from nesy.solvers.grounding.clingo_parts import HelperText, TestText, application, refusal, rule
from nesy.solvers.grounding.findings import decimal_number
from nesy.solvers.grounding.symbols import value_text
from nesy.solvers.grounding.vocabulary import Vocabulary, check_range

_OPERATORS = {"mod": "\\"}
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "mod": 2}


class Body(ABC):
    """The body of one rule while it is written: its literals, the helper rules it refers to, and what binds them.

    ``label`` makes the names of helper predicates unique; ``outside`` are the variables of the statement that are
    no local ones. ``lines()`` gives the helpers' rules once the body is complete.
    """

    def __init__(self, vocabulary: Vocabulary, label: str, outside: Iterable[str]) -> None:
        self.vocabulary = vocabulary
        self.label = label
        self.outside = frozenset(outside)
        self.body: list[str] = []
        self._binders: list[str] = []
        self._plain_binders: list[str] = []
        self._helpers: list[HelperText] = []
        self.tests: list[TestText] = []
        self._fresh = count(1)
        self._count = count(1)

    @abstractmethod
    def add_all(self, body: Iterable[Formula]) -> None:
        """Append a conjunction."""

    @abstractmethod
    def aggregate(self, aggregate: Aggregate) -> str:
        """An aggregate as text."""

    # ----- terms

    def term(self, term: Term) -> str:
        """``term`` as text; attributes and aggregates inside add literals to the body."""
        match term:
            case Number():
                return self._number(term)
            case Text():
                return value_text(term.value)
            case Variable():
                return term.name
            case Call():
                return self._call(term)
            case TupleTerm():
                return f"({','.join(map(self.term, term.items))})"
            case Negative(Number(float() as size)):
                return self._number(Number(-size, term.span))
            case Negative():
                inner = self.term(term.operand)
                return f"-{inner}" if isinstance(term.operand, Number | Variable) else f"-({inner})"
            case Binary():
                return self._binary(term)
            case Interval():
                return f"({self.term(term.low)}..{self.term(term.high)})"
            case Aggregate():
                name = self.fresh("N")
                self.add(f"{name} = {self.aggregate(term)}", aggregate=True)
                return name
            case Conditional():
                raise refusal("'if … then … else …' stands outside of a definition", term.span, ("probabilistic",))

    def _number(self, number: Number) -> str:
        if not isinstance(number.value, int):
            raise NesyError(decimal_number(number.value, number.span))
        check_range([number.value], "the program", number.span)
        return str(number.value)

    def _binary(self, term: Binary) -> str:
        level = _PRECEDENCE[term.operator]

        def side(operand: Term, strict: bool) -> str:
            text = self.term(operand)
            inner = _PRECEDENCE[operand.operator] if isinstance(operand, Binary) else 3
            loose = inner < level or (strict and inner == level) or isinstance(operand, Negative)
            return f"({text})" if loose else text

        return f"{side(term.left, False)}{_OPERATORS.get(term.operator, term.operator)}{side(term.right, True)}"

    def _call(self, call: Call) -> str:
        vocabulary = self.vocabulary
        match vocabulary.kind(call):
            case "attribute":
                value = self.fresh("V")
                self.add(self.atom(call, value))
                return value
            case "constant":
                value_of = vocabulary.checked.constants[call.name]
                if isinstance(value_of, float):
                    return self._number(Number(value_of, call.span))
                check_range([value_of], call.name, call.span)
                return value_text(value_of)
            case _ if not call.arguments:
                return call.name
            case _:
                return f"{call.name}({','.join(map(self.term, call.arguments))})"

    def inner(self, names: Iterable[str] = ()) -> Self:
        """A part that is written on its own; the names that it makes are new ones here as well."""
        inner = type(self)(self.vocabulary, self.label, self.outside | set(names))
        inner._fresh, inner._count = self._fresh, self._count
        return inner

    def fresh(self, letter: str) -> str:
        """A variable that no rule file can hold."""
        return f"{letter}'{next(self._fresh)}"

    def index(self, call: Call) -> list[str]:
        """The index terms of an attribute; each ``_`` becomes a variable, because the terms may be used twice."""
        return [
            self.fresh("X") if isinstance(argument, Variable) and argument.anonymous else self.term(argument)
            for argument in call.arguments
        ]

    def atom(self, call: Call, value: str) -> str:
        """``cell(R,C,V)`` for the attribute ``cell(R, C)``."""
        return application(self.vocabulary.value_predicate(call), [*self.index(call), value])

    # ----- the body

    def add(self, text: str, *, binds: bool = True, aggregate: bool = False) -> None:
        """Append one literal; ``binds`` if it may give helper rules the values of their variables.

        Helpers of an aggregate's own elements must not depend on an ``aggregate``.
        """
        self.body.append(text)
        if binds:
            self._binders.append(text)
            if not aggregate:
                self._plain_binders.append(text)

    def add_index(self, call: Call, index: list[str]) -> None:
        if call.arguments:
            self.add(application(self.vocabulary.index_predicate(call.name), index))

    def attribute_calls(self, node: Node) -> list[Call]:
        """The outermost attributes in ``node``, in order; those below quantifiers range over sets of their own."""
        found: list[Call] = []
        stack = [node]
        while stack:
            part = stack.pop()
            if isinstance(part, Call) and self.vocabulary.is_attribute(part):
                found.append(part)
            elif not isinstance(part, Quantified):
                stack.extend(reversed(children(part)))
        return found

    def help(self, head: str, conditions: tuple[str, ...], needs: tuple[str, ...]) -> None:
        self._helpers.append(HelperText(head, conditions, needs, (self._binders,)))

    def adopt(self, inner: Body, *, in_aggregate: bool = False) -> None:
        """Take over the helpers of a part that was written on its own; this body binds their variables too."""
        for helper in inner._helpers:
            scopes = (*helper.scopes, self._plain_binders if in_aggregate else self._binders)
            self._helpers.append(HelperText(helper.head, helper.conditions, helper.needs, scopes))
        self.tests.extend(inner.tests)

    # ----- helpers

    def lines(self) -> tuple[str, ...]:
        """The rules of the tests and sets that the body refers to."""
        found: dict[str, None] = {}
        scopes: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
        for helper in self._helpers:
            body = list(helper.conditions)
            if helper.needs:
                binders = tuple(dict.fromkeys(text for scope in helper.scopes for text in scope))
                name = scopes.setdefault((helper.needs, binders), f"_scope_{self.label}_{len(scopes) + 1}")
                body.append(application(name, helper.needs))
            found[rule(helper.head, body)] = None
        for (needs, binders), name in scopes.items():
            found[rule(application(name, needs), binders)] = None
        return tuple(found)
