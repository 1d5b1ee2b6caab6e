"""Deterministic expressions of a model graph: numbers, truth values and names computed from other nodes.

Expressions are ground: variables of the rule file have become values, aggregates have become lists, relations are
gone. What is left refers to the nodes of the graph by their labels (``strength(ann)``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from nesy.dsl.values import Value, format_value

Scalar: TypeAlias = "Value | float"
"""A number, a truth value, a name, or a tuple of these."""

Kind = Literal["bool", "number", "symbol"]
"""What an expression yields: true or false, a number, or a name (or tuple) that can only be compared."""

Operator = Literal[
    "+", "-", "*", "/", "mod", "neg", "exp", "log", "sqrt", "abs",
    "=", "!=", "<", "<=", ">", ">=", "and", "or", "not",
    "if", "sum", "min", "max", "count",
]  # fmt: skip
"""``if`` takes condition, then, else; ``sum min max`` take numbers, ``and or count`` truth values, any number of them.
``neg`` is the sign. ``mod`` has the sign of the divisor, as in Python and torch."""


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """A value. 1 and true are different constants, 1 and 1.0 are the same."""

    value: Scalar

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Constant)
            and isinstance(self.value, bool) == isinstance(other.value, bool)
            and self.value == other.value
        )

    def __hash__(self) -> int:
        return hash((isinstance(self.value, bool), self.value))


@dataclass(frozen=True, slots=True)
class Reference:
    """The value of the node called ``label``."""

    label: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator and what it is applied to."""

    operator: Operator
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """The expression that belongs to the value of ``selector``: ``mean(cluster(3))`` with a random cluster.

    ``cases`` cover every value that the selector can take.
    """

    selector: Expression
    cases: tuple[tuple[Value, Expression], ...]


Expression: TypeAlias = Constant | Reference | Apply | Lookup

TRUE, FALSE = Constant(True), Constant(False)

TRUTH: frozenset[str] = frozenset(("=", "!=", "<", "<=", ">", ">=", "and", "or", "not"))
"""The operators that yield true or false."""


def children(expression: Expression) -> tuple[Expression, ...]:
    """The direct parts of an expression, in order."""
    match expression:
        case Apply(_, arguments):
            return arguments
        case Lookup(selector, cases):
            return (selector, *(case for _, case in cases))
        case _:
            return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """``expression`` and all its parts, parents first."""
    waiting = [expression]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(children(current)))


def references(expression: Expression) -> tuple[str, ...]:
    """The labels of the nodes that an expression refers to, each once, in order of appearance."""
    return tuple(dict.fromkeys(part.label for part in walk(expression) if isinstance(part, Reference)))


def replaced(expression: Expression, change: Callable[[Reference], Expression]) -> Expression:
    """A copy of ``expression`` with ``change(reference)`` in the place of each reference."""
    match expression:
        case Reference():
            return change(expression)
        case Apply(operator, arguments):
            return Apply(operator, tuple(replaced(part, change) for part in arguments))
        case Lookup(selector, cases):
            return Lookup(replaced(selector, change), tuple((value, replaced(case, change)) for value, case in cases))
        case _:
            return expression


def kind_of_value(value: Scalar) -> Kind:
    """The kind of a constant."""
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else "symbol"


def kind_of(expression: Expression, of_node: Callable[[str], Kind]) -> Kind:
    """The kind of an expression; ``of_node`` gives that of the nodes it refers to."""
    match expression:
        case Constant(value):
            return kind_of_value(value)
        case Reference(label):
            return of_node(label)
        case Apply("if", (_, then, _)):
            return kind_of(then, of_node)
        case Apply(operator):
            return "bool" if operator in TRUTH else "number"
        case Lookup(_, cases):
            return kind_of(cases[0][1], of_node)


# ----- text

_LEVELS = {"or": 1, "and": 2, "not": 3, "=": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4}
_LEVELS |= {"+": 6, "-": 6, "*": 7, "/": 7, "mod": 7, "neg": 8}


def describe(expression: Expression, least: int = 0) -> str:
    """An expression as text, in the notation of rule files: ``if lazy(ann,1) then strength(ann) / 2 else …``."""
    text, level = _described(expression)
    return f"({text})" if level < least else text


def _described(expression: Expression) -> tuple[str, int]:
    match expression:
        case Constant(value):
            text = f"{value:.10g}" if isinstance(value, float) else format_value(value)
            return text, 8 if text.startswith("-") else 9
        case Reference(label):
            return label, 9
        case Lookup(selector, cases):
            parts = ", ".join(f"{format_value(value)}: {describe(case)}" for value, case in cases)
            return f"({describe(selector)}) of {{{parts}}}", 9
        case Apply("neg", (operand,)):
            return f"-{describe(operand, 8)}", 8
        case Apply("not", (operand,)):
            return f"not {describe(operand, 4)}", 3
        case Apply("if", (condition, then, otherwise)):
            return f"if {describe(condition)} then {describe(then)} else {describe(otherwise)}", 0
        case Apply("and" | "or" as operator, arguments):
            level = _LEVELS[operator]
            return f" {operator} ".join(describe(part, level + 1) for part in arguments), level
        case Apply(operator, (left, right)) if operator in _LEVELS:
            level = _LEVELS[operator]
            return f"{describe(left, level)} {operator} {describe(right, level + 1)}", level
        case Apply("sum" | "min" | "max" | "count" as operator, arguments):
            return f"{operator} {{ {'; '.join(map(describe, arguments))} }}", 9
        case Apply(operator, arguments):
            return f"{operator}({', '.join(map(describe, arguments))})", 9
