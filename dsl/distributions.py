"""The distributions that rule files may name, with the names of their arguments, as in Pyro."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signature:
    """The arguments of a distribution in order. ``defaults`` belong to the last of them.

    ``is_open``: any number of arguments, one for each category.
    """

    arguments: tuple[str, ...]
    defaults: tuple[int, ...] = ()
    is_open: bool = False

    @property
    def least(self) -> int:
        """How many arguments have to be given."""
        return len(self.arguments) - len(self.defaults)

    @property
    def most(self) -> int | None:
        """How many arguments may be given; None for any number."""
        return None if self.is_open else len(self.arguments)


_PLACED = Signature(("loc", "scale"))

DISTRIBUTIONS: dict[str, Signature] = {
    "normal": _PLACED,
    "lognormal": _PLACED,
    "uniform": Signature(("low", "high")),
    "beta": Signature(("concentration1", "concentration0")),
    "gamma": Signature(("concentration", "rate")),
    "exponential": Signature(("rate",)),
    "poisson": Signature(("rate",)),
    "binomial": Signature(("total_count", "probs")),
    "bernoulli": Signature(("probs",)),
    "categorical": Signature(("probs",), is_open=True),
    "studentt": Signature(("df", "loc", "scale"), (0, 1)),
    "cauchy": _PLACED,
    "laplace": _PLACED,
    "halfnormal": Signature(("scale",)),
    "halfcauchy": Signature(("scale",)),
    "dirichlet": Signature(("concentration", "concentration"), is_open=True),
}
"""By name. ``categorical`` takes one probability for each value of the type."""
