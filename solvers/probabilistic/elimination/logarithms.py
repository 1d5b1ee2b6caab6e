"""Logarithms of numbers that may be 0, and of sums of numbers that are given by their logarithms."""

from __future__ import annotations

import torch
from torch import Tensor


def logarithms(numbers: Tensor) -> Tensor:
    """Logarithms; of 0 it is −∞, with gradient 0."""
    positive = numbers > 0
    logs = torch.where(positive, numbers, torch.ones_like(numbers)).log()
    return torch.where(positive, logs, torch.full_like(logs, -torch.inf))


def log_sum(terms: Tensor, axes: int | tuple[int, ...]) -> Tensor:
    """Log-sum-exp along ``axes``; −∞, with gradient 0, where all terms are −∞ or there are none."""
    if terms.numel() == 0:
        return logarithms(terms.exp().sum(axes))
    largest = terms.detach().amax(axes, keepdim=True)
    largest = torch.where(largest.isfinite(), largest, torch.zeros_like(largest))
    total = (terms - largest).exp().sum(axes)
    found = logarithms(total)
    return found + largest.reshape(total.shape)
