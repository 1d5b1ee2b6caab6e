"""The sampler against moments that are known, and its refusals."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import nesy
from nesy.solvers.probabilistic.inference.convergence import effective, effective_mean, rhat
from nesy.solvers.probabilistic.inference.nuts import Sampler

FLOAT = torch.float64


@pytest.mark.slow
def test_moments_of_a_correlated_gaussian_and_of_what_hangs_on_it() -> None:
    generator = torch.Generator().manual_seed(3)
    precision = torch.linalg.inv(torch.tensor([[1.0, 1.8], [1.8, 4.0]], dtype=FLOAT))

    def density(points: Tensor) -> Tensor:
        # the third is normal with a spread that the first one sets
        away = points[:, :2] - 3
        spread = 1 + (points[:, 0] / 3) ** 2
        third = -0.5 * (points[:, 2] / spread) ** 2 - spread.log()
        return -0.5 * ((away @ precision) * away).sum(1) + third

    sampler = Sampler(density, torch.randn(16, 3, generator=generator, dtype=FLOAT), generator)
    assert sampler.warm_up(80)
    draws = sampler.draw(80)
    assert sampler.divergences == 0
    assert 0.6 < sampler.acceptance < 0.99
    assert max(rhat(draws[..., place]) for place in range(3)) < 1.06
    second = 1 + 2 * (9 + 1) / 9 + (81 + 54 + 3) / 81  # E (1 + x²/9)² for x ~ N(3, 1)
    for values, expected in (
        (draws[..., 0], 3.0),
        ((draws[..., 0] - 3) ** 2, 1.0),
        ((draws[..., 1] - 3) ** 2, 4.0),
        ((draws[..., 0] - 3) * (draws[..., 1] - 3), 1.8),
        (draws[..., 2], 0.0),
        (draws[..., 2] ** 2, second),
    ):
        error = float(values.std()) / effective_mean(values) ** 0.5
        assert error < 1
        assert abs(float(values.mean()) - expected) < 4.5 * error


def test_diagnostics_of_chains_that_are_known() -> None:
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(1000, 4, generator=generator, dtype=FLOAT)
    assert rhat(noise) < 1.01
    assert 3000 < effective(noise) < 5000
    assert rhat(noise + torch.tensor([0.0, 0.0, 0.0, 3.0])) > 1.3
    assert rhat(noise * torch.tensor([1.0, 1.0, 1.0, 9.0])) > 1.1
    # an autoregression with ρ = 0.9 is worth (1 − ρ) / (1 + ρ) of independent draws
    chain = torch.zeros(4000, 4, dtype=FLOAT)
    steps = torch.randn(4000, 4, generator=generator, dtype=FLOAT)
    for number in range(1, 4000):
        chain[number] = 0.9 * chain[number - 1] + steps[number]
    assert effective_mean(chain) == pytest.approx(16_000 / 19, rel=0.25)


@pytest.mark.slow
def test_chains_that_stay_apart_are_refused() -> None:
    # two modes, far from one another: x = 8 or x = −8
    model = "random x : real ~ studentt(3, 0, 10). random y : real ~ normal(x * x, 0.5). observe y = 64. query x."
    answer = nesy.load(model).compile("probabilistic", method="nuts", samples=160).infer()
    assert answer.status == ["unknown"]
    assert [warning.code for warning in answer.warnings] == ["W599"]
    assert "have not mixed" in answer.warnings[0].message
    mean = answer["x"].mean
    assert mean is not None
    assert bool(mean.isnan().all())
    # what is chosen by rule knows better: a grid over x
    assert nesy.load(model).compile("probabilistic").infer().status == ["solved"]


@pytest.mark.slow
def test_the_time_limit_ends_chains() -> None:
    model = "random x : real ~ studentt(3, 0, 1). random y : real ~ studentt(3, x, 1). observe y = 1. query x."
    answer = nesy.load(model).compile("probabilistic", method="nuts", time_limit=1e-6).infer()
    assert answer.status == ["timeout"]
    assert answer.warnings[0].message == "the time is up before the chains have mixed"
