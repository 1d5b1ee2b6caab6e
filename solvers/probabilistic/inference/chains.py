"""Posteriors from Markov chains on the outer numbers, by the No-U-Turn sampler, with their diagnostics.

The Gaussian and the finite part of the model are summed out of the density that the chains see; every draw of theirs
is completed by a draw from the conditional posterior of that part.
"""

from __future__ import annotations

import time
from math import inf

import torch
from torch import Generator, Tensor

from nesy.dsl.diagnostics import Diagnostic
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.convergence import effective, effective_mean, rhat
from nesy.solvers.probabilistic.inference.mixtures import completed
from nesy.solvers.probabilistic.inference.nuts import Sampler
from nesy.solvers.probabilistic.inference.quadrature import Nested
from nesy.solvers.probabilistic.inference.results import Inferred, Posterior, drawn, weighted_quantiles
from nesy.solvers.probabilistic.model.graph import Estimand
from nesy.solvers.probabilistic.vectorised.codes import FLOAT

CHAINS = 16
"""An evaluation of the density costs little more for 16 points than for one."""
WARM_UP = 150
ROUND = 100
"""Draws of each chain after which the diagnostics are looked at."""
MOST = 1_000
"""Draws of each chain after which no more are taken, unless more were asked for."""
FEWEST = 10
"""Draws of each chain below which nothing can be said of it."""
LARGEST_RHAT = 1.02
LEAST_EFFECTIVE = 400.0
MOST_DIVERGENT = 0.01
"""Diagnostics with which an answer is given (after Vehtari et al. 2021): R̂, effective draws, diverging share."""
WANTED = 1_000.0
"""Effective draws that are enough."""
TARGETS = 0.8, 0.95
"""Mean acceptances that are aimed at: smaller steps where too many trajectories diverge."""
TRIED = 50
"""Draws from the prior among which each chain takes its start."""


def infer(nested: Nested, generator: Generator, *, samples: int | None = None, deadline: float = inf) -> Inferred:
    """Posteriors from chains; status ``unknown`` where R̂, effective sizes or divergences speak against them.

    With ``samples``, so many draws of all chains together, rounded up; otherwise as many as it takes.
    """
    starts = _starts(nested, generator)
    if starts is None:
        message = "no start for the chains: what is known has density 0 at every draw from the prior"
        return _refused(Status.UNKNOWN, {"chains": CHAINS}, message)
    for target in TARGETS:
        sampler = Sampler(nested.log_density, starts, generator, target)
        warm = sampler.warm_up(WARM_UP, deadline)
        draws = _drawn(sampler, samples, deadline)
        if sampler.divergences <= MOST_DIVERGENT * draws[..., 0].numel() or time.perf_counter() > deadline:
            break
    return _answered(nested, generator, sampler, draws, late=not warm or time.perf_counter() > deadline)


def _starts(nested: Nested, generator: Generator) -> Tensor | None:
    """For each chain the best of some draws from the prior."""
    points = nested.starts(generator, TRIED * CHAINS)
    density = nested.integrand(points).reshape(CHAINS, TRIED)
    best, places = density.max(1)
    if not bool((best > -inf).all()):
        return None
    return points.reshape(CHAINS, TRIED, -1)[torch.arange(CHAINS), places]


def _drawn(sampler: Sampler, samples: int | None, deadline: float) -> Tensor:
    """Draws ``[draws, chains, coordinates]``: as many as are asked for, or rounds until the diagnostics are good."""
    if samples is not None:
        return sampler.draw(-(-samples // CHAINS), deadline)
    found = sampler.draw(2 * ROUND, deadline)
    while len(found) < MOST and time.perf_counter() < deadline and not _mixed(found, WANTED):
        found = torch.cat([found, sampler.draw(ROUND, deadline)])
    return found


def _mixed(draws: Tensor, least_wanted: float) -> bool:
    worst, least = _diagnostics(draws)
    return worst <= LARGEST_RHAT and least >= least_wanted


def _diagnostics(draws: Tensor) -> tuple[float, float]:
    """The greatest R̂ and the smallest effective size of the coordinates."""
    if len(draws) < FEWEST:
        return inf, 0.0
    columns = [draws[:, :, place] for place in range(draws.shape[2])]
    return max(map(rhat, columns)), min(map(effective, columns))


def _refused(status: Status, diagnostics: dict[str, object], message: str) -> Inferred:
    hint = "give it more samples (--samples) or time, or take another method"
    return Inferred("nuts", False, status, (), None, 0.0, diagnostics, (Diagnostic("W599", message, hint=hint),))


def _answered(nested: Nested, generator: Generator, sampler: Sampler, found: Tensor, *, late: bool) -> Inferred:
    draws, chains, _ = found.shape
    worst, least = _diagnostics(found)
    diagnostics: dict[str, object] = {
        "chains": chains,
        "draws": draws * chains,
        "effective": round(least, 1),
        "rhat": round(worst, 4),
        "divergences": sampler.divergences,
        "acceptance": round(sampler.acceptance, 3),
        "evaluations": sampler.evaluations,
    }
    if late and not _mixed(found, LEAST_EFFECTIVE):
        return _refused(Status.TIMEOUT, diagnostics, "the time is up before the chains have mixed")
    if worst > LARGEST_RHAT:
        return _refused(Status.UNKNOWN, diagnostics, f"the chains have not mixed: R̂ = {worst:.3f}")
    if least < LEAST_EFFECTIVE:
        return _refused(Status.UNKNOWN, diagnostics, f"only {least:.0f} effective draws")
    if sampler.divergences > MOST_DIVERGENT * draws * chains:
        message = f"{sampler.divergences} of {draws * chains} trajectories diverged"
        return _refused(Status.UNKNOWN, diagnostics, message)
    state = completed(nested, found.reshape(draws * chains, -1), generator)
    values = nested.executor.asked(state, draws * chains)
    posteriors = tuple(
        _posterior(estimand, column.reshape(draws, chains), nested)
        for estimand, column in zip(nested.executor.graph.estimands, values, strict=True)
    )
    return Inferred("nuts", False, Status.ESTIMATED, posteriors, None, 0.0, diagnostics, (), sampler.statistics)


def _posterior(estimand: Estimand, values: Tensor, nested: Nested) -> Posterior:
    """The posterior of one estimand from chains ``[draws, chains]``, with the standard error of its mean."""
    flat = values.reshape(-1)
    even = torch.full((len(flat),), 1 / len(flat), dtype=FLOAT)
    if estimand.domain is None:
        mean, spread = float(flat.mean()), float(flat.std(correction=0))
        error = spread / max(effective_mean(values), 1.0) ** 0.5
        return Posterior(None, mean, spread, weighted_quantiles(flat, even), flat, error)
    axis = nested.executor.codes.domain(estimand.domain).to(FLOAT)
    probability = torch.stack([(flat == code).to(FLOAT).mean() for code in axis])
    best = (values == axis[int(probability.argmax())]).to(FLOAT)
    error = float(best.std(correction=0)) / max(effective_mean(best), 1.0) ** 0.5
    numeric = all(isinstance(value, int) and not isinstance(value, bool) for value in estimand.domain.values)
    if not numeric:
        return Posterior(probability, draws=drawn(flat, estimand.domain, nested.executor.codes), error=error)
    mean, spread = float(flat.mean()), float(flat.std(correction=0))
    return Posterior(probability, mean, spread, weighted_quantiles(flat, even), flat, error)
