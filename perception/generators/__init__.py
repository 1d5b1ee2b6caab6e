"""Generators of visual puzzles: Sudoku grids, valid and corrupted, and sums, from any labelled data set of images.

In: the images and labels of a data set, a size, a count and a seed. Out: frozen batches of arrays with the images,
the symbols that they show, and the right answer. The same seed gives the same batch.
"""

from nesy.perception.generators.addition import AdditionSamples, addition_samples
from nesy.perception.generators.blanks import blank_cells
from nesy.perception.generators.corruption import Corruption, corrupt, corrupt_at_random
from nesy.perception.generators.grids import block_size, complete_grid, conflicts, is_valid
from nesy.perception.generators.puzzles import SudokuPuzzles, sudoku_puzzles

__all__ = [
    "AdditionSamples",
    "Corruption",
    "SudokuPuzzles",
    "addition_samples",
    "blank_cells",
    "block_size",
    "complete_grid",
    "conflicts",
    "corrupt",
    "corrupt_at_random",
    "is_valid",
    "sudoku_puzzles",
]
