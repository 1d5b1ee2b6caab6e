"""Laying out the tree and the tables of the branch and bound."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy import bool_, int64
from numpy.typing import NDArray

from nesy.abduction.incidence import Incidence
from nesy.abduction.limits import Limit
from nesy.abduction.patterns import Places, free_weights, ledger, missed_weights, places_of
from nesy.abduction.search_tree import Ledger, Space, Tree

TABLE = 32_768
"""Entries of a table at most: two of them stay in the nearer caches, and the tree above is left with few nodes."""


def branching_order(incidence: Incidence) -> NDArray[int64]:
    """The required pairs, then the others by the weight that they cover, the heaviest first."""
    heaviest = []
    for low, high in zip(incidence.first[:-1], incidence.first[1:], strict=True):
        weights = [int(incidence.weights[incidence.kept(option)].sum()) for option in range(low, high)]
        heaviest.append(max(weights, default=0))
    places = range(len(incidence.pairs))
    return np.array(sorted(places, key=lambda p: (not incidence.required[p], -heaviest[p], p)), np.int64)


def lay_out(incidence: Incidence, limit: Limit) -> tuple[Tree, Ledger, Ledger, Space] | None:
    """The tree, what it misses and leaves free of violations, and room for tables; None where violations are no short
    sum of weights."""
    order = branching_order(incidence)
    places = places_of(incidence, order)
    options, required = incidence.options[order], incidence.required[order]
    depth, room = _last_pairs(places, options, required)
    free_of = free_weights(incidence, by_pairs=limit.by_pairs)
    if free_of is None:
        return None
    missed = ledger(missed_weights(incidence), places, depth)
    free = ledger(free_of, places, depth)
    if missed is None or free is None:
        return None
    tree = Tree(
        order,
        depth,
        incidence.first[order],
        options,
        places.sets,
        places.keeps,
        _entering(places, options),
        required,
        int(incidence.weights.sum()),
        int(free_of.weight.sum()),
        limit.constant,
        limit.slope,
    )
    return tree, missed, free, _space(room, options, max(missed.patterns.spot.size, free.patterns.spot.size))


def _entering(places: Places, options: NDArray[int64]) -> NDArray[int64]:
    """The option by which each set differs from the last, see :class:`Tree`."""
    enters = np.zeros(places.keeps.shape, np.int64)
    for place, (count, sets) in enumerate(zip(options.tolist(), places.sets.tolist(), strict=True)):
        steps = list(pairwise(places.keeps[place, :sets].tolist()))
        if sets == count + 1 and all(before & after == before for before, after in steps):
            enters[place, :sets] = [1, *((after ^ before).bit_length() - 1 for before, after in steps)]
    return enters


def _space(room: int, options: NDArray[int64], patterns: int) -> Space:
    missed, free, spare = (np.zeros(room, np.int32) for _ in range(3))
    allowed, alone = (np.zeros(options.size, np.int64) for _ in range(2))
    added = np.zeros((options.size, int(options.max(initial=1))), np.int64)
    needed, owner = np.zeros(options.size, np.bool_), np.zeros(patterns, np.int64)
    return Space(missed, free, spare, allowed, needed, alone, added, owner)


def _last_pairs(places: Places, options: NDArray[int64], required: NDArray[bool_]) -> tuple[int, int]:
    """The place from which on pairs fit into one table, and the size of that."""
    room, depth = 1, len(options)
    while depth > 0 and not required[depth - 1]:
        wider = room * max(int(places.sets[depth - 1]), int(options[depth - 1]) + 1)
        if wider > TABLE:
            break
        room, depth = wider, depth - 1
    return depth, room
