"""Generators of puzzles for demonstrations (49x)."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "E490",
        "no Sudoku of this size",
        "Completed grids are drawn for 4×4 and 9×9 only.",
        cure="Ask for size 4 or 9.",
    ),
    Entry(
        "E491",
        "not enough images",
        "A puzzle or a sum needs more different images (of one class) than the data set holds.",
        cure="Take a larger data set (`--data mnist`), a smaller puzzle, or fewer digits.",
    ),
    Entry(
        "E492",
        "so many cells cannot be corrupted",
        "The number of cells to corrupt is negative or exceeds the number of cells of the grid.",
        cure="Any number from 0 to size × size is possible.",
    ),
    Entry(
        "E493",
        "no such sum",
        "A sum needs at least one digit, and a batch at least one sample.",
        cure="Ask for positive numbers.",
    ),
)
