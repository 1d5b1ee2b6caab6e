"""Grids: every one that is drawn is valid, and validity means what the rules of Sudoku say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl.diagnostics import NesyError
from nesy.perception.generators.grids import block_size, complete_grid, conflicts, groups, is_valid

VALID = np.array([[1, 2, 3, 4], [3, 4, 1, 2], [2, 1, 4, 3], [4, 3, 2, 1]])


def clashing_cells(grid: np.ndarray) -> set[tuple[int, int]]:
    """By definition: two different cells, one symbol, one row or column or block."""
    size = len(grid)
    side = block_size(size)
    cells = [(row, column) for row in range(size) for column in range(size)]
    found = set()
    for one in cells:
        for other in cells:
            together = (
                one[0] == other[0]
                or one[1] == other[1]
                or (one[0] // side, one[1] // side) == (other[0] // side, other[1] // side)
            )
            if one != other and together and grid[one] == grid[other]:
                found.add(one)
    return found


@given(st.sampled_from([4, 9]), st.integers(0, 2**32))
def test_drawn_grids_are_valid(size: int, seed: int) -> None:
    grid = complete_grid(size, np.random.default_rng(seed))
    assert grid.shape == (size, size)
    assert is_valid(grid)
    assert not clashing_cells(grid)


@pytest.mark.slow
def test_all_grids_of_size_4_are_drawn() -> None:
    generator = np.random.default_rng(1)
    drawn = [complete_grid(4, generator).tobytes() for _ in range(2500)]
    counts = np.unique(np.array(drawn), return_counts=True)[1]
    assert len(counts) == 288  # the number of 4×4 Sudoku grids, OEIS A107739
    assert counts.max() < 30


@given(st.lists(st.integers(1, 4), min_size=16, max_size=16))
def test_conflicts_follow_the_definition(symbols: list[int]) -> None:
    grid = np.array(symbols).reshape(4, 4)
    assert {tuple(cell) for cell in np.argwhere(conflicts(grid)).tolist()} == clashing_cells(grid)
    assert is_valid(grid) == (not clashing_cells(grid))


def test_a_symbol_out_of_range_is_not_valid() -> None:
    assert is_valid(VALID)
    assert not is_valid(VALID - 1)


def test_groups_of_size_4() -> None:
    assert groups(4).tolist()[8:] == [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]


def test_other_sizes_are_refused() -> None:
    with pytest.raises(NesyError) as caught:
        complete_grid(6, np.random.default_rng(0))
    assert caught.value.diagnostics[0].code == "E490"


def test_the_seed_decides() -> None:
    one, same, other = (complete_grid(9, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert (one == same).all()
    assert (one != other).any()
