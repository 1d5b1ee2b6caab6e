"""Populations of particles that are resampled by themselves: each counts by its evidence, their spread is the error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

import torch
from torch import Generator, Tensor

from nesy.solvers.probabilistic.inference.results import Posterior
from nesy.solvers.probabilistic.inference.weighting import KEPT, posterior, systematic
from nesy.solvers.probabilistic.vectorised.codes import FLOAT
from nesy.solvers.probabilistic.vectorised.executor import Executor

ISLANDS = 16
"""Populations: of so many, a standard error is itself known to a sixth, and errors beyond four of it are rare."""
ROUNDING = 1e-20
"""Values whose variance is less than this share of their squared mean are the same."""


@dataclass(frozen=True)
class Joined:
    """What the islands say together.

    ``error`` is the standard error of the log evidence. ``effective`` is the effective sample size of the ``query`` of
    which it is smallest: an answer's variance over the square of its standard error.
    """

    log_evidence: float
    error: float
    posteriors: tuple[Posterior, ...]
    effective: float
    query: str


def joined(
    executor: Executor, values: Sequence[Tensor], weights: Tensor, log_evidence: Tensor, generator: Generator
) -> Joined:
    """Islands as one answer.

    ``values`` of each estimand, ``[islands, particles]``; ``weights`` of the same shape sum to 1 in each island; the
    log evidence of each island, ``[islands]``, of at least one of them finite.
    """
    islands, particles = weights.shape
    evidence = float(log_evidence.logsumexp(0)) - log(islands)
    relative = (log_evidence - evidence).exp()
    shares = relative / islands
    every = (shares[:, None] * weights).reshape(-1)
    every = every / every.sum()
    kept = systematic(every, min(KEPT, len(every)), generator)
    posteriors = []
    effective, query = float(len(every)), ""
    for estimand, column in zip(executor.graph.estimands, values, strict=True):
        single = posterior(estimand, column.reshape(-1), every, executor.codes, kept)
        if single.mean is None and single.probability is not None and estimand.domain is not None:
            likeliest = executor.codes.domain(estimand.domain).to(FLOAT)[int(single.probability.argmax())]
            column = (column == likeliest).to(FLOAT)
        error, draws = _spread(column, weights, shares)
        if draws < effective:
            effective, query = draws, estimand.label
        # islands that agree in all of their particles are not certain
        posteriors.append(replace(single, error=error or 1 / particles))
    return Joined(evidence, float(relative.std() / islands**0.5), tuple(posteriors), effective, query)


def _spread(values: Tensor, weights: Tensor, shares: Tensor) -> tuple[float, float]:
    """The standard error of a mean over islands that count by ``shares``, and its effective sample size.

    Each island's own weighted mean is one measurement; the error is that of a ratio estimator.
    """
    means = (weights * values).sum(1)
    mean = (shares * means).sum() / shares.sum()
    squares = (shares**2 * (means - mean) ** 2).sum() / shares.sum() ** 2
    error = float(squares * len(shares) / (len(shares) - 1)) ** 0.5
    variance = float((shares[:, None] * weights * (values - mean) ** 2).sum() / shares.sum())
    most = float(weights.numel())
    if not error or variance <= ROUNDING * float(mean) ** 2:
        return 0.0, most
    return error, min(variance / error**2, most)


def resampled(weights: Tensor, generator: Generator) -> Tensor:
    """As many places as there are particles, by systematic resampling within each island.

    ``weights`` are ``[islands, particles]``, the sum of each island's above 0; places are those in the flat tensor.
    """
    islands, particles = weights.shape
    start = torch.rand((islands, 1), generator=generator, dtype=FLOAT)
    points = (torch.arange(particles, dtype=FLOAT) + start) / particles
    sums = weights.cumsum(1)
    found = torch.searchsorted(sums / sums[:, -1:], points).clamp(max=particles - 1)
    return (found + torch.arange(islands)[:, None] * particles).reshape(-1)
