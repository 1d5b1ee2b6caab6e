"""Posteriors from Markov chains on the outer numbers: Hamiltonian Monte Carlo or Pyro's NUTS, with their diagnostics.

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
from nesy.solvers.probabilistic.inference import hamiltonian
from nesy.solvers.probabilistic.inference.convergence import effective, effective_mean, rhat
from nesy.solvers.probabilistic.inference.mixtures import completed
from nesy.solvers.probabilistic.inference.quadrature import Nested
from nesy.solvers.probabilistic.inference.results import Inferred, Posterior, weighted_quantiles
from nesy.solvers.probabilistic.model.graph import Estimand
from nesy.solvers.probabilistic.vectorised.codes import FLOAT

CHAINS = {"hmc": 16, "nuts": 4}
WARMUP = {"hmc": 300, "nuts": 300}
DRAWS = {"hmc": 200, "nuts": 500}
"""By method: chains, iterations of the warm-up, and draws of each chain."""
LARGEST_RHAT = 1.05
LEAST_EFFECTIVE = 400.0
MOST_DIVERGENT = 0.01
"""Diagnostics with which an answer is given (Vehtari et al. 2021; RefineStat's gates)."""
TRIED = 50
"""Draws from the prior among which each chain takes its start."""


def infer(
    nested: Nested,
    generator: Generator,
    *,
    method: str = "hmc",
    samples: int | None = None,
    deadline: float = inf,
) -> Inferred:
    """Posteriors from chains; status ``unknown`` where R̂, effective sizes or divergences speak against them."""
    chains = CHAINS[method]
    draws = DRAWS[method] if samples is None else max(samples // chains, 50)
    starts = _starts(nested, chains, generator)
    if starts is None:
        message = "no start for the chains: what is known has density 0 at every draw from the prior"
        return _refused(method, Status.UNKNOWN, {"chains": chains}, message)
    if method == "nuts":
        from nesy.solvers.probabilistic.inference.nuts import sample

        found = sample(nested.log_density, starts, generator, warmup=WARMUP[method], draws=draws, deadline=deadline)
    else:
        found = hamiltonian.sample(
            nested.log_density, starts, generator, warmup=WARMUP[method], draws=draws, deadline=deadline
        )
    return _answered(nested, generator, method, found, deadline)


def _starts(nested: Nested, chains: int, generator: Generator) -> Tensor | None:
    """For each chain the best of some draws from the prior."""
    points = nested.starts(generator, TRIED * chains)
    density = nested.integrand(points).reshape(chains, TRIED)
    best, places = density.max(1)
    if not bool((best > -inf).all()):
        return None
    return points.reshape(chains, TRIED, -1)[torch.arange(chains), places]


def _refused(method: str, status: Status, diagnostics: dict[str, object], message: str) -> Inferred:
    hint = "give it more samples (--samples) or time, or take another method"
    return Inferred(method, False, status, (), None, 0.0, diagnostics, (Diagnostic("W599", message, hint=hint),))


def _answered(
    nested: Nested, generator: Generator, method: str, found: hamiltonian.Chains, deadline: float
) -> Inferred:
    draws, chains, _ = found.draws.shape
    coordinates = [found.draws[:, :, place] for place in range(found.draws.shape[2])]
    worst = max((rhat(values) for values in coordinates), default=1.0) if draws >= 4 else inf
    least = min((effective(values) for values in coordinates), default=float(draws * chains))
    diagnostics: dict[str, object] = {
        "chains": chains,
        "draws": draws * chains,
        "effective": round(least, 1),
        "rhat": round(worst, 4),
        "divergences": found.divergences,
        "accepted": round(found.accepted, 3),
    }
    if found.late and time.perf_counter() > deadline and (worst > LARGEST_RHAT or least < LEAST_EFFECTIVE):
        return _refused(method, Status.TIMEOUT, diagnostics, "the time is up before the chains have mixed")
    if worst > LARGEST_RHAT:
        return _refused(method, Status.UNKNOWN, diagnostics, f"the chains have not mixed: R̂ = {worst:.3f}")
    if least < LEAST_EFFECTIVE:
        return _refused(method, Status.UNKNOWN, diagnostics, f"only {least:.0f} effective draws")
    if found.divergences > MOST_DIVERGENT * draws * chains:
        message = f"{found.divergences} of {draws * chains} trajectories diverged"
        return _refused(method, Status.UNKNOWN, diagnostics, message)
    state = completed(nested, found.draws.reshape(draws * chains, -1), generator)
    values = nested.executor.asked(state, draws * chains)
    posteriors = tuple(
        _posterior(estimand, column.reshape(draws, chains), nested)
        for estimand, column in zip(nested.executor.graph.estimands, values, strict=True)
    )
    return Inferred(method, False, Status.ESTIMATED, posteriors, None, 0.0, diagnostics)


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
        return Posterior(probability, draws=flat, error=error)
    mean, spread = float(flat.mean()), float(flat.std(correction=0))
    return Posterior(probability, mean, spread, weighted_quantiles(flat, even), flat, error)
