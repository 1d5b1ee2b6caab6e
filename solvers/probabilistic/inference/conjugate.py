"""The mode of a single unknown number whose posterior is of the same family as its prior.

    p ~ beta(a, b),   k ~ binomial(n, p)       →  beta(a + k, b + n − k)
    r ~ gamma(a, b),  k ~ poisson(t · r)       →  gamma(a + k, b + t)
    r ~ gamma(a, b),  t ~ exponential(c · r)   →  gamma(a + 1, b + c · t)

Bernoulli is binomial with n = 1, and an exponential prior is a gamma with a = 1 (Gelman et al., Bayesian Data Analysis,
3rd ed., ch. 2).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from nesy.solvers.probabilistic.inference.modes import Mode
from nesy.solvers.probabilistic.model.expressions import Apply, Constant, Expression, Reference, Scalar
from nesy.solvers.probabilistic.model.graph import (
    Distribution,
    ModelGraph,
    Observation,
    RandomVariable,
    constants_of,
    unobserved,
)
from nesy.solvers.probabilistic.vectorised.codes import FLOAT
from nesy.solvers.probabilistic.vectorised.executor import Executor


@dataclass(frozen=True)
class Conjugate:
    """The posterior of ``variable``: a beta or gamma distribution with these two parameters, in Pyro's order."""

    variable: RandomVariable
    name: str
    first: float
    second: float

    @property
    def mode(self) -> float | None:
        """Where the density is greatest; None if that is at an edge of the support, or everywhere."""
        if self.name == "beta":
            inner = self.first > 1 and self.second > 1
            return (self.first - 1) / (self.first + self.second - 2) if inner else None
        return (self.first - 1) / self.second if self.first > 1 else None


def conjugate(graph: ModelGraph) -> Conjugate | None:
    """The posterior of the only unknown number of a graph; None where it is of another family, or there are several."""
    unknown = tuple(unobserved(graph))
    if len(unknown) != 1 or any(not isinstance(entry, Observation) for entry in graph.conditions):
        return None
    (variable,) = unknown
    constants = constants_of(variable.distribution)
    if constants is None or variable.distribution.name not in ("beta", "gamma", "exponential"):
        return None
    name = "beta" if variable.distribution.name == "beta" else "gamma"
    numbers = [float(value) for value in constants if isinstance(value, int | float)]
    first, second = numbers if len(numbers) == 2 else (1.0, *numbers)
    for node in graph.variables:
        if node.label == variable.label or variable.label not in graph.sources[node.label]:
            continue
        gained = _gained(name, node.distribution, graph.observed[node.label], variable.label)
        if gained is None:
            return None
        first, second = first + gained[0], second + gained[1]
    return Conjugate(variable, name, first, second)


def _gained(name: str, seen: Distribution, value: Scalar, label: str) -> tuple[float, float] | None:
    """What an observation adds to the parameters; None if the posterior is not of the family ``name`` any more."""
    if not isinstance(value, int | float):
        return None
    last = seen.arguments[-1]
    if name == "beta":
        if last != Reference(label):
            return None
        if seen.name == "bernoulli":
            return float(value), 1.0 - float(value)
        total = seen.arguments[0]
        if seen.name == "binomial" and isinstance(total, Constant) and isinstance(total.value, int | float):
            return float(value), float(total.value) - float(value)
        return None
    times = _times(last, label)
    if times is None or times <= 0 or len(seen.arguments) != 1:
        return None
    if seen.name == "poisson":
        return float(value), times
    return (1.0, times * float(value)) if seen.name == "exponential" else None


def _times(expression: Expression, label: str) -> float | None:
    """The constant by which a variable is multiplied in an expression that is nothing else."""
    match expression:
        case Reference(other) if other == label:
            return 1.0
        case Apply("*", (Constant(int() | float() as value), Reference(other))) if other == label:
            return float(value)
        case Apply("*", (Reference(other), Constant(int() | float() as value))) if other == label:
            return float(value)
        case _:
            return None


def conjugate_mode(executor: Executor) -> Mode | None:
    """The mode of a graph with a single unknown number, in closed form where it has one."""
    found = conjugate(executor.graph)
    value = None if found is None else found.mode
    if value is None:
        return None
    state = executor.complete([torch.full((1, 1), value, dtype=FLOAT)])
    return Mode(state, float(executor.joint(state)[0]), 0, 0)
