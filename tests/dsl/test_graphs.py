"""Components, paths and cycles, against a search over all that a node reaches."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl.graphs import components, shortest_cycle, shortest_path

Graph = dict[str, list[str]]

_GRAPHS = st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=12).map(
    lambda pairs: {node: sorted(target for source, target in pairs if source == node) for node in "abcdef"}
)


def _distances(start: str, graph: Graph) -> dict[str, int]:
    """The length of a shortest path of at least one step to each node."""
    found: dict[str, int] = {}
    frontier = {start}
    for length in range(1, len(graph) + 1):
        frontier = {target for node in frontier for target in graph[node]}
        for node in frontier:
            found.setdefault(node, length)
    return found


@given(_GRAPHS)
def test_components_are_what_reaches_one_another_and_come_after_what_they_depend_on(graph: Graph) -> None:
    found = components(graph)
    assert sorted(node for members in found for node in members) == sorted(graph)
    reached = {node: {node, *_distances(node, graph)} for node in graph}
    known: set[str] = set()
    for members in found:
        known.update(members)
        for node in members:
            assert reached[node] <= known
            assert set(members) == {other for other in reached[node] if node in reached[other]}


def test_targets_that_are_no_keys_are_passed_over() -> None:
    assert components({"a": ["a", "missing"]}) == [["a"]]


@given(_GRAPHS)
def test_shortest_paths_and_cycles(graph: Graph) -> None:
    for start in graph:
        distances = _distances(start, graph)
        cycle = shortest_cycle(start, graph)
        assert len(cycle) == distances.get(start, 0)
        assert all(target in graph[node] for node, target in pairwise((*cycle, *cycle[:1])))
        for goal in graph:
            path = shortest_path(start, goal, graph)
            assert len(path) == (1 if goal == start else distances.get(goal, -1) + 1)
            assert not path or (path[0], path[-1]) == (start, goal)
            assert all(target in graph[node] for node, target in pairwise(path))


@pytest.mark.slow
def test_long_chains_need_no_recursion() -> None:
    chain = {number: [number + 1] for number in range(20_000)} | {20_000: [0]}
    assert len(components(chain)) == 1
    assert len(shortest_cycle(0, chain)) == 20_001
