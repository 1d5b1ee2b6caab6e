"""Staircases against the maxima that they stand for, whole and merged."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nesy.solvers.possibilistic.systems.suffix_maxima import (
    NOTHING,
    add_to,
    empty_maxima,
    forced_distance,
    highest_levels,
    joined,
    lowest_unknowns,
    stacked,
    suffix_maxima,
)
from tests.solvers.possibilistic.systems.cases import KINDS, numbers


@st.composite
def equations(draw: st.DrawFn) -> tuple[torch.Tensor, torch.Tensor]:
    columns, count = draw(st.integers(1, 3)), draw(st.integers(0, 9))
    kind, random = draw(st.sampled_from(KINDS)), np.random.default_rng(draw(st.integers(0, 2**32)))
    levels, entries = (torch.from_numpy(numbers(random, kind, columns, count)) for _ in range(2))
    return levels, levels - entries


@given(equations(), st.lists(st.floats(0, 1), min_size=1, max_size=5), st.integers(0, 9))
def test_definitions(given_equations: tuple[torch.Tensor, torch.Tensor], asked: list[float], cut: int) -> None:
    levels, gaps = given_equations
    parts = [suffix_maxima(levels[:, :cut], gaps[:, :cut]), suffix_maxima(levels[:, cut:], gaps[:, cut:])]
    stack = [empty_maxima(gaps)]
    for part in parts:
        add_to(stack, part)
    for maxima in (suffix_maxima(levels, gaps), joined(stack), joined(parts[::-1])):
        for column, targets in enumerate(torch.tensor(asked, dtype=torch.float64).expand(len(levels), -1)):
            found = forced_distance(maxima, targets, torch.full(targets.shape, column))
            for target, value in zip(asked, found.tolist(), strict=True):
                pairs = zip(levels[column].tolist(), gaps[column].tolist(), strict=True)
                assert value == max((min(max(s - target, 0) / 2, max(gap, 0)) for s, gap in pairs), default=0)
        for distance in torch.tensor(asked, dtype=torch.float64):
            highest = [max((s for s, gap in zip(*of, strict=True) if gap > distance), default=NOTHING)
                       for of in zip(levels.tolist(), gaps.tolist(), strict=True)]  # fmt: skip
            assert highest_levels(maxima, distance).tolist() == highest
            assert lowest_unknowns(maxima, distance).tolist() == [max(s - float(distance), 0) for s in highest]


def test_batches_of_different_heights() -> None:
    one = suffix_maxima(torch.tensor([[[0.1, 0.9, 0.5]]]), torch.tensor([[[0.6, 0.1, 0.3]]]))
    other = suffix_maxima(torch.tensor([[[0.2]]]), torch.tensor([[[0.2]]]))
    both = stacked([one, other])
    assert (one.steps, other.steps, both.steps) == (3, 1, 3)
    target, column = torch.zeros(2), torch.arange(2)
    assert forced_distance(both, target, column).tolist() == pytest.approx([0.25, 0.1])
    assert both.part(slice(1, 2)).levels.tolist() == [[pytest.approx([0.2, 2, 2])]]


def test_only_steps_are_kept() -> None:
    levels = torch.rand(1, 10_000, generator=torch.Generator().manual_seed(0))
    assert suffix_maxima(levels, levels - 0.5).steps == 1
    assert suffix_maxima(levels, levels - levels).steps == 0
