"""Joint tests of Markov chains (J. Geweke, JASA 2004): a kernel that is right leaves the joint distribution as it is.

Parameters are drawn from the prior; then data given parameters, and parameters given data by one step of the chain,
take turns. Whatever the number of turns, the parameters are distributed as in the prior. Many chains, each with data of
its own, make independent draws, which Kolmogorov's test compares with the prior.
"""

from __future__ import annotations

import pytest
import torch
from torch import Generator, Tensor

from nesy.solvers.probabilistic.inference.moves import Mover, Target
from nesy.solvers.probabilistic.inference.nuts import Sampler
from nesy.solvers.probabilistic.vectorised.executor import Executor
from tests.solvers.probabilistic.graphs import graph_of

FLOAT = torch.float64
CHAINS, TURNS, DATA = 1_000, 4, 4
LEAST = 1e-3


def p_value(values: Tensor, distribution: str) -> float:
    from scipy.stats import kstest

    return float(kstest(values.numpy(), distribution).pvalue)


def density(points: Tensor) -> Tensor:
    """The log joint of parameters (mean, log spread) and of the data, which stand beside them in each row."""
    mean, log_spread, seen = points[:, :1], points[:, 1:2], points[:, 2:].detach()
    likelihood = -0.5 * ((seen - mean) / log_spread.exp()) ** 2 - log_spread
    return likelihood.sum(1) - 0.5 * (points[:, :2] ** 2).sum(1)


def alternated(data_spread: float) -> Tensor:
    """Parameters (mean, log spread) after all turns, ``[chains, 2]``; the prior is standard normal for both.

    Data are drawn with ``data_spread`` times the spread that the chain takes them to have: 1 is right.
    """
    generator = Generator().manual_seed(11)
    points = torch.randn((CHAINS, 2), generator=generator, dtype=FLOAT)
    for _ in range(TURNS):
        noise = torch.randn((CHAINS, DATA), generator=generator, dtype=FLOAT)
        seen = points[:, :1] + data_spread * points[:, 1:].exp() * noise
        sampler = Sampler(density, torch.cat([points, seen], 1), generator, step=0.3)
        # the sampler has one density for all chains: data are coordinates that have no room to move
        sampler.root = torch.diag(torch.tensor([1.0] * 2 + [1e-12] * DATA, dtype=FLOAT))
        points = sampler.draw(1)[0, :, :2]
    return points


@pytest.mark.slow
def test_the_no_u_turn_sampler_leaves_the_joint_distribution() -> None:
    found = alternated(1.0)
    assert min(p_value(found[:, place], "norm") for place in (0, 1)) > LEAST
    wrong = alternated(1.25)
    assert p_value(wrong[:, 1], "norm") < LEAST


@pytest.mark.slow
def test_moves_leave_a_posterior() -> None:
    """Exact draws of a posterior, moved: a normal mean, and a truncated normal with an event."""
    generator = Generator().manual_seed(5)
    # x ~ N(0, 1), y | x ~ N(x, 1), y = 2: x | y ~ N(1, ½)
    seen = "random x : real ~ normal(0, 1). random y : real ~ normal(x, 1). observe y = 2. query x."
    exact = 1 + 0.5**0.5 * torch.randn((2_000, 1), generator=generator, dtype=FLOAT)
    moved = after_sweeps(seen, exact, generator)
    assert p_value((moved - 1) / 0.5**0.5, "norm") > LEAST
    assert float((moved - exact[:, 0]).abs().mean()) > 0.3  # they did move
    # x ~ N(0, 1), x > 1
    above = "random x : real ~ normal(0, 1). observe x > 1. query x."
    tail = torch.special.ndtr(torch.tensor(-1.0, dtype=FLOAT))
    uniform = torch.rand((2_000, 1), generator=generator, dtype=FLOAT)
    moved = after_sweeps(above, -torch.special.ndtri(uniform * tail), generator)
    assert float(moved.min()) > 1
    assert p_value(torch.special.ndtr(-moved) / tail, "uniform") > LEAST


def after_sweeps(program: str, exact: Tensor, generator: Generator) -> Tensor:
    executor = Executor(graph_of(program))
    mover = Mover(executor)
    state = executor.complete([exact])
    population = mover.population([part.expand(len(exact), -1) if len(part) > 1 else part for part in state])
    target = Target(1.0, 0.0, (1.0,) * len(executor.events))
    for number in range(20):
        mover.sweep(population, target, generator, fresh=number % 3 == 2)
    return next(part[:, 0] for part in population.state if part.shape == exact.shape)
