"""Completed Sudoku grids: drawing them, checking them, finding what clashes.

A grid is an integer array ``[size, size]`` with the symbols 1 … size; ``size`` is 4 or 9.
"""

from __future__ import annotations

from math import isqrt

import numpy as np
from numpy.typing import NDArray

from nesy.dsl.diagnostics import Diagnostic, NesyError

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SIZES = (4, 9)


def block_size(size: int) -> int:
    """Side of a block: 2 for 4×4, 3 for 9×9; E490 for any other size."""
    if size not in SIZES:
        raise NesyError(Diagnostic("E490", f"there is no Sudoku of size {size} here", hint="the sizes are 4 and 9"))
    return isqrt(size)


def groups(size: int) -> IntArray:
    """The rows, columns and blocks as places in the flattened grid, ``[3 · size, size]``."""
    side = block_size(size)
    places = np.arange(size * size).reshape(size, size)
    blocks = places.reshape(side, side, side, side).swapaxes(1, 2).reshape(size, size)
    return np.concatenate([places, places.T, blocks])


def is_valid(grid: IntArray) -> bool:
    """Whether every row, column and block shows each symbol once."""
    size = len(grid)
    rows = np.sort(grid.reshape(-1)[groups(size)], axis=1)
    return bool((rows == np.arange(1, size + 1)).all())


def conflicts(grid: IntArray) -> BoolArray:
    """Marks the cells whose symbol occurs again in their row, column or block, ``[size, size]``."""
    size = len(grid)
    members = groups(size)
    symbols = grid.reshape(-1)[members]
    again = (symbols[:, :, None] == symbols[:, None, :]).sum(axis=2) > 1
    marked = np.zeros(size * size, dtype=np.bool_)
    marked[members[again]] = True
    return marked.reshape(size, size)


def complete_grid(size: int, generator: np.random.Generator) -> IntArray:
    """A random valid grid: backtracking over random symbols, the most constrained cell first.

    Every valid grid can come out; their probabilities are close to equal but not exactly so. The symmetries of
    Sudoku (symbols, rows within bands, columns within stacks, transposition) are drawn at random on top.
    """
    grid = np.zeros(size * size, dtype=np.int64)
    peers = peers_of(size)
    if not _fill(grid, [(1 << size) - 1] * (size * size), peers, generator):  # pragma: no cover - an empty grid has one
        raise AssertionError("an empty Sudoku always has a solution")
    return _shuffle(grid.reshape(size, size), generator)


def peers_of(size: int) -> list[list[int]]:
    """For each cell the other cells of its row, column and block."""
    found: list[set[int]] = [set() for _ in range(size * size)]
    for members in groups(size).tolist():
        for place in members:
            found[place].update(members)
    return [sorted(cells - {place}) for place, cells in enumerate(found)]


def _fill(grid: IntArray, options: list[int], peers: list[list[int]], generator: np.random.Generator) -> bool:
    """Fill the empty cells of ``grid`` in place; ``options`` holds a bit set of allowed symbols per cell."""
    empty = [place for place, symbol in enumerate(grid) if symbol == 0]
    if not empty:
        return True
    fewest = min(options[place].bit_count() for place in empty)
    place = int(generator.choice([place for place in empty if options[place].bit_count() == fewest]))
    symbols = [symbol for symbol in range(len(options)) if options[place] >> symbol & 1]
    for symbol in generator.permutation(symbols).tolist() if symbols else []:
        narrowed = list(options)
        for peer in peers[place]:
            narrowed[peer] &= ~(1 << symbol)
        grid[place] = symbol + 1
        if _fill(grid, narrowed, peers, generator):
            return True
    grid[place] = 0
    return False


def _shuffle(grid: IntArray, generator: np.random.Generator) -> IntArray:
    """A grid equal to ``grid`` up to the symmetries of Sudoku, drawn at random."""
    size = len(grid)
    renamed = (generator.permutation(size) + 1)[grid - 1]
    moved = renamed[_shuffled_lines(size, generator)][:, _shuffled_lines(size, generator)]
    return np.ascontiguousarray(moved.T if generator.random() < 0.5 else moved)


def _shuffled_lines(size: int, generator: np.random.Generator) -> IntArray:
    """An order of rows (or columns) that keeps bands together."""
    side = block_size(size)
    lines = [band * side + generator.permutation(side) for band in generator.permutation(side)]
    return np.concatenate(lines)
