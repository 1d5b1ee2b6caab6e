"""Corruption: spoils as much as it says, and never leaves the grid valid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl.diagnostics import NesyError
from nesy.perception.generators.corruption import STRATEGIES, corrupt, corrupt_at_random, replace, swap
from nesy.perception.generators.grids import complete_grid, is_valid

seeds = st.integers(0, 2**32)


@given(st.sampled_from([4, 9]), st.data(), seeds)
def test_exactly_as_many_cells_change_as_asked(size: int, data: st.DataObject, seed: int) -> None:
    count = data.draw(st.integers(0, size * size))
    generator = np.random.default_rng(seed)
    grid = complete_grid(size, generator)
    spoilt = corrupt(grid, count, generator)
    assert (spoilt != grid).sum() == count
    assert is_valid(spoilt) == (count == 0)
    assert spoilt.min() >= 1
    assert spoilt.max() <= size


@given(st.sampled_from([4, 9]), st.sampled_from(STRATEGIES), seeds)
def test_random_corruption_spoils_the_grid(size: int, strategy: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    grid = complete_grid(size, generator)
    corruption = corrupt_at_random(grid, generator, strategy=strategy)  # type: ignore[arg-type]
    assert corruption.strategy == strategy
    assert 1 <= corruption.steps <= min(10, grid.size)
    assert not is_valid(corruption.grid)
    changed = int((corruption.grid != grid).sum())
    if strategy == "swap":
        assert sorted(corruption.grid.reshape(-1)) == sorted(grid.reshape(-1))
        assert changed <= 2 * corruption.steps
    else:
        assert changed == corruption.steps


@given(st.integers(1, 8), seeds)
def test_swaps_are_disjoint(steps: int, seed: int) -> None:
    numbered = np.arange(16).reshape(4, 4)
    swapped = swap(numbered, steps, np.random.default_rng(seed)).reshape(-1)
    assert (swapped != np.arange(16)).sum() == 2 * steps
    assert (swapped[swapped] == np.arange(16)).all()


@given(st.integers(0, 16), seeds)
def test_replacing_always_changes_the_symbol(steps: int, seed: int) -> None:
    grid = complete_grid(4, np.random.default_rng(seed))
    assert (replace(grid, steps, np.random.default_rng(seed)) != grid).sum() == steps


def test_both_strategies_and_several_steps_occur() -> None:
    generator = np.random.default_rng(0)
    grid = complete_grid(9, generator)
    drawn = [corrupt_at_random(grid, generator) for _ in range(400)]
    assert 150 < sum(corruption.strategy == "swap" for corruption in drawn) < 250
    once = np.mean([corruption.steps == 1 for corruption in drawn if corruption.strategy == "replace"])
    assert 0.35 < once < 0.65


@pytest.mark.parametrize("count", [-1, 17])
def test_impossible_counts_are_refused(count: int) -> None:
    grid = complete_grid(4, np.random.default_rng(0))
    with pytest.raises(NesyError) as caught:
        corrupt(grid, count, np.random.default_rng(0))
    assert caught.value.diagnostics[0].code == "E492"
    assert str(count) in caught.value.diagnostics[0].message
