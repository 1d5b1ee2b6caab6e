"""Interventions: nodes that are set from outside, whatever they would have been (Pearl, *Causality*, 2009, ch. 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nesy.dsl.diagnostics import Diagnostic, did_you_mean, raise_errors
from nesy.dsl.values import format_value
from nesy.solvers.probabilistic.model.expressions import Constant, Scalar, kind_of_value
from nesy.solvers.probabilistic.model.graph import Definition, ModelGraph, Node, Observation, RandomVariable
from nesy.solvers.probabilistic.model.kinds import NOUNS
from nesy.solvers.probabilistic.model.validation import problems_of


def intervened(graph: ModelGraph, settings: Mapping[str, Scalar]) -> ModelGraph:
    """The graph in which each node of ``settings`` has a value from outside and depends on nothing any more.

    Observations of such a node are dropped with what it was; everything else that is known stays. Raises E598 for nodes
    that are not there and values that they cannot have, E592 where a distribution does not admit what is set.
    """
    raise_errors([problem for label, value in settings.items() if (problem := _problem(graph, label, value))])
    nodes = tuple(_set(node, settings[node.label]) if node.label in settings else node for node in graph.nodes)
    conditions = tuple(
        entry for entry in graph.conditions if not (isinstance(entry, Observation) and entry.label in settings)
    )
    found = replace(graph, nodes=nodes, conditions=conditions)
    raise_errors(problems_of(found))
    return found


def _set(node: Node, value: Scalar) -> Definition:
    return Definition(node.label, node.family, node.index, Constant(value), node.kind, node.unit, node.span)


def _problem(graph: ModelGraph, label: str, value: Scalar) -> Diagnostic | None:
    node = graph.by_label.get(label)
    if node is None:
        hint = did_you_mean(label, graph.by_label) or "set something on which a query depends"
        return Diagnostic("E598", f"there is no '{label}' to set in this model", hint=hint, place="--do")
    shown = f"{value:g}" if isinstance(value, float) else format_value(value)
    if isinstance(node, RandomVariable) and node.domain is not None:
        if not isinstance(value, float) and node.domain.position(value) is not None:
            return None
        values = ", ".join(map(format_value, node.domain.values[:8])) + (", …" if len(node.domain) > 8 else "")
        message = f"'{label}' cannot be set to {shown}: it is one of {values}"
        return Diagnostic("E598", message, hint="write one of its values", place="--do")
    if kind_of_value(value) != node.kind:
        message = f"'{label}' cannot be set to {shown}: it is {NOUNS[node.kind]}"
        return Diagnostic("E598", message, hint=f"write {NOUNS[node.kind]}", place="--do")
    return None
