"""The most probable state of numbers: where the joint density of all unknown variables and what is known is greatest.

It is the density of the variables as they are declared, so that another unit or scale (a variance instead of a spread)
has another mode. Given the outer numbers, what is jointly normal is at its mean, and finite variables take their best
combination; the rest is climbed from many starts. Whether there are further optima cannot be excluded: how many starts
led to the best one is part of the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, log, nan, pi

import torch
from torch import Generator, Tensor

from nesy.solvers.probabilistic.inference.climbing import climb
from nesy.solvers.probabilistic.inference.contradictions import has_equations
from nesy.solvers.probabilistic.inference.mixtures import Mixture
from nesy.solvers.probabilistic.inference.quadrature import Nested
from nesy.solvers.probabilistic.vectorised.codes import FLOAT
from nesy.solvers.probabilistic.vectorised.templates import State

STARTS, TRIED = 24, 20
"""Climbs, and draws from the prior among which each takes its start."""
SAME = 1e-6
"""Nats by which two optima may differ that count as equally probable."""
APART = 1e-3
"""Distance of coordinates, relative to their size, from which on optima are different ones."""
FAR, STEP = 8.0, 2.0
"""Coordinates further out than this may lie at the edge of a support; how far before and behind is looked."""
RISEN = 1e-2
"""Nats by which the density still rises there if it has no bound."""


@dataclass(frozen=True)
class Mode:
    """The best state found, of one trace, and its log joint density.

    ``reached`` of ``starts`` climbs ended there; ``others`` are the log densities of other optima, best first.
    ``edges`` are numbers that lie at the edge of their support. ``unbounded`` names one towards whose edge the density
    grows without bound: then there is no mode.
    """

    state: State
    log_density: float
    starts: int
    reached: int
    others: tuple[float, ...] = ()
    edges: tuple[str, ...] = ()
    unbounded: str = ""

    @property
    def exact(self) -> bool:
        """Whether nothing had to be climbed."""
        return not self.starts


def profile(nested: Nested, points: Tensor) -> tuple[Tensor, State, Mixture]:
    """The greatest log joint density at given outer numbers, ``[points · combinations]``; the Gaussian part at its
    mean. The density is that of the variables themselves, not of their unconstrained coordinates."""
    state, weight, gaussian = nested.rows(points)
    found = weight - nested.coordinates.states(points)[1]
    size = gaussian.mean.shape[1]
    if size:
        factor, failed = torch.linalg.cholesky_ex(gaussian.covariance)
        determinant = 2 * factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        if has_equations(nested.executor.graph) and nested.combinations == 1:
            # directions without spread: of one combination the mean is the best state all the same
            failed = torch.zeros_like(failed)
            determinant = torch.zeros_like(determinant)
        found = found - torch.where(failed == 0, 0.5 * determinant + 0.5 * size * log(2 * pi), nan)
    return found, state, Mixture(nested.executor, nested.conditioner, state, weight, gaussian)


def mode_of(nested: Nested, generator: Generator) -> Mode | None:
    """The mode of a model with a smooth density; None where it is 0 at every start."""

    def height(points: Tensor) -> Tensor:
        return profile(nested, points)[0].reshape(len(points), -1).amax(1)

    if not nested.parts.outer:
        return _mode(nested, torch.zeros(1, 0, dtype=FLOAT), 0, 0)
    points = nested.starts(generator, STARTS * TRIED)
    with torch.no_grad():
        heights = torch.nan_to_num(torch.cat([height(part) for part in torch.split(points, TRIED)]), nan=-inf)
    best, places = heights.reshape(STARTS, TRIED).max(1)
    starts = points.reshape(STARTS, TRIED, -1)[torch.arange(STARTS), places][best > -inf]
    if not len(starts):
        return None
    ends = climb(height, starts)
    with torch.no_grad():
        values = torch.nan_to_num(height(ends), nan=-inf)
        order = values.argsort(descending=True)
        ends, values = ends[order], values[order]
        unbounded, edges = _edges(nested, height, ends[0], float(values[0]))
    reached = int((values > values[0] - SAME).sum())
    others = _others(_shown(nested, ends), values)
    found = _mode(nested, ends[:1], len(starts), reached)
    if found is None:
        return None
    return Mode(found.state, found.log_density, len(starts), reached, others, edges, unbounded)


def _mode(nested: Nested, point: Tensor, starts: int, reached: int) -> Mode | None:
    with torch.no_grad():
        heights, _, mixture = profile(nested, point)
    heights = torch.nan_to_num(heights, nan=-inf)
    place = int(heights.argmax())
    if float(heights[place]) == -inf:
        return None
    return Mode(mixture.at_mean(place), float(heights[place]), starts, reached)


def _others(ends: Tensor, values: Tensor) -> tuple[float, ...]:
    """The values of optima that lie apart from the best one and from each other."""
    kept: list[Tensor] = []
    found: list[float] = []
    for end, value in zip(ends, values, strict=True):
        scale = 1 + end.abs()
        if all(float(((end - other) / scale).abs().max()) > APART for other in kept):
            if kept:
                found.append(float(value))
            kept.append(end)
    return tuple(found)


def _bounded(nested: Nested, label: str) -> bool:
    """Whether a number has an edge to which its coordinate may run away."""
    transform = nested.coordinates.transforms.get(label)
    return transform is not None and transform.kind != "line"


def _shown(nested: Nested, points: Tensor) -> Tensor:
    """The coordinates with what lies at an edge in one place."""
    flags = torch.tensor([_bounded(nested, label) for label in nested.parts.outer])
    return torch.where(flags, points.clamp(-FAR, FAR), points)


def _edges(
    nested: Nested, height: Callable[[Tensor], Tensor], end: Tensor, value: float
) -> tuple[str, tuple[str, ...]]:
    """The number towards whose edge the density has no bound, if any, and those that lie at an edge.

    A density without bound rises up to where rounding ends the climb; a mode far out falls to both sides.
    """
    edges: list[str] = []
    for place, label in enumerate(nested.parts.outer):
        if not _bounded(nested, label) or abs(float(end[place])) < FAR:
            continue
        step = torch.zeros_like(end)
        step[place] = STEP if end[place] > 0 else -STEP
        before, behind = height(torch.stack([end - step, end + step])).tolist()
        if behind < value - RISEN:
            continue
        if value - before > RISEN:
            return label, ()
        edges.append(label)
    return "", tuple(edges)
