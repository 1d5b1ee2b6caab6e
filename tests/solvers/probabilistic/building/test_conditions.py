"""Constraints over random variables, held against the same ones over percepts and against enumeration."""

from __future__ import annotations

from itertools import product
from math import exp, log

import pytest

import nesy

LOADS = "type node = 1..3. random load(node) : 0..2 ~ categorical(1, 1, 1). query load(_)."
READ = "type node = 1..3. percept load(node) : 0..2. query load(_)."
EVEN = {"load": {str(node): dict.fromkeys("012", 1 / 3) for node in (1, 2, 3)}}


@pytest.mark.parametrize(
    ("statement", "cost"),
    [
        (":~ load(N) = 2, node(N). [1]", lambda load: load.count(2)),
        (":~ load(N) = V, node(N), V > 0. [V]", sum),
        (":~ load(N) = 2, node(N). [1, N]", lambda load: load.count(2)),
        (":~ load(_) = 2. [1]", lambda load: float(2 in load)),
        (":~ load(N) = V, load(M) = V, node(N), node(M), N < M. [2]", lambda load: 2 * (3, 1, 0)[len(set(load)) - 1]),
        (":~ load(1) = 2. [-3]", lambda load: -3 * (load[0] == 2)),
        (":- load(_) = 2, load(_) = 1.", lambda load: float("inf") if {1, 2} <= set(load) else 0.0),
    ],
)
def test_every_way_to_break_a_constraint_counts_as_in_the_logical_back_ends(statement: str, cost: object) -> None:
    assert callable(cost)
    weights = {load: exp(-cost(load)) for load in product(range(3), repeat=3)}
    total = sum(weights.values())
    expected = [sum(weight for load, weight in weights.items() if load[0] == v) / total for v in range(3)]
    for text, evidence in ((LOADS, {}), (READ, EVEN)):
        answer = nesy.load(text + statement).compile("probabilistic").infer(evidence)
        assert answer["load"].probability is not None
        assert answer["load"].probability[0, 0].tolist() == pytest.approx(expected)
        assert float(answer.statistics["log_evidence"][0]) == pytest.approx(log(total / 27))


def test_weights_may_be_decimal_and_data() -> None:
    text = """
    late(1, 0.25). late(2, 1.5).
    random on(N) : bool ~ bernoulli(0.5) for late(N, _).
    :~ on(N), late(N, W). [W, N]
    :~ on(1). [0.7]
    query on(_).
    """
    found = nesy.load(text).compile("probabilistic").infer()["on"].probability
    assert found is not None
    for place, cost in enumerate((0.25 + 0.7, 1.5)):
        assert float(found[0, place, 1]) == pytest.approx(exp(-cost) / (1 + exp(-cost)))


@pytest.mark.parametrize("backend", ["asp", "integer", "probabilistic"])
def test_where_costs_are_whole_numbers_a_decimal_weight_is_refused(backend: str) -> None:
    with pytest.raises(nesy.NesyError, match="E517"):
        nesy.load("percept a : bool. :~ a. [0.7] query a.").compile(backend)
