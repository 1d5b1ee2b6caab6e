"""Mean-field variational inference: the Gaussian with independent coordinates that is nearest in KL(q ‖ posterior).

Fast where sampling is slow, but known to understate spread: the answer says so by Pareto k̂ of its importance ratios,
and by how much wider the reweighted posterior is. Asked for only (``--method svi``), never chosen.
"""

from __future__ import annotations

import time
from math import inf, log, pi, sqrt

import torch
from torch import Generator, Tensor

from nesy.dsl.diagnostics import Diagnostic
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.climbing import climb, gradient
from nesy.solvers.probabilistic.inference.mixtures import completed
from nesy.solvers.probabilistic.inference.pareto import pareto_k
from nesy.solvers.probabilistic.inference.quadrature import Nested
from nesy.solvers.probabilistic.inference.results import Inferred
from nesy.solvers.probabilistic.inference.weighting import Weighted, posterior
from nesy.solvers.probabilistic.vectorised.codes import FLOAT

STEPS = 600
BATCH = 32
RATE = 0.05
DRAWS = 10_000
TRIED = 200
SURE_K = 0.7


def infer(nested: Nested, generator: Generator, *, samples: int | None = None, deadline: float = inf) -> Inferred:
    """Posteriors of the nearest Gaussian with independent coordinates; always with a remark on its spread."""
    starts = nested.starts(generator, TRIED)
    best = starts[nested.integrand(starts).argmax()]
    mean, spread, bound = _fit(nested, climb(nested.log_density, best[None])[0], generator, deadline)
    count = samples or DRAWS
    noise = torch.randn((count, len(mean)), generator=generator, dtype=FLOAT)
    points = mean + spread * noise
    proposal = -0.5 * (noise**2).sum(1) - spread.log().sum() - 0.5 * len(mean) * log(2 * pi)
    weights = nested.integrand(points) - proposal
    k, effective = pareto_k(weights), Weighted((), weights, count).effective
    wider = _wider(points, weights)
    diagnostics: dict[str, object] = {
        "draws": count,
        "effective": round(effective, 1),
        "pareto_k": round(k, 3),
        "elbo": round(bound, 4),
        "wider": round(wider, 3),
    }
    state = completed(nested, points, generator)
    even = torch.full((count,), 1 / count, dtype=FLOAT)
    every = torch.arange(min(count, 4_000))
    posteriors = tuple(
        posterior(estimand, values, even, nested.executor.codes, every)
        for estimand, values in zip(nested.executor.graph.estimands, nested.executor.asked(state, count), strict=True)
    )
    message = "variational posteriors understate their spread"
    if k > SURE_K:
        message += f": k̂ = {k:.2f} says that this one is far from the posterior"
    elif wider > 1.05:
        message += f": reweighted, this one is up to {wider:.2f} times as wide"
    remark = Diagnostic("W599", message, hint="leave --method out for an answer with an error")
    return Inferred("svi", False, Status.ESTIMATED, posteriors, None, 0.0, diagnostics, (remark,))


def _fit(nested: Nested, start: Tensor, generator: Generator, deadline: float) -> tuple[Tensor, Tensor, float]:
    """Mean and spread of the Gaussian, and the evidence lower bound, by stochastic gradient ascent (Adam)."""
    size = len(start)
    place = torch.cat([start, torch.full((size,), -1.0, dtype=FLOAT)])
    first, second = torch.zeros_like(place), torch.zeros_like(place)
    average, bound = place.clone(), -inf
    for number in range(1, STEPS + 1):
        noise = torch.randn((BATCH, size), generator=generator, dtype=FLOAT)
        spread = place[size:].exp()
        value, slope = gradient(nested.log_density, place[:size] + spread * noise)
        # the entropy's own gradient is 1 for each log spread
        found = torch.cat([slope.mean(0), (slope * noise).mean(0) * spread + 1])
        first = 0.9 * first + 0.1 * found
        second = 0.999 * second + 0.001 * found**2
        rate = RATE / sqrt(1 + number / 100)
        place = place + rate * (first / (1 - 0.9**number)) / ((second / (1 - 0.999**number)).sqrt() + 1e-8)
        average = 0.98 * average + 0.02 * place
        bound = float(value.mean() + spread.log().sum() + 0.5 * size * (1 + log(2 * pi)))
        if time.perf_counter() > deadline:
            break
    return average[:size], average[size:].exp(), bound


def _wider(points: Tensor, weights: Tensor) -> float:
    """The largest ratio of a coordinate's spread after reweighting to that before."""
    shares = weights.softmax(0)[:, None]
    mean = (shares * points).sum(0)
    after = (shares * (points - mean) ** 2).sum(0).sqrt()
    return float((after / points.std(0)).max()) if points.shape[1] else 1.0
