"""Visual Sudoku puzzles: grids whose cells are images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nesy.perception.generators.corruption import corrupt, corrupt_at_random
from nesy.perception.generators.grids import BoolArray, IntArray, complete_grid, is_valid
from nesy.perception.generators.pool import ImagePool


@dataclass(frozen=True, slots=True)
class SudokuPuzzles:
    """A batch of visual puzzles.

    ``images`` ``[batch, size, size, *image]`` in the data set's dtype; ``places`` ``[batch, size, size]``, where each
    stands in the data set; ``grids`` the symbols 1 … size that the images show; ``solutions`` the valid grids before
    corruption; ``valid`` ``[batch]``; ``notes`` how each was made: ``valid``, ``swap(2)``, ``replace(1)``.
    """

    images: NDArray[Any]
    places: IntArray
    grids: IntArray
    solutions: IntArray
    valid: BoolArray
    notes: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of rows, columns and symbols."""
        return int(self.grids.shape[-1])

    @property
    def changed(self) -> BoolArray:
        """Marks the corrupted cells, ``[batch, size, size]``."""
        return np.not_equal(self.grids, self.solutions)

    def __len__(self) -> int:
        return len(self.grids)


def sudoku_puzzles(
    images: NDArray[Any],
    labels: NDArray[np.integer[Any]],
    *,
    size: int,
    corruptions: tuple[int | None, ...],
    seed: int,
) -> SudokuPuzzles:
    """Draw one puzzle for each entry of ``corruptions``.

    An entry is the exact number of corrupted cells (0: a valid puzzle), or None for a corruption at random as in the
    benchmark ViSudo-PC. ``images`` ``[n, *image]`` with the integer ``labels`` ``[n]``: an image with label k shows
    symbol k. No image occurs twice in a puzzle, nor in two puzzles as long as the data set has enough of them.
    Raises E490, E491, E492.
    """
    generator = np.random.default_rng(seed)
    pool = ImagePool(np.asarray(labels, dtype=np.int64), generator)
    solutions, grids, places, notes = [], [], [], []
    for count in corruptions:
        solution = complete_grid(size, generator)
        grid, note = _spoil(solution, count, generator)
        solutions.append(solution)
        grids.append(grid)
        places.append(pool.draw(grid))
        notes.append(note)
    shape = (len(corruptions), size, size)
    drawn = np.array(places, dtype=np.int64).reshape(shape)
    return SudokuPuzzles(
        images=images[drawn],
        places=drawn,
        grids=np.array(grids, dtype=np.int64).reshape(shape),
        solutions=np.array(solutions, dtype=np.int64).reshape(shape),
        valid=np.array([is_valid(grid) for grid in grids], dtype=np.bool_),
        notes=tuple(notes),
    )


def _spoil(solution: IntArray, count: int | None, generator: np.random.Generator) -> tuple[IntArray, str]:
    """The grid to show for a valid one, and a note on how it was made."""
    if count == 0:
        return solution.copy(), "valid"
    if count is None:
        corruption = corrupt_at_random(solution, generator)
        return corruption.grid, f"{corruption.strategy}({corruption.steps})"
    return corrupt(solution, count, generator), f"replace({count})"
