"""Log densities (or probabilities) and draws of the families of distributions, one value at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, inf, lgamma, log, log1p, pi

from numpy.random import Generator

HALF_LOG_2PI = 0.5 * log(2 * pi)


def log_density(name: str, value: float, arguments: Sequence[float]) -> float:
    """The log density of ``value``; −∞ outside of the support. Arguments in Pyro's order."""
    return _DENSITIES[name](value, *arguments)


def draw(name: str, arguments: Sequence[float], generator: Generator) -> float:
    """A value drawn from the distribution."""
    return float(_DRAWS[name](generator, *arguments))


def _normal(x: float, loc: float, scale: float) -> float:
    return -0.5 * ((x - loc) / scale) ** 2 - log(scale) - HALF_LOG_2PI


def _lognormal(x: float, loc: float, scale: float) -> float:
    return _normal(log(x), loc, scale) - log(x) if x > 0 else -inf


def _uniform(x: float, low: float, high: float) -> float:
    return -log(high - low) if low <= x < high else -inf


def _beta(x: float, a: float, b: float) -> float:
    if not 0 < x < 1:
        return -inf
    return (a - 1) * log(x) + (b - 1) * log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b)


def _gamma(x: float, concentration: float, rate: float) -> float:
    if x <= 0:
        return -inf
    return concentration * log(rate) + (concentration - 1) * log(x) - rate * x - lgamma(concentration)


def _exponential(x: float, rate: float) -> float:
    return log(rate) - rate * x if x >= 0 else -inf


def _poisson(x: float, rate: float) -> float:
    return x * log(rate) - rate - lgamma(x + 1) if x >= 0 and x == int(x) else -inf


def _binomial(x: float, count: float, probability: float) -> float:
    if not 0 <= x <= count or x != int(x):
        return -inf
    ways = lgamma(count + 1) - lgamma(x + 1) - lgamma(count - x + 1)
    return ways + _times(x, probability) + _times(count - x, 1 - probability)


def _times(count: float, probability: float) -> float:
    """``count · log(probability)``, 0 where the count is."""
    if count == 0:
        return 0.0
    return count * log(probability) if probability > 0 else -inf


def _bernoulli(x: float, probability: float) -> float:
    return _times(1, probability if x else 1 - probability)


def _studentt(x: float, df: float, loc: float, scale: float) -> float:
    z = (x - loc) / scale
    constant = lgamma((df + 1) / 2) - lgamma(df / 2) - 0.5 * log(df * pi) - log(scale)
    return constant - (df + 1) / 2 * log1p(z * z / df)


def _cauchy(x: float, loc: float, scale: float) -> float:
    return -log(pi * scale) - log1p(((x - loc) / scale) ** 2)


def _laplace(x: float, loc: float, scale: float) -> float:
    return -abs(x - loc) / scale - log(2 * scale)


def _halfnormal(x: float, scale: float) -> float:
    return log(2) + _normal(x, 0, scale) if x >= 0 else -inf


def _halfcauchy(x: float, scale: float) -> float:
    return log(2) + _cauchy(x, 0, scale) if x >= 0 else -inf


_DENSITIES: dict[str, Callable[..., float]] = {
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

_DRAWS: dict[str, Callable[..., float]] = {
    "normal": lambda g, loc, scale: g.normal(loc, scale),
    "lognormal": lambda g, loc, scale: exp(g.normal(loc, scale)),
    "uniform": lambda g, low, high: g.uniform(low, high),
    "beta": lambda g, a, b: g.beta(a, b),
    "gamma": lambda g, concentration, rate: g.gamma(concentration, 1 / rate),
    "exponential": lambda g, rate: g.exponential(1 / rate),
    "poisson": lambda g, rate: g.poisson(rate),
    "binomial": lambda g, count, probability: g.binomial(int(count), probability),
    "bernoulli": lambda g, probability: g.random() < probability,
    "studentt": lambda g, df, loc, scale: loc + scale * g.standard_t(df),
    "cauchy": lambda g, loc, scale: loc + scale * g.standard_cauchy(),
    "laplace": lambda g, loc, scale: g.laplace(loc, scale),
    "halfnormal": lambda g, scale: abs(g.normal(0, scale)),
    "halfcauchy": lambda g, scale: scale * abs(g.standard_cauchy()),
}
