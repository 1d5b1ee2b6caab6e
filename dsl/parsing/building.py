"""What the builders share: spans from tokens, refusals, and the parts that stand between tokens and the syntax tree.

The grammar has one layer of expressions for terms and formulas, because "(" may begin either; :func:`as_term` and
:func:`as_formula` tell them apart afterwards and refuse the wrong one with its place.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeAlias

from lark import Token

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.span import Span
from nesy.dsl.statements import IndexItem, NamedType, ProductType, TypeExpression
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
    Term,
    Text,
    TupleTerm,
    Variable,
)

CURRENT_FILE: ContextVar[str] = ContextVar("CURRENT_FILE", default="<text>")
"""The file that is being parsed. Lark's callbacks see tokens only, and tokens know no file."""


@dataclass(frozen=True, slots=True)
class Body:
    """Formulas separated by commas; also what follows ``for``, ``where`` and ``given``."""

    items: tuple[Formula, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Sources:
    """``from m1, m2``."""

    names: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Index:
    """``(row, 1..9, N)``."""

    items: tuple[IndexItem, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Braces:
    """``{…}`` before it is known whether it is a set, an aggregate or a choice."""

    elements: tuple[Element, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class NamedArgument:
    """``scale = 1`` among the arguments of a distribution."""

    name: str
    term: Term
    span: Span


@dataclass(frozen=True, slots=True)
class NamedCall:
    """A call with an argument that has a name, before it is known whether it is a distribution."""

    name: str
    arguments: tuple[Part, ...]
    span: Span


Part: TypeAlias = Any
"""A child of a rule: a token, a node or one of the parts above. Lark cannot type them."""

_FORMULAS = (Comparison, Membership, Not, And, Or, Quantified)
_TERMS = (Number, Text, Variable, TupleTerm, Negative, Binary, Interval, Conditional, Aggregate)


def between(first: Part, last: Part) -> Span:
    """The span from the start of one child to the end of another; a token has the same fields as a span."""
    start: Any = first if first.__class__ is Token else first.span
    end: Any = last if last.__class__ is Token else last.span
    return Span(CURRENT_FILE.get(), start.line, start.column, end.end_line, end.end_column)


def whole(parts: list[Part]) -> Span:
    """The span of a statement, from its first word to its full stop."""
    return between(parts[0], parts[-1])


def refusal(code: str, message: str, place: Part, hint: str) -> NesyError:
    """The error with one diagnostic at a child."""
    span = place if isinstance(place, Span) else between(place, place)
    return NesyError(Diagnostic(code, message, span, hint))


def as_term(part: Part) -> Term:
    """``part`` as a term; a formula in its place is refused."""
    if isinstance(part, _FORMULAS):
        raise refusal(
            "E109",
            "a condition stands where a value is expected",
            part,
            "a value is a number, a name, a variable, an attribute such as cell(1,2), or arithmetic on them",
        )
    if isinstance(part, NamedCall):
        named = next(argument for argument in part.arguments if isinstance(argument, NamedArgument))
        hint = f"give the value alone, or compare outside: {part.name}(…) = …"
        raise refusal("E109", "arguments have names in distributions only", named, hint)
    if isinstance(part, Braces):
        raise refusal(
            "E109", "a set stands where a value is expected", part, "sets may follow 'in', as in: c in {1, 2}"
        )
    term: Term = part
    return term


def as_formula(part: Part) -> Formula:
    """``part`` as a formula; a bare value in its place is refused."""
    if isinstance(part, NamedCall):
        as_term(part)
    if isinstance(part, _TERMS):
        hint = "compare it, as in: value = 3"
        if isinstance(part, Variable):
            hint = f"compare it, as in: {part.name} = 3, or ask for a type, as in: digit({part.name})"
        elif isinstance(part, Aggregate):
            hint = f"compare it, as in: {part.function} {{ X : in(X) }} > 3"
        raise refusal("E110", f"{describe(part)} stands where a condition is expected", part, hint)
    formula: Formula = part
    return formula


def describe(part: Part) -> str:
    """What ``part`` is, for messages."""
    match part:
        case Number():
            return f"the number {part.value}"
        case Text():
            return f'the text "{part.value}"'
        case Variable():
            return f"the variable {part.name}"
        case Call():
            return f"'{part.name}'"
        case TupleTerm():
            return "a tuple"
        case Interval():
            return "an interval"
        case Conditional():
            return "an 'if … then … else'"
        case Aggregate():
            return f"a {part.function} aggregate"
        case Negative() | Binary():
            return "an arithmetic expression"
        case Comparison():
            return "a comparison"
        case Membership():
            return "a membership"
        case Not():
            return "a negation"
        case And() | Or():
            return "a compound condition"
        case Quantified():
            return f"an '{part.quantifier}' condition"
        case NamedCall():
            # whatever else is wrong there, this is the first thing to say
            return describe(as_term(part))
        case _:
            return "a set"


def as_set(braces: Braces) -> SetTerm:
    """``{a, b}`` or ``{T : condition}``: at most one element, no level."""
    if len(braces.elements) > 1:
        raise refusal(
            "E115", "a set has several parts separated by ';'", braces.elements[1], "separate the values by ',': {1, 2}"
        )
    if not braces.elements:
        return SetTerm((), (), braces.span)
    element = braces.elements[0]
    no_level(element)
    return SetTerm(tuple(map(as_term, element.terms)), element.condition, braces.span)


def no_level(element: Element) -> None:
    """Refuse ``V@1`` outside of maximize and minimize."""
    if element.priority is not None:
        raise refusal(
            "E115", "a level after '@' stands outside of maximize and minimize", element.priority, "leave it out"
        )


def as_type(part: Part) -> TypeExpression:
    """A type expression: a name, an interval, a set of values, or a tuple of these."""
    match part:
        case Call(arguments=(), source=None):
            return NamedType(part.name, part.span)
        case Interval():
            return part
        case Braces():
            values = as_set(part)
            if values.condition:
                raise refusal("E117", "a type is a set with a condition", part, "list the values: {red, green}")
            return values
        case TupleTerm() | ProductParts():
            return ProductType(tuple(map(as_type, part.items)), part.span)
    raise refusal(
        "E117",
        f"{describe(part)} stands where a type is expected",
        part,
        "a type is a name (digit), an interval (1..9), a set ({red, green}) or a product ((digit, digit))",
    )


def as_index_item(part: Part) -> IndexItem:
    """A type expression, or a variable that the condition after ``for`` binds."""
    return part if isinstance(part, Variable) and not part.anonymous else as_type(part)


@dataclass(frozen=True, slots=True)
class ProductParts:
    """A tuple with a set in it, which only a type may have: ``({a, b}, digit)``."""

    items: tuple[Part, ...]
    span: Span
