"""Importance sampling from a mixture of Student distributions at the modes (Laplace's approximation as a proposal).

The modes are found by BFGS from several draws of the prior, their shapes by the Hessian. The answer is that of
self-normalised importance sampling; its Pareto k̂ (Vehtari, Simpson, Gelman, Yao, Gabry 2024) and effective sample size
say whether it can be relied on. Where not, the proposal is fitted to what it drew, and draws again.
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
from nesy.solvers.probabilistic.inference.weighting import KEPT, Weighted, posterior, systematic
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
ADAPTED, FEWEST = 2, 100.0
"""So often the proposal is made anew from what it drew, where so many effective draws allow it."""
LARGEST_K = 0.7
LEAST_EFFECTIVE = 1_000.0


@dataclass(frozen=True)
class Mode:
    """A mode with a triangular factor of its covariance, and the log mass by Laplace's approximation."""

    place: Tensor
    factor: Tensor
    log_mass: float
    upper: bool = True
    """Which triangle the factor is."""


@dataclass(frozen=True)
class Proposal:
    """A mixture of Student distributions, one at each mode, with the log ``shares`` of the modes."""

    modes: list[Mode]
    shares: Tensor

    @property
    def freedom(self) -> float:
        """Degrees of freedom."""
        return FREEDOM[0] + FREEDOM[1] * len(self.modes[0].place)

    def drawn(self, count: int, generator: Generator) -> Tensor:
        """Points, ``[count, coordinates]``."""
        chosen = torch.multinomial(self.shares.exp(), count, replacement=True, generator=generator)
        noise = torch.randn((count, len(self.modes[0].place)), generator=generator, dtype=FLOAT)
        half = torch.full((count,), self.freedom / 2, dtype=FLOAT)
        spread = torch._standard_gamma(half, generator=generator) * 2 / self.freedom
        places = torch.stack([mode.place for mode in self.modes])[chosen]
        factors = torch.stack([mode.factor for mode in self.modes])
        steps = torch.stack([noise @ factor.mT for factor in factors], 1)[torch.arange(count), chosen]
        return places + steps / spread.sqrt()[:, None]

    def terms(self, points: Tensor) -> Tensor:
        """The log density of each part, its share included, ``[modes, points]``: all together are the density."""
        size, freedom = len(self.modes[0].place), self.freedom
        constant = lgamma((freedom + size) / 2) - lgamma(freedom / 2) - 0.5 * size * log(freedom * pi)
        parts = []
        for mode, share in zip(self.modes, self.shares, strict=True):
            whitened = torch.linalg.solve_triangular(mode.factor, (points - mode.place).mT, upper=mode.upper)
            determinant = mode.factor.diagonal().abs().log().sum()
            tail = -0.5 * (freedom + size) * torch.log1p((whitened**2).sum(0) / freedom)
            parts.append(share + constant - determinant + tail)
        return torch.stack(parts)

    def adapted(self, points: Tensor, terms: Tensor, weights: Tensor) -> Proposal:
        """The proposal with the means, spreads and shares that weighted points say (population Monte Carlo).

        O. Cappé and others, Statistics and Computing 2008; weights are truncated (E. Ionides 2008), since few of the
        points may have most of the weight.
        """
        kept = weights.softmax(0).clamp(max=len(weights) ** -0.5) * terms.softmax(0)
        modes, masses = [], []
        for mode, weight in zip(self.modes, kept, strict=True):
            mass = weight.sum()
            place = weight @ points / mass
            apart = points - place
            factor, failed = torch.linalg.cholesky_ex((weight[:, None] * apart).mT @ apart / mass)
            usable = not int(failed) and bool(factor.isfinite().all())
            modes.append(Mode(place, factor, mode.log_mass, upper=False) if usable else mode)
            masses.append(mass)
        return Proposal(modes, torch.stack(masses).log().log_softmax(0))


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
    proposal = Proposal(found, torch.tensor([mode.log_mass for mode in found], dtype=FLOAT).log_softmax(0))
    adapted = 0
    while True:
        points = proposal.drawn(count, generator)
        terms = proposal.terms(points)
        weights = nested.integrand(points) - terms.logsumexp(0)
        weighed = Weighted((), weights, count)
        k = pareto_k(weights)
        good = k <= LARGEST_K and weighed.effective >= LEAST_EFFECTIVE
        if good or not check or adapted == ADAPTED or weighed.effective < FEWEST:
            break
        proposal = proposal.adapted(points, terms, weights)
        adapted += 1
    diagnostics: dict[str, object] = {
        "modes": len(found),
        "draws": count,
        "effective": round(weighed.effective, 1),
        "pareto_k": round(k, 3),
    }
    if adapted:
        diagnostics["adapted"] = adapted
    if check and not good:
        return _refused(diagnostics, f"the posterior is not like its modes: k̂ = {k:.2f}")
    shares = weights.softmax(0)
    state = completed(nested, points, generator)
    values = nested.executor.asked(state, count)
    kept = systematic(shares, KEPT, generator)
    posteriors = tuple(
        posterior(estimand, column, shares, nested.executor.codes, kept)
        for estimand, column in zip(nested.executor.graph.estimands, values, strict=True)
    )
    evidence, error = weighed.log_evidence, weighed.evidence_error
    return Inferred("laplace", False, Status.ESTIMATED, posteriors, evidence, error, diagnostics)


def _refused(diagnostics: dict[str, object], message: str) -> Inferred:
    remark = Diagnostic("W599", message, hint="take --method nuts or smc, or leave --method out")
    return Inferred("laplace", False, Status.UNKNOWN, (), None, 0.0, diagnostics, (remark,))
