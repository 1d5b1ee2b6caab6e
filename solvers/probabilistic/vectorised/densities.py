"""Log densities on tensors, differentiable in values and arguments, float64. Arguments in Pyro's order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, log, pi

import torch
from torch import Tensor

HALF_LOG_2PI = 0.5 * log(2 * pi)
_SAFE = 1e-300
"""What stands for 0 inside a logarithm whose result is not used."""


def log_density(name: str, value: Tensor, arguments: Sequence[Tensor]) -> Tensor:
    """The log density (or probability) of ``value``, broadcast with ``arguments``; −∞ outside of the support."""
    return _DENSITIES[name](value, *arguments)


def log_share(places: Tensor, shares: Sequence[Tensor]) -> Tensor:
    """The log probability of the category at ``places`` (long), where ``shares`` are in proportion to probabilities."""
    stacked = side_by_side(shares)
    logarithms = stacked.log() - stacked.sum(-1, keepdim=True).log()
    # adding is how shapes are broadcast
    index = places + torch.zeros_like(logarithms[..., 0], dtype=torch.long)
    return logarithms.expand(*index.shape, -1).gather(-1, index[..., None])[..., 0]


def side_by_side(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors that broadcast with one another, stacked along a last axis."""
    return torch.stack(torch.broadcast_tensors(*tensors), -1)  # type: ignore[no-untyped-call]  # torch gives no type


def _within(inside: Tensor, found: Tensor) -> Tensor:
    return torch.where(inside, found, -inf)


def _normal(x: Tensor, loc: Tensor, scale: Tensor) -> Tensor:
    return -0.5 * ((x - loc) / scale) ** 2 - scale.log() - HALF_LOG_2PI


def _lognormal(x: Tensor, loc: Tensor, scale: Tensor) -> Tensor:
    logarithm = x.clamp(min=_SAFE).log()
    return _within(x > 0, _normal(logarithm, loc, scale) - logarithm)


def _uniform(x: Tensor, low: Tensor, high: Tensor) -> Tensor:
    return _within((x >= low) & (x < high), -(high - low).log() + 0 * x)


def _beta(x: Tensor, a: Tensor, b: Tensor) -> Tensor:
    inner = x.clamp(1e-300, 1 - 1e-16)
    constant = torch.lgamma(a + b) - torch.lgamma(a) - torch.lgamma(b)
    return _within((x > 0) & (x < 1), (a - 1) * inner.log() + (b - 1) * torch.log1p(-inner) + constant)


def _gamma(x: Tensor, concentration: Tensor, rate: Tensor) -> Tensor:
    inner = x.clamp(min=_SAFE)
    constant = concentration * rate.log() - torch.lgamma(concentration)
    return _within(x > 0, constant + (concentration - 1) * inner.log() - rate * x)


def _exponential(x: Tensor, rate: Tensor) -> Tensor:
    return _within(x >= 0, rate.log() - rate * x)


def _poisson(x: Tensor, rate: Tensor) -> Tensor:
    inner = x.clamp(min=0)
    return _within((x >= 0) & (x == x.floor()), inner * rate.log() - rate - torch.lgamma(inner + 1))


def _binomial(x: Tensor, count: Tensor, probability: Tensor) -> Tensor:
    inside = (x >= 0) & (x <= count) & (x == x.floor())
    inner = torch.where(inside, x, 0.0)
    ways = torch.lgamma(count + 1) - torch.lgamma(inner + 1) - torch.lgamma(count - inner + 1)
    return _within(inside, ways + torch.xlogy(inner, probability) + torch.special.xlog1py(count - inner, -probability))


def _bernoulli(x: Tensor, probability: Tensor) -> Tensor:
    """``x`` is bool, or 0 and 1."""
    truth = x if x.dtype == torch.bool else x > 0.5
    return torch.where(truth, probability.log(), torch.log1p(-probability))


def _studentt(x: Tensor, df: Tensor, loc: Tensor, scale: Tensor) -> Tensor:
    z = (x - loc) / scale
    constant = torch.lgamma((df + 1) / 2) - torch.lgamma(df / 2) - 0.5 * (df * pi).log() - scale.log()
    return constant - (df + 1) / 2 * torch.log1p(z * z / df)


def _cauchy(x: Tensor, loc: Tensor, scale: Tensor) -> Tensor:
    return -(pi * scale).log() - torch.log1p(((x - loc) / scale) ** 2)


def _laplace(x: Tensor, loc: Tensor, scale: Tensor) -> Tensor:
    return -(x - loc).abs() / scale - (2 * scale).log()


def _halfnormal(x: Tensor, scale: Tensor) -> Tensor:
    return _within(x >= 0, log(2) + _normal(x, torch.zeros_like(x), scale))


def _halfcauchy(x: Tensor, scale: Tensor) -> Tensor:
    return _within(x >= 0, log(2) + _cauchy(x, torch.zeros_like(x), scale))


_DENSITIES: dict[str, Callable[..., Tensor]] = {
    "normal": _normal,
    "lognormal": _lognormal,
    "uniform": _uniform,
    "beta": _beta,
    "gamma": _gamma,
    "exponential": _exponential,
    "poisson": _poisson,
    "binomial": _binomial,
    "bernoulli": _bernoulli,
    "studentt": _studentt,
    "cauchy": _cauchy,
    "laplace": _laplace,
    "halfnormal": _halfnormal,
    "halfcauchy": _halfcauchy,
}
