"""Unconstrained coordinates: maps from the real line to the support of a variable, with their log derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from nesy.solvers.probabilistic.model.distributions import FAMILIES
from nesy.solvers.probabilistic.model.expressions import Constant
from nesy.solvers.probabilistic.model.graph import Distribution, RandomVariable

HEAVY = ("cauchy", "studentt")
"""The distributions whose tails are power laws on both sides."""


@dataclass(frozen=True, slots=True)
class Transform:
    """``line``: x = u; ``above``: x = low + exp u; ``between``: x = low + (high − low) · sigmoid u.

    ``wide``: x = low + high · sinh u, on which power laws fall exponentially.
    """

    kind: Literal["line", "above", "between", "wide"]
    low: float = 0.0
    high: float = 1.0

    def value(self, u: Tensor) -> Tensor:
        """The constrained value."""
        match self.kind:
            case "line":
                return u
            case "above":
                return self.low + u.exp()
            case "between":
                return self.low + (self.high - self.low) * torch.sigmoid(u)
            case "wide":
                return self.low + self.high * torch.sinh(u)

    def log_slope(self, u: Tensor) -> Tensor:
        """log |dx/du|."""
        match self.kind:
            case "line":
                return torch.zeros_like(u)
            case "above":
                return u
            case "between":
                span = torch.as_tensor(self.high - self.low, dtype=u.dtype).log()
                return span + torch.nn.functional.logsigmoid(u) + torch.nn.functional.logsigmoid(-u)
            case "wide":
                return torch.as_tensor(self.high, dtype=u.dtype).log() + torch.cosh(u).log()

    def coordinate(self, x: Tensor) -> Tensor:
        """The unconstrained coordinate of a value."""
        match self.kind:
            case "line":
                return x
            case "above":
                return (x - self.low).clamp(min=1e-300).log()
            case "between":
                share = ((x - self.low) / (self.high - self.low)).clamp(1e-15, 1 - 1e-15)
                return torch.logit(share)
            case "wide":
                return torch.asinh((x - self.low) / self.high)

    @property
    def limits(self) -> tuple[float, float]:
        """The coordinates between which values and densities are floating-point numbers."""
        match self.kind:
            case "line":
                return -1e6, 1e6
            case "above":
                return -690.0, 690.0
            case "between":
                # above, 1 - x is rounded
                return -690.0, 25.0
            case "wide":
                return -600.0, 600.0


def transform_of(variable: RandomVariable, *, wide: bool = False) -> Transform | None:
    """The transform of a continuous variable; None if its support depends on other variables.

    ``wide``: for a grid, where the tails of ``cauchy`` and ``studentt`` have to end.
    """
    distribution = variable.distribution
    if distribution.name == "uniform":
        match distribution.arguments:
            case (Constant(int() | float() as low), Constant(int() | float() as high)):
                return Transform("between", float(low), float(high))
        return None
    family = FAMILIES[distribution.name]
    if family.discrete:
        return None
    if family.high == 1.0:
        return Transform("between")
    if family.low == 0.0:
        return Transform("above")
    return _wide(distribution) if wide and distribution.name in HEAVY else Transform("line")


def _wide(distribution: Distribution) -> Transform:
    """Around the location and scale where these are known."""
    match distribution.arguments[-2:]:
        case (Constant(int() | float() as loc), Constant(int() | float() as scale)):
            return Transform("wide", float(loc), float(scale))
        case _:
            return Transform("wide", 0.0, 1.0)
