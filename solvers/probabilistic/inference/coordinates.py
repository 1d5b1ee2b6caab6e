"""From points of the real space to states of a model: every outer number has one unconstrained coordinate.

Inner variables stand at 0 (their Gaussian is conditioned on separately), finite ones run through all combinations. With
``decentred``, a variable such as ``normal(mu, tau)`` with uncertain mu or tau has the coordinate (x − mu) / tau, whose
prior does not depend on the others: what samplers find easier (Papaspiliopoulos, Roberts, Sköld 2007).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import torch
from torch import Tensor

from nesy.solvers.probabilistic.inference.transforms import Transform, transform_of
from nesy.solvers.probabilistic.model.distributions import FAMILIES
from nesy.solvers.probabilistic.model.expressions import Constant, Scalar
from nesy.solvers.probabilistic.model.graph import RandomVariable
from nesy.solvers.probabilistic.vectorised.codes import FLOAT
from nesy.solvers.probabilistic.vectorised.executor import Executor, Site
from nesy.solvers.probabilistic.vectorised.templates import State


@dataclass(frozen=True)
class Coordinates:
    """The coordinates of one model. ``moved`` are the outer variables that are written relative to their parents."""

    executor: Executor
    outer: tuple[str, ...]
    transforms: Mapping[str, Transform]
    moved: frozenset[str]
    finite: tuple[RandomVariable, ...]
    combinations: tuple[tuple[Scalar, ...], ...]

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return len(self.outer)

    @property
    def limits(self) -> list[tuple[float, float]]:
        """How far each coordinate may be followed."""
        plain = Transform("line").limits
        return [self.transforms[label].limits if label in self.transforms else plain for label in self.outer]

    def states(self, points: Tensor) -> tuple[State, Tensor]:
        """The states of all rows (each point with each combination), and log |dx/du| of each row.

        ``points`` are ``[points, coordinates]``; rows ``[points · combinations]``, the combination fastest.
        """
        repeats = len(self.combinations)
        rows = len(points) * repeats
        columns = {label: points[:, place].repeat_interleave(repeats) for place, label in enumerate(self.outer)}
        listed = dict(self._listed(len(points)))
        slope = torch.zeros(rows, dtype=points.dtype)
        state: State = []
        for site in self.executor.sites:
            if site.block.distribution is None:
                state.append(self.executor.defined(site, state))
            elif site.observed is not None:
                state.append(site.observed)
            else:
                values = []
                for place, label in enumerate(site.block.labels):
                    if label in columns:
                        value, more = self._value(site, place, label, columns[label], state)
                        slope = slope + more
                    else:
                        value = listed.get(label, torch.zeros(rows, dtype=FLOAT))
                    values.append(value)
                state.append(torch.stack(values, 1))
        return state, slope

    def _listed(self, points: int) -> list[tuple[str, Tensor]]:
        columns = list(zip(*self.combinations, strict=True)) if self.finite else []
        return [
            (variable.label, self.executor.codes.tensor(column).repeat(points))
            for variable, column in zip(self.finite, columns, strict=True)
        ]

    def _value(self, site: Site, place: int, label: str, u: Tensor, state: State) -> tuple[Tensor, Tensor]:
        """The value at a coordinate, and its log slope."""
        if label in self.moved:
            arguments = [part.to(FLOAT).expand(-1, site.block.size)[:, place] for part in site.arguments(state)]
            if site.block.distribution == "uniform":
                low, high = arguments
                share = torch.sigmoid(u)
                log_slope = torch.nn.functional.logsigmoid(u) + torch.nn.functional.logsigmoid(-u)
                return low + (high - low) * share, (high - low).log() + log_slope
            loc, scale = arguments[-2:]
            return loc + scale * u, scale.log() + torch.zeros_like(u)
        transform = self.transforms[label]
        return transform.value(u), transform.log_slope(u)

    def points(self, state: State, rows: int) -> Tensor:
        """The coordinates of given states, ``[rows, coordinates]``."""
        found = []
        for label in self.outer:
            number, place = self.executor.plates.places[label]
            value = state[number].expand(rows, -1)[:, place].to(FLOAT)
            if label in self.moved:
                site = self.executor.sites[number]
                arguments = [part.to(FLOAT).expand(rows, site.block.size)[:, place] for part in site.arguments(state)]
                if site.block.distribution == "uniform":
                    low, high = arguments
                    share = (value - low) / (high - low)
                    found.append(torch.logit(share.clamp(1e-15, 1 - 1e-15)))
                else:
                    loc, scale = arguments[-2:]
                    found.append((value - loc) / scale)
            else:
                found.append(self.transforms[label].coordinate(value))
        return torch.stack(found, 1) if found else torch.zeros(rows, 0, dtype=FLOAT)


def coordinates_of(
    executor: Executor, outer: Sequence[str], *, most_combinations: int, decentred: bool
) -> Coordinates | None:
    """Coordinates for a model; None where a number is whole and unbounded, or there are too many combinations."""
    graph = executor.graph
    finite = tuple(v for v in graph.variables if v.domain is not None and v.label not in graph.observed)
    domains = [variable.domain.values for variable in finite if variable.domain is not None]
    if prod(map(len, domains)) > most_combinations:
        return None
    transforms: dict[str, Transform] = {}
    moved: set[str] = set()
    for label in outer:
        variable = graph.by_label[label]
        assert isinstance(variable, RandomVariable)
        transform = transform_of(variable, wide=not decentred)
        if _moves(variable, transform, decentred=decentred):
            moved.add(label)
        elif transform is None:
            return None
        else:
            transforms[label] = transform
    return Coordinates(executor, tuple(outer), transforms, frozenset(moved), finite, tuple(product(*domains)))


def _moves(variable: RandomVariable, transform: Transform | None, *, decentred: bool) -> bool:
    distribution = variable.distribution
    if distribution.name == "uniform":
        return transform is None
    if not decentred or not FAMILIES[distribution.name].location_scale:
        return False
    return any(not isinstance(argument, Constant) for argument in distribution.arguments[-2:])
