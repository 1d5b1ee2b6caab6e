"""Cycles through negation, against a search over all paths."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl.checks.negative_cycles import cycles_through_negation, negative_components
from nesy.dsl.span import NOWHERE

_PAIRS = st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=12)


def _reaches(start: str, goal: str, pairs: set[tuple[str, str]]) -> bool:
    seen = {start}
    while True:
        more = {other for name, other in pairs if name in seen} - seen
        if not more:
            return goal in seen
        seen |= more


@given(_PAIRS, _PAIRS)
def test_components_hold_exactly_the_names_that_draw_on_their_own_negation(
    positive: set[tuple[str, str]], negative: set[tuple[str, str]]
) -> None:
    pairs = positive | negative
    expected = {(name, other) for name, other in negative if _reaches(other, name, pairs)}
    found = negative_components(dict.fromkeys(positive, NOWHERE), dict.fromkeys(negative, NOWHERE))
    assert {pair for _, inside in found for pair in inside} == expected
    for names, _ in found:
        assert all(_reaches(name, other, pairs) for name in names for other in names)


@given(_PAIRS, _PAIRS)
def test_cycles_are_closed_and_begin_with_a_negative_step(
    positive: set[tuple[str, str]], negative: set[tuple[str, str]]
) -> None:
    pairs = positive | negative
    cycles = cycles_through_negation(dict.fromkeys(positive, NOWHERE), dict.fromkeys(negative, NOWHERE))
    for cycle in cycles:
        steps = list(zip(cycle, (*cycle[1:], cycle[0]), strict=True))
        assert steps[0] in negative
        assert set(steps) <= pairs
    assert bool(cycles) == any(_reaches(other, name, pairs) for name, other in negative)


def test_long_chains_need_no_recursion() -> None:
    chain = {(f"n{i}", f"n{i + 1}"): NOWHERE for i in range(20_000)}
    assert cycles_through_negation(chain, {("n20000", "n0"): NOWHERE})[0][0] == "n20000"
