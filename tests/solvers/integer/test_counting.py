"""Sets of which at most one holds, found to be filled, against enumeration."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.solvers.integer.completion import complete
from nesy.solvers.integer.counting import filled
from tests.effort import tries
from tests.solvers.logic.programs import program_of

LATIN = """
percept cell(1..3, 1..3) : 1..3.
:- cell(R, C) = V, cell(R, D) = V, C < D.
:- cell(R, C) = V, cell(S, C) = V, R < S.
query cell(_, _).
"""


def test_each_value_stands_in_each_row_and_column() -> None:
    lowered = complete(program_of(LATIN))
    assert not lowered.at_most_one
    assert sorted(map(len, lowered.exactly_one)) == [3] * 27


def test_more_values_than_cells_leave_some_out() -> None:
    lowered = complete(program_of(LATIN.replace(": 1..3.", ": 1..4.")))
    assert len(lowered.exactly_one) == 9
    assert len(lowered.at_most_one) == 24


@settings(max_examples=tries(80), deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=2, max_size=3),
    st.lists(st.sets(st.integers(1, 9), min_size=2, max_size=4), min_size=1, max_size=5),
    st.booleans(),
)
def test_what_is_filled_holds_in_every_solution(rows: list[list[int]], others: list[set[int]], shuffled: bool) -> None:
    groups = [tuple(3 * place + value + 1 for value in sorted(set(row))) for place, row in enumerate(rows)]
    columns = [tuple(group[place] for group in groups if place < len(group)) for place in range(3)]
    cliques = [*(clique for clique in columns if clique), *(tuple(sorted(other)) for other in others)]
    cliques = cliques[::-1] if shuffled else cliques
    found = filled(cliques, groups)
    for chosen in product(*groups):
        held = set(chosen)
        if all(len(held & set(clique)) <= 1 for clique in cliques):
            assert all(held & set(cliques[place]) for place in found)
