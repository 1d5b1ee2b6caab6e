"""Other questions to the same model: what was believed before anything was known, and what would be observed anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.probabilistic.model.expressions import Expression, Reference, replaced
from nesy.solvers.probabilistic.model.graph import Definition, Estimand, ModelGraph, Node, RandomVariable

MARK = "′"
"""What the label of a replica ends in."""


def prior(graph: ModelGraph) -> ModelGraph:
    """The graph in which nothing is known."""
    return replace(graph, conditions=())


def predictive(graph: ModelGraph) -> ModelGraph:
    """The graph that asks for a replica of each observed random variable, given everything that is known.

    A replica depends on what the observed variable depends on; where that is another observed variable, or is computed
    from one, on the replica of it. Its estimand bears the observed variable's label. Raises E599 where nothing is
    observed but events.
    """
    if not graph.observed:
        message = "nothing would be observed anew: no random variable is observed by its value"
        raise NesyError(Diagnostic("E599", message, hint="take --mode posterior, or observe a value", place="--mode"))
    twins: dict[str, str] = {}
    nodes: list[Node] = list(graph.nodes)
    estimands = []
    for node in graph.nodes:
        moved = any(label in twins for label in node.parents)
        if isinstance(node, Definition) and moved:
            twin: Node = replace(node, expression=_moved(node.expression, twins))
        elif isinstance(node, RandomVariable) and node.label in graph.observed:
            arguments = tuple(_moved(argument, twins) for argument in node.distribution.arguments)
            twin = replace(node, distribution=replace(node.distribution, arguments=arguments))
            label = node.label + MARK
            estimands.append(Estimand(node.label, node.family, Reference(label), node.domain, node.unit, node.span))
        else:
            continue
        twins[node.label] = node.label + MARK
        nodes.append(replace(twin, label=node.label + MARK, family=node.family + MARK))
    return ModelGraph(tuple(nodes), graph.conditions, tuple(estimands))


def _moved(expression: Expression, twins: Mapping[str, str]) -> Expression:
    """``expression`` about the replicas of what it speaks of, where there are any."""
    return replaced(expression, lambda each: Reference(twins.get(each.label, each.label)))
