"""Rows of small numbers, packed into one integer each and grouped by it."""

from __future__ import annotations

import numpy as np
from numpy import bool_, int64
from numpy.typing import NDArray

from nesy.abduction.compiled import compiled

ROOM = 2**62
"""Keys stay below this."""

TABLE = 2**14
"""Keys below this, or below four times their number, are grouped by a table, larger ones by hashing."""


@compiled
def pack(
    keys: NDArray[int64],
    labels: NDArray[int64],
    flagged: NDArray[bool_],
    admitted: NDArray[bool_],
    first: int,
    last: int,
) -> None:
    """Append the symbols of the models ``first`` … ``last`` − 1 to the ``keys`` [N].

    A model's symbol is label · 2^E + the set of the budgets under which its prediction stands, 0 where that is empty.
    """
    budgets, rows = flagged.shape[0], labels.shape[0]
    radix = (admitted.shape[1] + 1) << budgets
    for row in range(rows):
        key = keys[row]
        for model in range(first, last):
            symbol = 0
            label = labels[row, model]
            if label >= 0 and admitted[model, label]:
                standing = 0
                for budget in range(budgets):
                    if not flagged[budget, row, model]:
                        standing |= 1 << budget
                if standing:
                    symbol = ((label + 1) << budgets) | standing
            key = key * radix + symbol
        keys[row] = key


@compiled
def _count(keys: NDArray[int64], counts: NDArray[int64]) -> None:
    for row in range(keys.size):
        counts[keys[row]] += 1


@compiled
def _hash(keys: NDArray[int64], owner: NDArray[int64], distinct: NDArray[int64], place: NDArray[int64]) -> int:
    """Number the distinct ``keys`` in the order in which they occur; how many there are. ``owner`` is the table, all
    −1."""
    slots, found = owner.size, 0
    for row in range(keys.size):
        key = keys[row]
        # Fibonacci hashing: the high bits of a product with 2^64 / golden ratio
        mixed = np.uint64(key) * np.uint64(11400714819323198485)
        slot = np.int64(mixed >> np.uint64(20)) & (slots - 1)
        while owner[slot] >= 0 and distinct[owner[slot]] != key:
            slot = (slot + 1) & (slots - 1)
        if owner[slot] < 0:
            owner[slot] = found
            distinct[found] = key
            found += 1
        place[row] = owner[slot]
    return found


def group(keys: NDArray[int64], size: int) -> tuple[NDArray[int64], NDArray[int64], NDArray[int64]]:
    """Distinct ``keys`` (ascending), all from 0 to ``size`` − 1, their counts, and each one's place among the
    distinct."""
    if size <= max(TABLE, 4 * keys.size):
        counts = np.zeros(size, np.int64)
        _count(keys, counts)
        distinct = np.flatnonzero(counts)
        rank = np.cumsum(counts > 0) - 1
        return distinct, counts[distinct], rank[keys]
    place, distinct = np.empty(keys.size, np.int64), np.empty(keys.size, np.int64)
    owner = np.full(max(1024, 1 << (2 * keys.size - 1).bit_length()), -1, np.int64)
    found = _hash(keys, owner, distinct, place)
    order = np.argsort(distinct[:found])
    rank = np.empty(found, np.int64)
    rank[order] = np.arange(found)
    return distinct[order], np.bincount(place, minlength=found)[order], rank[place]
