"""Models on which methods fail: the outcome says so, or the answer is right. Never a number that is quietly wrong."""

from __future__ import annotations

from math import exp

import pytest

import nesy
from nesy.solvers.answer import Answer

MODES = """
type i = 1..3.
random x(I) : real ~ studentt(3, 0, 10) for i(I).
random y(I) : real ~ normal(x(I) * x(I), 0.05) for i(I).
random z : real ~ normal(x(1) + x(2) + x(3), 5).
observe y(1) = 64. observe y(2) = 49. observe y(3) = 81. observe z = 0.
query x(_). query x(1) > 0 and x(2) > 0 and x(3) < 0.
"""
"""Eight narrow modes, each |x| known to a hair: the signs alone are open."""

ENTANGLED = """
type bit = 1..70.
random on(I) : bool ~ bernoulli(0.5) for bit(I).
define mixed(J) = sum { if on(I) then (I * I * J) mod 997 else 0, I : bit(I) }.
observe mixed(1) = 17401. observe mixed(2) = 17777. observe mixed(3) = 16001. observe mixed(5) = 16003.
query on(1).
"""

RIDGE = """
random a : real ~ normal(0, 1000).
random b : real ~ normal(0, 1000).
random c : real ~ lognormal(0, 2).
define total = a + b + log(c).
random y : real ~ studentt(4, total, 0.1).
observe y = 3.
query a. query total.
"""
"""Only the sum of three numbers is known."""


def infer(text: str, **options: object) -> Answer:
    return nesy.load(text).compile("probabilistic", **options).infer()  # type: ignore[arg-type]


@pytest.mark.slow
def test_all_modes_are_found_or_the_searches_say_that_some_are_missing() -> None:
    answer = infer(MODES)
    assert answer.status == ["estimated"]
    for number, size in enumerate((8.0, 7.0, 9.0), 1):
        result = answer[f"x({number})"]
        assert result.mean is not None
        assert result.sd is not None
        assert result.error is not None
        assert abs(float(result.mean[0])) < 4.5 * float(result.error[0])  # the model is symmetric
        assert float(result.sd[0]) == pytest.approx(size, rel=0.01)
    # signs: P ∝ exp(−(Σ ±)² / 50); the three pairs of opposite modes with the same sum, and one far away
    weights = {total: exp(-(total**2) / 50) for total in (24, 6, 8, 10)}
    probability = answer["x(1) > 0 and x(2) > 0 and x(3) < 0"].probability
    assert probability is not None
    assert float(probability[0, 1]) == pytest.approx(weights[6] / 2 / sum(weights.values()), abs=0.03)


def test_entangled_truth_values_end_in_time_and_without_a_number() -> None:
    answer = infer(ENTANGLED, time_limit=1.0)
    assert answer.status == ["timeout"]
    assert {warning.code for warning in answer.warnings} == {"W599"}
    told = "the finite variables are too entangled for tables: a function of them has too many entries"
    assert told in [warning.message for warning in answer.warnings]


@pytest.mark.slow
def test_what_is_not_identified_keeps_its_prior() -> None:
    answer = infer(RIDGE)
    assert answer.status == ["estimated"]
    alone, together = answer["a"], answer["total"]
    assert alone.sd is not None
    assert together.sd is not None
    assert together.mean is not None
    assert float(alone.sd[0]) == pytest.approx(1000 / 2**0.5, rel=0.04)
    assert float(together.mean[0]) == pytest.approx(3.0, abs=0.02)
    assert float(together.sd[0]) == pytest.approx(0.1 * 2**0.5, rel=0.15)  # Student with 4 degrees: sd 0.1 · √2
