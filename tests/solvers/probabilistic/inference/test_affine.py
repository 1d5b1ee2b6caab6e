"""What is summed out as jointly normal, and what is left to a grid or to chains."""

from __future__ import annotations

import pytest

import nesy
from nesy.solvers.probabilistic.inference.affine import split
from tests.solvers.probabilistic.graphs import SCHOOLS, graph_of

TRIALS = """
type group = 1..8.
random mu : real ~ normal(0, 1).
random tau : real ~ halfnormal(0.5).
random e(G) : real ~ normal(mu, tau) for group(G).
random y(G) : int ~ binomial(2, 1 / (1 + exp(-e(G)))) for group(G).
observe y(1) = 0. observe y(2) = 1. observe y(3) = 1. observe y(4) = 2.
observe y(5) = 1. observe y(6) = 0. observe y(7) = 1. observe y(8) = 2.
query mu. query tau. query e(1).
"""
"""Effects that are seen through counts, and a mean that is normal given them."""


def test_what_effects_vary_around_is_not_summed_out_under_their_deviations() -> None:
    effects = tuple(f"e({group})" for group in range(1, 9))
    assert split(graph_of(TRIALS)).inner == ("mu",)
    decentred = split(graph_of(TRIALS), decentred=True)
    assert decentred.inner == ()
    assert set(decentred.outer) == {"mu", "tau", *effects}
    # a spread that is known is no reason, nor are effects that are summed out themselves
    fixed = graph_of(TRIALS.replace("normal(mu, tau)", "normal(mu, 2)").replace("query tau.", ""))
    assert split(fixed, decentred=True).inner == ("mu",)
    assert "mu" in split(graph_of(SCHOOLS), decentred=True).inner


@pytest.mark.slow
def test_chains_mix_where_each_group_says_little() -> None:
    answer = nesy.load(TRIALS).compile("probabilistic", method="nuts", samples=1_600).infer()
    assert answer.status == ["estimated"], answer.warnings
    other = nesy.load(TRIALS).compile("probabilistic", method="weighting").infer()
    for label in ("mu", "tau", "e(1)"):
        left, right = answer[label], other[label]
        assert left.mean is not None
        assert right.mean is not None
        assert left.error is not None
        assert right.error is not None
        error = float((left.error**2 + right.error**2).sqrt()[0])
        assert abs(float(left.mean[0] - right.mean[0])) < 4.5 * error
