"""Posteriors by conditioning and quadrature: a Gaussian part in closed form, finite variables by enumeration, and at
most two further numbers on a grid.

Eight schools, for instance: given the spread, all effects and measurements are jointly normal, so that one integral is
left. The error of every figure is its difference to that on the grid with half as many points along each axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

import torch
from torch import Generator, Tensor

from nesy.dsl.diagnostics import counted
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.affine import Linear, Split, split
from nesy.solvers.probabilistic.inference.conditioning import Conditioner, Gaussian
from nesy.solvers.probabilistic.inference.contradictions import has_equations
from nesy.solvers.probabilistic.inference.coordinates import Coordinates, coordinates_of
from nesy.solvers.probabilistic.inference.grids import Grid, around, tails
from nesy.solvers.probabilistic.inference.mixtures import Mixture, mixture_posterior, with_draws
from nesy.solvers.probabilistic.inference.results import Inferred
from nesy.solvers.probabilistic.model.graph import Equation, Event, ModelGraph
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
    """A model whose log density is known once its outer numbers are: the rest is Gaussian, or finite and small."""

    executor: Executor
    parts: Split
    conditioner: Conditioner
    coordinates: Coordinates

    @property
    def combinations(self) -> int:
        """Combinations of the finite variables' values."""
        return len(self.coordinates.combinations)

    @property
    def method(self) -> str:
        """``gaussian`` where nothing is left for a grid."""
        return "quadrature" if self.parts.outer else "gaussian"

    @property
    def reason(self) -> str:
        """Why this method answers the model."""
        number = len(self.parts.inner)
        linear = f"{counted(number, 'variable')} jointly normal given the rest" if number else ""
        listed = f"{self.combinations} combinations of finite values" if self.coordinates.finite else ""
        grid = f"a grid over {', '.join(self.parts.outer)}" if self.parts.outer else ""
        return "; ".join(part for part in (linear, listed, grid) if part)

    # ----- rows: all combinations at each point of a grid

    def rows(self, points: Tensor) -> tuple[State, Tensor, Gaussian]:
        """The states of all rows (points × combinations), their log densities, and the Gaussian part."""
        state, weight = self.coordinates.states(points)
        gaussian = self.conditioner.condition(state, len(weight))
        weight = weight + gaussian.log_evidence
        for number, site in enumerate(self.executor.sites):
            if site.block.distribution is None:
                continue
            columns = [p for p, label in enumerate(site.block.labels) if label not in self.conditioner.covered]
            if columns:
                density = self.executor.density(site, state, state[number]).expand(-1, site.block.size)
                weight = weight + density[:, columns].sum(1)
        for function in self.executor.factors:
            weight = weight + function(state)[:, 0].to(FLOAT)
        if self.executor.events:
            weight = torch.where(self.executor.holds(state), weight, -inf)
        return state, torch.nan_to_num(weight, nan=-inf, neginf=-inf), gaussian

    def log_density(self, points: Tensor) -> Tensor:
        """The log density of each point, all combinations together, ``[points]``; differentiable."""
        return self.rows(points)[1].reshape(len(points), -1).logsumexp(1)

    def integrand(self, points: Tensor) -> Tensor:
        """As :meth:`log_density`, in parts that fit in memory."""
        size = max(1, MOST_CELLS // 16 // max(1, self.combinations * (len(self.parts.inner) + 1) ** 2))
        return torch.cat([self.log_density(part) for part in torch.split(points, size)])

    # ----- answers

    def infer(self, generator: Generator) -> Inferred:
        """The posteriors of all estimands."""
        starts = list(self.starts(generator).T)
        for points in POINTS[len(self.parts.outer)]:
            if points ** len(self.parts.outer) * self._per_point > MOST_CELLS:
                break
            grid = around(starts, self.integrand, points, self.coordinates.limits)
            found = self._on(grid, generator)
            if found.log_evidence_error < GOOD and all(entry.error < FINE for entry in found.posteriors):
                break
        return found

    @property
    def _per_point(self) -> int:
        return self.combinations * max(1, len(self.parts.inner)) ** 2

    @property
    def feasible(self) -> bool:
        """Whether there are few outer numbers, and the first grid fits."""
        axes = len(self.parts.outer)
        return axes <= MOST_OUTER and int(POINTS[axes][0] ** axes * self._per_point) <= MOST_CELLS

    def starts(self, generator: Generator, count: int = STARTS) -> Tensor:
        """Likely coordinates, from the prior, ``[count, coordinates]``."""
        state, _ = self.executor.draw(count, generator)
        return self.coordinates.points(state, count).clamp(-1e6, 1e6)

    def _on(self, grid: Grid, generator: Generator) -> Inferred:
        points = grid.points.to(FLOAT)
        state, rows, gaussian = self.rows(points)
        shape = tuple(map(len, grid.axes))
        weights = tails(rows, shape)
        evidence = float(weights.logsumexp(0)) + grid.log_cell
        diagnostics: dict[str, object] = {"points": len(points), "combinations": self.combinations}
        if evidence == -inf:
            return Inferred(self.method, True, Status.INFEASIBLE, (), evidence, 0.0, diagnostics)
        half = grid.coarser.repeat_interleave(self.combinations)
        error = 0.0
        if grid.axes:
            halves = torch.where(half, tails(rows, shape, stride=2), -inf)
            coarse = float(halves.logsumexp(0)) + grid.log_cell + len(grid.axes) * 0.6931471805599453
            error = abs(torch.tensor(coarse - evidence, dtype=FLOAT).expm1().item())
        mixture = Mixture(self.executor, self.conditioner, state, weights.softmax(0), gaussian, shape)
        halved = replace(mixture, weights=halves.softmax(0), stride=2) if grid.axes else None
        posteriors = tuple(
            mixture_posterior(estimand, mixture, halved, generator) for estimand in self.executor.graph.estimands
        )
        posteriors = with_draws(posteriors, mixture, generator)
        exact = all(entry.error < FINE for entry in posteriors)
        status = Status.SOLVED if exact else Status.ESTIMATED
        return Inferred(self.method, exact, status, posteriors, evidence, error, diagnostics)


def compile_nested(graph: ModelGraph, *, decentred: bool = False) -> Nested | None:
    """The model prepared for conditioning; None if some number is whole and unbounded, or an event cuts through it.

    ``decentred`` is for samplers; a grid wants coordinates that do not depend on one another.
    """
    parts = split(graph, decentred=decentred)
    if not _smooth(graph, parts.outer) or (not decentred and len(parts.outer) > MOST_OUTER):
        return None
    if has_equations(graph) and any(
        isinstance(entry, Equation)
        and graph.sources_of(entry.parents) & set(parts.outer)
        and not graph.sources_of(entry.parents) & set(parts.inner)
        for entry in graph.conditions
    ):
        return None
    executor = Executor(graph)
    coordinates = coordinates_of(executor, parts.outer, most_combinations=MOST_COMBINATIONS, decentred=decentred)
    if coordinates is None:
        return None
    linear = Linear(graph, frozenset(parts.inner))
    found = Nested(executor, parts, Conditioner(executor, linear, parts.inner), coordinates)
    return found if decentred or found.feasible else None


def _smooth(graph: ModelGraph, outer: Sequence[str]) -> bool:
    """Whether no event cuts through the outer numbers."""
    return not any(
        graph.sources_of(condition.parents) & set(outer)
        for condition in graph.conditions
        if isinstance(condition, Event)
    )
