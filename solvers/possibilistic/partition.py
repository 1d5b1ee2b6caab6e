"""The partition of a concept's values that its rules make (Λ of the paper).

Two values are in one cell if every conclusion holds for both or for neither. Cells may have any size. They are found
by hashing the sign vectors, in time proportional to values times rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Partition:
    """Cells of ``0 … size - 1``. ``signs[cell, rule]`` says whether the rule's conclusion holds in the cell.

    Cells are in the order of the paper: lexicographic in their signs, + before −.
    """

    size: int
    cells: tuple[tuple[int, ...], ...]
    signs: NDArray[np.bool_]
    cell_of: tuple[int, ...]

    @property
    def one_against_rest(self) -> bool:
        """Whether each cell has exactly one rule that speaks for it, and each rule exactly one cell."""
        square = self.signs.shape[0] == self.signs.shape[1] > 1
        return square and bool((self.signs.sum(0) == 1).all() and (self.signs.sum(1) == 1).all())


def partition(size: int, conclusions: Sequence[Sequence[int]]) -> Partition:
    """The partition of ``0 … size - 1`` by ``conclusions``, one set of values for each rule."""
    table = np.zeros((size, len(conclusions)), dtype=np.bool_)
    for rule, values in enumerate(conclusions):
        table[list(values), rule] = True
    members: dict[bytes, list[int]] = {}
    for value in range(size):
        # + comes before −, so the complement sorts in the order of the paper
        members.setdefault((~table[value]).tobytes(), []).append(value)
    cells = tuple(tuple(members[key]) for key in sorted(members))
    cell_of = [0] * size
    for place, cell in enumerate(cells):
        for value in cell:
            cell_of[value] = place
    firsts = [cell[0] for cell in cells]
    return Partition(size, cells, table[firsts], tuple(cell_of))
