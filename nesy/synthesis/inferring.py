"""Models run: interventions in a graph, the posterior of its queries, and what in it cannot hold together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.interventions import assigned
from nesy.solvers.garbage import collected_afterwards
from nesy.solvers.probabilistic.inference.choose import Chosen
from nesy.solvers.probabilistic.inference.conflicts import conflicting, impossible
from nesy.solvers.probabilistic.inference.results import Inferred
from nesy.solvers.probabilistic.model.graph import Condition, ModelGraph
from nesy.solvers.probabilistic.model.interventions import intervened
from nesy.synthesis.reading import Intervention
from nesy.synthesis.settings import Settings


def infer(graph: ModelGraph, interventions: Sequence[Intervention], settings: Settings) -> Inferred:
    """The posteriors of the graph's estimands under interventions."""
    (found,) = _chosen(graph, interventions, settings).infer({}, 1, seed=settings.seed, time_limit=settings.time_limit)
    return found


def conflict_of(graph: ModelGraph, interventions: Sequence[Intervention], settings: Settings) -> tuple[Condition, ...]:
    """A smallest part of the conditions that cannot hold together, for a graph that :func:`infer` finds infeasible."""
    return conflicting(_chosen(graph, interventions, settings), {})


def is_impossible(graph: ModelGraph, interventions: Sequence[Intervention], settings: Settings) -> bool:
    """Whether the conditions cannot hold together, as far as that shows without sampling: by intervals and tables."""
    return impossible(_chosen(graph, interventions, settings), {})


def changed(graph: ModelGraph, interventions: Sequence[Intervention]) -> ModelGraph:
    """The graph under interventions; E622 for one on which nothing depends that is asked."""
    for entry in interventions:
        graph = _intervened(graph, entry)
    return graph


def _chosen(graph: ModelGraph, interventions: Sequence[Intervention], settings: Settings) -> Chosen:
    with collected_afterwards():
        return Chosen(changed(graph, interventions), {}, settings.method, settings.samples)


def _intervened(graph: ModelGraph, entry: Intervention) -> ModelGraph:
    """The graph under one intervention; what is wrong with it is told at its place in the question."""
    try:
        label, value = assigned(entry.target, entry.text)
        if label not in graph.by_label:
            message = f"'do' sets '{label}', on which nothing that is asked depends"
            raise NesyError(Diagnostic("E622", message, hint="leave it out, or ask for something it influences"))
        return intervened(graph, {label: value})
    except NesyError as error:
        raise NesyError(replace(each, span=entry.target.span, place="") for each in error.diagnostics) from None
