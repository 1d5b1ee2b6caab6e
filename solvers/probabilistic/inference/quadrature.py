"""Posteriors by conditioning and quadrature: a Gaussian part in closed form, finite variables by enumeration, and at
most two further numbers on a grid.

Eight schools, for instance: given the spread, all effects and measurements are jointly normal, so that one integral is
left. The error of every figure is its difference to that on the grid with half as many points along each axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import inf, prod

import torch
from torch import Generator, Tensor

from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.affine import Linear, Split, split
from nesy.solvers.probabilistic.inference.conditioning import Conditioner, Gaussian
from nesy.solvers.probabilistic.inference.grids import Grid, around
from nesy.solvers.probabilistic.inference.mixtures import Mixture, mixture_posterior
from nesy.solvers.probabilistic.inference.results import Inferred
from nesy.solvers.probabilistic.inference.transforms import Transform, transform_of
from nesy.solvers.probabilistic.model.expressions import Scalar
from nesy.solvers.probabilistic.model.graph import Event, ModelGraph, RandomVariable
from nesy.solvers.probabilistic.vectorised.codes import FLOAT
from nesy.solvers.probabilistic.vectorised.executor import Executor
from nesy.solvers.probabilistic.vectorised.templates import State

MOST_OUTER = 2
MOST_COMBINATIONS = 512
"""Values of all finite variables together that are gone through."""
POINTS = {0: (1,), 1: (401, 1601), 2: (81, 241, 641)}
"""Points along each axis, by the number of axes: a first grid, and a finer one where the first is not good enough."""
GOOD = 1e-8
"""A relative error of the evidence with which the first grid is kept."""
MOST_CELLS = 40_000_000
"""Entries of all covariance matrices together."""
FINE = 1e-6
"""The same for every figure; figures with larger errors count as estimated."""
STARTS = 400


@dataclass(frozen=True)
class Nested:
    """A model that conditioning and quadrature can answer."""

    executor: Executor
    parts: Split
    conditioner: Conditioner
    transforms: tuple[Transform, ...]
    combinations: tuple[tuple[Scalar, ...], ...]
    finite: tuple[RandomVariable, ...]

    @property
    def method(self) -> str:
        """``gaussian`` where nothing is left for a grid."""
        return "quadrature" if self.parts.outer else "gaussian"

    @property
    def reason(self) -> str:
        """Why this method answers the model."""
        linear = f"{len(self.parts.inner)} variables are jointly normal given the rest" if self.parts.inner else ""
        listed = f"{len(self.combinations)} combinations of finite values" if self.finite else ""
        grid = f"a grid over {', '.join(self.parts.outer)}" if self.parts.outer else ""
        return "; ".join(part for part in (linear, listed, grid) if part)

    # ----- rows: all combinations at each point of a grid

    def rows(self, points: Tensor) -> tuple[State, Tensor, Gaussian]:
        """The states of all rows (points × combinations), their log weights without the cell, and the Gaussian part."""
        count = len(points) * len(self.combinations)
        state = self.executor.complete(self._free(points, count))
        gaussian = self.conditioner.condition(state, count)
        weight = gaussian.log_evidence
        for number, site in enumerate(self.executor.sites):
            if site.block.distribution is None:
                continue
            columns = [p for p, label in enumerate(site.block.labels) if label not in self.conditioner.covered]
            if columns:
                density = self.executor.density(site, state, state[number]).expand(-1, site.block.size)
                weight = weight + density[:, columns].sum(1)
        for function in self.executor.factors:
            weight = weight + function(state)[:, 0].to(FLOAT)
        weight = torch.where(self.executor.holds(state), weight, -inf)
        for place, transform in enumerate(self.transforms):
            slope = transform.log_slope(points[:, place])
            weight = weight + slope.repeat_interleave(len(self.combinations))
        return state, torch.nan_to_num(weight, nan=-inf, neginf=-inf), gaussian

    def _free(self, points: Tensor, count: int) -> list[Tensor]:
        repeats = len(self.combinations)
        outer = {
            label: transform.value(points[:, place]).repeat_interleave(repeats)
            for place, (label, transform) in enumerate(zip(self.parts.outer, self.transforms, strict=True))
        }
        columns = list(zip(*self.combinations, strict=True)) if self.finite else []
        listed = {
            variable.label: self.executor.codes.tensor(column).repeat(len(points))
            for variable, column in zip(self.finite, columns, strict=True)
        }
        found = []
        for number in self.executor.free:
            block = self.executor.sites[number].block
            parts = [
                outer[label] if label in outer else listed.get(label, torch.zeros(count, dtype=FLOAT))
                for label in block.labels
            ]
            found.append(torch.stack(parts, 1))
        return found

    def integrand(self, points: Tensor) -> Tensor:
        """The log weight of each point, all combinations together, ``[points]``."""
        size = max(1, MOST_CELLS // 16 // max(1, len(self.combinations) * (len(self.parts.inner) + 1) ** 2))
        parts = [self.rows(part)[1].reshape(len(part), -1).logsumexp(1) for part in torch.split(points, size)]
        return torch.cat(parts)

    # ----- answers

    def infer(self, generator: Generator) -> Inferred:
        """The posteriors of all estimands."""
        starts = self._starts(generator)
        for points in POINTS[len(self.parts.outer)]:
            if points ** len(self.parts.outer) * self._per_point > MOST_CELLS:
                break
            grid = around(starts, self.integrand, points)
            found = self._on(grid, generator)
            if found.log_evidence_error < GOOD and all(entry.error < FINE for entry in found.posteriors):
                break
        return found

    @property
    def _per_point(self) -> int:
        return len(self.combinations) * max(1, len(self.parts.inner)) ** 2

    @property
    def feasible(self) -> bool:
        """Whether even the first grid fits."""
        axes = len(self.parts.outer)
        return int(POINTS[axes][0] ** axes * self._per_point) <= MOST_CELLS

    def _starts(self, generator: Generator) -> list[Tensor]:
        """Likely values of the outer coordinates, from the prior."""
        if not self.parts.outer:
            return []
        state, _ = self.executor.draw(STARTS, generator)
        found = []
        for label, transform in zip(self.parts.outer, self.transforms, strict=True):
            number, place = self.executor.plates.places[label]
            column = state[number][:, place].expand(STARTS).to(FLOAT)
            found.append(transform.coordinate(column).clamp(-60, 60) if transform.kind != "line" else column)
        return found

    def _on(self, grid: Grid, generator: Generator) -> Inferred:
        points = grid.points.to(FLOAT)
        state, weights, gaussian = self.rows(points)
        evidence = float(weights.logsumexp(0)) + grid.log_cell
        diagnostics: dict[str, object] = {"points": len(points), "combinations": len(self.combinations)}
        if evidence == -inf:
            return Inferred(self.method, True, Status.INFEASIBLE, (), evidence, 0.0, diagnostics)
        half = grid.coarser.repeat_interleave(len(self.combinations))
        error = 0.0
        if grid.axes:
            coarse = float(weights[half].logsumexp(0)) + grid.log_cell + len(grid.axes) * 0.6931471805599453
            error = abs(torch.tensor(coarse - evidence, dtype=FLOAT).expm1().item())
        shape = tuple(map(len, grid.axes))
        mixture = Mixture(self.executor, self.conditioner, state, weights.softmax(0), gaussian, shape)
        halved = replace(mixture, weights=torch.where(half, weights, -inf).softmax(0), stride=2) if grid.axes else None
        posteriors = tuple(
            mixture_posterior(estimand, mixture, halved, generator) for estimand in self.executor.graph.estimands
        )
        exact = all(entry.error < FINE for entry in posteriors)
        status = Status.SOLVED if exact else Status.ESTIMATED
        return Inferred(self.method, exact, status, posteriors, evidence, error, diagnostics)


def compile_nested(graph: ModelGraph) -> Nested | None:
    """The model prepared for conditioning and quadrature; None if it is not of this kind."""
    parts = split(graph)
    if len(parts.outer) > MOST_OUTER:
        return None
    finite = tuple(v for v in graph.variables if v.domain is not None and v.label not in graph.observed)
    if prod(len(variable.domain) for variable in finite if variable.domain is not None) > MOST_COMBINATIONS:
        return None
    transforms = _transforms(graph, parts.outer)
    if transforms is None or not _smooth(graph, parts.outer):
        return None
    executor = Executor(graph)
    linear = Linear(graph, frozenset(parts.inner))
    combinations = tuple(product(*(v.domain.values for v in finite if v.domain is not None)))
    found = Nested(executor, parts, Conditioner(executor, linear, parts.inner), transforms, combinations, finite)
    return found if found.feasible else None


def _transforms(graph: ModelGraph, outer: Sequence[str]) -> tuple[Transform, ...] | None:
    found = []
    for label in outer:
        variable = graph.by_label[label]
        assert isinstance(variable, RandomVariable)
        transform = transform_of(variable)
        if transform is None:
            return None
        found.append(transform)
    return tuple(found)


def _smooth(graph: ModelGraph, outer: Sequence[str]) -> bool:
    """Whether no event cuts through the grid."""
    return not any(
        graph.sources_of(condition.parents) & set(outer)
        for condition in graph.conditions
        if isinstance(condition, Event)
    )
