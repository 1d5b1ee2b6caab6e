"""Likelihood weighting: traces from the prior, weighted by how well they explain what is known (Fung and Chang 1989).

Exact in the limit for every model. Rounds of traces are drawn until enough of them count, the time is up, or so many
have been drawn that what is known must be too rare for the method.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import inf, log, nan

import torch
from torch import Generator, Tensor

from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.results import Inferred, Posterior, drawn, weighted_quantiles
from nesy.solvers.probabilistic.inference.sieve import Sieve
from nesy.solvers.probabilistic.inference.tails import drawn_too_heavy
from nesy.solvers.probabilistic.model.graph import Estimand
from nesy.solvers.probabilistic.vectorised.codes import FLOAT, Codes
from nesy.solvers.probabilistic.vectorised.executor import Readings

ROUND, ROOM = 50_000, 1 << 25
"""Traces drawn at once, fewer where a model has so many nodes that their values would take more than this."""
MOST = 1_000_000
"""Traces after which no more are drawn, unless more were asked for."""
WANTED = 20_000.0
"""Effective traces that are enough."""
LEAST = 400.0
"""Effective traces below which there is no answer."""
KEPT = 4_000
"""Equally weighted draws that an answer keeps."""


@dataclass(frozen=True)
class Weighted:
    """Weighted traces: the estimands' values, ``[traces]`` each, and log weights, ``[traces]``."""

    values: tuple[Tensor, ...]
    weights: Tensor
    drawn: int

    @property
    def log_evidence(self) -> float:
        """The log of the mean weight over all traces that were drawn."""
        return float(self.weights.logsumexp(0)) - log(self.drawn) if len(self.weights) else -inf

    @property
    def effective(self) -> float:
        """The effective sample size, (Σw)² / Σw²."""
        if not len(self.weights):
            return 0.0
        return float((2 * self.weights.logsumexp(0) - (2 * self.weights).logsumexp(0)).exp())

    @property
    def evidence_error(self) -> float:
        """The standard error of the log evidence (delta method): that of the mean weight over the mean weight."""
        effective = self.effective
        return max(1 / effective - 1 / self.drawn, 0.0) ** 0.5 if effective else inf


def weigh(
    sieve: Sieve,
    generator: Generator,
    *,
    samples: int | None = None,
    deadline: float = inf,
    readings: Readings | None = None,
) -> Weighted:
    """Weighted traces. With ``samples``, exactly so many; otherwise as many as it takes."""
    parts: list[Weighted] = []
    total = 0
    round_ = min(ROUND, max(1_000, ROOM // len(sieve.graph.nodes)))
    while True:
        count = round_ if samples is None else min(round_, samples - total)
        parts.append(_round(sieve, count, generator, readings))
        total += count
        found = _joined(parts, total)
        if samples is not None and total >= samples:
            return found
        if time.perf_counter() > deadline:
            return found
        seen = total >= 2 * round_
        if samples is None and (found.effective >= WANTED or total >= MOST or (seen and _hopeless(found, total))):
            return found


def _hopeless(found: Weighted, total: int) -> bool:
    """Whether, at this rate, all the traces that may be drawn would not be enough."""
    return found.effective * MOST / total < LEAST


def _round(sieve: Sieve, count: int, generator: Generator, readings: Readings | None) -> Weighted:
    executor = sieve.executor
    state, weight, left = executor.blank(), torch.zeros(count, dtype=FLOAT), count
    for step in sieve.steps:
        weight = weight + executor.fill(state, step.blocks, left, generator, readings)
        for event in step.events:
            kept = event(state)[:, 0].expand(left).nonzero()[:, 0]
            # what is filled already has a row for each trace, or one for all of them
            state = [part.T.index_select(1, kept).T if len(part) > 1 else part for part in state]
            weight, left = weight[kept], len(kept)
            if not left:
                return Weighted(tuple(weight for _ in sieve.graph.estimands), weight, count)
    for function in executor.factors:
        weight = weight + function(state)[:, 0]
    possible = weight > -inf
    return Weighted(tuple(value[possible] for value in executor.asked(state, left)), weight[possible], count)


def _joined(parts: list[Weighted], total: int) -> Weighted:
    if len(parts) == 1:
        return parts[0]
    columns = zip(*(part.values for part in parts), strict=True)
    joined = Weighted(tuple(map(torch.cat, columns)), torch.cat([part.weights for part in parts]), total)
    parts[:] = [joined]
    return joined


def infer(
    sieve: Sieve,
    generator: Generator,
    *,
    samples: int | None = None,
    deadline: float = inf,
    readings: Readings | None = None,
) -> Inferred:
    """Posteriors by likelihood weighting; status ``unknown`` where too few traces count."""
    found = weigh(sieve, generator, samples=samples, deadline=deadline, readings=readings)
    diagnostics = {"traces": found.drawn, "effective": round(found.effective, 1)}
    if found.effective < LEAST:
        return Inferred("weighting", False, Status.UNKNOWN, (), found.log_evidence, found.evidence_error, diagnostics)
    weights = found.weights.softmax(0)
    kept = systematic(weights, KEPT, generator)
    posteriors = tuple(
        posterior(estimand, values, weights, sieve.executor.codes, kept)
        for estimand, values in zip(sieve.graph.estimands, found.values, strict=True)
    )
    return Inferred(
        "weighting", False, Status.ESTIMATED, posteriors, found.log_evidence, found.evidence_error, diagnostics
    )


def posterior(estimand: Estimand, values: Tensor, weights: Tensor, codes: Codes, kept: Tensor) -> Posterior:
    """The posterior of one estimand from weighted values; ``weights`` sum to 1, ``kept`` are the places of the draws.

    The standard error is that of self-normalised importance sampling, √Σ w² (f − mean)². Where all values are the same,
    a probability is still not certain: its error is then that of one trace that differs.
    """
    if estimand.domain is None:
        mean = float((weights * values).sum())
        spread = float((weights * (values - mean) ** 2).sum()) ** 0.5
        error = float((weights**2 * (values - mean) ** 2).sum()) ** 0.5
        quantiles = weighted_quantiles(values, weights)
        no_mean, no_spread = drawn_too_heavy(values, weights, mean, spread)
        if no_mean:
            return Posterior(None, nan, nan, quantiles, values[kept], 0.0, heavy=True)
        return Posterior(None, mean, nan if no_spread else spread, quantiles, values[kept], error, heavy=no_spread)
    axis = codes.domain(estimand.domain).to(FLOAT)
    probability = torch.stack([weights[values == code].sum() for code in axis])
    numeric = all(isinstance(value, int) and not isinstance(value, bool) for value in estimand.domain.values)
    draws = drawn(values[kept], estimand.domain, codes)
    if numeric:
        mean = float((weights * values).sum())
        spread = float((weights * (values - mean) ** 2).sum()) ** 0.5
        error = float((weights**2 * (values - mean) ** 2).sum()) ** 0.5
        return Posterior(probability, mean, spread, weighted_quantiles(values, weights), draws, error)
    likely = (values == axis[int(probability.argmax())]).to(FLOAT)
    error = float((weights**2 * (likely - probability.max()) ** 2).sum()) ** 0.5
    return Posterior(probability, draws=draws, error=error or float((weights**2).sum()))


def systematic(weights: Tensor, count: int, generator: Generator) -> Tensor:
    """``count`` places drawn by systematic resampling (Kitagawa 1996) from ``weights``, which sum to 1."""
    start = torch.rand((), generator=generator, dtype=FLOAT)
    points = (torch.arange(count, dtype=FLOAT) + start) / count
    return torch.searchsorted(weights.cumsum(0), points).clamp(max=len(weights) - 1)
