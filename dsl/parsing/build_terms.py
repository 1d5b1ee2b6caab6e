"""From grammar rules to terms and formulas: one method for each rule or alias of the grammar that makes one."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from nesy.dsl.parsing.building import (
    Body,
    Braces,
    NamedArgument,
    NamedCall,
    Part,
    ProductParts,
    as_formula,
    as_set,
    as_term,
    between,
    describe,
    no_level,
    refusal,
)
from nesy.dsl.syntax import (
    Aggregate,
    And,
    Binary,
    Call,
    Comparison,
    Conditional,
    Element,
    Formula,
    Interval,
    Membership,
    Negative,
    Not,
    Number,
    Or,
    Quantified,
    SetTerm,
    Text,
    TupleTerm,
    Variable,
)

LARGEST_INTEGER = 2**31 - 1
"""The grounder (gringo) computes with 32-bit integers."""

_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", '"': '"', "\\": "\\"}


class TermBuilder:
    """The terms and formulas of the grammar, bottom up. Each method gets all children of its rule, tokens included.

    The ``value`` of an operator's token is one of the words of its Literal: the grammar admits no other.
    """

    def number(self, parts: list[Part]) -> Number:
        token = parts[0]
        span = between(token, token)
        if token.isdigit():
            if len(token) > 10 or int(token) > LARGEST_INTEGER:
                raise refusal(
                    "E111", f"the number {shorten(token)} is too large", token, f"the largest is {LARGEST_INTEGER}"
                )
            return Number(int(token), span)
        value = float(token)
        if math.isinf(value):
            raise refusal("E111", f"the number {shorten(token)} is too large", token, "the largest is about 1.8e308")
        return Number(value, span)

    def text(self, parts: list[Part]) -> Text:
        return Text(unquote(parts[0]), between(parts[0], parts[0]))

    def variable(self, parts: list[Part]) -> Variable:
        return Variable(str(parts[0]), between(parts[0], parts[0]))

    def name(self, parts: list[Part]) -> Call:
        name, _, source = str(parts[0]).partition("@")
        return Call(name, (), source or None, between(parts[0], parts[0]))

    def named_argument(self, parts: list[Part]) -> NamedArgument:
        return NamedArgument(str(parts[0]), as_term(parts[2]), between(parts[0], parts[-1]))

    def call(self, parts: list[Part]) -> Call | NamedCall:
        name, _, source = str(parts[0]).partition("@")
        if any(isinstance(part, NamedArgument) for part in parts):
            return NamedCall(str(parts[0]), tuple(parts[2:-1:2]), between(parts[0], parts[-1]))
        return Call(name, tuple(map(as_term, parts[2:-1:2])), source or None, between(parts[0], parts[-1]))

    def parenthesis(self, parts: list[Part]) -> Part:
        return replace(parts[1], span=between(parts[0], parts[-1]))

    def tuple_term(self, parts: list[Part]) -> TupleTerm | ProductParts:
        items, span = parts[1:-1:2], between(parts[0], parts[-1])
        if any(isinstance(item, Braces | ProductParts) for item in items):
            return ProductParts(tuple(items), span)
        return TupleTerm(tuple(map(as_term, items)), span)

    def negative(self, parts: list[Part]) -> Negative:
        return Negative(as_term(parts[1]), between(parts[0], parts[1]))

    def arithmetic(self, parts: list[Part]) -> Binary:
        """Products first, then sums, each from the left."""
        pending = [parts[0]]
        for operator, right in zip(parts[1::2], parts[2::2], strict=True):
            if operator in ("+", "-"):
                pending += [operator, right]
            else:
                pending[-1] = binary(pending[-1], operator, right)
        total = pending[0]
        for operator, right in zip(pending[1::2], pending[2::2], strict=True):
            total = binary(total, operator, right)
        found: Binary = total  # the rule has at least one operator
        return found

    def interval(self, parts: list[Part]) -> Interval:
        return Interval(as_term(parts[0]), as_term(parts[2]), between(parts[0], parts[2]))

    def conditional(self, parts: list[Part]) -> Conditional:
        condition, then, otherwise = as_formula(parts[1]), as_term(parts[3]), as_term(parts[5])
        return Conditional(condition, then, otherwise, between(parts[0], parts[5]))

    def aggregate(self, parts: list[Part]) -> Aggregate:
        function, braces = parts
        for element in braces.elements:
            no_level(element)
            tuple(map(as_term, element.terms))
        return Aggregate(function.value, braces.elements, between(function, braces))

    def braces(self, parts: list[Part]) -> Braces:
        return Braces(tuple(parts[1:-1:2]), between(parts[0], parts[-1]))

    def element(self, parts: list[Part]) -> Element:
        span = between(parts[0], parts[-1])
        condition = parts[-1].items if isinstance(parts[-1], Body) else ()
        terms = parts[:-2] if condition else parts
        priority = None
        if len(terms) > 1 and terms[1] == "@":
            priority = as_term(terms[2])
            terms = [terms[0], *terms[3:]]
        return Element(tuple(terms[::2]), condition, priority, span)

    def body(self, parts: list[Part]) -> Body:
        return Body(tuple(map(as_formula, parts[::2])), between(parts[0], parts[-1]))

    def comparison(self, parts: list[Part]) -> Comparison:
        left, operator, right = parts
        return Comparison(operator.value, as_term(left), as_term(right), between(left, right))

    def membership(self, parts: list[Part]) -> Membership:
        left, right = parts[0], parts[-1]
        return Membership(as_term(left), member_values(right), between(left, right))

    def not_membership(self, parts: list[Part]) -> Not:
        member = self.membership(parts)
        return Not(member, member.span)

    def not_formula(self, parts: list[Part]) -> Not:
        return Not(as_formula(parts[1]), between(parts[0], parts[1]))

    def compound(self, parts: list[Part]) -> And | Or:
        """Literals joined by ``and`` and ``or``: runs of ``and`` are the items of the ``or``."""
        runs: list[list[Formula]] = [[as_formula(parts[0])]]
        for word, literal in zip(parts[1::2], parts[2::2], strict=True):
            if word == "or":
                runs.append([])
            runs[-1].append(as_formula(literal))
        conjunctions = [run[0] if len(run) == 1 else conjunction(run) for run in runs]
        if len(conjunctions) == 1:
            return conjunction(runs[0])
        flat = [part for item in conjunctions for part in (item.items if isinstance(item, Or) else (item,))]
        return Or(tuple(flat), between(parts[0], parts[-1]))

    def quantified(self, parts: list[Part]) -> Quantified:
        condition = parts[3].items if len(parts) > 2 else ()
        return Quantified(parts[0].value, as_formula(parts[1]), condition, between(parts[0], parts[-1]))


def binary(left: Part, operator: Part, right: Part) -> Binary:
    """Arithmetic on two terms."""
    return Binary(operator.value, as_term(left), as_term(right), between(left, right))


def conjunction(items: list[Formula]) -> And:
    """``and`` over at least two items, flattened."""
    flat = [part for item in items for part in (item.items if isinstance(item, And) else (item,))]
    return And(tuple(flat), between(items[0], items[-1]))


def member_values(part: Part) -> SetTerm | Interval:
    """What may follow ``in``: a set or an interval."""
    if isinstance(part, Braces):
        return as_set(part)
    if isinstance(part, Interval):
        return part
    hint = "write a set or an interval: in {1, 2}, in 1..3"
    if isinstance(part, Call) and not part.arguments:
        hint += f"; for a type, ask: {part.name}(X)"
    raise refusal("E115", f"{describe(part)} after 'in' is neither a set nor an interval", part, hint)


def unquote(token: Part) -> str:
    """The text between the quotes, with its escapes resolved."""

    def resolve(found: re.Match[str]) -> str:
        if found[1] not in _ESCAPES:
            raise refusal("E105", f"unknown escape '{found[0]}' in a text", token, 'use \\", \\\\ or \\n')
        return _ESCAPES[found[1]]

    return _ESCAPE.sub(resolve, token[1:-1]) if "\\" in token else str(token[1:-1])


def shorten(text: str) -> str:
    """``text``, or its beginning when it is long."""
    return str(text) if len(text) <= 24 else f"{text[:20]}…"
