"""The Bayes ball against the definition: an observation is requisite iff it is not d-separated from the query."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.synthesis.separation import markov_blanket, requisite_observations
from tests.effort import tries


def d_separated(parents: dict[str, set[str]], one: str, other: str, given_: set[str]) -> bool:
    """By moralising the ancestral graph (Lauritzen et al. 1990), which has nothing of the Bayes ball."""
    kept = {one, other} | given_
    waiting = list(kept)
    while waiting:
        for parent in parents[waiting.pop()]:
            if parent not in kept:
                kept.add(parent)
                waiting.append(parent)
    edges: dict[str, set[str]] = {name: set() for name in kept}
    for name in kept:
        for parent in parents[name]:
            edges[name].add(parent)
            edges[parent].add(name)
        for left, right in combinations(parents[name], 2):
            edges[left].add(right)
            edges[right].add(left)
    seen, waiting = {one}, [one]
    while waiting:
        for near in edges[waiting.pop()]:
            if near not in seen and near not in given_:
                seen.add(near)
                waiting.append(near)
    return other not in seen and not (edges[other] & seen)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, set[str]], str, set[str]]:
    names = [f"n{number}" for number in range(draw(st.integers(2, 7)))]
    parents = {
        name: set(draw(st.lists(st.sampled_from(names[:place]), max_size=3))) if place else set()
        for place, name in enumerate(names)
    }
    query = draw(st.sampled_from(names))
    observed = set(draw(st.lists(st.sampled_from(names), max_size=5))) - {query}
    return parents, query, observed


@given(graphs())
@settings(max_examples=tries(300))
def test_requisite_observations_are_those_that_are_connected(
    example: tuple[dict[str, set[str]], str, set[str]],
) -> None:
    parents, query, observed = example
    expected = {name for name in observed if not d_separated(parents, query, name, observed - {name})}
    found = requisite_observations(parents, [query], observed)
    # The ball keeps all that is needed for the distribution of the query; what is connected is never lost.
    assert expected <= found
    lost = observed - found
    for name in lost:
        assert d_separated(parents, query, name, observed - {name})


@given(graphs())
@settings(max_examples=tries(100))
def test_a_markov_blanket_shields_and_has_nothing_to_spare(example: tuple[dict[str, set[str]], str, set[str]]) -> None:
    parents, name, _ = example
    blanket = set(markov_blanket(parents, name))
    for other in set(parents) - blanket - {name}:
        assert d_separated(parents, name, other, blanket)
    for member in blanket:
        assert not d_separated(parents, name, member, blanket - {member})


def test_chain_fork_and_collider() -> None:
    assert requisite_observations({"a": [], "b": ["a"], "c": ["b"]}, ["a"], {"b", "c"}) == {"b"}
    assert requisite_observations({"a": [], "b": ["a"], "c": ["a"]}, ["b"], {"c"}) == {"c"}
    assert requisite_observations({"a": [], "b": ["a"], "c": ["a"]}, ["b"], {"a", "c"}) == {"a"}
    assert requisite_observations({"a": [], "b": [], "c": ["a", "b"]}, ["a"], {"b"}) == frozenset()
    assert requisite_observations({"a": [], "b": [], "c": ["a", "b"]}, ["a"], {"b", "c"}) == {"b", "c"}
