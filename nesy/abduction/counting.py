"""Counting coverage and violations while pairs come and go: the compiled part of the heuristics.

All functions stand in this one file because numba keeps compiled code per file.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy import bool_, int64, uint64
from numpy.typing import NDArray

from nesy.abduction.compiled import compiled


class Layout(NamedTuple):
    """Which signatures each option touches, see :class:`~.incidence.Incidence`."""

    start: NDArray[int64]
    row: NDArray[int64]
    slot: NDArray[int64]
    opposed: NDArray[int64]
    weights: NDArray[int64]


class Rule(NamedTuple):
    """How violations count and how many are allowed, see :class:`~.limits.Limit`."""

    by_pairs: bool
    constant: float
    slope: float


class Counts(NamedTuple):
    """What the accepted options amount to.

    ``support`` [S, F] is the number of accepted predictions of each class of a signature, ``present`` [S] the classes
    that have any (bits), ``conflicts`` [S] the incompatible pairs among these; ``totals`` are the covered objects and
    the violations.
    """

    support: NDArray[int64]
    present: NDArray[int64]
    conflicts: NDArray[int64]
    totals: NDArray[int64]


@compiled
def _bits(word: int) -> int:
    count = 0
    while word:
        word &= word - 1
        count += 1
    return count


@compiled
def add(option: int, layout: Layout, rule: Rule, counts: Counts) -> None:
    """Accept an option."""
    for entry in range(layout.start[option], layout.start[option + 1]):
        s, d = layout.row[entry], layout.slot[entry]
        counts.support[s, d] += 1
        if counts.support[s, d] > 1:
            continue
        here, weight = counts.present[s], layout.weights[s]
        if here == 0:
            counts.totals[0] += weight
        apart = layout.opposed[s, d] & here
        if apart:
            more = _bits(apart)
            if rule.by_pairs:
                counts.totals[1] += weight * more
            elif counts.conflicts[s] == 0:
                counts.totals[1] += weight
            counts.conflicts[s] += more
        counts.present[s] = here | np.int64(1) << d


@compiled
def drop(option: int, layout: Layout, rule: Rule, counts: Counts) -> None:
    """Take an accepted option back."""
    for entry in range(layout.start[option], layout.start[option + 1]):
        s, d = layout.row[entry], layout.slot[entry]
        counts.support[s, d] -= 1
        if counts.support[s, d] > 0:
            continue
        here, weight = counts.present[s] & ~(np.int64(1) << d), layout.weights[s]
        counts.present[s] = here
        if here == 0:
            counts.totals[0] -= weight
        apart = layout.opposed[s, d] & here
        if apart:
            fewer = _bits(apart)
            counts.conflicts[s] -= fewer
            if rule.by_pairs:
                counts.totals[1] -= weight * fewer
            elif counts.conflicts[s] == 0:
                counts.totals[1] -= weight


@compiled
def gain(option: int, layout: Layout, rule: Rule, counts: Counts) -> tuple[int, int]:
    """What accepting an option would add to the coverage and to the violations."""
    covered, violations = 0, 0
    for entry in range(layout.start[option], layout.start[option + 1]):
        s, d = layout.row[entry], layout.slot[entry]
        here = counts.present[s]
        if here == 0:
            covered += layout.weights[s]
        elif not here >> d & 1:
            apart = layout.opposed[s, d] & here
            if apart:
                if rule.by_pairs:
                    violations += layout.weights[s] * _bits(apart)
                elif counts.conflicts[s] == 0:
                    violations += layout.weights[s]
    return covered, violations


@compiled
def climb(
    order: NDArray[int64],
    first: NDArray[int64],
    chosen: NDArray[int64],
    layout: Layout,
    rule: Rule,
    counts: Counts,
) -> None:
    """The paper's heuristic search over the pairs in ``order``; ``chosen`` [P] gets their options (−1: rejected).

    A pair takes the option that covers most without breaking the limit; ties go to fewer violations, then to the
    smaller budget. An option that covers nothing new is rejected. Pairs that are chosen already stay.
    """
    for pair in order:
        if chosen[pair] >= 0:
            continue
        best, most, fewest = -1, 0, 0
        for option in range(first[pair], first[pair + 1]):
            covered, violations = gain(option, layout, rule, counts)
            allowed = rule.constant + rule.slope * (counts.totals[0] + covered)
            if counts.totals[1] + violations > allowed:
                continue
            if covered > most or (best >= 0 and covered == most and violations < fewest):
                best, most, fewest = option, covered, violations
        if best >= 0:
            chosen[pair] = best
            add(best, layout, rule, counts)


@compiled
def _random(state: NDArray[uint64]) -> int:
    """63 random bits by SplitMix64 (Steele, Lea, Flood 2014)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = state[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.int64((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(1))  # type: ignore[return-value]  # one type in numba


@compiled
def anneal(
    moves: int,
    heat: float,
    cooling: float,
    penalty: float,
    random: NDArray[uint64],
    first: NDArray[int64],
    fixed: NDArray[bool_],
    chosen: NDArray[int64],
    best: NDArray[int64],
    record: NDArray[int64],
    layout: Layout,
    rule: Rule,
    counts: Counts,
) -> float:
    """``moves`` steps of simulated annealing by adding, dropping and swapping pairs; returns the heat that is left.

    The energy is the coverage less ``penalty`` for each violation beyond the limit. ``fixed`` pairs stay accepted and
    only change their option. ``best`` [P] and ``record`` (coverage, violations) keep the best state within the limit.
    """
    totals = counts.totals
    energy = totals[0] - penalty * max(0.0, totals[1] - (rule.constant + rule.slope * totals[0]))
    for _ in range(moves):
        heat *= cooling
        into = _random(random) % fixed.size
        options = first[into + 1] - first[into]
        previous, out, other = chosen[into], -1, -1
        if previous >= 0:
            choice = _random(random) % (options + 1)
            following = -1 if choice == options else first[into] + choice
            if following == previous:
                following = -1
            if following < 0 and fixed[into]:
                continue
        else:
            following = first[into] + _random(random) % options
            if _random(random) & 1:
                other = _random(random) % fixed.size
                if chosen[other] >= 0 and not fixed[other]:
                    out = chosen[other]
        if previous >= 0:
            drop(previous, layout, rule, counts)
        if out >= 0:
            drop(out, layout, rule, counts)
        if following >= 0:
            add(following, layout, rule, counts)
        excess = max(0.0, totals[1] - (rule.constant + rule.slope * totals[0]))
        now = totals[0] - penalty * excess
        if now >= energy or _random(random) * 2.0**-63 < np.exp((now - energy) / heat):
            energy = now
            chosen[into] = following
            if out >= 0:
                chosen[other] = -1
            if excess == 0.0 and (totals[0] > record[0] or (totals[0] == record[0] and totals[1] < record[1])):
                record[0], record[1] = totals[0], totals[1]
                for pair in range(fixed.size):  # an assignment of slices takes seconds to compile
                    best[pair] = chosen[pair]
        else:
            if following >= 0:
                drop(following, layout, rule, counts)
            if out >= 0:
                add(out, layout, rule, counts)
            if previous >= 0:
                add(previous, layout, rule, counts)
    return heat
