"""Single models and the table of all ensembles."""

from __future__ import annotations

import numpy as np
import pytest

from nesy.abduction.baselines.single import best_model, model_scores, precision_of
from nesy.abduction.baselines.table import ensembles
from nesy.abduction.baselines.votes import accept_all, precision_weighted_vote
from nesy.abduction.metrics import score
from tests.nesy.abduction.made import drawn, predictions_of


def test_the_best_model_by_f1_and_by_accuracy() -> None:
    """The first model never finds the rare class, the second finds it at the price of two frequent ones."""
    truth = np.array([0] * 8 + [1, 1])
    predictions = predictions_of(np.stack([np.zeros(10, int), [0] * 5 + [1] * 5], 1), classes=2)
    assert model_scores(predictions, truth, "accuracy").tolist() == [0.8, 0.7]
    assert best_model(predictions, truth, "accuracy") == 0
    assert best_model(predictions, truth) == 1


def test_precisions_of_models_and_classes() -> None:
    truth = np.array([0, 1, 1])
    found = precision_of(predictions_of([[0, -1], [0, 1], [1, 0]], classes=2), truth)
    assert found.tolist() == [[0.5, 1.0], [0.0, 1.0]]
    assert np.isnan(precision_of(predictions_of([[0, -1]] * 3, classes=2), truth)[1]).all()


def test_the_table_names_every_ensemble_once() -> None:
    predictions, truth = drawn(4, objects=60)
    precision = precision_of(predictions, truth)
    flagged = np.random.default_rng(1).random(predictions.labels.shape) < 0.3
    found = ensembles(predictions, precision=precision, flagged=flagged)
    assert len(found) == 7
    assert found["error rules + tie-breaker"].tolist() == accept_all(predictions, flagged).tolist()
    assert found["precision-weighted vote"].tolist() == precision_weighted_vote(predictions, precision).tolist()
    for name, labels in found.items():
        assert score(labels, truth, 3).accuracy > 0.3, name
    assert set(found) - set(ensembles(predictions)) == {"precision-weighted vote", "error rules + tie-breaker"}


def test_without_hindsight_the_best_is_chosen_elsewhere() -> None:
    predictions, truth = drawn(5, objects=40)
    oracle = best_model(predictions, truth)
    assert model_scores(predictions, truth)[oracle] == pytest.approx(model_scores(predictions, truth).max())
