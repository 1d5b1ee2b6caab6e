"""Walking over terms and formulas: which variables occur where, and replacing them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, TypeVar, cast

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
    Node,
    Not,
    Number,
    Operator,
    Or,
    Quantified,
    SetTerm,
    Text,
    TupleTerm,
    Variable,
    children,
    walk,
)

NodeType = TypeVar("NodeType", bound=Node)

FLIPPED: dict[Operator, Operator] = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
"""Each comparison's complement."""


def variables(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The named variables in ``nodes``, each once, in order of first appearance."""
    found = (part.name for node in nodes for part in walk(node) if isinstance(part, Variable) and not part.anonymous)
    return tuple(dict.fromkeys(found))


def global_variables(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The named variables outside of set comprehensions, quantifiers and aggregates, in order of first appearance.

    What is written in a set without condition counts as outside: ``{(K, _)}`` has no variables of its own.
    """

    def visit(node: Node) -> Iterator[str]:
        match node:
            case Variable() if not node.anonymous:
                yield node.name
            case Quantified() | Aggregate():
                return
            case SetTerm() if node.condition:
                return
            case _:
                for child in children(node):
                    yield from visit(child)

    return tuple(dict.fromkeys(name for node in nodes for name in visit(node)))


def replace(node: NodeType, change: Callable[[Node], Node | None]) -> NodeType:
    """A copy of ``node`` in which each part for which ``change`` gives another node is that node, outermost first."""
    changed = change(node)
    if changed is not None:
        return cast("NodeType", changed)

    def one(part: NodeType) -> NodeType:
        return replace(part, change)

    def many(several: tuple[NodeType, ...]) -> tuple[NodeType, ...]:
        return tuple(replace(part, change) for part in several)

    return cast("NodeType", _rebuilt(cast("Node", node), one, many))


def _rebuilt(node: Node, one: Callable[[Any], Any], many: Callable[[Any], tuple[Any, ...]]) -> Node:
    span = node.span
    match node:
        case Number() | Text() | Variable():
            return node
        case Call():
            return Call(node.name, many(node.arguments), node.source, span)
        case TupleTerm():
            return TupleTerm(many(node.items), span)
        case Negative():
            return Negative(one(node.operand), span)
        case Binary():
            return Binary(node.operator, one(node.left), one(node.right), span)
        case Interval():
            return Interval(one(node.low), one(node.high), span)
        case Conditional():
            return Conditional(one(node.condition), one(node.then), one(node.otherwise), span)
        case Element():
            priority = None if node.priority is None else one(node.priority)
            return Element(many(node.terms), many(node.condition), priority, span)
        case Aggregate():
            return Aggregate(node.function, many(node.elements), span)
        case Comparison():
            return Comparison(node.operator, one(node.left), one(node.right), span)
        case SetTerm():
            return SetTerm(many(node.items), many(node.condition), span)
        case Membership():
            return Membership(one(node.term), one(node.values), span)
        case Not():
            return Not(one(node.operand), span)
        case And():
            return And(many(node.items), span)
        case Or():
            return Or(many(node.items), span)
        case Quantified():
            return Quantified(node.quantifier, one(node.body), many(node.condition), span)


def rename(node: NodeType, names: Mapping[str, str]) -> NodeType:
    """``node`` with variables renamed."""

    def change(part: Node) -> Node | None:
        if isinstance(part, Variable) and part.name in names:
            return Variable(names[part.name], part.span)
        return None

    return replace(node, change)


def clauses(body: Iterable[Formula]) -> tuple[tuple[Formula, ...], ...]:
    """``body`` as a disjunction of conjunctions in which ``not`` stands before atoms and memberships only.

    ``or`` is distributed over ``and``; below ``all`` it stays where it is.
    """
    found: tuple[tuple[Formula, ...], ...] = ((),)
    for formula in body:
        choices = _clauses_of(inward(formula))
        found = tuple(first + second for first in found for second in choices)
    return found


def _clauses_of(formula: Formula) -> tuple[tuple[Formula, ...], ...]:
    match formula:
        case And():
            return clauses(formula.items)
        case Or():
            return tuple(clause for item in formula.items for clause in _clauses_of(item))
        case Quantified(quantifier="any"):
            return tuple(
                (Quantified("any", _conjunction(clause), formula.condition, formula.span),)
                for clause in _clauses_of(formula.body)
            )
        case _:
            return ((formula,),)


def _conjunction(items: tuple[Formula, ...]) -> Formula:
    return items[0] if len(items) == 1 else And(items)


def inward(formula: Formula, negative: bool = False) -> Formula:
    """Negation normal form of ``formula`` (of its negation if ``negative``): ``not`` before atoms and memberships."""
    match formula:
        case Not():
            return inward(formula.operand, not negative)
        case And() | Or():
            items = tuple(inward(item, negative) for item in formula.items)
            return And(items, formula.span) if isinstance(formula, And) != negative else Or(items, formula.span)
        case Quantified():
            other: Literal["all", "any"] = "any" if (formula.quantifier == "all") == negative else "all"
            return Quantified(other, inward(formula.body, negative), formula.condition, formula.span)
        case Comparison() if negative:
            operator = FLIPPED[formula.operator]
            return Comparison(operator, formula.left, formula.right, formula.span)
        case _:
            return Not(formula, formula.span) if negative else formula
