"""Which constraints belong to what is asked: those on what comes from it as well, and what they bring in."""

from __future__ import annotations

import math

import pytest

import nesy

LAWN = """
random rain : bool ~ bernoulli(0.5).
random wet : bool ~ bernoulli(if rain then 0.9 else 0.1).
"""


def probability(text: str, query: str) -> float:
    found = nesy.load(text).compile("probabilistic").infer({})[query].probability
    assert found is not None
    return float(found[0, 1])


def test_a_constraint_on_what_comes_from_the_query() -> None:
    assert probability(f"{LAWN} :- wet. query rain.", "rain") == pytest.approx(0.1)
    assert probability(f"{LAWN} define dry = not wet. :- not dry. query rain.", "rain") == pytest.approx(0.1)


def test_a_constraint_through_another_one() -> None:
    """The sprinkler is off, one of the two made the lawn wet, and the road is as wet as the lawn."""
    text = f"""{LAWN}
random sprinkler : bool ~ bernoulli(0.5).
random road : bool ~ bernoulli(if sprinkler then 0.8 else 0.3).
:- road, not wet.
:- not road, wet.
:- sprinkler.
query rain.
"""
    both = {rain: (0.9 if rain else 0.1) * 0.3 + (0.1 if rain else 0.9) * 0.7 for rain in (True, False)}
    assert probability(text, "rain") == pytest.approx(both[True] / sum(both.values()))


def test_the_weight_of_a_soft_constraint_counts() -> None:
    """A standard normal density times exp(−2x²) is that of precision 5."""
    text = "item(1..2). random x : real ~ normal(0, 1). define cost(I) = x * x for item(I)."
    found = nesy.load(f"{text} :~ item(I). [cost(I), I] query x.").compile("probabilistic").infer({})["x"]
    assert found.sd is not None
    assert float(found.sd[0]) == pytest.approx(math.sqrt(1 / 5), rel=1e-4)


def test_constraints_on_something_else_are_for_other_back_ends() -> None:
    text = f"{LAWN} percept lamp : bool. concept on : bool. on iff lamp. :- on. :~ on. [1] query rain."
    assert probability(text, "rain") == pytest.approx(0.5)
