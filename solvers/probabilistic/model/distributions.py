"""The distributions of random variables: the names and arguments of Pyro, and what values arguments may have."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal

Admitted = Literal["real", "positive", "probability", "count"]
"""What values an argument may have: any, > 0, 0 to 1, or whole numbers from 0."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a distribution; ``default`` is None where it must be given."""

    name: str
    admits: Admitted
    default: float | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """A family of distributions.

    ``pyro`` is the class in ``pyro.distributions``; ``discrete`` if its values are isolated; ``low`` and ``high``
    bound its support where this does not depend on the arguments. ``location_scale``: its last two arguments shift
    and scale it, so that it can be written without them (non-centred).
    """

    name: str
    pyro: str
    arguments: tuple[Argument, ...]
    discrete: bool = False
    low: float = -inf
    high: float = inf
    location_scale: bool = False


def _real(name: str, default: float | None = None) -> Argument:
    return Argument(name, "real", default)


def _positive(name: str, default: float | None = None) -> Argument:
    return Argument(name, "positive", default)


FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family("normal", "Normal", (_real("loc"), _positive("scale")), location_scale=True),
        Family("lognormal", "LogNormal", (_real("loc"), _positive("scale")), low=0.0),
        Family("uniform", "Uniform", (_real("low"), _real("high"))),
        Family("beta", "Beta", (_positive("concentration1"), _positive("concentration0")), low=0.0, high=1.0),
        Family("gamma", "Gamma", (_positive("concentration"), _positive("rate")), low=0.0),
        Family("exponential", "Exponential", (_positive("rate"),), low=0.0),
        Family("poisson", "Poisson", (_positive("rate"),), discrete=True, low=0.0),
        Family(
            "binomial", "Binomial", (Argument("total_count", "count"), Argument("probs", "probability")),
            discrete=True, low=0.0,
        ),
        Family("bernoulli", "Bernoulli", (Argument("probs", "probability"),), discrete=True, low=0.0, high=1.0),
        Family("categorical", "Categorical", (Argument("probs", "probability"),), discrete=True),
        Family(
            "studentt", "StudentT", (_positive("df"), _real("loc", 0.0), _positive("scale", 1.0)), location_scale=True,
        ),
        Family("cauchy", "Cauchy", (_real("loc"), _positive("scale")), location_scale=True),
        Family("laplace", "Laplace", (_real("loc"), _positive("scale")), location_scale=True),
        Family("halfnormal", "HalfNormal", (_positive("scale"),), low=0.0),
        Family("halfcauchy", "HalfCauchy", (_positive("scale"),), low=0.0),
        Family("dirichlet", "Dirichlet", (_positive("concentration"),), low=0.0, high=1.0),
    )
}  # fmt: skip
"""By name in rule files. ``categorical`` and ``dirichlet`` take one argument for each category; a categorical's are in
proportion to the probabilities, as in Pyro."""

PERCEPT = "percept"
"""The distribution of a variable that a network reads: one probability for each value comes with the evidence."""
