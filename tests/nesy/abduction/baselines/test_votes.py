"""Votes: hand-made cases, and brute force by the definitions."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.abduction.baselines.votes import (
    accept_all,
    confidence_weighted_vote,
    plurality,
    precision_weighted_vote,
    strict_majority,
)
from nesy.abduction.predictions import ABSTAINED
from tests.effort import tries
from tests.nesy.abduction.made import drawn, predictions_of

seeds = st.integers(0, 10_000)


def test_abstentions_sink_the_strict_majority_only() -> None:
    predictions = predictions_of([[1, 1, -1, -1], [1, 1, 1, -1], [2, -1, -1, -1], [-1, -1, -1, -1], [0, 0, 1, 1]])
    assert strict_majority(predictions).tolist() == [-1, 1, -1, -1, -1]
    assert plurality(predictions).tolist() == [1, 1, 2, -1, 0]


def test_ties_go_to_the_most_confident_vote() -> None:
    predictions = predictions_of([[0, 0, 1, 1], [2, 1, 0, -1]], [[0.6, 0.5, 0.2, 0.9], [0.7, 0.7, 0.1, 0.0]])
    assert plurality(predictions).tolist() == [1, 1]


def test_confidence_outweighs_numbers() -> None:
    predictions = predictions_of([[0, 1, 1]], [[0.9, 0.3, 0.4]])
    assert plurality(predictions).tolist() == [1]
    assert confidence_weighted_vote(predictions).tolist() == [0]


def test_precision_outweighs_numbers_and_may_be_unknown() -> None:
    precision = np.array([[0.9, 0.1, 0.5], [0.5, 0.4, 0.5], [0.5, 0.4, np.nan]])
    predictions = predictions_of([[0, 1, 1], [-1, 0, 2], [-1, -1, 2]])
    assert precision_weighted_vote(predictions, precision).tolist() == [0, 0, 2]


def test_of_equally_confident_models_the_first_is_believed() -> None:
    predictions = predictions_of([[2, 1, 0], [-1, 1, 0], [-1, -1, -1]], [[0.4, 0.4, 0.3], [0, 0.2, 0.9], [0, 0, 0]])
    assert accept_all(predictions).tolist() == [2, 0, -1]
    flagged = np.array([[True, False, False], [False, False, True], [False, False, False]])
    assert accept_all(predictions, flagged).tolist() == [1, 1, -1]


def test_a_confidence_of_0_is_still_a_vote() -> None:
    predictions = predictions_of([[-1, 2]], [[0.0, 0.0]])
    for method in (accept_all, plurality, confidence_weighted_vote):
        assert method(predictions).tolist() == [2]


@settings(deadline=None, max_examples=tries(60))
@given(seeds)
def test_votes_by_definition(seed: int) -> None:
    predictions, _ = drawn(seed, objects=10, models=5)
    precision = np.random.default_rng(seed).integers(0, 5, (5, 3)) / 4
    weights = {
        plurality: np.ones((10, 5)),
        confidence_weighted_vote: predictions.confidence,
        lambda given: precision_weighted_vote(given, precision): precision[np.arange(5), predictions.labels],
    }
    for method, weight in weights.items():
        found = method(predictions)
        for row, sure, each, label in zip(
            predictions.labels.tolist(), predictions.confidence, weight, found, strict=True
        ):
            sums: Counter[int] = Counter()
            loudest: dict[int, float] = {}
            for said, confidence, counted in zip(row, sure, each, strict=True):
                if said != ABSTAINED:
                    sums[said] += round(float(counted), 9)
                    loudest[said] = max(loudest.get(said, -1.0), float(confidence))
            expected = max(sums, key=lambda c: (round(sums[c], 6), loudest[c], -c)) if loudest else ABSTAINED
            assert label == expected


@settings(deadline=None, max_examples=tries(60))
@given(seeds)
def test_strict_majority_by_definition(seed: int) -> None:
    predictions, _ = drawn(seed, objects=10, models=4)
    for row, label in zip(predictions.labels.tolist(), strict_majority(predictions), strict=True):
        winners = [said for said, count in Counter(row).items() if count > 2 and said != ABSTAINED]
        assert label == (winners[0] if winners else ABSTAINED)
