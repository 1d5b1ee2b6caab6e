"""Ways to spoil a valid grid.

``corrupt_at_random`` follows the benchmark ViSudo-PC (Augustine et al., “Visual Sudoku Puzzle Classification”, 2022):
one strategy, swap or replace, is drawn for a puzzle and applied once, then again with probability one half up to a
limit; a cell is touched at most once, and everything is drawn anew while the grid is still valid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.perception.generators.grids import IntArray, is_valid

Strategy = Literal["swap", "replace"]

STRATEGIES: tuple[Strategy, ...] = ("swap", "replace")


@dataclass(frozen=True, slots=True)
class Corruption:
    """A spoilt grid: ``grid`` is the result ``[size, size]``, ``steps`` how often ``strategy`` was applied."""

    grid: IntArray
    strategy: Strategy
    steps: int


def swap(grid: IntArray, steps: int, generator: np.random.Generator) -> IntArray:
    """A copy in which ``steps`` disjoint pairs of cells have changed places."""
    cells = generator.permutation(grid.size)[: 2 * steps]
    first, second = cells[:steps], cells[steps:]
    spoilt = grid.reshape(-1).copy()
    spoilt[first], spoilt[second] = grid.reshape(-1)[second], grid.reshape(-1)[first]
    return spoilt.reshape(grid.shape)


def replace(grid: IntArray, steps: int, generator: np.random.Generator) -> IntArray:
    """A copy in which ``steps`` cells show another symbol."""
    size = len(grid)
    cells = generator.permutation(grid.size)[:steps]
    spoilt = grid.reshape(-1).copy()
    spoilt[cells] = (spoilt[cells] - 1 + generator.integers(1, size, steps)) % size + 1
    return spoilt.reshape(grid.shape)


def corrupt_at_random(
    grid: IntArray,
    generator: np.random.Generator,
    *,
    strategy: Strategy | None = None,
    again: float = 0.5,
    limit: int = 10,
) -> Corruption:
    """Spoil ``grid`` as the benchmark does.

    ``strategy`` None draws one with equal chances; ``again`` is the probability of each further
    step; at most ``limit`` steps, and no more than there are cells (pairs of cells for swap).
    """
    chosen = STRATEGIES[int(generator.integers(2))] if strategy is None else strategy
    most = min(limit, grid.size // 2 if chosen == "swap" else grid.size)
    while True:
        steps = 1
        while steps < most and generator.random() < again:
            steps += 1
        spoilt = swap(grid, steps, generator) if chosen == "swap" else replace(grid, steps, generator)
        if not is_valid(spoilt):
            return Corruption(spoilt, chosen, steps)


def corrupt(grid: IntArray, count: int, generator: np.random.Generator) -> IntArray:
    """A copy of the valid ``grid`` with exactly ``count`` cells changed, not valid unless ``count`` is 0.

    E492 if ``count`` is negative or exceeds the number of cells.
    """
    if not 0 <= count <= grid.size:
        message = f"{count} cells cannot be corrupted in a grid of {grid.size} cells"
        raise NesyError(Diagnostic("E492", message, hint=f"any number from 0 to {grid.size} is possible"))
    if count == 0:
        return grid.copy()
    while True:
        spoilt = replace(grid, count, generator)
        if not is_valid(spoilt):
            return spoilt
