"""Which observations of a question matter: those that are d-separated from all that is asked are told apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from nesy.dsl.span import Span
from nesy.dsl.statements import Observe
from nesy.solvers.probabilistic.model.graph import ModelGraph, Observation
from nesy.synthesis.reading import Reading
from nesy.synthesis.separation import requisite_observations

_CHOICE = "choice of the model"


@dataclass(frozen=True)
class Sifted:
    """The observations that bear on the queries, and those that cannot."""

    kept: tuple[Observe, ...]
    irrelevant: tuple[Observe, ...]


def sift(graphs: Sequence[ModelGraph], reading: Reading, varied: Collection[str] = ()) -> Sifted:
    """Tell the reading's observations apart by the Bayes ball in the ground graphs of the candidates.

    An observation that bears on the queries in one of them is kept. ``varied`` are the names that candidates model
    differently: which of them is right is an unknown above all these, and counts as queried, since observations that
    bear on it shift the weights of the candidates. Observations of one sentence stand and fall together.
    """
    kept: set[int] = set()
    for graph in graphs:
        kept |= {id(entry) for entry in _requisite(graph, reading, varied)}
    observations = reading.observations
    return Sifted(
        tuple(entry for entry in observations if id(entry) in kept),
        tuple(entry for entry in observations if id(entry) not in kept),
    )


def with_conditions(graph: ModelGraph) -> tuple[dict[str, Sequence[str]], tuple[str, ...]]:
    """The parents of all nodes, where each event is a node below those that it speaks of; and the conditions' names.

    The name of an observation is that of its variable.
    """
    parents: dict[str, Sequence[str]] = dict(graph.edges)
    names: list[str] = []
    for place, condition in enumerate(graph.conditions):
        if isinstance(condition, Observation):
            names.append(condition.label)
        else:
            name = condition.text if condition.text not in parents else f"{condition.text} #{place}"
            parents[name] = condition.parents
            names.append(name)
    return parents, tuple(names)


def _requisite(graph: ModelGraph, reading: Reading, varied: Collection[str]) -> list[Observe]:
    parents, names = with_conditions(graph)
    observed = set(names)
    spans: dict[Span, set[str]] = {}
    for condition, name in zip(graph.conditions, names, strict=True):
        spans.setdefault(condition.span, set()).add(name)
    queried = [label for estimand in graph.estimands for label in estimand.parents]
    if varied:
        parents[_CHOICE] = ()
        queried.append(_CHOICE)
        for node in graph.nodes:
            if node.family in varied:
                parents[node.label] = (*parents[node.label], _CHOICE)
    requisite = requisite_observations(parents, queried, observed)
    found = []
    for entry in reading.observations:
        about = spans.get(entry.span, set())
        if not about or about & requisite:
            found.append(entry)
    return found
