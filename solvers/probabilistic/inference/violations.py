"""How far events are from holding: what tempers hard evidence.

``a > b`` is violated by b − a, a conjunction by the sum over its parts, a disjunction by the least of its parts; what
has no size is violated by 1. An event holds exactly where its violation is 0.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nesy.solvers.probabilistic.model.expressions import Apply, Constant, Expression, Operator, Reference, kind_of
from nesy.solvers.probabilistic.model.graph import Definition, ModelGraph
from nesy.solvers.probabilistic.vectorised.codes import FLOAT
from nesy.solvers.probabilistic.vectorised.executor import Executor
from nesy.solvers.probabilistic.vectorised.templates import Function

LEAST = 1e-12
"""The violation of a strict inequality between equal numbers."""
_FLIPPED: dict[Operator, Operator] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}


def violation(executor: Executor, event: Expression) -> Function:
    """The violation of an event, ``[traces or 1, 1]``, ≥ 0."""
    return _function(executor, _opened(executor.graph, event, negative=False))


def _opened(graph: ModelGraph, event: Expression, *, negative: bool) -> Expression:
    """The event (its contrary if ``negative``) with definitions put in and ``not`` pushed to comparisons."""
    match event:
        case Reference(label) if isinstance(node := graph.by_label[label], Definition):
            return _opened(graph, node.expression, negative=negative)
        case Apply("not", (inner,)):
            return _opened(graph, inner, negative=not negative)
        case Apply("and" | "or" as operator, items):
            other: Operator = operator if not negative else "or" if operator == "and" else "and"
            return Apply(other, tuple(_opened(graph, item, negative=negative) for item in items))
        case Apply(operator, arguments) if operator in _FLIPPED:
            return Apply(_FLIPPED[operator] if negative else operator, arguments)
        case Constant(value):
            return Constant(bool(value) != negative)
        case _:
            return Apply("not", (event,)) if negative else event


def _function(executor: Executor, event: Expression) -> Function:
    match event:
        case Apply("and", items):
            parts = [_function(executor, item) for item in items]
            return lambda state: _added([part(state) for part in parts])
        case Apply("or", items):
            parts = [_function(executor, item) for item in items]
            return lambda state: _least([part(state) for part in parts])
        case Apply("<" | "<=" | ">" | ">=" as operator, (left, right)):
            low, high = (left, right) if operator in ("<", "<=") else (right, left)
            gap, holds = executor.function(Apply("-", (low, high))), executor.function(event)
            return lambda state: _gap(gap(state), holds(state))
        case Apply("=", (left, right)) if kind_of(left, executor.graph.kind) == "number":
            gap, holds = executor.function(Apply("-", (left, right))), executor.function(event)
            return lambda state: _gap(gap(state).abs(), holds(state))
        case _:
            holds = executor.function(event)
            return lambda state: 1.0 - holds(state).to(FLOAT)


def _gap(gap: Tensor, holds: Tensor) -> Tensor:
    return torch.where(holds, 0.0, gap.clamp(min=LEAST))


def _added(parts: list[Tensor]) -> Tensor:
    found = parts[0]
    for part in parts[1:]:
        found = found + part
    return found


def _least(parts: list[Tensor]) -> Tensor:
    found = parts[0]
    for part in parts[1:]:
        found = torch.minimum(found, part)
    return found
