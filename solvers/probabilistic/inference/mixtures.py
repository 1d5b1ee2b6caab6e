"""Posteriors of estimands under a weighted mixture of Gaussians: one component for each row of a quadrature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import TYPE_CHECKING

import torch
from torch import Generator, Tensor

from nesy.solvers.probabilistic.inference.conditioning import Conditioner, Gaussian
from nesy.solvers.probabilistic.inference.quantiles import along_axis
from nesy.solvers.probabilistic.inference.results import LEVELS, Posterior, drawn, of_table
from nesy.solvers.probabilistic.inference.tails import too_heavy
from nesy.solvers.probabilistic.model.expressions import Apply, Expression, Reference
from nesy.solvers.probabilistic.model.graph import Definition, Estimand
from nesy.solvers.probabilistic.vectorised.codes import FLOAT
from nesy.solvers.probabilistic.vectorised.executor import Executor
from nesy.solvers.probabilistic.vectorised.templates import State

if TYPE_CHECKING:
    from nesy.solvers.probabilistic.inference.quadrature import Nested

CELLS = 4_000_000
"""Entries of covariance matrices that are worked on at once."""
FEW_ROWS = 64
"""Rows up to which each is multiplied by itself, without a copy of its matrix for each draw."""
DRAWS = 4_000
"""Equally weighted draws that an answer keeps."""
ESTIMATED = 40_000
"""Draws by which a figure is estimated that has no closed form."""
COUNTS = 1e-14
"""Rows that weigh less are left out."""


@dataclass(frozen=True)
class Mixture:
    """Rows with weights that sum to 1; in each, the inner variables are normal.

    ``shape`` is that of the grid, ``stride`` how many points along an axis stand for one that counts.
    """

    executor: Executor
    conditioner: Conditioner
    state: State
    weights: Tensor
    gaussian: Gaussian
    shape: tuple[int, ...] = ()
    stride: int = 1

    def line(self, expression: Expression) -> tuple[Tensor, Tensor] | None:
        """Mean and variance of an affine expression in each row; None if it is not affine."""
        form = self.conditioner.linear.form(expression)
        if form is None:
            return None
        constant, coefficients = self.conditioner.line(form, self.state, len(self.weights))
        mean = constant + (coefficients * self.gaussian.mean).sum(1)
        spread = (self.gaussian.covariance @ coefficients[..., None])[..., 0]
        return mean, (coefficients * spread).sum(1).clamp(min=0)

    def drawn(self, count: int, generator: Generator) -> State:
        """Whole states drawn from the mixture."""
        sums = self.weights.cumsum(0)
        points = torch.rand(count, generator=generator, dtype=FLOAT) * sums[-1]
        return self.filled(torch.searchsorted(sums, points, right=True).clamp(max=len(sums) - 1), generator)

    def filled(self, places: Tensor, generator: Generator) -> State:
        """The states of the rows at ``places``, with a draw of the inner variables in each."""
        count = len(places)
        noise = torch.randn((count, len(self.conditioner.inner)), generator=generator, dtype=FLOAT)
        return self._with(places, self.gaussian.mean[places] + _spread(self.gaussian.covariance, places, noise))

    def at_mean(self, place: int) -> State:
        """The state of one row, with the inner variables at their mean."""
        return self._with(torch.tensor([place]), self.gaussian.mean[place : place + 1])

    def _with(self, places: Tensor, values: Tensor) -> State:
        """The states of the rows at ``places``, with ``values`` ``[places, n]`` of the inner variables."""
        free = []
        for number in self.executor.free:
            block = self.executor.sites[number].block
            tensor = self.state[number]
            chosen = tensor.expand(len(self.gaussian.mean), -1)[places].clone()
            for column, label in enumerate(block.labels):
                if label in self.conditioner.inner:
                    chosen[:, column] = values[:, self.conditioner.inner.index(label)]
            free.append(chosen)
        return self.executor.complete(free)


def completed(nested: Nested, points: Tensor, generator: Generator) -> State:
    """Whole states at given coordinates: the finite and the Gaussian part drawn from their conditional posteriors."""
    state, weights, gaussian = nested.rows(points)
    table = weights.reshape(len(points), -1).softmax(1)
    combination = torch.multinomial(table, 1, generator=generator)[:, 0]
    places = torch.arange(len(points)) * table.shape[1] + combination
    return Mixture(nested.executor, nested.conditioner, state, weights, gaussian).filled(places, generator)


def _spread(covariance: Tensor, places: Tensor, noise: Tensor) -> Tensor:
    """``noise`` ``[draws, n]`` with the covariances ``[rows, n, n]`` of the rows at ``places``."""
    rows, which = torch.unique(places, return_inverse=True)
    found = torch.empty_like(noise)
    size = max(1, CELLS // max(1, noise.shape[1]) ** 2)
    for start in range(0, len(rows), size):
        factors = torch.linalg.cholesky(_regular(covariance[rows[start : start + size]]))
        chosen = ((which >= start) & (which < start + size)).nonzero()[:, 0]
        if len(factors) <= FEW_ROWS:
            for number, factor in enumerate(factors, start):
                found[which == number] = noise[which == number] @ factor.mT
            continue
        for part in torch.split(chosen, size):
            found[part] = (factors[which[part] - start] @ noise[part, :, None])[..., 0]
    return found


def _regular(covariance: Tensor) -> Tensor:
    """A covariance that a Cholesky factor exists for: equations leave directions without any spread."""
    size = covariance.shape[-1]
    scale = covariance.diagonal(dim1=-2, dim2=-1).amax(-1) if size else covariance.new_zeros(len(covariance))
    return covariance + (1e-13 * scale + 1e-300)[:, None, None] * torch.eye(size, dtype=covariance.dtype)


def with_draws(posteriors: Sequence[Posterior], mixture: Mixture, generator: Generator) -> tuple[Posterior, ...]:
    """The posteriors with draws that belong together."""
    state = mixture.drawn(DRAWS, generator)
    columns = mixture.executor.asked(state, DRAWS)
    return tuple(
        replace(entry, draws=drawn(column, estimand.domain, mixture.executor.codes))
        for entry, column, estimand in zip(posteriors, columns, mixture.executor.graph.estimands, strict=True)
    )


def mixture_posterior(estimand: Estimand, mixture: Mixture, halved: Mixture | None, generator: Generator) -> Posterior:
    """The posterior of an estimand; ``halved`` is the mixture on a coarser grid, by which its error is told."""
    linear = mixture.conditioner.linear
    if estimand.domain is not None:
        return _finite(estimand, mixture, halved, generator)
    if not linear.depends(estimand.expression):
        return _of_rows(estimand, mixture, halved)
    found = mixture.line(estimand.expression)
    if found is None:
        return _estimated(estimand, mixture, generator)
    mean, variance = found
    weights = mixture.weights
    centre = float((weights * mean).sum())
    spread = float((weights * (variance + (mean - centre) ** 2)).sum()) ** 0.5
    error = 0.0 if halved is None else abs(float((halved.weights * mean).sum()) - centre)
    posterior = Posterior(None, centre, spread, _quantiles(weights, mean, variance.sqrt()), error=error)
    return _without_tails(posterior, mixture, mean, variance)


def _of_rows(estimand: Estimand, mixture: Mixture, halved: Mixture | None) -> Posterior:
    """A number that each row determines: one on the grid itself, or a function of it."""
    values = mixture.conditioner.values(estimand.expression, mixture.state, len(mixture.weights))
    values = torch.where(mixture.weights > 0, values, 0.0)
    mean = float((mixture.weights * values).sum())
    spread = float((mixture.weights * (values - mean) ** 2).sum()) ** 0.5
    error = 0.0 if halved is None else abs(float((halved.weights * values).sum()) - mean)
    quantiles = None
    if len(mixture.shape) == 1:
        points = mixture.shape[0]
        quantiles = along_axis(values.reshape(points, -1), mixture.weights.reshape(points, -1))
    if quantiles is None:
        different, places = torch.unique(values, return_inverse=True)
        shares = torch.zeros_like(different).index_add(0, places, mixture.weights)
        quantiles = _interpolated(shares.cumsum(0) - 0.5 * shares, different)
    found = Posterior(None, mean, spread, quantiles, error=error)
    return _without_tails(found, mixture, values, torch.zeros_like(values))


def _without_tails(found: Posterior, mixture: Mixture, mean: Tensor, variance: Tensor) -> Posterior:
    """A number's posterior, without a mean or deviation that lies beyond the grid; by mean and variance of each row."""
    if not mixture.shape or found.mean is None or found.quantiles is None:
        return found
    centre = found.quantiles[len(found.quantiles) // 2]
    axes, rows = len(mixture.shape), (*mixture.shape, -1)
    weights, second = mixture.weights.reshape(rows), (variance + (mean - centre) ** 2).reshape(rows)
    if too_heavy(weights, second.sqrt(), axes):
        return replace(found, mean=nan, sd=nan, error=0.0, heavy=True)
    if too_heavy(weights, second, axes):
        return replace(found, sd=nan, heavy=True)
    return found


def _interpolated(sums: Tensor, values: Tensor) -> tuple[float, ...]:
    """Quantiles by linear interpolation of the distribution function, whose values at ``values`` are ``sums``."""
    found = []
    for level in LEVELS:
        place = int(torch.searchsorted(sums, torch.tensor(level, dtype=sums.dtype)))
        if place in (0, len(values)):
            found.append(float(values[min(place, len(values) - 1)]))
            continue
        low, high = float(sums[place - 1]), float(sums[place])
        share = (level - low) / (high - low)
        found.append(float(values[place - 1]) * (1 - share) + float(values[place]) * share)
    return tuple(found)


def _quantiles(weights: Tensor, mean: Tensor, sd: Tensor) -> tuple[float, ...]:
    """Quantiles of a mixture of normals, by bisection of its distribution function."""
    kept = weights > COUNTS
    weights, mean, sd = weights[kept], mean[kept], sd[kept].clamp(min=1e-300)
    low, high = float((mean - 12 * sd).min()), float((mean + 12 * sd).max())
    found = []
    for level in LEVELS:
        left, right = low, high
        for _ in range(80):
            middle = 0.5 * (left + right)
            below = float((weights * torch.special.ndtr((middle - mean) / sd)).sum())
            left, right = (middle, right) if below < level else (left, middle)
        found.append(0.5 * (left + right))
    return tuple(found)


def _finite(estimand: Estimand, mixture: Mixture, halved: Mixture | None, generator: Generator) -> Posterior:
    """The probabilities of a finite estimand, by rows; comparisons of affine expressions in closed form."""
    assert estimand.domain is not None
    linear = mixture.conditioner.linear
    shares = _shares(estimand, mixture)
    if shares is None:
        return _estimated(estimand, mixture, generator)
    probability = (mixture.weights[:, None] * shares).sum(0)
    error = 0.0
    if halved is not None:
        coarse = _shares(estimand, halved)
        assert coarse is not None
        change = probability - (halved.weights[:, None] * coarse).sum(0)
        error = float(change.abs().max())
        if not linear.depends(estimand.expression) and _above(estimand.expression, mixture) is not None:
            # the error falls with the square of the spacing (Richardson's extrapolation)
            probability, error = (probability + change / 3).clamp(0, 1), error / 3
    numeric = all(isinstance(value, int) and not isinstance(value, bool) for value in estimand.domain.values)
    axis = mixture.executor.codes.domain(estimand.domain).to(FLOAT)
    found = of_table(axis, probability, numeric=numeric)
    return Posterior(found.probability, found.mean, found.sd, found.quantiles, None, error)


def _shares(estimand: Estimand, mixture: Mixture) -> Tensor | None:
    """The probability of each value in each row, ``[rows, values]``; None where it has no closed form."""
    assert estimand.domain is not None
    if mixture.conditioner.linear.depends(estimand.expression):
        likely = _likely(estimand.expression, mixture)
    else:
        likely = _above(estimand.expression, mixture)
        if likely is None:
            axis = mixture.executor.codes.domain(estimand.domain).to(FLOAT)
            values = mixture.conditioner.values(estimand.expression, mixture.state, len(mixture.weights))
            return (values[:, None] == axis[None]).to(FLOAT)
    return None if likely is None else torch.stack([1 - likely, likely], 1)


def _above(expression: Expression, mixture: Mixture) -> Tensor | None:
    """The share of each row's cell in which a comparison of numbers on the grid holds; None for other expressions.

    The boundary runs through cells: there the share falls linearly, which makes the sum right to second order.
    """
    graph = mixture.executor.graph
    if isinstance(expression, Reference) and isinstance(node := graph.by_label[expression.label], Definition):
        return _above(node.expression, mixture)
    if not mixture.shape or not isinstance(expression, Apply) or expression.operator not in ("<", "<=", ">", ">="):
        return None
    left, right = expression.arguments
    low, high = (left, right) if expression.operator in ("<", "<=") else (right, left)
    gap = mixture.conditioner.values(Apply("-", (high, low)), mixture.state, len(mixture.weights))
    table = torch.nan_to_num(gap).reshape(*mixture.shape, -1)
    spacing = torch.zeros_like(table)
    for axis in range(len(mixture.shape)):
        spacing = spacing + torch.gradient(table, dim=axis)[0].abs()
    ramp = (0.5 + table / (mixture.stride * spacing).clamp(min=1e-300)).clamp(0, 1)
    return torch.where(spacing > 0, ramp, (table > 0).to(FLOAT)).reshape(-1)


_TAILS: dict[str, Callable[[Tensor], Tensor]] = {
    "<": lambda z: torch.special.ndtr(-z),
    "<=": lambda z: torch.special.ndtr(-z),
    ">": torch.special.ndtr,
    ">=": torch.special.ndtr,
    "=": torch.zeros_like,
    "!=": torch.ones_like,
}


_COMPARED: dict[str, Callable[[Tensor], Tensor]] = {
    "<": lambda x: x < 0,
    "<=": lambda x: x <= 0,
    ">": lambda x: x > 0,
    ">=": lambda x: x >= 0,
    "=": lambda x: x == 0,
    "!=": lambda x: x != 0,
}


def _likely(expression: Expression, mixture: Mixture) -> Tensor | None:
    """The probability of a comparison in each row; None for what has no closed form."""
    match expression:
        case Reference(label):
            node = mixture.executor.graph.by_label[label]
            return _likely(node.expression, mixture) if isinstance(node, Definition) else None
        case Apply("not", (inner,)):
            found = _likely(inner, mixture)
            return None if found is None else 1 - found
        case Apply(operator, (left, right)) if operator in _TAILS:
            line = mixture.line(Apply("-", (left, right)))
            if line is None:
                return None
            mean, variance = line
            sure = _COMPARED[operator](mean).to(FLOAT)
            return torch.where(variance > 0, _TAILS[operator](mean / variance.sqrt().clamp(min=1e-300)), sure)
        case _:
            return None


def _estimated(estimand: Estimand, mixture: Mixture, generator: Generator) -> Posterior:
    """A figure without a closed form, from draws of the exact posterior."""
    from nesy.solvers.probabilistic.inference.weighting import posterior

    state = mixture.drawn(ESTIMATED, generator)
    values = mixture.executor.function(estimand.expression)(state)[:, 0].to(FLOAT).expand(ESTIMATED)
    even = torch.full((ESTIMATED,), 1 / ESTIMATED, dtype=FLOAT)
    return posterior(estimand, values, even, mixture.executor.codes, torch.arange(DRAWS))
