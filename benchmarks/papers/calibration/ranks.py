"""Simulation-based calibration: the rank of a parameter among draws from the posterior of its own data.

S. Talts, M. Betancourt, D. Simpson, A. Vehtari, A. Gelman, arXiv 1804.06788: parameters are drawn from the prior, data
from them, draws from the posterior by the method under test; if the method is right, the rank of the parameter among
``DRAWS`` draws is uniform on 0 … DRAWS. Values that tie (truth values, counts) are put in random order. That the test
has power is shown by the same draws, narrowed and widened about their mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.papers.calibration.families import SAMPLES, Family
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.choose import Chosen
from nesy.solvers.probabilistic.inference.results import Posterior
from nesy.solvers.probabilistic.interpreter.traces import Trace, sample
from nesy.solvers.probabilistic.model.arithmetic import evaluate
from nesy.solvers.probabilistic.model.expressions import Apply, Expression, Reference, Scalar
from nesy.solvers.probabilistic.model.graph import Condition, Estimand, Event, ModelGraph, Observation

Floats = NDArray[np.float64]
DRAWS, BINS = 99, 20
NARROW, WIDE = 0.8, 1.25
"""Factors of the posterior's spread that the test has to notice."""


@dataclass(frozen=True)
class Ranks:
    """Ranks in 0 … DRAWS of each query, ``{query: [replicates]}``; ``refused`` counts replicates without an answer.

    ``narrow`` and ``wide`` are the ranks among draws with a wrong spread, for queries that are numbers.
    """

    right: dict[str, list[int]]
    narrow: dict[str, list[int]]
    wide: dict[str, list[int]]
    refused: int


def replicates(family: Family, method: str, count: int, seed: int) -> Ranks:
    """The ranks of ``count`` simulated truths; every replicate has seeds of its own, derived from ``seed``."""
    graph = family.graph
    found = Ranks({}, {}, {}, 0)
    refused = 0
    for number in range(count):
        generator = np.random.default_rng((seed, number))
        trace = sample(graph, generator)
        known = replace(graph, conditions=shown(graph, family.seen, trace))
        chosen = Chosen(known, {}, method, SAMPLES.get(method))
        (inferred,) = chosen.infer({}, 1, seed=1_000_003 * seed + number, time_limit=None)
        if inferred.status not in (Status.SOLVED, Status.ESTIMATED):
            refused += 1
            continue
        for estimand, posterior in zip(graph.estimands, inferred.posteriors, strict=True):
            truth = evaluate(estimand.expression, trace)
            _rank(found, estimand, truth, posterior, generator)
    return replace(found, refused=refused)


def shown(graph: ModelGraph, seen: Sequence[str], trace: Trace) -> tuple[Condition, ...]:
    """What an experiment shows of a trace: values of random variables, truth of definitions."""
    found: list[Condition] = [
        Observation(node.label, trace[node.label], node.label) for node in graph.variables if node.family in seen
    ]
    for node in graph.definitions:
        if node.family in seen:
            true: Expression = Reference(node.label)
            found.append(Event(true if trace[node.label] else Apply("not", (true,)), node.label))
    if not found:
        raise ValueError(f"the model shows nothing of {', '.join(seen)}")
    return tuple(found)


def _rank(
    found: Ranks, estimand: Estimand, truth: Scalar, posterior: Posterior, generator: np.random.Generator
) -> None:
    draws = drawn(posterior, generator)
    if estimand.domain is not None and posterior.mean is None:
        assert not isinstance(truth, float)
        found_at = estimand.domain.position(truth)
        assert found_at is not None
        place = float(found_at)
    else:
        assert isinstance(truth, int | float)
        place = float(truth)
    found.right.setdefault(estimand.label, []).append(rank_of(place, draws, generator))
    if estimand.domain is None:
        centre = draws.mean()
        for factor, ranks in ((NARROW, found.narrow), (WIDE, found.wide)):
            spread = centre + factor * (draws - centre)
            ranks.setdefault(estimand.label, []).append(rank_of(place, spread, generator))


def drawn(posterior: Posterior, generator: np.random.Generator) -> Floats:
    """:data:`DRAWS` draws from a posterior: numbers, or places in the domain."""
    if posterior.draws is not None:
        return generator.choice(posterior.draws.double().numpy(), DRAWS, replace=False)
    if posterior.probability is not None:
        shares = posterior.probability.double().numpy()
        return generator.choice(len(shares), DRAWS, p=shares / shares.sum()).astype(np.float64)
    assert posterior.mean is not None
    assert posterior.sd is not None
    return generator.normal(posterior.mean, posterior.sd, DRAWS)


def rank_of(truth: float, draws: Floats, generator: np.random.Generator) -> int:
    """How many draws are below ``truth``, with those that are equal to it below or above at random."""
    below, equal = int((draws < truth).sum()), int((draws == truth).sum())
    return below + int(generator.integers(equal + 1))


def counted(ranks: Sequence[int]) -> list[int]:
    """Ranks in :data:`BINS` bins of equal width."""
    found: list[int] = np.bincount(np.asarray(ranks, dtype=int) * BINS // (DRAWS + 1), minlength=BINS).tolist()
    return found


def evenness(counts: Sequence[int]) -> float:
    """The p-value of the χ² test that ranks are uniform, from the counts of the bins."""
    from scipy.stats import chisquare

    return float(chisquare(counts).pvalue)
