"""Scores against scikit-learn and hand-made cases; the bootstrap against the binomial distribution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.abduction.metrics import Record, Trial, contradictions, paired_bootstrap, record, repetitions, score
from tests.effort import tries

labelled = st.integers(1, 30).flatmap(
    lambda count: st.tuples(
        st.lists(st.integers(-1, 3), min_size=count, max_size=count),
        st.lists(st.integers(0, 3), min_size=count, max_size=count),
    )
)


@settings(deadline=None, max_examples=tries(40))
@given(labelled)
def test_scores_agree_with_scikit_learn(case: tuple[list[int], list[int]]) -> None:
    from sklearn.metrics import accuracy_score, f1_score

    labels, truth = map(np.array, case)
    found = score(labels, truth, 4)
    present = sorted({*labels.tolist(), *truth.tolist()} - {-1})
    assert found.f1 == pytest.approx(f1_score(truth, labels, labels=present, average="macro", zero_division=0))
    assert found.accuracy == pytest.approx(accuracy_score(truth, labels))
    assert found.coverage == np.mean(labels >= 0)


def test_an_object_without_a_label_is_a_miss() -> None:
    found = score(np.array([0, -1, 1, 1]), np.array([0, 0, 1, 0]), 3)
    assert found.precision[:2].tolist() == [1.0, 0.5]
    assert found.recall[:2].tolist() == [pytest.approx(1 / 3), 1.0]
    assert found.class_f1[:2].tolist() == [0.5, pytest.approx(2 / 3)]
    assert np.isnan(found.class_f1[2])
    assert found.f1 == pytest.approx(7 / 12)
    assert (found.accuracy, found.coverage) == (0.5, 0.75)


def test_a_label_of_what_shows_no_class_is_wrong() -> None:
    found = score(np.array([0, 0, -1]), np.array([0, -1, -1]), 1)
    assert found.f1 == pytest.approx(2 / 3)
    assert found.accuracy == pytest.approx(2 / 3)


def test_nothing_to_score() -> None:
    nothing = np.zeros(0, np.int64)
    found = score(nothing, nothing, 3)
    assert np.isnan([found.f1, found.accuracy, found.coverage]).all()


@settings(deadline=None, max_examples=tries(40))
@given(st.integers(0, 10_000))
def test_contradictions_by_definition(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels, kept = random.integers(-1, 4, (8, 3)), random.random((8, 3)) < 0.7
    against = random.random((4, 4)) < 0.4
    against = (against | against.T) & ~np.eye(4, dtype=bool)
    for incompatible, default in ((against, False), (~np.eye(4, dtype=bool), True)):
        expected = [
            any(
                incompatible[one, other]
                for i, one in enumerate(row)
                for j, other in enumerate(row)
                if keep[i] and keep[j] and one >= 0 and other >= 0
            )
            for row, keep in zip(labels.tolist(), kept.tolist(), strict=True)
        ]
        assert contradictions(labels, kept, None if default else incompatible).tolist() == expected


def test_repetitions_within_a_scene() -> None:
    labels = np.array([0, 1, 1, -1, 2, -1, -1, 0, 2])
    scene = np.array([0, 0, 1, 1, 1, 2, 2, 3, 0])
    assert repetitions(labels, scene).tolist() == [False, False, False, False]
    assert repetitions(np.where(labels == 0, 1, labels), scene).tolist() == [True, False, False, False]
    assert repetitions(np.full(9, -1), scene).tolist() == [False] * 4


def test_a_record_counts_ties() -> None:
    assert record([0.5, 0.4, 0.3, 0.3 + 1e-12], [0.4, 0.4, 0.4, 0.3]) == Record(1, 2, 1)


def test_the_interval_of_an_accuracy_is_binomial() -> None:
    """Against a method that is never right, the difference is a share of right labels, whose deviation is known."""
    truth = np.zeros(400, np.int64)
    right = np.where(np.arange(400) < 280, 0, 1)
    found = paired_bootstrap([Trial(right, np.ones_like(right), truth)], 2, measure="accuracy", replicates=2000)
    deviation = (0.7 * 0.3 / 400) ** 0.5
    assert found.value == pytest.approx(0.7)
    assert found.low == pytest.approx(0.7 - 1.96 * deviation, abs=0.006)
    assert found.high == pytest.approx(0.7 + 1.96 * deviation, abs=0.006)
    assert found.better == 1.0


def test_replicates_are_scores_of_objects_drawn_again() -> None:
    """The value is the plain score; every replicate's F1 is that of a list with the objects repeated."""
    from nesy.abduction.metrics import _weighted

    random = np.random.default_rng(0)
    labels, truth = random.integers(-1, 3, 20), random.integers(0, 3, 20)
    weights = random.multinomial(20, np.full(20, 1 / 20), size=6)
    for measure in ("f1", "accuracy"):
        found = _weighted(labels, truth, weights.astype(float), 3, measure)
        for value, counts in zip(found, weights, strict=True):
            again = np.repeat(np.arange(20), counts)
            assert value == pytest.approx(getattr(score(labels[again], truth[again], 3), measure))


def test_equal_methods_do_not_differ() -> None:
    random = np.random.default_rng(1)
    labels, truth = random.integers(-1, 3, 50), random.integers(0, 3, 50)
    found = paired_bootstrap([Trial(labels, labels, truth)] * 2, 3, relative=True, replicates=50)
    assert (found.value, found.low, found.high, found.better) == (0.0, 0.0, 0.0, 0.5)


def test_relative_differences_are_averaged_over_sets() -> None:
    truth = np.zeros(40, np.int64)
    first, second = np.zeros(40, np.int64), np.repeat([0, -1], 20)
    other = np.repeat([0, -1], [32, 8])
    trials = [Trial(first, second, truth), Trial(first, other, truth)]
    found = paired_bootstrap(trials, 1, measure="accuracy", relative=True, replicates=400, seed=3)
    assert found.value == pytest.approx(((1 / 0.5 - 1) + (1 / 0.8 - 1)) / 2)
    assert 0 <= found.low < found.value < found.high
    assert found == paired_bootstrap(trials, 1, measure="accuracy", relative=True, replicates=400, seed=3)
