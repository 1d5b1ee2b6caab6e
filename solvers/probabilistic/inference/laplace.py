"""Importance sampling from a mixture of Student distributions at the modes (Laplace's approximation as a proposal).

The modes are found by BFGS from several draws of the prior, their shapes by the Hessian. The answer is that of
self-normalised importance sampling; its Pareto k̂ (Vehtari, Simpson, Gelman, Yao, Gabry 2024) and effective sample size
say whether it can be relied on.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, lgamma, log, pi

import torch
from torch import Generator, Tensor

from nesy.dsl.diagnostics import Diagnostic
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.climbing import climb, gradient
from nesy.solvers.probabilistic.inference.mixtures import completed
from nesy.solvers.probabilistic.inference.pareto import pareto_k
from nesy.solvers.probabilistic.inference.quadrature import Nested
from nesy.solvers.probabilistic.inference.results import Inferred
from nesy.solvers.probabilistic.inference.weighting import Weighted, posterior, systematic
from nesy.solvers.probabilistic.vectorised.codes import FLOAT

STARTS = 12
TRIED = 30
"""Searches for modes at a time, and draws from the prior among which each takes its start."""
MOST_ROUNDS = 8
OFTEN = 3
"""Where there are several modes, each that counts has to be found so often, or the search goes on for some rounds: a
mode that was found once stands for others that were not (Good 1953)."""
COUNTS = 1e-3
"""A share of the mass from which a mode counts."""
FREEDOM = 5.0, 2.0
"""Degrees of freedom of the proposal: so many, and so many more for each coordinate. The tails have to be heavier than
those of a Gaussian, which takes ever less as their number grows."""
MOST_COORDINATES = 60
DRAWS = 20_000
STEP = 1e-4
"""The relative width of the differences that make the Hessian."""
SAME = 1e-2
"""Modes that are nearer than this, in units of their spread, are one."""
NEGLIGIBLE = 20.0
"""Modes whose mass is this much less, in nats, are left out."""
LARGEST_K = 0.7
LEAST_EFFECTIVE = 1_000.0


@dataclass(frozen=True)
class Mode:
    """A mode with the Cholesky factor of its covariance, and the log mass by Laplace's approximation."""

    place: Tensor
    factor: Tensor
    log_mass: float


def modes(nested: Nested, generator: Generator) -> tuple[list[Mode], bool]:
    """The modes that the searches find, the heaviest first, and whether these seem to be all that count.

    Empty where none is an inner maximum.
    """
    found: list[Mode] = []
    hits: list[int] = []
    for _ in range(MOST_ROUNDS):
        for place in _climbed(nested, generator):
            mode = _mode(nested, place)
            known = None if mode is None else next((n for n, other in enumerate(found) if _near(mode, other)), None)
            if known is not None:
                hits[known] += 1
            elif mode is not None:
                found.append(mode)
                hits.append(1)
        heaviest = max((mode.log_mass for mode in found), default=-inf)
        counting = [n for n, mode in enumerate(found) if mode.log_mass > heaviest + log(COUNTS)]
        complete = len(counting) <= 1 or min(hits[number] for number in counting) >= OFTEN
        if complete:
            break
    kept = [mode for mode in found if mode.log_mass > heaviest - NEGLIGIBLE]
    return sorted(kept, key=lambda mode: -mode.log_mass), complete


def _climbed(nested: Nested, generator: Generator) -> Tensor:
    """Where one round of searches ends, ``[searches, coordinates]``."""
    points = nested.starts(generator, STARTS * TRIED)
    density = nested.integrand(points).reshape(STARTS, TRIED)
    places = points.reshape(STARTS, TRIED, -1)[torch.arange(STARTS), density.argmax(1)]
    possible = density.amax(1) > -inf
    return climb(nested.log_density, places[possible]) if bool(possible.any()) else places[:0]


def _mode(nested: Nested, place: Tensor) -> Mode | None:
    """The shape of the density around a place; None where it does not fall to all sides."""
    size = len(place)
    width = STEP * (1 + place.abs())
    shifts = torch.diag(width)
    _, gradients = gradient(nested.log_density, torch.cat([place + shifts, place - shifts]))
    hessian = -(gradients[:size] - gradients[size:]) / (2 * width[:, None])
    factor, failed = torch.linalg.cholesky_ex(0.5 * (hessian + hessian.mT))
    if int(failed) or not bool(factor.isfinite().all()):
        return None
    root = torch.linalg.solve_triangular(factor.mT, torch.eye(size, dtype=FLOAT), upper=True)
    value = float(nested.log_density(place[None])[0])
    return Mode(place, root, value + 0.5 * size * log(2 * pi) - float(factor.diagonal().log().sum()))


def _near(left: Mode, right: Mode) -> bool:
    apart = torch.linalg.solve(left.factor, left.place - right.place)
    return float(apart.abs().max()) < SAME * max(1.0, len(left.place) ** 0.5) or abs(float(apart.norm())) < 0.1


def infer(nested: Nested, generator: Generator, *, samples: int | None = None, check: bool = True) -> Inferred:
    """Posteriors by importance sampling around the modes; status ``unknown`` where k̂ or the effective size is bad."""
    found, complete = modes(nested, generator) if nested.coordinates.size <= MOST_COORDINATES else ([], True)
    if not found:
        return _refused({}, "no mode was found at which the density falls to all sides")
    if check and not complete:
        message = f"searches keep ending at other modes, {len(found)} so far: some will have been missed"
        return _refused({"modes": len(found)}, message)
    count = samples or DRAWS
    masses = torch.tensor([mode.log_mass for mode in found], dtype=FLOAT)
    chosen = torch.multinomial(masses.softmax(0), count, replacement=True, generator=generator)
    points = _drawn(found, chosen, generator)
    weights = nested.integrand(points) - _log_proposal(found, masses.log_softmax(0), points)
    weighed = Weighted((), weights, count)
    k = pareto_k(weights)
    diagnostics: dict[str, object] = {
        "modes": len(found),
        "draws": count,
        "effective": round(weighed.effective, 1),
        "pareto_k": round(k, 3),
    }
    if check and (k > LARGEST_K or weighed.effective < LEAST_EFFECTIVE):
        return _refused(diagnostics, f"the posterior is not like its modes: k̂ = {k:.2f}")
    shares = weights.softmax(0)
    state = completed(nested, points, generator)
    values = nested.executor.asked(state, count)
    kept = systematic(shares, 4_000, generator)
    posteriors = tuple(
        posterior(estimand, column, shares, nested.executor.codes, kept)
        for estimand, column in zip(nested.executor.graph.estimands, values, strict=True)
    )
    evidence, error = weighed.log_evidence, weighed.evidence_error
    return Inferred("laplace", False, Status.ESTIMATED, posteriors, evidence, error, diagnostics)


def _freedom(size: int) -> float:
    return FREEDOM[0] + FREEDOM[1] * size


def _drawn(found: list[Mode], chosen: Tensor, generator: Generator) -> Tensor:
    size = len(found[0].place)
    freedom = _freedom(size)
    noise = torch.randn((len(chosen), size), generator=generator, dtype=FLOAT)
    half = torch.full((len(chosen),), freedom / 2, dtype=FLOAT)
    spread = torch._standard_gamma(half, generator=generator) * 2 / freedom
    places = torch.stack([mode.place for mode in found])[chosen]
    factors = torch.stack([mode.factor for mode in found])
    steps = torch.stack([noise @ factor.mT for factor in factors], 1)[torch.arange(len(chosen)), chosen]
    return places + steps / spread.sqrt()[:, None]


def _log_proposal(found: list[Mode], shares: Tensor, points: Tensor) -> Tensor:
    """The log density of the mixture of Student distributions."""
    size = len(found[0].place)
    freedom = _freedom(size)
    constant = lgamma((freedom + size) / 2) - lgamma(freedom / 2) - 0.5 * size * log(freedom * pi)
    parts = []
    for mode, share in zip(found, shares, strict=True):
        whitened = torch.linalg.solve_triangular(mode.factor, (points - mode.place).mT, upper=True)
        distance = (whitened**2).sum(0)
        determinant = mode.factor.diagonal().abs().log().sum()
        tail = -0.5 * (freedom + size) * torch.log1p(distance / freedom)
        parts.append(share + constant - determinant + tail)
    return torch.stack(parts).logsumexp(0)


def _refused(diagnostics: dict[str, object], message: str) -> Inferred:
    remark = Diagnostic("W599", message, hint="take --method nuts or smc, or leave --method out")
    return Inferred("laplace", False, Status.UNKNOWN, (), None, 0.0, diagnostics, (remark,))
