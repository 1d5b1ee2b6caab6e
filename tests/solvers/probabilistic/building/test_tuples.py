"""Which tuples of an aggregate are the same, by enumeration."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

import nesy

LOADS = "type node = 1..3. random load(node) : 0..2 ~ categorical(1, 1, 1). next(1, 2). next(2, 3). "


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("count { V : node(N), load(N) = V }", lambda load: len(set(load))),
        ("sum { V : node(N), load(N) = V }", lambda load: sum(set(load))),
        ("sum { V, N : node(N), load(N) = V }", sum),
        ("sum { load(N) : node(N) }", sum),
        ("count { V, W : next(N, M), load(N) = V, load(M) = W }", lambda load: len({load[:2], load[1:]})),
        ("count { V : node(N), load(N) = V, V > 0 }", lambda load: len(set(load) - {0})),
    ],
)
def test_a_variable_is_its_value_and_a_term_is_its_place(term: str, value: object) -> None:
    assert callable(value)
    counted = Counter(value(load) for load in product(range(3), repeat=3))
    answer = nesy.load(f"{LOADS} define total = {term}. query total.").compile("probabilistic").infer()
    found = answer["total"].probability
    assert found is not None
    axis = answer["total"].domain.values
    assert {v: p for v, p in zip(axis, found[0].tolist(), strict=True) if p} == pytest.approx(
        {v: n / 27 for v, n in counted.items()}
    )
