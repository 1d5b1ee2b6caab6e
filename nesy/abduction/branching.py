"""Branch and bound on signatures: the exact method for up to about thirty pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nesy.abduction.clock import Clock
from nesy.abduction.enumeration import BLOCKS, IMPROVED, NODES, explore
from nesy.abduction.hypothesis import Exhaustion
from nesy.abduction.incidence import Incidence
from nesy.abduction.limits import Limit
from nesy.abduction.search import Choice
from nesy.abduction.search_tree import NOT_STAGED, Ledger, Progress, Tree
from nesy.abduction.tabulation import lay_out

TRAIL = 256
"""Improvements that are written down."""

SLICE = 2_000_000
"""Weights that may be touched between two looks at the clock, some ten milliseconds."""


@dataclass(frozen=True, eq=False)
class Explored:
    """How far the search has come: ``exhaustion`` tells whether ``bound`` is the optimum (−1: nothing is within the
    limit).

    ``hypotheses`` were looked at in tables; so many ``slices`` of work were spent.
    """

    exhaustion: Exhaustion
    bound: int
    hypotheses: int
    slices: int


def search_size(incidence: Incidence) -> float:
    """Binary logarithm of the number of hypotheses."""
    choices = incidence.options + ~incidence.required
    return float(np.sum(np.log2(np.maximum(choices, 1))))


def branch(
    incidence: Incidence,
    limit: Limit,
    *,
    best: Choice | None,
    clock: Clock,
    report: Callable[[Choice], None],
    slices: int | None = None,
) -> Explored | None:
    """Search for more coverage than ``best``, at most ``slices`` slices of work; None where this method cannot.

    ``report`` is told each improvement, which is so even if Ctrl-C ends the search.
    """
    laid = lay_out(incidence, limit)
    if laid is None:
        return None
    tree, missed, free, space = laid
    progress = start_progress(tree, missed, free, best)
    reachable = tree.total - int(missed.weight[0])
    state = progress.state
    start, done, spent = int(progress.record[0]), False, 0
    while not done and not clock.over and spent != slices:
        spent += 1
        known = int(progress.record[0])
        try:
            done = explore(SLICE, tree, progress, space, NOT_STAGED)
        finally:  # Ctrl-C is raised when the compiled code comes back
            if progress.record[0] > known:
                report(Choice(progress.best.copy(), int(progress.record[0]), int(progress.record[1])))
    trail = tuple((int(node), int(covered)) for node, covered in progress.trail[: min(state[IMPROVED], TRAIL)])
    order = tuple(incidence.pairs[pair] for pair in tree.order)
    bound = int(progress.record[0]) if done else reachable
    exhaustion = Exhaustion(order, start, trail, int(state[NODES]), done)
    return Explored(exhaustion, bound, int(state[BLOCKS]) * space.missed.size, spent)


def start_progress(tree: Tree, missed: Ledger, free: Ledger, best: Choice | None) -> Progress:
    """At the root of the tree; ``best`` is to be beaten."""
    pairs = tree.order.size
    return Progress(
        state=np.zeros(5, np.int64),
        choice=np.full(pairs, -1, np.int64),
        record=np.array([-1, 0] if best is None else [best.covered, best.violations], np.int64),
        best=np.full(pairs, -1, np.int64) if best is None else best.options.copy(),
        trail=np.zeros((TRAIL, 2), np.int64),
        missed=missed,
        free=free,
    )
