"""The paper's heuristic search: pair by pair, each with the recall budget that covers most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy import int64
from numpy.typing import NDArray

from nesy.abduction.counting import Counts, Layout, Rule, add, climb, gain
from nesy.abduction.incidence import Incidence
from nesy.abduction.limits import Limit


@dataclass(frozen=True, eq=False)
class Choice:
    """An option for each pair (−1: rejected), the objects that it covers and its violations."""

    options: NDArray[int64]
    covered: int
    violations: int

    def within(self, limit: Limit) -> bool:
        """Whether the violations are allowed."""
        return self.violations <= limit.allowed(self.covered)

    def better(self, other: Choice | None) -> bool:
        """Whether this covers more, or as much with fewer violations."""
        if other is None:
            return True
        return (self.covered, -self.violations) > (other.covered, -other.violations)


def layout_of(incidence: Incidence) -> Layout:
    """What the compiled functions take."""
    return Layout(incidence.start, incidence.row, incidence.slot, incidence.opposed, incidence.weights)


def rule_of(limit: Limit) -> Rule:
    """What the compiled functions take."""
    return Rule(limit.by_pairs, limit.constant, limit.slope)


def counted(incidence: Incidence, limit: Limit, options: NDArray[int64]) -> Counts:
    """The counts of a choice of options."""
    rows, models = incidence.opposed.shape
    counts = Counts(
        np.zeros((rows, models), np.int64), np.zeros(rows, np.int64), np.zeros(rows, np.int64), np.zeros(2, np.int64)
    )
    layout, rule = layout_of(incidence), rule_of(limit)
    for option in options[options >= 0]:
        add(int(option), layout, rule, counts)
    return counts


def valued(incidence: Incidence, limit: Limit, options: NDArray[int64]) -> Choice:
    """A choice with what it covers and violates."""
    covered, violations = counted(incidence, limit, options).totals
    return Choice(options, int(covered), int(violations))


def demanded(incidence: Incidence, limit: Limit) -> NDArray[int64]:
    """Options of the required pairs alone: one after the other, the one that violates least, then covers most."""
    options = np.full(len(incidence.pairs), -1, np.int64)
    counts = counted(incidence, limit, options)
    layout, rule = layout_of(incidence), rule_of(limit)
    for pair in np.flatnonzero(incidence.required):
        places = range(incidence.first[pair], incidence.first[pair + 1])
        gains = {option: gain(option, layout, rule, counts) for option in places}
        best = min(gains, key=lambda option: (gains[option][1], -gains[option][0], option))
        options[pair] = best
        add(best, layout, rule, counts)
    return options


def model_major(incidence: Incidence, models: Sequence[int]) -> NDArray[int64]:
    """All pairs of the first of ``models``, then of the second, …; within a model by class."""
    rank = {model: place for place, model in enumerate(models)}
    places = range(len(incidence.pairs))
    return np.array(sorted(places, key=lambda p: (rank[incidence.pairs[p][0]], incidence.pairs[p][1])), np.int64)


def greedy(incidence: Incidence, limit: Limit, order: NDArray[int64], start: NDArray[int64]) -> Choice:
    """The search over the pairs in ``order``; those that ``start`` has chosen stay as they are."""
    options = start.copy()
    counts = counted(incidence, limit, options)
    climb(order, incidence.first, options, layout_of(incidence), rule_of(limit), counts)
    return Choice(options, int(counts.totals[0]), int(counts.totals[1]))
