"""Unconstrained coordinates: maps from the real line to the support of a variable, with their log derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from nesy.solvers.probabilistic.model.distributions import FAMILIES
from nesy.solvers.probabilistic.model.expressions import Constant
from nesy.solvers.probabilistic.model.graph import RandomVariable


@dataclass(frozen=True, slots=True)
class Transform:
    """``line``: x = u; ``above``: x = low + exp u; ``between``: x = low + (high − low) · sigmoid u."""

    kind: Literal["line", "above", "between"]
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


def transform_of(variable: RandomVariable) -> Transform | None:
    """The transform of a continuous variable; None if its support depends on other variables."""
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
    return Transform("above") if family.low == 0.0 else Transform("line")
