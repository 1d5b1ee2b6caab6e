"""Blanks that leave one solution."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from nesy.perception.generators import blank_cells, complete_grid, is_valid


@pytest.mark.parametrize("count", [0, 5, 9])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_rest_determines_the_grid(count: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    grid = complete_grid(4, generator)
    blank = blank_cells(grid, count, generator)
    assert blank.sum() == count
    solutions = 0
    for symbols in product(range(1, 5), repeat=count) if count < 7 else solved_by_lines(grid, blank):
        other = grid.copy()
        other[blank] = symbols
        solutions += is_valid(other)
    assert solutions == 1


def solved_by_lines(grid: np.ndarray, blank: np.ndarray) -> list[list[int]]:
    """The symbols of the blank cells in all grids whose rows are permutations."""
    rows = []
    for line, empty in zip(grid, blank, strict=True):
        missing = sorted(set(range(1, 5)) - set(line[~empty].tolist()))
        rows.append([choice for choice in product(missing, repeat=int(empty.sum())) if len(set(choice)) == len(choice)])
    return [[symbol for part in parts for symbol in part] for parts in product(*rows)]


def test_too_many_blanks_leave_several_solutions() -> None:
    grid = complete_grid(4, np.random.default_rng(0))
    assert blank_cells(grid, 16, np.random.default_rng(0)).all()


def test_nine_by_nine_and_the_same_seed_again() -> None:
    grid = complete_grid(9, np.random.default_rng(3))
    first, second = (blank_cells(grid, 45, np.random.default_rng(4)) for _ in range(2))
    assert first.sum() == 45
    assert (first == second).all()
