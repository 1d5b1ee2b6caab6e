"""Heads of crisp rules: atoms, values, disjunctions and choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nesy.dsl.parsing.building import Braces, Part, as_term, between, describe, no_level, refusal
from nesy.dsl.span import Span
from nesy.dsl.statements import Choice, Disjunction
from nesy.dsl.syntax import Binary, Call, Comparison, Element, Negative, Number, Term

_HINT = "a head is an atom, path(X, Y), or sets the value of a concept, y = 3"
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Alternatives:
    """``a ; b`` before its items are known to be heads."""

    items: tuple[Part, ...]
    span: Span


def rule_head(part: Part) -> Call | Comparison | Choice | Disjunction:
    """The head of a rule."""
    match part:
        case Choice():
            return part
        case Alternatives():
            return Disjunction(tuple(map(simple_head, part.items)), part.span)
        case _:
            return simple_head(part)


def simple_head(part: Part) -> Call | Comparison:
    """An atom, or ``attribute = value``."""
    match part:
        case Call(name="true" | "false"):
            raise refusal("E113", f"'{part.name}' is not a head", part, _HINT)
        case Call(source=None):
            return part
        case Comparison(operator="<", right=Negative()) if follows_directly(part):
            raise refusal("E106", "'<-' does not begin a body", part, "write ':-', as in: path(X, Y) :- edge(X, Y).")
        case Comparison(operator="=", left=Call(source=None)):
            return part
        case Call() | Comparison(left=Call(source=str())):
            raise refusal("E113", "a reading of a source is not a head", part, "readings come from percepts; " + _HINT)
        case Comparison(operator="="):
            raise refusal("E113", f"{describe(part.left)} cannot be given a value", part.left, _HINT)
        case _:
            raise refusal("E113", f"{describe(part)} is not a head", part, _HINT)


def follows_directly(comparison: Comparison) -> bool:
    """Whether ``<`` and ``-`` stand side by side with blanks around, as in ``a <- b``."""
    gap = comparison.right.span.column - comparison.left.span.end_column
    operand = comparison.right.operand if isinstance(comparison.right, Negative) else comparison.right
    return gap == 2 and operand.span.column - comparison.right.span.column == 2


def choice_head(parts: list[Part]) -> Choice:
    """``low {…} high``, ``{…} <= high``, ``low <= {…}``, ``{…} = both``: the bounds become low and high."""
    place = next(place for place, part in enumerate(parts) if isinstance(part, Braces))
    braces: Braces = parts[place]
    elements = tuple(map(choice_element, braces.elements))
    low: Term | None = None
    high: Term | None = None
    for bounds, is_left in ((parts[:place], True), (parts[place + 1 :], False)):
        if not bounds:
            continue
        bound = as_term(bounds[0 if is_left else -1])
        if len(bounds) == 1:
            operator = ">=" if is_left else "<="
        else:
            operator = _TURNED[str(bounds[1])] if is_left else str(bounds[0])
        if operator == "!=":
            raise refusal("E114", "'!=' does not bound a choice", bounds[1 if is_left else 0], "use =, <, <=, > or >=")
        if operator in (">", ">=", "="):
            low = once(low, bound, braces) if operator != ">" else once(low, shifted(bound, "+"), braces)
        if operator in ("<", "<=", "="):
            high = once(high, bound, braces) if operator != "<" else once(high, shifted(bound, "-"), braces)
    return Choice(elements, low, high, between(parts[0], parts[-1]))


def once(known: Term | None, bound: Term, braces: Braces) -> Term:
    """Refuse a second bound on the same side."""
    if known is not None:
        hint = "give one lower and one upper bound: 1 { a ; b } 2"
        raise refusal("E114", "a choice is bounded twice on the same side", braces, hint)
    return bound


def shifted(bound: Term, operator: Literal["+", "-"]) -> Term:
    """The next integer above or below: ``< 3`` is ``<= 2``."""
    if isinstance(bound, Number) and isinstance(bound.value, int) and (operator == "+" or bound.value > 0):
        return Number(bound.value + (1 if operator == "+" else -1), bound.span)
    return Binary(operator, bound, Number(1, bound.span), bound.span)


def choice_element(element: Element) -> Element:
    """One atom or ``attribute = value``, with its condition."""
    no_level(element)
    if len(element.terms) > 1:
        hint = "separate what may be chosen by ';', as in { a ; b }, and conditions by ':', as in { a(X) : b(X) }"
        raise refusal("E114", "the elements of a choice are separated by ','", element.terms[1], hint)
    return Element((simple_head(element.terms[0]),), element.condition, None, element.span)
