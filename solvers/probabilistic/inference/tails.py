"""Whether tails are too heavy for a mean or a deviation: these may not exist, though every sum has some value.

Of a Cauchy distribution neither exists, of Student's with two degrees of freedom the deviation does not. On a grid
that is seen from the terms at its ends, which would have to fall; of draws from the shape of the distribution of the
largest ones (Vehtari et al. 2024 ask the same of importance weights).
"""

from __future__ import annotations

from math import inf

from torch import Tensor

from nesy.solvers.probabilistic.inference.pareto import pareto_k

MOST_BEYOND = 1e-3
"""The share of a sum that may lie beyond the ends of a grid."""
FLAT = 0.999
"""Terms that fall more slowly from point to point do not fall."""
GROWS = 1 + 1e-6
FAR = 30.0
"""Draws that stay within so many deviations have no heavy tail."""
MOST_SHAPE = 0.85
"""The shape of the tail of terms from which on their sum is not relied on; from 1 on there is no mean."""


def beyond(weights: Tensor, sizes: Tensor, axes: int) -> float:
    """The share of Σ weight · size, on a grid ``[*axes, combinations]``, that lies beyond its ends.

    The terms are continued as a geometric series. The ends themselves stand for all weight beyond them, so they are
    passed over, and so is an end towards which the sizes do not grow.
    """
    terms = weights * sizes
    total = float(terms.sum())
    if not total > 0:
        return 0.0
    found = 0.0
    for axis in range(axes):
        weight, line = (each.movedim(axis, 0).reshape(each.shape[axis], -1).sum(1) for each in (weights, terms))
        for outer, inner in ((1, 2), (-2, -3)):
            last, before = float(line[outer]), float(line[inner])
            if not last > 1e-12 * total or last * float(weight[inner]) <= GROWS * before * float(weight[outer]):
                continue
            ratio = last / before
            found += inf if ratio > FLAT else last * ratio / (1 - ratio) / total
    return found


def too_heavy(weights: Tensor, sizes: Tensor, axes: int) -> bool:
    """Whether so much of Σ weight · size lies beyond a grid that the sum says nothing."""
    return beyond(weights, sizes, axes) > MOST_BEYOND


def drawn_too_heavy(values: Tensor, weights: Tensor, mean: float, spread: float) -> tuple[bool, bool]:
    """Whether weighted draws have too heavy a tail for their mean, and for their deviation."""
    far = (values - mean).abs()
    if not float(far.max()) > FAR * spread:
        return False, False
    terms = far.clamp(min=1e-300).log() + weights.log()
    shapes = pareto_k(terms), pareto_k(terms + far.clamp(min=1e-300).log())
    return shapes[0] > MOST_SHAPE, shapes[1] > MOST_SHAPE
