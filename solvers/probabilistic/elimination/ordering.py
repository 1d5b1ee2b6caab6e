"""The order in which variables are summed out: fewest fill edges first, several at once where they do not touch.

Where that makes large tables, a sweep from one end of the graph to the other is tried beside it (as in Cuthill and
McKee's orders): on a grid it is the better one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf

CHEAP = 64
"""Entries of a table that costs nothing: variables with at most so many are summed out as soon as possible."""


@dataclass(frozen=True)
class Order:
    """Variables in the order of elimination; ``largest`` and ``cost`` count entries of the tables that arise.

    ``width`` is the number of variables of the largest table less one.
    """

    variables: tuple[int, ...]
    width: int
    largest: int
    cost: int


WIDE = 1 << 16
"""Entries of the largest table from which on a sweep is tried."""


def min_fill(cards: Sequence[int], scopes: Iterable[Collection[int]], *, stop_at: float = inf) -> Order:
    """An order by the heuristic min-fill (ties: smallest result), in rounds of variables that do not touch.

    Rounds make chains and trees shallow: of a chain with few values every other variable goes in each round. Where that
    makes tables much larger than one by one, the variables go one by one. The search stops once a table has more than
    ``stop_at`` entries; ``largest`` says so.
    """
    groups = [frozenset(scope) for scope in scopes]
    together = _Elimination(cards, groups).run(CHEAP, stop_at)
    if together.largest <= CHEAP:
        return together
    alone = _Elimination(cards, groups).run(0, stop_at)
    if together.cost > 4 * alone.cost or alone.largest <= stop_at < together.largest:
        together = alone
    if together.largest > WIDE:
        swept = _Elimination(cards, groups, swept=True).run(0, stop_at)
        if swept.largest <= stop_at and (together.largest > stop_at or swept.cost < together.cost):
            return swept
    return together


class _Elimination:
    """The graph of what stands in one factor with what, while variables leave it."""

    def __init__(self, cards: Sequence[int], groups: Sequence[frozenset[int]], *, swept: bool = False) -> None:
        self.cards = cards
        self.near: dict[int, set[int]] = {variable: set() for group in groups for variable in group}
        for group in groups:
            for variable in group:
                self.near[variable] |= group
        for variable, others in self.near.items():
            others.discard(variable)
        self.places = _sweep(self.near) if swept else {}
        self.scores: dict[int, tuple[int, int]] = {}
        self.ready: set[int] = set()
        self.heap: list[tuple[tuple[int, int], int]] = []

    def run(self, cheap: int, stop_at: float) -> Order:
        order: list[int] = []
        width, largest, cost = 0, 1, 0
        stale = set(self.near)
        while self.near:
            for variable in stale & self.near.keys():
                self._rate(variable, cheap)
            stale = set()
            for variable in self._round():
                size = self._size(variable)
                width, largest, cost = max(width, len(self.near[variable])), max(largest, size), cost + size
                if largest > stop_at:
                    return Order(tuple(order), width, largest, cost)
                order.append(variable)
                stale |= self._remove(variable)
        return Order(tuple(order), width, largest, cost)

    def _rate(self, variable: int, cheap: int) -> None:
        near = self.near[variable]
        missing = sum(len(near) - 1 - len(self.near[other] & near) for other in near) // 2
        size = self._size(variable)
        first = self.places[variable] if self.places else missing
        score = self.scores[variable] = (first, size // self.cards[variable])
        if missing == 0 or size <= cheap:
            self.ready.add(variable)
        else:
            self.ready.discard(variable)
            heappush(self.heap, (score, variable))

    def _round(self) -> list[int]:
        """The variables that go next, no two of which touch: all that make nothing larger, else the best one."""
        if not self.ready:
            while True:
                score, variable = heappop(self.heap)
                if self.scores.get(variable) == score:
                    return [variable]
        chosen: list[int] = []
        touched: set[int] = set()
        for variable in sorted(self.ready, key=lambda each: (self.scores[each], each)):
            if variable not in touched:
                chosen.append(variable)
                touched |= self.near[variable]
        return chosen

    def _size(self, variable: int) -> int:
        size = self.cards[variable]
        for other in self.near[variable]:
            size *= self.cards[other]
        return size

    def _remove(self, variable: int) -> set[int]:
        """Take ``variable`` out and join its neighbours; what has to be rated anew."""
        near = self.near.pop(variable)
        del self.scores[variable]
        self.ready.discard(variable)
        for other in near:
            others = self.near[other]
            others |= near
            others.discard(variable)
            others.discard(other)
        stale = set(near)
        for other in near:
            stale |= self.near[other]
        return stale


def _sweep(near: dict[int, set[int]]) -> dict[int, int]:
    """The place of each variable in a search in breadth, begun for each component at one of its ends."""
    places: dict[int, int] = {}
    for start in sorted(near, key=lambda variable: (len(near[variable]), variable)):
        if start not in places:
            end = _reached(near, start)[-1]
            for variable in _reached(near, end):
                places[variable] = len(places)
    return places


def _reached(near: dict[int, set[int]], start: int) -> list[int]:
    """What hangs together with ``start``, by distance; those with few neighbours first."""
    found = [start]
    seen = {start}
    for variable in found:
        for other in sorted(near[variable] - seen, key=lambda each: (len(near[each]), each)):
            seen.add(other)
            found.append(other)
    return found
