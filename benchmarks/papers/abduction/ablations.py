"""The paper's heuristic with its pairs visited in other orders."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from benchmarks.papers.abduction.methods import Case, Choice, Fused, problem_of, without_tie_breaker
from nesy.abduction.clock import Clock
from nesy.abduction.objects import Run
from nesy.abduction.problem import Pair
from nesy.abduction.search import demanded, greedy
from nesy.abduction.standing import break_ties, standing_predictions


def orders(case: Case, precision: NDArray[np.float64]) -> Mapping[str, dict[Pair, float]]:
    """Ranks of the pairs (model, class), the lowest first.

    The usual order is by model; here by class, by number of predictions, by held-out precision, and at random.
    """
    _, models, classes = case.predictions.shape
    pairs = [(model, label) for model in range(models) for label in range(classes)]
    counts = {(m, c): int((case.predictions.labels[:, m] == c).sum()) for m, c in pairs}
    shuffled = np.random.default_rng(0).permutation(len(pairs))
    return {
        "classes first": {(m, c): c * models + case.order.index(m) for m, c in pairs},
        "largest first": {pair: -counts[pair] for pair in pairs},
        "most precise first": {(m, c): -precision[m, c] for m, c in pairs},
        "random order": dict(zip(pairs, shuffled.tolist(), strict=True)),
    }


def by_order(case: Case, choice: Choice, precision: NDArray[np.float64]) -> dict[str, Fused]:
    """What the heuristic finds in each order."""
    problem = problem_of(case, choice)
    found = {}
    for name, rank in orders(case, precision).items():
        run = Run.of(problem, Clock(None), 0, 1, "cpsat", None)
        places = sorted(range(len(run.choices.pairs)), key=lambda place, rank=rank: rank[run.choices.pairs[place]])
        run.take(greedy(run.choices, run.limit, np.array(places, np.int64), demanded(run.choices, run.limit)))
        kept = standing_predictions(problem, run.accepted())
        labels, _ = break_ties(problem, kept)
        found[name] = Fused(labels, without_tie_breaker(case.predictions, kept), kept, None)
    return found
