"""Models run: the graph of a candidate, interventions in it, and the posterior of its queries."""

from __future__ import annotations

from collections.abc import Sequence

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.syntax import Call, Negative, Number, Term, Text
from nesy.dsl.values import format_reference
from nesy.program import Program
from nesy.solvers.probabilistic.building.build import build
from nesy.solvers.probabilistic.inference.choose import Chosen
from nesy.solvers.probabilistic.inference.results import Inferred
from nesy.solvers.probabilistic.model.expressions import Constant
from nesy.solvers.probabilistic.model.graph import Definition, ModelGraph, Observation
from nesy.synthesis.reading import Intervention
from nesy.synthesis.settings import Settings
from nesy.synthesis.slots import Denoted


def graph_of(program: Program) -> ModelGraph:
    """The model graph of a candidate's program; :class:`NesyError` with what is wrong in it."""
    return build(program.checked).graph


def infer(graph: ModelGraph, interventions: Sequence[Intervention], settings: Settings) -> Inferred:
    """The posteriors of the graph's estimands under interventions."""
    for entry in interventions:
        graph = intervened(graph, entry)
    chosen = Chosen(graph, {}, settings.method, settings.samples)
    (found,) = chosen.infer({}, 1, seed=settings.seed, time_limit=settings.time_limit)
    return found


def intervened(graph: ModelGraph, entry: Intervention) -> ModelGraph:
    """The graph in which a node is set from outside: it no longer depends on anything, and what it was is forgotten.

    An observation of the node itself is dropped with it. J. Pearl, *Causality* (2009), chapter 3.
    """
    call, value = entry.target.left, ground_value(entry.target.right)
    assert isinstance(call, Call)
    index = tuple(value for value in map(ground_value, call.arguments) if not isinstance(value, float))
    label = format_reference(call.name, index)
    if label not in graph.by_label:
        message = f"'do' sets '{label}', on which nothing that is asked depends"
        raise NesyError(
            Diagnostic("E622", message, entry.target.span, "leave it out, or ask for something it influences")
        )
    node = graph.by_label[label]
    fixed = Definition(label, node.family, node.index, Constant(value), node.kind, node.unit, node.span)
    nodes = tuple(fixed if other is node else other for other in graph.nodes)
    kept = tuple(other for other in graph.conditions if not (isinstance(other, Observation) and other.label == label))
    return ModelGraph(nodes, kept, graph.estimands)


def ground_value(term: Term) -> Denoted:
    """The value of a term without variables."""
    match term:
        case Number(value):
            return value
        case Negative(Number(value)):
            return -value
        case Text(text):
            return text
        case Call(name, ()) if name in ("true", "false"):
            return name == "true"
        case Call(name, ()):
            return name
        case _:
            raise NesyError(Diagnostic("E622", "'do' sets something to what is no value", term.span, "write a value"))
