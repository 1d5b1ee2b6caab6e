"""What is known may be impossible together: found before sampling where intervals show it, and named by its lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf

from nesy.solvers.probabilistic.model.arithmetic import same
from nesy.solvers.probabilistic.model.expressions import Apply, Constant, Expression, Reference, Scalar
from nesy.solvers.probabilistic.model.graph import (
    Condition,
    Definition,
    Equation,
    Event,
    Factor,
    ModelGraph,
    Observation,
)
from nesy.solvers.probabilistic.model.intervals import EVERYTHING, Interval, Support, Values
from nesy.solvers.probabilistic.model.supports import Supports

MOST_CONDITIONS = 200
"""With more conditions than this, conflicts are not made minimal."""


def interval_conflict(graph: ModelGraph) -> tuple[Condition, ...]:
    """Conditions that cannot hold together, as far as intervals show it; minimal; empty if none are found.

    ``observe strength(ann) > 100.`` and ``observe strength(ann) < 90.`` have probability 0 together.
    """
    return minimal(graph, graph.conditions, _impossible) if _impossible(graph, graph.conditions) else ()


def minimal(
    graph: ModelGraph, conditions: Sequence[Condition], impossible: Callable[[ModelGraph, Sequence[Condition]], bool]
) -> tuple[Condition, ...]:
    """A smallest part of ``conditions``, by leaving out one after the other, that is still impossible."""
    kept = [condition for condition in conditions if not isinstance(condition, Factor)]
    if len(kept) > MOST_CONDITIONS:
        return tuple(kept)
    for condition in list(kept):
        fewer = [other for other in kept if other is not condition]
        if impossible(graph, fewer):
            kept = fewer
    return tuple(kept)


def _impossible(graph: ModelGraph, conditions: Sequence[Condition]) -> bool:
    known: dict[str, Scalar] = {}
    for condition in conditions:
        if isinstance(condition, Observation):
            if condition.label in known and not same(known[condition.label], condition.value):
                return True
            known[condition.label] = condition.value
    reduced = replace(graph, conditions=tuple(conditions))
    bounds: dict[str, Interval] = {}
    for condition in conditions:
        if isinstance(condition, Event):
            _bound(graph, condition.expression, bounds)
    if any(interval.empty for interval in bounds.values()):
        return True
    supports = Supports(reduced, bounds)
    return any(map(_is_empty, (supports[label] for label in bounds))) or any(
        isinstance(condition, Event) and supports.of(condition.expression) == Values((False,))
        for condition in conditions
    )


def _is_empty(support: Support) -> bool:
    return support.empty if isinstance(support, Interval) else not support.items


def _bound(graph: ModelGraph, event: Expression, bounds: dict[str, Interval]) -> None:
    """Narrow the variables that an event compares with constants."""
    match event:
        case Reference(label) if isinstance(node := graph.by_label[label], Definition):
            _bound(graph, node.expression, bounds)
        case Apply("and", items):
            for item in items:
                _bound(graph, item, bounds)
        case Apply(operator, (Reference(label), Constant(value))) if not isinstance(value, bool | str | tuple):
            _narrow(graph, label, operator, float(value), bounds)
        case Apply(operator, (Constant(value), Reference(label))) if not isinstance(value, bool | str | tuple):
            flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(operator, operator)
            _narrow(graph, label, flipped, float(value), bounds)


def _narrow(graph: ModelGraph, label: str, operator: str, value: float, bounds: dict[str, Interval]) -> None:
    if isinstance(node := graph.by_label[label], Definition):
        if isinstance(node.expression, Reference):
            _narrow(graph, node.expression.label, operator, value, bounds)
        return
    limits = {
        "<": Interval(-inf, value, high_open=True),
        "<=": Interval(-inf, value),
        ">": Interval(value, inf, low_open=True),
        ">=": Interval(value, inf),
        "=": Interval(value, value),
    }
    limit = limits.get(operator)
    if limit is not None:
        bounds[label] = bounds.get(label, EVERYTHING).meet(limit)


def without(graph: ModelGraph, left_out: Condition) -> ModelGraph:
    """The graph without one of its conditions."""
    return replace(graph, conditions=tuple(entry for entry in graph.conditions if entry is not left_out))


def has_equations(graph: ModelGraph) -> bool:
    """Whether a continuous definition is observed."""
    return any(isinstance(condition, Equation) for condition in graph.conditions)
