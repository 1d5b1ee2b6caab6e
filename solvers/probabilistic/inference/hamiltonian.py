"""Hamiltonian Monte Carlo on many chains at once, for smooth densities.

All chains take a leapfrog step in one tensor operation. The step size follows the mean acceptance (dual averaging,
Hoffman and Gelman 2014), the length of trajectories is adapted by the ChEES criterion (Hoffman, Radul, Sountsov 2021),
and coordinates are scaled by the spread of the chains. What is Gaussian or finite has been summed out of the density.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import exp, inf, log, sqrt

import torch
from torch import Generator, Tensor

from nesy.solvers.probabilistic.vectorised.codes import FLOAT

LogDensity = Callable[[Tensor], Tensor]
"""From ``[chains, coordinates]`` to ``[chains]``, differentiable."""

TARGET = 0.75
"""The acceptance that the step size aims at."""
MOST_STEPS = 64
"""Leapfrog steps of one trajectory."""
DIVERGENT = 1000.0
"""An error of the energy beyond which a trajectory has diverged."""


@dataclass(frozen=True)
class Chains:
    """Draws ``[draws, chains, coordinates]``, how many trajectories diverged, the mean acceptance, what was adapted.

    ``late``: the time was up before all draws were taken.
    """

    draws: Tensor
    divergences: int
    accepted: float
    step: float
    trajectory: float
    late: bool = False


@dataclass
class _Sampler:
    """The state of all chains and of the adaptation."""

    density: LogDensity
    points: Tensor
    generator: Generator
    scale: Tensor
    value: Tensor = field(init=False)
    gradient: Tensor = field(init=False)
    log_step: float = log(0.1)
    log_average: float = log(0.1)
    bias: float = 0.0
    count: int = 0
    log_length: float = log(1.0)
    moment: float = 0.0
    second: float = 0.0
    divergences: int = 0

    def __post_init__(self) -> None:
        self.value, self.gradient = self._evaluate(self.points)

    def _evaluate(self, points: Tensor) -> tuple[Tensor, Tensor]:
        with torch.enable_grad():
            leaf = points.detach().requires_grad_()
            value = self.density(leaf)
            (gradient,) = torch.autograd.grad(value.sum(), leaf)
        return value.detach(), torch.nan_to_num(gradient, nan=0.0, posinf=0.0, neginf=0.0)

    def iterate(self, *, adapt: bool) -> float:
        """One trajectory of every chain; the mean acceptance."""
        step, length = exp(self.log_step if adapt else self.log_average), exp(self.log_length)
        jitter = _halton(self.count + 1)
        steps = min(max(1, int(-(-jitter * length // step))), MOST_STEPS)
        momentum = torch.randn(self.points.shape, generator=self.generator, dtype=FLOAT)
        start = self._energy(self.value, momentum)
        points, velocity = self.points, momentum
        value, gradient = self.value, self.gradient
        velocity = velocity + 0.5 * step * self.scale * gradient
        for number in range(steps):
            points = points + step * self.scale * velocity
            value, gradient = self._evaluate(points)
            velocity = velocity + (step if number < steps - 1 else 0.5 * step) * self.scale * gradient
        error = torch.nan_to_num(self._energy(value, velocity) - start, nan=inf)
        chance = torch.exp(-error).clamp(max=1.0)
        accept = torch.rand(len(chance), generator=self.generator, dtype=FLOAT) < chance
        if not adapt:
            self.divergences += int((error > DIVERGENT).sum())
        if adapt:
            self._adapt(chance, points, velocity, jitter)
        self.points = torch.where(accept[:, None], points, self.points)
        self.value = torch.where(accept, value, self.value)
        self.gradient = torch.where(accept[:, None], gradient, self.gradient)
        self.count += 1
        return float(chance.mean())

    @staticmethod
    def _energy(value: Tensor, momentum: Tensor) -> Tensor:
        return -value + 0.5 * (momentum**2).sum(1)

    def _adapt(self, chance: Tensor, proposed: Tensor, velocity: Tensor, jitter: float) -> None:
        """Dual averaging of the step size; a step of Adam on the logarithm of the trajectory's length."""
        number = self.count + 1
        harmonic = float(len(chance) / (1 / chance.clamp(min=1e-3)).sum())
        self.bias += (TARGET - harmonic - self.bias) / (number + 10)
        self.log_step = log(0.1) - sqrt(number) / 0.05 * self.bias
        weight = number**-0.75
        self.log_average = weight * self.log_step + (1 - weight) * self.log_average
        before, after = self.points / self.scale, proposed / self.scale
        before, after = before - before.mean(0), after - after.mean(0)
        change = (after**2).sum(1) - (before**2).sum(1)
        slope = change * (after * velocity).sum(1)
        slope = torch.nan_to_num(slope, nan=0.0, posinf=0.0, neginf=0.0)
        gradient = jitter * float((chance * slope).sum() / chance.sum().clamp(min=1e-9)) * exp(self.log_length)
        self.moment = 0.9 * self.moment + 0.1 * gradient
        self.second = 0.95 * self.second + 0.05 * gradient**2
        rate = self.moment / (1 - 0.9**number) / (sqrt(self.second / (1 - 0.95**number)) + 1e-12)
        self.log_length = min(max(self.log_length + 0.05 * rate, log(exp(self.log_average))), log(50.0))


def _halton(number: int) -> float:
    """The Halton sequence of base 2, between 0 and 1."""
    found, share = 0.0, 0.5
    while number:
        found += share * (number & 1)
        number >>= 1
        share /= 2
    return found


def sample(
    density: LogDensity,
    starts: Tensor,
    generator: Generator,
    *,
    warmup: int,
    draws: int,
    deadline: float = inf,
) -> Chains:
    """Chains from ``starts``, ``[chains, coordinates]``; the warm-up adapts and is thrown away."""
    sampler = _Sampler(density, starts, generator, torch.ones(starts.shape[1], dtype=FLOAT))
    late = False
    for number in range(warmup):
        sampler.iterate(adapt=True)
        if number in (warmup // 4, warmup // 2, 3 * warmup // 4):
            sampler.scale = sampler.points.std(0).clamp(1e-6, 1e6)
        if time.perf_counter() > deadline:
            late = True
            break
    kept, accepted = [], []
    for _ in range(draws):
        accepted.append(sampler.iterate(adapt=False))
        kept.append(sampler.points)
        if time.perf_counter() > deadline:
            late = True
            break
    return Chains(
        torch.stack(kept),
        sampler.divergences,
        sum(accepted) / len(accepted),
        exp(sampler.log_average),
        exp(sampler.log_length),
        late,
    )
