"""Answers by a particle filter: rounds with ever more particles, until the islands agree.

The islands of a round are independent, and each counts by its evidence. Their spread is the standard error of the
evidence and of every answer, with all that resampling does to trajectories in it; an answer's effective sample size is
its variance over the square of this error.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from math import inf, log

from torch import Generator, Tensor

from nesy.dsl.diagnostics import Diagnostic
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.particles import LATE, Filter, Filtered, run
from nesy.solvers.probabilistic.inference.results import Inferred, Posterior
from nesy.solvers.probabilistic.inference.weighting import posterior, systematic
from nesy.solvers.probabilistic.vectorised.codes import FLOAT
from nesy.solvers.probabilistic.vectorised.executor import Executor, Readings

ISLANDS = 16
FIRST, MORE, ROUNDS = 1_000, 4, 4
"""Particles of each island in the first round, the factor from one round to the next, and the most rounds."""
ROOM = 1 << 27
"""The most values that the particles of a round may have together."""
WANTED, GOOD = 1_000.0, 0.1
"""Effective draws of the worst known query, and a standard error of the log evidence, that are enough."""
LEAST, LARGEST_ERROR = 400.0, 0.5
"""Effective draws below which, and a standard error of the log evidence above which, there is no answer."""
KEPT = 4_000
"""Equally weighted draws that an answer keeps."""
ROUNDING = 1e-20
"""Values whose variance is less than this share of their squared mean are the same."""


@dataclass(frozen=True)
class _Round:
    """The islands of one round as one answer; ``effective`` are the effective draws of the worst known ``query``."""

    particles: int
    found: Filtered
    log_evidence: float
    error: float
    posteriors: tuple[Posterior, ...]
    effective: float
    query: str

    @property
    def enough(self) -> bool:
        return self.error <= GOOD and self.effective >= WANTED

    @property
    def trusted(self) -> bool:
        return self.error <= LARGEST_ERROR and self.effective >= LEAST


def infer(
    model: Filter,
    generator: Generator,
    *,
    samples: int | None = None,
    deadline: float = inf,
    readings: Readings | None = None,
) -> Inferred:
    """Posteriors by a particle filter; status ``unknown`` where the islands disagree or trajectories are too few.

    ``samples`` is the number of particles of all islands together; without it, rounds go on while it helps.
    """
    most = max(ROOM // (len(model.graph.nodes) * ISLANDS), 100)
    particles = min(FIRST, most) if samples is None else max(samples // ISLANDS, 10)
    best: _Round | None = None
    for _ in range(ROUNDS):
        started = time.perf_counter()
        found = run(model, particles, generator, islands=ISLANDS, deadline=deadline, readings=readings)
        if found.stuck:
            # a round that was broken off leaves the one before it
            return _refused(found, particles, found.stuck) if best is None else _answer(best)
        best = _round(model.executor, found, particles, generator)
        after = time.perf_counter()
        late = after + MORE * (after - started) > deadline
        if samples is not None or best.enough or late or particles * MORE > most:
            break
        particles *= MORE
    assert best is not None
    return _answer(best)


def _answer(last: _Round) -> Inferred:
    if last.trusted:
        diagnostics = _diagnostics(last.found, last.particles, last.effective)
        return Inferred("filter", False, Status.ESTIMATED, last.posteriors, last.log_evidence, last.error, diagnostics)
    if last.error > LARGEST_ERROR:
        why = f"the islands disagree about the evidence: the standard error of its logarithm is {last.error:.2f}"
    else:
        why = f"too few different trajectories are left: {last.effective:.0f} effective draws of {last.query}"
    return _refused(last.found, last.particles, why, last)


def _refused(found: Filtered, particles: int, why: str, last: _Round | None = None) -> Inferred:
    hint = "give it more particles (--samples) or time (--time-limit), or another --method"
    remark = Diagnostic("W599", f"no posterior from the filter: {why}", hint=hint)
    status = Status.TIMEOUT if why == LATE else Status.UNKNOWN
    evidence = None if last is None else last.log_evidence
    error = inf if last is None else last.error
    diagnostics = _diagnostics(found, particles, 0.0 if last is None else last.effective)
    return Inferred("filter", False, status, (), evidence, error, diagnostics, (remark,))


def _diagnostics(found: Filtered, particles: int, effective: float) -> dict[str, object]:
    return {
        "islands": ISLANDS,
        "particles": ISLANDS * particles,
        "resampled": found.resampled,
        "ancestors": found.ancestors,
        "effective": round(effective, 1),
    }


# ----- islands as one answer


def _round(executor: Executor, found: Filtered, particles: int, generator: Generator) -> _Round:
    evidence = float(found.log_evidence.logsumexp(0)) - log(ISLANDS)
    relative = (found.log_evidence - evidence).exp()
    shares = relative / ISLANDS
    weights = (shares[:, None] * found.weights.exp()).reshape(-1)
    weights = weights / weights.sum()
    kept = systematic(weights, min(KEPT, len(weights)), generator)
    posteriors = []
    effective, query = float(len(weights)), ""
    for estimand, values in zip(executor.graph.estimands, found.values, strict=True):
        single = posterior(estimand, values.reshape(-1), weights, executor.codes, kept)
        if single.mean is None and single.probability is not None and estimand.domain is not None:
            likeliest = executor.codes.domain(estimand.domain).to(FLOAT)[int(single.probability.argmax())]
            values = (values == likeliest).to(FLOAT)
        error, draws = _spread(values, found.weights.exp(), shares)
        if draws < effective:
            effective, query = draws, estimand.label
        # islands that agree in all of their particles are not certain
        posteriors.append(replace(single, error=error or 1 / len(weights)))
    return _Round(particles, found, evidence, float(relative.std() / ISLANDS**0.5), tuple(posteriors), effective, query)


def _spread(values: Tensor, weights: Tensor, shares: Tensor) -> tuple[float, float]:
    """The standard error of a mean over islands that count by ``shares``, and its effective draws.

    Each island's own weighted mean is one measurement; the error is that of a ratio estimator.
    """
    means = (weights * values).sum(1)
    mean = (shares * means).sum() / shares.sum()
    squares = (shares**2 * (means - mean) ** 2).sum() / shares.sum() ** 2
    error = float(squares * len(shares) / (len(shares) - 1)) ** 0.5
    variance = float((shares[:, None] * weights * (values - mean) ** 2).sum() / shares.sum())
    if variance <= ROUNDING * float(mean) ** 2:
        return 0.0, float(weights.numel())
    return error, min(variance / error**2, float(weights.numel())) if error else float(weights.numel())
