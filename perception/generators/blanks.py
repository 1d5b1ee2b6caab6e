"""Cells that are left blank in a Sudoku, so that the rest still has one solution."""

from __future__ import annotations

import numpy as np

from nesy.perception.generators.grids import BoolArray, IntArray, peers_of


def blank_cells(grid: IntArray, count: int, generator: np.random.Generator) -> BoolArray:
    """Marks ``count`` cells of a valid ``grid``, drawn at random, ``[size, size]``.

    A cell is taken if the others still determine the whole grid. Where no such cell is left, as with far more blanks
    than half of the cells, the rest is drawn freely, and the puzzle has several solutions.
    """
    size = len(grid)
    search = _Search(grid.reshape(-1).tolist(), peers_of(size), (1 << size) - 1)
    order = generator.permutation(size * size).tolist()
    for place in order:
        if len(search.blank) == count:
            break
        if not search.leaves_a_choice(place):
            search.blank.add(place)
    left = (place for place in order if place not in search.blank)
    search.blank.update(place for place, _ in zip(left, range(count - len(search.blank)), strict=False))
    marked = np.zeros(size * size, dtype=np.bool_)
    marked[sorted(search.blank)] = True
    return marked.reshape(size, size)


class _Search:
    """Looks for other solutions; symbols are bits."""

    def __init__(self, symbols: list[int], peers: list[list[int]], everything: int) -> None:
        self.blank: set[int] = set()
        self._bits = [1 << (symbol - 1) for symbol in symbols]
        self._peers = peers
        self._everything = everything

    def leaves_a_choice(self, place: int) -> bool:
        """Whether there is a solution with another symbol at ``place`` once this is blank, too."""
        empty = self.blank | {place}
        options = {}
        for cell in empty:
            taken = 0
            for peer in self._peers[cell]:
                if peer not in empty:
                    taken |= self._bits[peer]
            options[cell] = self._everything & ~taken
        options[place] &= ~self._bits[place]
        return self._solvable(options)

    def _solvable(self, options: dict[int, int]) -> bool:
        """Whether each cell of ``options`` can take one of its symbols; the most constrained cell goes first."""
        if not options:
            return True
        place = min(options, key=lambda cell: options[cell].bit_count())
        left = options[place]
        while left:
            bit = left & -left
            left ^= bit
            narrowed = {cell: bits for cell, bits in options.items() if cell != place}
            for peer in self._peers[place]:
                if peer in narrowed:
                    narrowed[peer] &= ~bit
            if all(narrowed.values()) and self._solvable(narrowed):
                return True
        return False
