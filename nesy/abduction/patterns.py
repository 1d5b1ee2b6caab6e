"""Coverage and violations as sums of weights by pattern, for the branch and bound (:mod:`~.enumeration`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import bool_, int64
from numpy.typing import NDArray

from nesy.abduction.incidence import Incidence
from nesy.abduction.measures import conflict_terms
from nesy.abduction.search_tree import Ledger, Patterns

WORD = 2**31
"""Sums of weights stay below this."""

MOST = 2**26
"""Weights of all levels together that are kept at most, a quarter of a gigabyte."""


@dataclass(frozen=True, eq=False)
class Places:
    """The pairs of an incidence in the order in which they are settled.

    A prediction of the pair at place p is kept by one of ``sets[p]`` sets of its options, ``keeps[p]`` (bits), the
    smallest first: number 0 is the empty set. The prediction of model m on signature s is at place ``place[s, m]`` and
    kept by set number ``digit[s, m]``.
    """

    order: NDArray[int64]
    sets: NDArray[int64]
    keeps: NDArray[int64]
    place: NDArray[int64]
    digit: NDArray[int64]


def places_of(incidence: Incidence, order: NDArray[int64]) -> Places:
    """The places of the pairs, which are settled in ``order``."""
    rows, models = incidence.labels.shape
    place, digit = np.zeros((rows, models), np.int64), np.zeros((rows, models), np.int64)
    found: list[NDArray[int64]] = []
    for number, pair in enumerate(order.tolist()):
        bits = np.zeros(rows, np.int64)
        for option in range(incidence.first[pair], incidence.first[pair + 1]):
            bits[incidence.kept(option)] |= 1 << (option - incidence.first[pair])
        known, which = np.unique(np.append(bits, 0), return_inverse=True)
        by_size = sorted(range(known.size), key=lambda at: (int(known[at]).bit_count(), at))
        found.append(known[by_size])
        model = incidence.pairs[pair][0]
        kept = np.flatnonzero(bits)
        place[kept, model], digit[kept, model] = number, np.argsort(by_size)[which.ravel()[kept]]
    keeps = np.zeros((len(order), max((sets.size for sets in found), default=1)), np.int64)
    for number, sets in enumerate(found):
        keeps[number, : sets.size] = sets
    return Places(order, np.array([sets.size for sets in found], np.int64), keeps, place, digit)


@dataclass(frozen=True, eq=False)
class Weighted:
    """Weights [n]; one counts unless a prediction that ``signature`` [n] has of ``models`` [n, F] is kept."""

    signature: NDArray[int64]
    models: NDArray[bool_]
    weight: NDArray[int64]


def missed_weights(incidence: Incidence) -> Weighted:
    """What is not covered: the weight of each signature of which no prediction is kept."""
    rows = np.arange(incidence.weights.size)
    return Weighted(rows, np.ones(incidence.labels.shape, np.bool_), incidence.weights)


def free_weights(incidence: Incidence, *, by_pairs: bool) -> Weighted | None:
    """What is free of violations, up to a constant; None where that is no short sum.

    A signature keeps both classes of a pair unless it misses the one or the other, and by inclusion–exclusion
    1 − miss(c) − miss(d) + miss(c and d). ``by_pairs`` counts these; otherwise a signature counts if all that it keeps
    lies in one set of compatible classes, see :func:`~.measures.conflict_terms`; if its k classes all exclude one
    another, that is Σ miss(all but c) − (k − 1) · miss(all).
    """
    labels = incidence.labels
    models = labels.shape[1]
    same = (labels[:, :, None] == labels[:, None, :]) & (labels >= 0)[:, :, None]
    slot = np.where(labels >= 0, np.argmax(same, axis=2), -1)  # the first model with the same label stands for it
    opposed = np.where(slot == np.arange(models), incidence.opposed, 0)
    if by_pairs:
        return _joined(_by_pairs(incidence.weights, slot, opposed))
    present = np.where(slot == np.arange(models), np.int64(1) << np.arange(models), 0)
    others = np.where(present > 0, present.sum(axis=1, keepdims=True) ^ present, 0)
    exclusive, apart = (opposed == others).all(axis=1), opposed.any(axis=1)
    parts = _of_exclusive(incidence.weights, slot, np.flatnonzero(exclusive & apart))
    mixed = np.flatnonzero(~exclusive & apart)
    graphs, which = np.unique(np.column_stack([opposed, present])[mixed], axis=0, return_inverse=True)
    for number, graph in enumerate(graphs):
        rows = mixed[which.ravel() == number]
        edges = graph[:models, None] >> np.arange(models) & 1 == 1
        terms = conflict_terms(edges, frozenset(np.flatnonzero(graph[models:]).tolist()))
        if terms is None:
            return None
        parts += [
            Weighted(rows, np.isin(slot[rows], sorted(group)), factor * incidence.weights[rows])
            for group, factor in terms.items()
        ]
    return _joined(parts)


def _of_exclusive(weights: NDArray[int64], slot: NDArray[int64], rows: NDArray[int64]) -> list[Weighted]:
    """Signatures whose classes all exclude one another."""
    slot = slot[rows]
    kept = slot >= 0
    classes = (slot == np.arange(slot.shape[1])).sum(axis=1)
    parts = [Weighted(rows, kept, (1 - classes) * weights[rows])]
    for one in range(slot.shape[1]):
        has = (slot == one).any(axis=1)
        parts.append(Weighted(rows[has], (kept & (slot != one))[has], weights[rows[has]]))
    return parts


def _by_pairs(weights: NDArray[int64], slot: NDArray[int64], opposed: NDArray[int64]) -> list[Weighted]:
    parts = []
    for one in range(slot.shape[1]):
        degree = np.zeros(len(slot), np.int64)
        for other in range(slot.shape[1]):
            apart = opposed[:, one] >> other & 1
            degree += apart
            rows = np.flatnonzero(apart)
            if other > one and rows.size:
                parts.append(Weighted(rows, np.isin(slot[rows], (one, other)), -weights[rows]))
        rows = np.flatnonzero(degree)
        parts.append(Weighted(rows, slot[rows] == one, (degree * weights)[rows]))
    return parts


def _joined(parts: list[Weighted]) -> Weighted:
    return Weighted(
        np.concatenate([part.signature for part in parts]),
        np.concatenate([part.models for part in parts]),
        np.concatenate([part.weight for part in parts]),
    )


def ledger(weighted: Weighted, places: Places, depth: int) -> Ledger | None:
    """The weights by pattern, with nothing settled; None where they are too large or too many.

    The pairs from ``depth`` on are in tables.
    """
    if int(np.abs(weighted.weight).sum()) >= WORD:
        return None
    digit = np.where(weighted.models, places.digit[weighted.signature], 0)
    entry, model = np.nonzero(digit)
    place = places.place[weighted.signature[entry], model]
    by_place = np.argsort(place, kind="stable")
    ends = np.searchsorted(place[by_place], np.arange(len(places.order) + 1))
    pattern = np.zeros(len(weighted.weight), np.int64)
    zero = np.zeros(1, np.int64)
    spot, number, down, cell, count, stride = [zero], [zero], [zero], [zero], 1, 1
    size = np.ones(len(places.order) + 1, np.int64)
    for last in range(len(places.order) - 1, -1, -1):
        here = by_place[ends[last] : ends[last + 1]]
        keys = digit[entry[here], model[here]] * count + pattern[entry[here]]
        found, which = np.unique(keys, return_inverse=True)
        pattern[entry[here]] = count + which
        spot.append(np.full(found.size, last))
        number.append(found // count)
        down.append(found % count)
        if last >= depth:
            known = np.concatenate(cell)
            cell.append(known[down[-1]] + number[-1] * stride)
            stride *= int(places.sets[last])
        count += found.size
        size[last] = count
    start = np.concatenate([[0], np.cumsum(size[: depth + 1])])
    if start[-1] > MOST:
        return None
    weight = np.zeros(start[-1], np.int32)
    weight[:count] = np.bincount(pattern, weighted.weight, count)
    return Ledger(
        Patterns(
            np.concatenate(spot),
            np.concatenate(number),
            np.concatenate(down),
            size,
            np.concatenate(cell).astype(np.uint32),
        ),
        weight,
        start,
        np.zeros(depth + 1, np.int64),
    )
