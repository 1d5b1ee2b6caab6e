"""Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari, Gelman 2018): truths rank evenly among draws.

A parameter is drawn from the prior, data from it, draws from the posterior: the rank of the parameter among them is
uniform if the method is right. That the test can fail is shown by draws that are made too narrow, or too wide.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.choose import Chosen
from nesy.solvers.probabilistic.model.graph import Observation
from tests.solvers.probabilistic.graphs import graph_of

MODEL = """
type day = 1..3.
random rate : real ~ gamma(2, 0.5).
random calls(D) : int ~ poisson(rate) for day(D).
query rate. query calls(_).
"""
"""What is shown is asked, too: else it would not be part of the graph."""
REPLICATES, DRAWS, BINS = 200, 19, 5
LEAST = 1e-3


def draws(method: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """True parameters, ``[replicates]``, and draws from the posteriors of their data, ``[replicates, draws]``."""
    random, graph = np.random.default_rng(5), graph_of(MODEL)
    asked = tuple(estimand for estimand in graph.estimands if estimand.label == "rate")
    truths, found = [], []
    for seed in range(REPLICATES):
        rate = random.gamma(2, 2)
        seen = tuple(Observation(f"calls({day})", int(random.poisson(rate)), "") for day in (1, 2, 3))
        known = replace(graph, conditions=seen, estimands=asked)
        chosen = Chosen(known, {}, method)
        (inferred,) = chosen.infer({}, 1, seed=seed, time_limit=None)
        assert inferred.status in (Status.SOLVED, Status.ESTIMATED)
        posterior = inferred.posteriors[0].draws
        assert posterior is not None
        truths.append(rate)
        found.append(random.choice(posterior.numpy(), DRAWS, replace=False))
    return np.array(truths), np.array(found)


def evenness(truths: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    """The p-value of the ranks being uniform."""
    from scipy.stats import chisquare

    ranks = (found < truths[:, None]).sum(1)
    counts = np.bincount(ranks * BINS // (DRAWS + 1), minlength=BINS)
    return float(chisquare(counts).pvalue)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["quadrature", "weighting"])
def test_ranks_are_uniform_and_would_not_be_for_another_spread(method: str) -> None:
    truths, found = draws(method)
    assert evenness(truths, found) > LEAST
    # data have been taken in: a prior's draws would be as spread as the truths themselves
    assert found.std(1).mean() < 0.5 * truths.std()
    centre = found.mean(1, keepdims=True)
    assert evenness(truths, centre + 0.5 * (found - centre)) < LEAST
    assert evenness(truths, centre + 2.0 * (found - centre)) < LEAST
