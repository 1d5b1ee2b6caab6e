"""Which observations of a question matter: those that are d-separated from all that is asked are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nesy.dsl.span import Span
from nesy.dsl.statements import Observe
from nesy.solvers.probabilistic.model.graph import ModelGraph, Observation
from nesy.synthesis.reading import Reading
from nesy.synthesis.separation import requisite_observations


@dataclass(frozen=True)
class Sifted:
    """The observations that bear on the queries, and those that cannot."""

    kept: tuple[Observe, ...]
    irrelevant: tuple[Observe, ...]


def sift(graph: ModelGraph, reading: Reading) -> Sifted:
    """Tell the reading's observations apart by the Bayes ball in the ground graph.

    Observations of one sentence stand and fall together.
    """
    parents: dict[str, Sequence[str]] = dict(graph.edges)
    observed: set[str] = set()
    spans: dict[Span, set[str]] = {}
    for place, condition in enumerate(graph.conditions):
        if isinstance(condition, Observation):
            name = condition.label
        else:
            name = f"condition {place}"
            parents[name] = condition.parents
        observed.add(name)
        spans.setdefault(condition.span, set()).add(name)
    queried = [label for estimand in graph.estimands for label in estimand.parents]
    requisite = requisite_observations(parents, queried, observed)
    kept, irrelevant = [], []
    for entry in reading.observations:
        about = spans.get(entry.span, set())
        (kept if not about or about & requisite else irrelevant).append(entry)
    return Sifted(tuple(kept), tuple(irrelevant))
