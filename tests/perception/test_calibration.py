"""Temperature scaling against a fine scan; calibration errors counted by hand."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.dsl.diagnostics import NesyError
from nesy.perception.calibration import (
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    reliability,
)
from tests.effort import tries


@settings(max_examples=tries(15))
@given(st.integers(0, 1000), st.floats(0.2, 5))
def test_no_temperature_of_a_fine_scan_is_better(seed: int, sharpness: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(60, 4, generator=generator) * sharpness
    labels = torch.where(torch.rand(60, generator=generator) < 0.7, logits.argmax(dim=1), 0)
    found = fit_temperature(logits, labels)
    scan = [0.05 * 400 ** (place / 300) for place in range(301)]
    best = min(negative_log_likelihood(logits, labels, temperature) for temperature in scan)
    assert negative_log_likelihood(logits, labels, found) <= best + 1e-9


def test_two_classes_by_hand() -> None:
    # logit 2 in favour of class 0, right in 3 of 4 cases: softmax(2 / T) = 3/4, so T = 2 / ln 3
    logits, labels = torch.tensor([[2.0, 0.0]] * 4), torch.tensor([0, 0, 0, 1])
    assert fit_temperature(logits, labels) == pytest.approx(2 / math.log(3), rel=1e-4)


def test_the_likelihood_by_hand() -> None:
    logits, labels = torch.tensor([[math.log(3), 0.0], [0.0, 0.0]]), torch.tensor([0, 1])
    assert negative_log_likelihood(logits, labels) == pytest.approx((math.log(4 / 3) + math.log(2)) / 2)


def test_the_calibration_error_by_hand() -> None:
    probabilities = torch.tensor([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.5, 0.5]])
    labels = torch.tensor([0, 1, 1, 0])
    # bins (0, ½] holds the last one: confidence .5, right. (½, 1]: mean confidence .7666…, right in 2 of 3
    low, high = reliability(probabilities, labels, bins=2)
    assert (low.count, low.confidence, low.accuracy) == (1, 0.5, 1.0)
    assert (high.count, high.confidence, high.accuracy) == (3, pytest.approx(2.3 / 3), pytest.approx(2 / 3))
    expected = (1 * 0.5 + 3 * (2.3 / 3 - 2 / 3)) / 4
    assert expected_calibration_error(probabilities, labels, bins=2) == pytest.approx(expected)


def test_certain_and_right_is_calibrated() -> None:
    readings = torch.eye(3, dtype=torch.float64)
    assert expected_calibration_error(readings, torch.arange(3)) == 0
    assert expected_calibration_error(readings, torch.tensor([1, 2, 0])) == 1


@pytest.mark.parametrize("labels", [torch.tensor([]), torch.tensor([1, 1, 1])])
def test_labels_have_to_fit(labels: torch.Tensor) -> None:
    for logits in (torch.zeros(0, 2), torch.zeros(2, 2)):
        with pytest.raises(NesyError, match="one label per reading"):
            fit_temperature(logits, labels)
