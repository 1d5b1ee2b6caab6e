"""The abstract syntax of rule files: what :func:`nesy.dsl.parse` returns.

Every node is frozen and carries the :class:`~nesy.dsl.span.Span` that it was read from. Spans take no part in
equality, so that ``parse(print(program)) == program``.

Three closed unions make up a program:

* :data:`Term` — what denotes a value: ``3``, ``red``, ``R1``, ``(X, Y)``, ``cell(R, C)``, ``U + V``;
* :data:`Formula` — what holds or fails: ``cell(R, C) = 7``, ``c in {(K, _)}``, ``edge(a, b)``, ``P and not Q``;
* :data:`Statement` — one sentence of the file, see :mod:`nesy.dsl.statements`.

The parser does not know what a name stands for: :class:`Call` is a constant, an attribute, a relation, a function
or a type, and the checks decide which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias, cast

from nesy.dsl.span import NOWHERE, Span

# ----- terms


@dataclass(frozen=True, slots=True)
class Number:
    """``3`` or ``0.25``; the sign is a :class:`Negative`. Integers stay integers."""

    value: int | float
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted string, without its quotes. ``"red"`` and ``red`` denote the same value."""

    value: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Variable:
    """A capitalised name, or ``_`` for a variable that is used nowhere else."""

    name: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def anonymous(self) -> bool:
        return self.name == "_"


@dataclass(frozen=True, slots=True)
class Call:
    """A name with or without arguments: ``red``, ``cell(R, C)``, ``label@m1(O)`` (``source`` is ``"m1"``)."""

    name: str
    arguments: tuple[Term, ...] = ()
    source: str | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TupleTerm:
    """``(X, Y)``: at least two items."""

    items: tuple[Term, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """``-X``."""

    operand: Term
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic. ``/`` is integer division in crisp logic and real division in definitions."""

    operator: Literal["+", "-", "*", "/", "mod"]
    left: Term
    right: Term
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Interval:
    """``1..9``: both ends belong to it."""

    low: Term
    high: Term
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Conditional:
    """``if lazy(P, M) then strength(P) / 2 else strength(P)`` (definitions only)."""

    condition: Formula
    then: Term
    otherwise: Term
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Element:
    """What stands between the semicolons of braces: ``W, X : in(X), weight(X, W)``.

    ``priority`` is the ``1`` of ``V@1, X : …`` in ``maximize`` and ``minimize``.
    """

    terms: tuple[Term | Formula, ...]
    condition: tuple[Formula, ...] = ()
    priority: Term | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``count { X : in(X) }``."""

    function: Literal["count", "sum", "min", "max", "mean"]
    elements: tuple[Element, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Term: TypeAlias = Number | Text | Variable | Call | TupleTerm | Negative | Binary | Interval | Conditional | Aggregate

# ----- formulas

Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]

SWAPPED: Mapping[Operator, Operator] = MappingProxyType(
    {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
)
"""Each comparison with its sides exchanged."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left operator right``. ``a(1) = K`` is the usual attribute literal."""

    operator: Operator
    left: Term
    right: Term
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SetTerm:
    """``{(K, _)}``, ``{red, amber}``, ``{(U, V) : U + V = T}``.

    In a set with a condition, variables that occur nowhere else in the statement are local to the set.
    """

    items: tuple[Term, ...]
    condition: tuple[Formula, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Membership:
    """``term in {…}`` or ``term in 1..3``. ``term not in …`` is read as :class:`Not` of this."""

    term: Term
    values: SetTerm | Interval
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """``not P``: complement in premises, negation as failure in rule bodies."""

    operand: Formula
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class And:
    """``P and Q and …``, flattened, at least two items."""

    items: tuple[Formula, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Or:
    """``P or Q or …``, flattened, at least two items."""

    items: tuple[Formula, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Quantified:
    """``all pair(_, _, _, _) in {…}``, ``any light(L) = red for visible(L)``.

    Ranges over ``_`` and over every variable that occurs only inside; ``condition`` (after ``for``) is crisp.
    """

    quantifier: Literal["all", "any"]
    body: Formula
    condition: tuple[Formula, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Formula: TypeAlias = Comparison | Membership | Not | And | Or | Quantified | Call
"""A bare :class:`Call` is an atom of a relation, or an attribute of type bool that is true."""

Node: TypeAlias = Term | Formula | SetTerm | Element


def children(node: Node) -> tuple[Node, ...]:
    """The direct parts of a term or formula, in the order in which they are written."""
    match node:
        case Number() | Text() | Variable():
            return ()
        case Call():
            return node.arguments
        case TupleTerm() | And() | Or():
            return node.items
        case Negative() | Not():
            return (node.operand,)
        case Binary() | Comparison():
            return (node.left, node.right)
        case Interval():
            return (node.low, node.high)
        case Conditional():
            return (node.condition, node.then, node.otherwise)
        case Aggregate():
            return node.elements
        case Element():
            priority = () if node.priority is None else (node.priority,)
            return (*node.terms, *priority, *node.condition)
        case SetTerm():
            return (*node.items, *node.condition)
        case Membership():
            return (node.term, node.values)
        case Quantified():
            return (node.body, *node.condition)


def terms_of(element: Element) -> tuple[Term, ...]:
    """The terms of an element of an aggregate or an objective: the parser lets formulas stand in choices only."""
    return cast("tuple[Term, ...]", element.terms)


def walk(node: Node) -> Iterator[Node]:
    """``node`` and all its parts, in the order in which they are written."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(children(current)))
