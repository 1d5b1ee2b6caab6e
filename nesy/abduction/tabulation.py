"""Laying out the tables of the branch and bound."""

from __future__ import annotations

import numpy as np
from numpy import bool_, int64
from numpy.typing import NDArray

from nesy.abduction.enumeration import Space, Tables, Tree
from nesy.abduction.incidence import Incidence
from nesy.abduction.limits import Limit
from nesy.abduction.measures import conflict_terms, pair_terms

WORD = 2**31
"""Sums of missed weights stay below this."""

SMALLEST, LARGEST = 1024, 65_536
"""Sizes of tables. A block costs its signatures once and its choices a few times, so the two are kept about equal."""


class _Axis:
    """One of the last pairs: the sets of its options that keep a signature's prediction."""

    def __init__(self, incidence: Incidence, pair: int) -> None:
        bits = np.zeros(incidence.weights.size, np.int64)
        for place, option in enumerate(range(incidence.first[pair], incidence.first[pair + 1])):
            bits[incidence.kept(option)] |= 1 << place
        self.pair = pair
        self.sets = np.unique(np.append(bits, 0))
        self.digit = np.searchsorted(self.sets, bits)
        self.choices = int(incidence.options[pair]) + 1

    @property
    def wide(self) -> int:
        """The size of the axis before or after the sums, whichever is larger."""
        return max(self.sets.size, self.choices)


def branching_order(incidence: Incidence) -> NDArray[int64]:
    """The required pairs, then the others by the weight that they cover, the heaviest first."""
    heaviest = []
    for low, high in zip(incidence.first[:-1], incidence.first[1:], strict=True):
        weights = [int(incidence.weights[incidence.kept(option)].sum()) for option in range(low, high)]
        heaviest.append(max(weights, default=0))
    places = range(len(incidence.pairs))
    return np.array(sorted(places, key=lambda p: (not incidence.required[p], -heaviest[p], p)), np.int64)


def lay_out(incidence: Incidence, limit: Limit, incompatible: NDArray[bool_]) -> tuple[Tree, Tables, Space] | None:
    """Tree, tables and room for them; None where the violations are no short sum of missed weights."""
    classes = frozenset(label for _, label in incidence.pairs)
    terms = (pair_terms if limit.by_pairs else conflict_terms)(incompatible, classes)
    weight = int(incidence.weights.sum())
    if terms is None or weight * (1 + sum(map(abs, terms.values()))) >= WORD:
        return None
    order = branching_order(incidence)
    last, room = _last_pairs(incidence, order)
    groups = [classes, *sorted((group for group in terms if group != classes), key=sorted)]
    tables = _tables(incidence, last, groups, [terms.get(group, 0) for group in groups], sum_of(terms, incidence))
    size = tables.gather.shape[1]
    space = Space(*(np.zeros(shape, np.int32) for shape in ((len(groups), room), room, size, size)))
    return _tree(incidence, limit, order, len(order) - len(last)), tables, space


def sum_of(terms: dict[frozenset[int], int], incidence: Incidence) -> int:
    """What the terms add up to where nothing is accepted: then all is missed, and nothing is violated."""
    return sum(terms.values()) * int(incidence.weights.sum())


def _last_pairs(incidence: Incidence, order: NDArray[int64]) -> tuple[list[_Axis], int]:
    """The pairs at the end of the order that fit into one table, and its size."""
    aim = min(LARGEST, max(SMALLEST, 4 << int(incidence.weights.size).bit_length()))
    found: list[_Axis] = []
    room = 1
    for pair in order[::-1]:
        axis = _Axis(incidence, int(pair))
        if incidence.required[pair] or room * axis.wide > aim:
            break
        room *= axis.wide
        found.insert(0, axis)
    return found, room


def _tables(
    incidence: Incidence, last: list[_Axis], groups: list[frozenset[int]], coefficients: list[int], baseline: int
) -> Tables:
    pairs, (rows, models) = len(incidence.pairs), incidence.labels.shape
    into, out = np.ones(pairs, np.int64), np.ones(pairs, np.int64)
    keeps = np.zeros((pairs, max((axis.sets.size for axis in last), default=1)), np.int64)
    size = int(np.prod([axis.choices for axis in last], dtype=np.int64))
    digits, stride = {}, size
    for axis in last:
        into[axis.pair], out[axis.pair] = axis.sets.size, axis.choices
        keeps[axis.pair, : axis.sets.size] = axis.sets
        stride //= axis.choices
        digits[axis.pair] = np.arange(size) // stride % axis.choices
    axes: list[int] = []
    axis_start = [0]
    position, local = np.zeros((rows, len(groups)), np.int64), np.zeros((rows, len(groups)), np.int64)
    gather = np.zeros((len(groups), size), np.int64)
    for j, group in enumerate(groups):
        member = np.isin(incidence.labels, sorted(group))
        for slot in range(models):
            local[:, j] |= np.where(member[:, slot], np.int64(1) << np.int64(slot), 0)
        for axis in last:
            if incidence.pairs[axis.pair][1] in group:
                position[:, j] = position[:, j] * axis.sets.size + axis.digit
                gather[j] = gather[j] * axis.choices + digits[axis.pair]
                axes.append(axis.pair)
        axis_start.append(len(axes))
    return Tables(
        np.array(axes, np.int64),
        np.array(axis_start, np.int64),
        into,
        out,
        keeps,
        position.astype(np.uint32),
        local,
        gather.astype(np.uint32),
        np.array(coefficients, np.int32),
        int(incidence.weights.sum()),
        baseline,
    )


def _tree(incidence: Incidence, limit: Limit, order: NDArray[int64], depth: int) -> Tree:
    touched = []
    for low, high in zip(incidence.first[:-1], incidence.first[1:], strict=True):
        touched.append(np.unique(incidence.row[incidence.start[low] : incidence.start[high]]))
    return Tree(
        order,
        depth,
        incidence.first,
        incidence.required,
        np.concatenate([[0], np.cumsum([rows.size for rows in touched])]).astype(np.int64),
        np.concatenate([np.empty(0, np.int64), *touched]),
        incidence.start,
        incidence.row,
        incidence.slot,
        incidence.opposed,
        incidence.weights,
        limit.by_pairs,
        limit.constant,
        limit.slope,
    )
