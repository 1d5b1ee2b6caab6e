"""What the branch and bound searches, and where it stands: data for its compiled part (:mod:`~.enumeration`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy import bool_, int32, int64, uint32
from numpy.typing import NDArray


class Tree(NamedTuple):
    """The pairs in the order in which they are settled, the first ``depth`` of them by branching, the others in tables.

    The pair at place p has the options ``first[p]`` … ``first[p]`` + ``options[p]`` − 1. A prediction of it is kept by
    a set of these options, one of ``sets[p]`` that differ: ``keeps[p]`` (bits; number 0 is the empty set). If each set
    has one option more than the last, ``enters[p]`` are these options, after a 1, otherwise it begins with 0. A
    ``required`` pair is not rejected. ``total`` is the weight of all signatures, ``baseline`` that of all that could be
    free of violations; violations may be at most ``constant`` + ``slope`` · covered.
    """

    order: NDArray[int64]
    depth: int
    first: NDArray[int64]
    options: NDArray[int64]
    sets: NDArray[int64]
    keeps: NDArray[int64]
    enters: NDArray[int64]
    required: NDArray[bool_]
    total: int
    baseline: int
    constant: float
    slope: float


class Patterns(NamedTuple):
    """Which open pairs would keep a prediction: patterns as a trie, from the last pair of the order to the first.

    Pattern 0 is empty. Pattern i is pattern ``down[i]`` < i and, before that, a prediction of the pair at place
    ``spot[i]`` that is kept by the options of set number ``digit[i]``. While the pairs from place d on are open, there
    are the patterns below ``size[d]``. ``cell[i]`` is where pattern i stands in the table of the last pairs.
    """

    spot: NDArray[int64]
    digit: NDArray[int64]
    down: NDArray[int64]
    size: NDArray[int64]
    cell: NDArray[uint32]


class Ledger(NamedTuple):
    """Weights by pattern, of what is settled above: level d has ``size[d]`` of them, from ``start[home[d]]`` on.

    Where settling a pair only leaves patterns out, a level is at home where the one above it is.
    """

    patterns: Patterns
    weight: NDArray[int32]
    start: NDArray[int64]
    home: NDArray[int64]


class Progress(NamedTuple):
    """Where the search stands, changed in place.

    ``state``: depth, nodes visited, blocks tabulated, length of the trail, whether the tree is exhausted. ``choice`` by
    depth, ``record``: the coverage to beat and its violations, ``best`` [P]: the options that reach it, ``trail``:
    node and coverage of each improvement. ``missed`` and ``free``: what is not covered, and what is free of violations.
    """

    state: NDArray[int64]
    choice: NDArray[int64]
    record: NDArray[int64]
    best: NDArray[int64]
    trail: NDArray[int64]
    missed: Ledger
    free: Ledger


class Space(NamedTuple):
    """Room: for one block, tables of what each choice of the last pairs misses and leaves free, and a spare one.

    For the bound, by place: the options that are ``allowed`` (bits), whether the pair is ``needed``, what it covers
    ``alone``, the violations that each option would have ``added``; by pattern its ``owner``, the only pair that may
    cover it.
    """

    missed: NDArray[int32]
    free: NDArray[int32]
    spare: NDArray[int32]
    allowed: NDArray[int64]
    needed: NDArray[bool_]
    alone: NDArray[int64]
    added: NDArray[int64]
    owner: NDArray[int64]


class Staged(NamedTuple):
    """The staircase as far as it is known: for each number of violations the most that is covered with at most so many
    (−1: nothing is known), and the options behind it, as one number with a digit for each pair."""

    covered: NDArray[int64]
    code: NDArray[int64]


NOT_STAGED = Staged(np.empty(0, np.int64), np.empty(0, np.int64))
