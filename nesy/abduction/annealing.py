"""A strong incumbent: the greedy search from many orders, then simulated annealing from the best of these.

The order of the models decides what the greedy search can still take; trying many orders costs little on signatures,
and finds what annealing alone does not where the bound is tight, because most moves then break it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, permutations

import numpy as np

from nesy.abduction.clock import Clock
from nesy.abduction.counting import anneal
from nesy.abduction.incidence import Incidence
from nesy.abduction.limits import Limit
from nesy.abduction.search import Choice, counted, demanded, greedy, layout_of, model_major, rule_of, valued


@dataclass(frozen=True, slots=True)
class Effort:
    """At most so many orders (of up to five models, no more than there are), then so many moves of annealing."""

    orders: int
    moves: int


THOROUGH = Effort(120, 20_000)

QUICK = Effort(24, 4_000)
"""For what a search through all hypotheses follows upon: a little less coverage to start from costs that search less
than it takes to find it here."""

TOUCHES = 4_000_000
"""Signatures that the orders, and then the moves, may touch in all: a few dozen milliseconds each."""

SLICE = 500
"""Moves between two looks at the clock."""

HOT, COLD = 0.03, 0.0005
"""Heat at the start and at the end, as shares of all objects."""

PENALTY = 4.0


def strong_incumbent(
    incidence: Incidence,
    limit: Limit,
    *,
    seed: int,
    clock: Clock,
    report: Callable[[Choice], None],
    effort: Effort = THOROUGH,
) -> None:
    """Look for good choices; ``report`` is told each one within the limit that is better than those before.

    The result depends on ``seed`` alone, unless the time runs out.
    """
    best = _best_order(incidence, limit, np.random.default_rng(seed), clock, report, effort.orders)
    pairs = len(incidence.pairs)
    if pairs == 0 or clock.over:
        return
    start = best if best is not None else valued(incidence, limit, demanded(incidence, limit))
    options, kept = start.options.copy(), start.options.copy()
    record = np.array([best.covered, best.violations] if best is not None else [-1, 0], np.int64)
    counts = counted(incidence, limit, options)
    touched = incidence.row.size / max(1, incidence.epsilon.size)
    moves = int(min(effort.moves, max(10 * pairs, TOUCHES / (2 * touched + 1))))
    total = max(1, int(incidence.weights.sum()))
    heat, cooling = HOT * total, (COLD / HOT) ** (1 / moves)
    random = np.array([np.uint64(seed)], np.uint64)
    layout, rule = layout_of(incidence), rule_of(limit)
    while moves > 0 and not clock.over:
        step, before = min(SLICE, moves), record.copy()
        heat = anneal(
            step, heat, cooling, PENALTY, random, incidence.first, incidence.required, options, kept, record,
            layout, rule, counts,
        )  # fmt: skip
        moves -= step
        if not np.array_equal(before, record):
            report(Choice(kept.copy(), int(record[0]), int(record[1])))


def _best_order(
    incidence: Incidence,
    limit: Limit,
    random: np.random.Generator,
    clock: Clock,
    report: Callable[[Choice], None],
    most: int,
) -> Choice | None:
    start = demanded(incidence, limit)
    models = sorted({model for model, _ in incidence.pairs})
    touched = max(1, incidence.row.size)
    tries = int(min(most, max(4, TOUCHES / touched)))
    if len(models) <= 5:
        orders = list(islice(permutations(models), tries))
    else:
        orders = [tuple(models), *(tuple(random.permutation(models).tolist()) for _ in range(tries - 1))]
    best: Choice | None = None
    for order in orders:
        found = greedy(incidence, limit, model_major(incidence, order), start)
        if found.within(limit) and found.better(best):
            best = found
            report(found)
        if clock.over:
            break
    return best
