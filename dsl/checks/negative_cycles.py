"""Cycles in the graph of names that go through a negation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nesy.dsl.graphs import components, shortest_path
from nesy.dsl.span import Span

Edges = Mapping[tuple[str, str], Span]

MOST_CYCLES = 10
"""So many cycles are shown of names that all depend on one another."""


def negative_components(positive: Edges, negative: Edges) -> list[tuple[frozenset[str], list[tuple[str, str]]]]:
    """The sets of names that all depend on one another, some of it through negation, with the negative pairs."""
    found = components(_successors((*positive, *negative)))
    component = {name: number for number, names in enumerate(found) for name in names}
    inside: dict[int, list[tuple[str, str]]] = {}
    for name, other in negative:
        if component[name] == component[other]:
            inside.setdefault(component[name], []).append((name, other))
    return [(frozenset(found[number]), pairs) for number, pairs in inside.items()]


def cycles_through_negation(positive: Edges, negative: Edges) -> list[tuple[str, ...]]:
    """Short cycles through negative pairs: the names in order, the negative pair first."""
    cycles: list[tuple[str, ...]] = []
    for names, pairs in negative_components(positive, negative):
        edges = _successors(pair for pair in (*positive, *negative) if pair[0] in names and pair[1] in names)
        covered: set[str] = set()
        shown = 0
        for name, other in pairs:
            if shown < MOST_CYCLES and not (name in covered and other in covered):
                path = shortest_path(other, name, edges)
                cycles.append((name, *path[:-1]))
                covered.update(path)
                shown += 1
    return cycles


def _successors(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    edges: dict[str, list[str]] = {}
    for name, other in pairs:
        edges.setdefault(name, []).append(other)
        edges.setdefault(other, [])
    return edges
