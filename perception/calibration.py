"""Calibration: making a network's probabilities mean what they say, and measuring how well they do.

Temperature scaling after Guo et al., “On calibration of modern neural networks”, 2017.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError

_LOWEST, _HIGHEST = 0.05, 20.0
"""The temperatures between which the best one is sought."""
_GOLDEN = (math.sqrt(5) - 1) / 2
_PRECISION = 1e-6


@dataclass(frozen=True, slots=True)
class Bin:
    """Readings whose confidence lies in (``low``, ``high``]: how many, mean confidence, and how often right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def negative_log_likelihood(logits: Tensor, labels: Tensor, temperature: float = 1.0) -> float:
    """Mean of −log p(label) in nats, with p = softmax(logits / temperature); logits ``[n, class]``, labels ``[n]``."""
    logarithms = torch.log_softmax(logits.double() / temperature, dim=1)
    return -float(logarithms.gather(1, labels.long().unsqueeze(1)).mean())


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """The temperature (0.05 … 20) that makes the negative log likelihood of held-out data smallest.

    The likelihood is convex in 1 / temperature, so golden-section search finds the minimum. E473 without data.
    """
    _check(len(logits), labels)
    low, high = 1 / _HIGHEST, 1 / _LOWEST

    def cost(inverse: float) -> float:
        return negative_log_likelihood(logits, labels, 1 / inverse)

    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    cost_left, cost_right = cost(left), cost(right)
    while high - low > _PRECISION * high:
        if cost_left <= cost_right:
            high, right, cost_right = right, left, cost_left
            left = high - _GOLDEN * (high - low)
            cost_left = cost(left)
        else:
            low, left, cost_left = left, right, cost_right
            right = low + _GOLDEN * (high - low)
            cost_right = cost(right)
    return 2 / (low + high)


def reliability(probabilities: Tensor, labels: Tensor, bins: int = 15) -> tuple[Bin, ...]:
    """The reliability diagram of readings ``[n, class]``: ``bins`` equal intervals of the highest probability."""
    _check(len(probabilities), labels)
    confidence, choice = probabilities.double().max(dim=1)
    right = (choice == labels).double()
    edges = torch.linspace(0, 1, bins + 1, dtype=torch.float64, device=confidence.device)
    places = torch.bucketize(confidence, edges[1:-1])
    found = []
    for place in range(bins):
        inside = places == place
        count = int(inside.sum())
        found.append(
            Bin(
                float(edges[place]),
                float(edges[place + 1]),
                count,
                float(confidence[inside].mean()) if count else 0.0,
                float(right[inside].mean()) if count else 0.0,
            )
        )
    return tuple(found)


def expected_calibration_error(probabilities: Tensor, labels: Tensor, bins: int = 15) -> float:
    """Mean over the readings of |accuracy − confidence| of the bin that they fall into: 0 (calibrated) … 1."""
    diagram = reliability(probabilities, labels, bins)
    total = sum(entry.count for entry in diagram)
    return sum(entry.count * abs(entry.accuracy - entry.confidence) for entry in diagram) / total


def _check(readings: int, labels: Tensor) -> None:
    if readings == 0 or labels.shape != (readings,):
        message = f"calibration needs one label per reading: {readings} readings, labels {list(labels.shape)}"
        raise NesyError(Diagnostic("E473", message, hint="hold back some labelled images"))
