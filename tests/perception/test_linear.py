"""The weak reader."""

from __future__ import annotations

import pytest
import torch

from nesy.perception.datasets import load_dataset
from nesy.perception.linear import linear_perceiver
from nesy.perception.trained import measure


@pytest.mark.slow
def test_it_reads_most_digits_but_not_all() -> None:
    reader = linear_perceiver(load_dataset("digits", "train"), count=200, seed=1)
    found = measure(reader, load_dataset("digits", "test"))
    assert 0.8 < found.accuracy < 0.99


@pytest.mark.slow
def test_its_seed_decides() -> None:
    train, test = load_dataset("digits", "train"), load_dataset("digits", "test").images[:20]
    first, same, other = (linear_perceiver(train, count=50, seed=seed).perceive(test) for seed in (3, 3, 4))
    assert torch.equal(first, same)
    assert not torch.allclose(first, other)
    assert torch.allclose(first.sum(-1), torch.ones(20, dtype=torch.float64))
