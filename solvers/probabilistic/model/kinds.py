"""Whether operators are applied to what they take: numbers are not compared with names, and names not added."""

from __future__ import annotations

from collections.abc import Iterator

from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.span import Span
from nesy.solvers.probabilistic.model.expressions import (
    Apply,
    Expression,
    Kind,
    Lookup,
    children,
    describe,
    kind_of,
    walk,
)
from nesy.solvers.probabilistic.model.graph import Definition, ModelGraph, Observation, RandomVariable

NOUNS: dict[Kind, str] = {"bool": "true or false", "number": "a number", "symbol": "a name"}
LONGEST = 60
"""Longer expressions are shortened in messages."""


def kind_problems(graph: ModelGraph) -> list[Diagnostic]:
    """E597 for each operator that is applied to the wrong kind of value, once for each place in the rule file."""
    found: dict[tuple[Span, str], Diagnostic] = {}
    for expression, span in _expressions(graph):
        for part in walk(expression):
            message = _problem(part, graph)
            if message:
                found.setdefault((span, message), _diagnostic(message, span))
    return list(found.values())


def _diagnostic(message: str, span: Span) -> Diagnostic:
    return Diagnostic("E597", message, span, "numbers, truth values and names do not mix")


def _expressions(graph: ModelGraph) -> Iterator[tuple[Expression, Span]]:
    for node in graph.nodes:
        match node:
            case RandomVariable():
                for argument in node.distribution.arguments:
                    # an argument must be a number, which adding 0 asks for
                    yield Apply("neg", (argument,)), node.span
            case Definition():
                yield node.expression, node.span
    for condition in graph.conditions:
        if not isinstance(condition, Observation):
            yield condition.expression, condition.span
    for estimand in graph.estimands:
        yield estimand.expression, estimand.span


def _problem(part: Expression, graph: ModelGraph) -> str:
    kinds = [kind_of(child, graph.kind) for child in children(part)]
    match part:
        case Apply("and" | "or" | "not" | "count"):
            return _wrong(part, kinds, ("bool",), "true or false")
        case Apply("=" | "!=", (left, right)):
            if kinds[0] != kinds[1]:
                return f"{shown(left)} is {NOUNS[kinds[0]]}, but {shown(right)} is {NOUNS[kinds[1]]}"
        case Apply("if"):
            if kinds[0] != "bool":
                return f"the condition {shown(part.arguments[0])} is {NOUNS[kinds[0]]}"
            if kinds[1] != kinds[2]:
                return f"one branch of this 'if' is {NOUNS[kinds[1]]}, the other {NOUNS[kinds[2]]}"
        case Apply():
            return _wrong(part, kinds, ("number", "bool"), "a number")
        case Lookup():
            others = {kind for kind in kinds[1:] if kind != kinds[1]}
            if others:
                return (
                    f"the values of {shown(part)} are {NOUNS[kinds[1]]} in one case, {NOUNS[others.pop()]} in another"
                )
    return ""


def _wrong(part: Apply, kinds: list[Kind], wanted: tuple[Kind, ...], noun: str) -> str:
    for argument, kind in zip(part.arguments, kinds, strict=True):
        if kind not in wanted:
            return f"{shown(argument)} is {NOUNS[kind]}, where {noun} belongs"
    return ""


def shown(expression: Expression) -> str:
    """An expression as messages show it."""
    text = describe(expression)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
