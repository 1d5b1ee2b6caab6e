"""Weighing candidates by evidence, and the average of their answers.

A model m with prior P(m) has the weight P(m) · p(conditions | m) · 2^(−penalty · bits(m)), normalised; the answer is
the mixture of the models' posteriors with these weights (Bayesian model averaging; J. Domke, “Large Language Bayes”,
arXiv 2504.14025, uses it for proposed programs). ``penalty`` 0 is pure Bayes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt

import torch
from torch import Tensor

from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.results import Inferred, Posterior, weighted_quantiles
from nesy.synthesis.models import Candidate

_GRID = 1001
"""So many points stand for an exact normal posterior in a mixture."""


@dataclass(frozen=True)
class Scored:
    """A candidate, what inference gave, and its weight among the candidates (0 where it cannot be: infeasible)."""

    candidate: Candidate
    inferred: Inferred
    log_score: float
    weight: float


@dataclass(frozen=True)
class Scores:
    """The candidates by weight. ``decided``: the best one is ahead by more than two standard errors."""

    models: tuple[Scored, ...]
    decided: bool

    @property
    def best(self) -> Scored:
        """The candidate of the greatest weight."""
        return self.models[0]


def usable(inferred: Inferred) -> bool:
    """Whether there are posteriors."""
    return inferred.status not in (Status.INFEASIBLE, Status.UNKNOWN, Status.TIMEOUT) and bool(inferred.posteriors)


def score(found: Sequence[tuple[Candidate, Inferred]], *, penalty: float = 0.0, evidence: bool = True) -> Scores:
    """Weigh candidates; one whose evidence is unknown can only be alone. Without ``evidence`` their prior decides."""
    logs = [
        _log_score(candidate, inferred, penalty, alone=len(found) == 1)
        if evidence
        else log(candidate.prior) - penalty * candidate.bits * log(2)
        if usable(inferred)
        else -inf
        for candidate, inferred in found
    ]
    top = max(logs)
    shares = [exp(value - top) if value > -inf else 0.0 for value in logs]
    total = sum(shares) or 1.0
    scored = [
        Scored(candidate, inferred, value, share / total)
        for (candidate, inferred), value, share in zip(found, logs, shares, strict=True)
    ]
    order = sorted(scored, key=lambda entry: -entry.weight)
    return Scores(tuple(order), _decided(order))


def _log_score(candidate: Candidate, inferred: Inferred, penalty: float, *, alone: bool) -> float:
    if not usable(inferred):
        return -inf
    if inferred.log_evidence is None:
        return 0.0 if alone else -inf
    return log(candidate.prior) + inferred.log_evidence - penalty * candidate.bits * log(2)


def _decided(order: Sequence[Scored]) -> bool:
    if len(order) < 2 or order[1].log_score == -inf:
        return True
    first, second = order[0], order[1]
    error = sqrt(first.inferred.log_evidence_error**2 + second.inferred.log_evidence_error**2)
    return first.log_score - second.log_score > 2 * error


def averaged(scores: Scores) -> tuple[Posterior, ...]:
    """The mixture of the candidates' posteriors, estimand by estimand."""
    kept = [entry for entry in scores.models if entry.weight > 0]
    if len(kept) == 1:
        return kept[0].inferred.posteriors
    weights = [entry.weight for entry in kept]
    columns = zip(*(entry.inferred.posteriors for entry in kept), strict=True)
    return tuple(mixture(column, weights) for column in columns)


def mixture(posteriors: Sequence[Posterior], weights: Sequence[float]) -> Posterior:
    """The mixture of posteriors of one estimand with ``weights`` that sum to 1."""
    tables = [entry.probability for entry in posteriors if entry.probability is not None]
    probability: Tensor | None = None
    if len(tables) == len(posteriors):
        shares = torch.tensor(weights, dtype=torch.float64)
        probability = (shares[:, None] * torch.stack([table.double() for table in tables])).sum(0)
    error = sqrt(sum((weight * entry.error) ** 2 for weight, entry in zip(weights, posteriors, strict=True)))
    if any(entry.mean is None for entry in posteriors):
        return Posterior(probability, error=error)
    means = [entry.mean or 0.0 for entry in posteriors]
    mean = sum(weight * value for weight, value in zip(weights, means, strict=True))
    square = sum(
        weight * ((entry.sd or 0.0) ** 2 + value**2)
        for weight, entry, value in zip(weights, posteriors, means, strict=True)
    )
    points, shares = pooled(posteriors, weights)
    quantiles = weighted_quantiles(points, shares)
    return Posterior(probability, mean, max(square - mean**2, 0.0) ** 0.5, quantiles, _resampled(points, shares), error)


def pooled(posteriors: Sequence[Posterior], weights: Sequence[float]) -> tuple[Tensor, Tensor]:
    """Points and shares that stand for a mixture of numbers: draws, or a grid of a normal's quantiles."""
    points, shares = [], []
    for entry, weight in zip(posteriors, weights, strict=True):
        own = entry.draws
        if own is None:
            levels = (torch.arange(_GRID, dtype=torch.float64) + 0.5) / _GRID
            own = (entry.mean or 0.0) + (entry.sd or 0.0) * torch.special.ndtri(levels)
        points.append(own.double())
        shares.append(torch.full((len(own),), weight / len(own), dtype=torch.float64))
    return torch.cat(points), torch.cat(shares)


def _resampled(points: Tensor, shares: Tensor, count: int = 2000) -> Tensor:
    """Equally weighted points of a weighted set: its quantiles at even levels, so nothing is drawn at random."""
    order = torch.argsort(points)
    sums = shares[order].cumsum(0)
    levels = (torch.arange(count, dtype=torch.float64) + 0.5) / count * sums[-1]
    return points[order][torch.searchsorted(sums, levels).clamp(max=len(points) - 1)]


def divergence(after: Posterior, before: Posterior) -> float:
    """How far one posterior is from another: the Kullback–Leibler divergence KL(after ‖ before) in nats, at least 0.

    Exact over finite domains; for numbers that of the normal distributions with the same means and deviations.
    """
    if after.probability is not None and before.probability is not None:
        one, other = after.probability.double(), before.probability.double().clamp_min(1e-12)
        return max(0.0, float(torch.where(one > 0, one * (one.clamp_min(1e-300) / other).log(), 0.0).sum()))
    if None in (after.mean, after.sd, before.mean, before.sd):
        return 0.0
    tiny = 1e-9
    one_sd, other_sd = max(after.sd or 0.0, tiny), max(before.sd or 0.0, tiny)
    shift = (after.mean or 0.0) - (before.mean or 0.0)
    return max(0.0, log(other_sd / one_sd) + (one_sd**2 + shift**2) / (2 * other_sd**2) - 0.5)
