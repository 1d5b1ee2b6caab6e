"""One search for the whole staircase: the most that is covered with at most v violations, for every v."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, permutations

import numpy as np
from numpy import int64
from numpy.typing import NDArray

from nesy.abduction.branching import SLICE, start_progress
from nesy.abduction.clock import Clock
from nesy.abduction.enumeration import explore
from nesy.abduction.incidence import Incidence
from nesy.abduction.limits import Limit
from nesy.abduction.search import Choice, demanded, greedy, model_major
from nesy.abduction.search_tree import Staged, Tree
from nesy.abduction.tabulation import lay_out

LIMITS = 24
"""Numbers of violations for which the heuristic is tried first."""

ORDERS = 8
"""Orders of models that it is tried with."""


@dataclass(frozen=True, eq=False)
class Swept:
    """The steps found: violations, coverage, and the options [P] behind them, ascending."""

    steps: tuple[tuple[int, int, NDArray[int64]], ...]
    complete: bool


def sweep_all(incidence: Incidence, limit: Limit, *, clock: Clock) -> Swept | None:
    """All steps within ``limit`` (with ``covered`` as denominator: all); None where violations are no short sum of
    terms."""
    laid = lay_out(incidence, limit)
    if laid is None:
        return None
    tree, missed, free, space = laid
    largest = _most_violations(incidence, limit)
    if limit.denominator != "covered":
        largest = min(largest, limit.allowed(0))
    staged = Staged(np.full(largest + 1, -1, np.int64), np.full(largest + 1, -1, np.int64))
    for choice in _first_guesses(incidence, limit, largest):
        _enter(staged, tree, choice)
    progress = start_progress(tree, missed, free, None)
    done, interrupted = False, False
    while not done and not clock.over and not interrupted:
        try:
            done = explore(SLICE, tree, progress, space, staged)
        except KeyboardInterrupt:
            interrupted = True
    places = np.flatnonzero(np.diff(staged.covered, prepend=-1) > 0)
    steps = [(int(v), int(staged.covered[v]), _decoded(int(staged.code[v]), tree)) for v in places]
    return Swept(tuple(steps), done)


def _most_violations(incidence: Incidence, limit: Limit) -> int:
    """What accepting everything could violate."""
    rows, models = incidence.opposed.shape
    own = np.zeros((rows, models), np.int64)
    for bit in range(models):
        own += incidence.opposed >> bit & 1
    # a class is opposed from each prediction of it; its first one speaks for all
    first = np.zeros((rows, models), np.bool_)
    first[incidence.row, incidence.slot] = True
    pairs = np.where(first, own, 0).sum(axis=1) // 2
    return int((incidence.weights * (pairs if limit.by_pairs else pairs > 0)).sum())


def _first_guesses(incidence: Incidence, limit: Limit, largest: int) -> list[Choice]:
    """Heuristic choices for some numbers of violations: what they cover need not be looked for."""
    models = sorted({model for model, _ in incidence.pairs})
    orders = [model_major(incidence, order) for order in islice(permutations(models), ORDERS)]
    orders += [model_major(incidence, order[::-1]) for order in islice(permutations(models), ORDERS)]
    start = demanded(incidence, limit)
    found = []
    for violations in np.unique(np.linspace(0, largest, LIMITS).astype(np.int64)).tolist():
        fixed = Limit("denials" if limit.by_pairs else "objects", violations / max(1, largest), max(1, largest))
        found += [greedy(incidence, fixed, order, start) for order in orders]
    return [choice for choice in found if choice.violations <= largest]


def _enter(staged: Staged, tree: Tree, choice: Choice) -> None:
    place = choice.violations
    while place < staged.covered.size and staged.covered[place] < choice.covered:
        staged.covered[place] = choice.covered
        staged.code[place] = _coded(choice.options, tree)
        place += 1


def _coded(options: NDArray[int64], tree: Tree) -> int:
    """The options as one number, a digit for each pair: 0 if it is rejected."""
    code = 0
    for pair, first, count in zip(tree.order.tolist(), tree.first.tolist(), tree.options.tolist(), strict=True):
        code = code * (count + 1) + (int(options[pair]) - first + 1 if options[pair] >= 0 else 0)
    return code


def _decoded(code: int, tree: Tree) -> NDArray[int64]:
    options = np.full(tree.order.size, -1, np.int64)
    for place in range(tree.order.size - 1, -1, -1):
        code, digit = divmod(code, int(tree.options[place]) + 1)
        if digit:
            options[tree.order[place]] = tree.first[place] + digit - 1
    return options
