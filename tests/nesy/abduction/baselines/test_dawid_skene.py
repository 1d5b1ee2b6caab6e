"""Dawid and Skene's estimates: against crowd-kit's, against the definitions in loops, and where the truth is known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.abduction.baselines.dawid_skene import dawid_skene
from nesy.abduction.baselines.votes import plurality
from nesy.abduction.predictions import ABSTAINED, Predictions
from tests.effort import tries
from tests.nesy.abduction.made import drawn, predictions_of

CROWD_KIT_POSTERIOR = [
    [0.000101, 0.082058, 0.91784],
    [0.0, 0.946334, 0.053666],
    [0.0, 0.967966, 0.032034],
    [1.0, 0.0, 0.0],
    [0.74892, 0.0, 0.25108],
    [0.029815, 0.0, 0.970185],
    [0.967255, 0.0, 0.032745],
    [1.0, 0.0, 0.0],
    [0.788143, 0.211857, 0.0],
    [0.0, 0.002963, 0.997037],
    [0.0, 1.0, 0.0],
    [0.0, 1e-06, 0.999999],
]
CROWD_KIT_PRIOR = [0.377853, 0.267598, 0.354549]
CROWD_KIT_FIRST_MODEL = [[0.441089, 0.173821, 0.385091], [0.0, 0.377387, 0.622613], [0.0, 0.0, 1.0]]
"""What crowd-kit 1.4.2 gives for ``drawn(0)`` after four iterations (``DawidSkene(n_iter=4, tol=-1e9)``)."""


def test_four_iterations_as_in_crowd_kit() -> None:
    predictions, _ = drawn(0)
    found = dawid_skene(predictions, iterations=4, tolerance=-1.0)
    assert found.iterations == 4
    assert found.posterior == pytest.approx(np.array(CROWD_KIT_POSTERIOR), abs=1e-6)
    assert found.prior == pytest.approx(np.array(CROWD_KIT_PRIOR), abs=1e-6)
    assert found.confusion[0] == pytest.approx(np.array(CROWD_KIT_FIRST_MODEL), abs=1e-6)
    assert found.labels.tolist() == [2, 1, 1, 0, 0, 2, 0, 0, 0, 2, 1, 2]


def naive(predictions: Predictions, iterations: int) -> np.ndarray:
    """The posterior after so many iterations, vote by vote."""
    objects, models, classes = predictions.shape
    votes = [
        (n, f, int(predictions.labels[n, f]))
        for n, f in itertools.product(range(objects), range(models))
        if predictions.labels[n, f] != ABSTAINED
    ]
    posterior = np.full((objects, classes), 1 / classes)
    voted = sorted({n for n, _, _ in votes})
    for n in voted:
        said = [label for m, _, label in votes if m == n]
        posterior[n] = [said.count(c) / len(said) for c in range(classes)]
    for _ in range(iterations):
        prior = [max(sum(posterior[n, c] for n in voted) / len(voted), 2.2e-16) for c in range(classes)]
        confusion: dict[tuple[int, int, int], float] = {}
        for f, c in itertools.product(range(models), range(classes)):
            counts = [
                max(sum(posterior[n, c] for n, g, s in votes if (g, s) == (f, d)), 2.2e-16) for d in range(classes)
            ]
            confusion |= {(f, c, d): count / sum(counts) for d, count in enumerate(counts)}
        for n in voted:
            logs = [
                math.log(prior[c]) + sum(math.log(confusion[f, c, s]) for m, f, s in votes if m == n)
                for c in range(classes)
            ]
            powers = [math.exp(log - max(logs)) for log in logs]
            posterior[n] = [power / sum(powers) for power in powers]
    return posterior


@settings(max_examples=tries(15), deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_estimates_by_definition(seed: int, iterations: int) -> None:
    predictions, _ = drawn(seed, objects=8, models=3, absent=0.4)
    if not predictions.answered.any():
        return
    found = dawid_skene(predictions, iterations=iterations, tolerance=-1.0)
    assert found.posterior == pytest.approx(naive(predictions, iterations), abs=1e-9)


@settings(max_examples=tries(10), deadline=None)
@given(st.integers(0, 10_000))
def test_each_step_makes_the_votes_more_likely(seed: int) -> None:
    predictions, _ = drawn(seed, objects=30)
    likelihoods = [dawid_skene(predictions, iterations=count, tolerance=-1.0).log_likelihood for count in range(1, 8)]
    assert all(after >= before - 1e-9 for before, after in itertools.pairwise(likelihoods))


def test_a_model_that_lies_is_found_out() -> None:
    """Three good models and two that shift every class: their votes tell the truth, which plurality does not see."""
    random = np.random.default_rng(0)
    truth = random.integers(0, 3, 400)
    good = np.where(random.random((400, 3)) < 0.75, truth[:, None], random.integers(0, 3, (400, 3)))
    liars = np.repeat((truth[:, None] + 1) % 3, 2, 1)
    predictions = predictions_of(np.concatenate([good, liars], 1))
    found = dawid_skene(predictions)
    assert (found.labels == truth).mean() > 0.99
    assert (plurality(predictions) == truth).mean() < 0.9
    for true in range(3):
        assert found.confusion[4, true, (true + 1) % 3] > 0.99


def test_objects_without_votes_stay_without_label() -> None:
    found = dawid_skene(predictions_of([[0, 0], [-1, -1], [1, -1]]))
    assert found.labels.tolist() == [0, -1, 1]
    assert found.posterior[1].tolist() == [1 / 3] * 3


def test_nobody_votes() -> None:
    found = dawid_skene(predictions_of([[-1, -1], [-1, -1]]))
    assert found.labels.tolist() == [-1, -1]
    assert found.prior.tolist() == [1 / 3] * 3
