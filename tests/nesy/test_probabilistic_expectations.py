"""Expectations about posteriors."""

from __future__ import annotations

import nesy
from nesy.expectations import run_expectations

PROGRAM = """
percept seen : {red, green}.
random rain : bool ~ bernoulli(0.3).
random wet : bool ~ bernoulli(if rain or seen = red then 0.9 else 0.1).
random height : real ~ normal(10, 1).
query rain.
expect not rain.
expect rain given wet, seen = green.
expect P >= 0.7941 rain given wet, seen = green.
expect P < 0.7942 rain given wet, seen = green.
expect possible rain.
expect impossible rain given not rain.
expect P = 0.3 rain given seen = red.
expect height > 9.
expect rain given rain, not rain.
expect N > 0.5 rain.
"""


def test_probabilities_are_compared() -> None:
    outcomes = run_expectations(nesy.load(PROGRAM), "probabilistic")
    assert [outcome.passed for outcome in outcomes] == [True] * 8 + [False] * 2
    assert outcomes[8].found == "what is observed and given is impossible together"
    assert outcomes[9].found == "P(rain) = 0.3000"
    assert outcomes[9].wanted == "P > 0.5"


def test_observations_of_the_file_count() -> None:
    program = nesy.load(PROGRAM + "observe rain. expect rain.")
    assert run_expectations(program, "probabilistic")[-1].passed
