"""The No-U-Turn sampler on many chains in step (Hoffman and Gelman 2014), for smooth densities.

All chains double their trajectories together, so that one leapfrog step of all of them is one evaluation of the
density. States are drawn by their weights (Betancourt 2017), turns inside of a subtree are found without recursion
(Phan, Pradhan, Jankowiak 2019). Step size (dual averaging) and covariance are adapted from all chains at once while
they warm up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import exp, inf, log, sqrt

import torch
from torch import Generator, Tensor

from nesy.solvers.probabilistic.inference.climbing import gradient
from nesy.solvers.probabilistic.vectorised.codes import FLOAT

LogDensity = Callable[[Tensor], Tensor]
"""From ``[chains, coordinates]`` to ``[chains]``, differentiable."""

MOST_DOUBLINGS = 9
DIVERGENT = 1000.0
"""An error of the energy beyond which a trajectory has diverged."""
WINDOWS = 0.15, 0.4, 0.85
"""The shares of the warm-up at which the covariance is estimated anew, from what was drawn since the last one."""
DENSE = 10
"""Draws for each coordinate from which correlations are estimated, not variances alone."""


@dataclass(frozen=True)
class States:
    """One state of each chain: points, momenta and gradients ``[chains, coordinates]``, log densities ``[chains]``."""

    points: Tensor
    momenta: Tensor
    gradients: Tensor
    values: Tensor

    @property
    def energies(self) -> Tensor:
        """What the dynamics preserve; ∞ where the density is 0."""
        return torch.nan_to_num(0.5 * (self.momenta**2).sum(1) - self.values, nan=inf)

    def at(self, places: Tensor) -> States:
        """Those of some chains: their numbers, or a flag for each."""
        return States(self.points[places], self.momenta[places], self.gradients[places], self.values[places])

    def where(self, flags: Tensor, other: States) -> States:
        """``other`` for the flagged chains."""
        wide = flags[:, None]
        return States(
            torch.where(wide, other.points, self.points),
            torch.where(wide, other.momenta, self.momenta),
            torch.where(wide, other.gradients, self.gradients),
            torch.where(flags, other.values, self.values),
        )

    def put(self, places: Tensor, other: States) -> States:
        """``other`` for the chains with the numbers ``places``."""
        return States(
            self.points.index_copy(0, places, other.points),
            self.momenta.index_copy(0, places, other.momenta),
            self.gradients.index_copy(0, places, other.gradients),
            self.values.index_copy(0, places, other.values),
        )


@dataclass(frozen=True)
class Subtree:
    """A doubling of each chain: its outer end, the state drawn from it, the log of its weight, its sum of momenta.

    ``sound``: it neither diverged nor turned back.
    """

    end: States
    drawn: States
    weights: Tensor
    total: Tensor
    sound: Tensor


@dataclass
class Sampler:
    """The state of all chains, and what has been adapted: the step, and L of the covariance L Lᵀ that scales it.

    ``divergences`` and ``acceptance`` (its mean) are those since the warm-up, ``evaluations`` those of the density.
    """

    density: LogDensity
    points: Tensor
    generator: Generator
    target: float = 0.8
    states: States = field(init=False)
    root: Tensor = field(init=False)
    step: float = 0.1
    divergences: int = 0
    evaluations: int = 0
    _records: list[dict[str, Tensor]] = field(default_factory=list)
    _chances: Tensor = field(init=False)
    _leaves: Tensor = field(init=False)
    _diverged: Tensor = field(init=False)
    _record: dict[str, Tensor] = field(init=False)

    def __post_init__(self) -> None:
        self.root = torch.diag(self.points.std(0).clamp(1e-6, 1e6))
        self.states = self._evaluated(self.points, torch.zeros_like(self.points))

    @property
    def acceptance(self) -> float:
        """The mean acceptance along the trajectories since the warm-up."""
        rates = [float(each["acceptance_rate"].mean()) for each in self._records]
        return sum(rates) / max(len(rates), 1)

    @property
    def statistics(self) -> dict[str, Tensor]:
        """Of each trajectory since the warm-up, ``[draw, chain]``, by the names that ArviZ has for them."""
        return {name: torch.stack([each[name] for each in self._records]) for name in self._records[0]}

    def warm_up(self, iterations: int, deadline: float = inf) -> bool:
        """Adapt the step and the covariance; False if the time was up before."""
        ends = [round(share * iterations) for share in WINDOWS]
        tuner, kept = _Tuner(self.step, self.target), []
        for number in range(1, iterations + 1):
            self.step = tuner.step
            tuner.learn(self._iterate())
            kept.append(self.states.points)
            if number in ends:
                self.root = _root(torch.cat(kept))
                tuner, kept = _Tuner(self.points.shape[1] ** -0.25, self.target), []
            if time.perf_counter() > deadline:
                return False
        self.step, self.divergences = tuner.average, 0
        return True

    def draw(self, iterations: int, deadline: float = inf) -> Tensor:
        """Draws, ``[iterations, chains, coordinates]``; fewer if the time is up before."""
        kept = []
        for _ in range(iterations):
            self._iterate()
            self._records.append(self._record)
            kept.append(self.states.points)
            if time.perf_counter() > deadline:
                break
        return torch.stack(kept)

    # ----- one draw of each chain

    def _evaluated(self, points: Tensor, momenta: Tensor) -> States:
        self.evaluations += 1
        values, gradients = gradient(self.density, points)
        return States(points, momenta, gradients, torch.nan_to_num(values, nan=-inf))

    def _uniform(self, count: int) -> Tensor:
        return torch.rand(count, generator=self.generator, dtype=FLOAT)

    def _iterate(self) -> float:
        """The next state of every chain; the mean acceptance along the trajectories."""
        chains = len(self.points)
        noise = torch.randn(self.points.shape, generator=self.generator, dtype=FLOAT)
        drawn = replace(self.states, momenta=noise)
        energies, total, weights = drawn.energies, noise, torch.zeros(chains, dtype=FLOAT)
        ends = [drawn, drawn]
        self._chances, self._leaves = torch.zeros(chains, dtype=FLOAT), torch.zeros(chains, dtype=FLOAT)
        self._diverged, depths = torch.zeros(chains, dtype=torch.bool), torch.zeros(chains, dtype=torch.long)
        active = torch.arange(chains)
        for depth in range(MOST_DOUBLINGS):
            forward = self._uniform(len(active)) < 0.5
            depths[active] += 1
            start = ends[0].at(active).where(forward, ends[1].at(active))
            steps = torch.where(forward, self.step, -self.step)[:, None]
            grown = self._subtree(start, steps, depth, active, energies[active])
            taken = grown.sound & (self._uniform(len(active)).log() < grown.weights - weights[active])
            drawn = drawn.put(active[taken], grown.drawn.at(taken))
            for side, flags in enumerate((grown.sound & ~forward, grown.sound & forward)):
                ends[side] = ends[side].put(active[flags], grown.end.at(flags))
            active, sound = active[grown.sound], grown.sound
            total = total.index_add(0, active, grown.total[sound])
            weights = weights.index_copy(0, active, torch.logaddexp(weights[active], grown.weights[sound]))
            active = active[~_turned(ends[0].momenta[active], ends[1].momenta[active], total[active])]
            if not len(active):
                break
        self.states = drawn
        acceptance = self._chances / self._leaves
        self._record = {
            "lp": drawn.values,
            "energy": drawn.energies,
            "acceptance_rate": acceptance,
            "step_size": torch.full((chains,), self.step, dtype=FLOAT),
            "n_steps": self._leaves,
            "tree_depth": depths,
            "diverging": self._diverged,
        }
        return float(acceptance.mean())

    def _subtree(self, states: States, steps: Tensor, depth: int, active: Tensor, energies: Tensor) -> Subtree:
        """``2**depth`` leapfrog steps of the active chains from ``states``."""
        alive = torch.ones(len(active), dtype=torch.bool)
        weights = torch.full((len(active),), -inf, dtype=FLOAT)
        total, drawn = torch.zeros_like(states.points), states
        marks: list[tuple[Tensor, Tensor]] = [(total, total)] * (depth + 1)
        for number in range(1 << depth):
            momenta = states.momenta + 0.5 * steps * (states.gradients @ self.root)
            states = self._evaluated(states.points + steps * (momenta @ self.root.mT), momenta)
            states = replace(states, momenta=momenta + 0.5 * steps * (states.gradients @ self.root))
            error = states.energies - energies
            self._chances = self._chances.index_add(0, active, torch.where(alive, (-error).exp().clamp(max=1.0), 0.0))
            self._leaves = self._leaves.index_add(0, active, alive.to(FLOAT))
            both = torch.logaddexp(weights, -error)
            drawn = drawn.where(alive & (self._uniform(len(active)).log() < -error - both), states)
            weights, total = both, total + states.momenta
            far = active[alive & (error > DIVERGENT)]
            self._diverged[far] = True
            self.divergences += len(far)
            alive = alive & (error <= DIVERGENT)
            top = (number >> 1).bit_count()
            if number % 2 == 0:
                marks[top] = states.momenta, total
            else:
                for place in range(top, top - _trailing_ones(number), -1):
                    first, before = marks[place]
                    alive = alive & ~_turned(first, states.momenta, total - before + first)
            if not bool(alive.any()):
                break
        return Subtree(states, drawn, weights, total, alive)


def _turned(first: Tensor, last: Tensor, total: Tensor) -> Tensor:
    """Whether going on from either end would bring the ends of trajectories nearer to one another."""
    inner = total - 0.5 * (first + last)
    return ((first * inner).sum(1) <= 0) | ((last * inner).sum(1) <= 0)


def _trailing_ones(number: int) -> int:
    return (number ^ (number + 1)).bit_length() - 1


@dataclass
class _Tuner:
    """Dual averaging of the logarithm of the step, towards an acceptance."""

    start: float
    target: float
    count: int = 0
    bias: float = 0.0
    log_step: float = field(init=False)
    log_average: float = field(init=False)

    def __post_init__(self) -> None:
        self.log_step = self.log_average = log(self.start)

    @property
    def step(self) -> float:
        """The step to try next."""
        return exp(self.log_step)

    @property
    def average(self) -> float:
        """The step to keep."""
        return exp(self.log_average)

    def learn(self, acceptance: float) -> None:
        """What a step has led to."""
        self.count += 1
        self.bias += (self.target - acceptance - self.bias) / (self.count + 10)
        self.log_step = log(10 * self.start) - sqrt(self.count) / 0.05 * self.bias
        weight = self.count**-0.75
        self.log_average = weight * self.log_step + (1 - weight) * self.log_average


def _root(draws: Tensor) -> Tensor:
    """The Cholesky factor of the covariance of ``[draws, coordinates]``, drawn a little towards 0.001."""
    count, size = draws.shape
    found = torch.cov(draws.T).reshape(size, size)
    if count < DENSE * size:
        found = torch.diag(found.diagonal())
    found = count / (count + 5) * found + 1e-3 * 5 / (count + 5) * torch.eye(size, dtype=FLOAT)
    factor, failed = torch.linalg.cholesky_ex(found)
    return torch.diag(found.diagonal().sqrt()) if int(failed) else factor
