"""The proposal of importance sampling at the modes: its density, its draws, and how it is fitted to what it drew."""

from __future__ import annotations

import pytest
import torch
from scipy.stats import multivariate_t

from nesy.solvers.probabilistic.inference.laplace import Mode, Proposal

FACTOR = torch.tensor([[2.0, 0.5], [0.0, 1.0]], dtype=torch.float64)


def proposal(*places: tuple[float, float]) -> Proposal:
    modes = [Mode(torch.tensor(place, dtype=torch.float64), FACTOR, 0.0) for place in places]
    return Proposal(modes, torch.full((len(modes),), 1 / len(modes), dtype=torch.float64).log())


def test_the_density_is_that_of_student_distributions() -> None:
    found = proposal((0.0, 1.0), (4.0, 1.0))
    points = torch.tensor([[0.3, -1.0], [5.0, 2.0]], dtype=torch.float64)
    shape = (FACTOR @ FACTOR.T).numpy()
    expected = [
        sum(0.5 * multivariate_t.pdf(point, place, shape, df=found.freedom) for place in ((0.0, 1.0), (4.0, 1.0)))
        for point in points.numpy()
    ]
    assert found.terms(points).logsumexp(0).exp().tolist() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("places", [((0.0, 0.0),), ((0.0, 0.0), (9.0, 0.0))])
def test_it_is_fitted_to_what_it_drew(places: tuple[tuple[float, float], ...]) -> None:
    """The target is normal around (2, 1) with covariance (9, 3; 3, 4), once or beside another one of half the mass."""
    covariance = torch.tensor([[9.0, 3.0], [3.0, 4.0]], dtype=torch.float64) / (1 if len(places) == 1 else 9)
    centres = [torch.tensor(place, dtype=torch.float64) + torch.tensor([2.0, 1.0]) / len(places) for place in places]
    parts = [torch.distributions.MultivariateNormal(centre.double(), covariance) for centre in centres]

    def target(points: torch.Tensor) -> torch.Tensor:
        return torch.stack([part.log_prob(points) - n * 0.6931 for n, part in enumerate(parts)]).logsumexp(0)

    found, generator = proposal(*places), torch.Generator().manual_seed(3)
    before = None
    for _ in range(3):
        points = found.drawn(20_000, generator)
        terms = found.terms(points)
        weights = target(points) - terms.logsumexp(0)
        effective = float((2 * weights.logsumexp(0) - (2 * weights).logsumexp(0)).exp())
        before = effective if before is None else before
        found = found.adapted(points, terms, weights)
    assert effective > max(1.2 * before, 14_000)
    for mode, centre in zip(found.modes, centres, strict=True):
        assert mode.place.tolist() == pytest.approx(centre.tolist(), abs=0.15)
        assert (mode.factor @ mode.factor.mT).flatten().tolist() == pytest.approx(
            covariance.flatten().tolist(), rel=0.2
        )
    assert found.shares.exp().tolist() == pytest.approx([1.0] if len(places) == 1 else [2 / 3, 1 / 3], abs=0.03)
