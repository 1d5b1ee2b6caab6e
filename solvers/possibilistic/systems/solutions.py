"""Solutions of min–max systems and of the closest systems that have one."""

from __future__ import annotations

import torch
from torch import Tensor

from nesy.solvers.possibilistic.systems.chebyshev import chebyshev_distance
from nesy.solvers.possibilistic.systems.suffix_maxima import NOTHING


def min_max(matrix: Tensor, vector: Tensor, *, bound: Tensor | None = None) -> Tensor:
    """G □ x ``[..., N]``: min_j max(g_ij, x_j) of ``matrix [..., N, M]`` and ``vector [..., M]``; 1 without columns."""
    rows = torch.maximum(matrix, vector[..., None, :])
    least = rows.amin(-1) if rows.shape[-1] else rows.new_ones(rows.shape[:-1])
    return least if bound is None else torch.minimum(least, bound)


def lowest_approximate_solution(matrix: Tensor, targets: Tensor, distance: Tensor) -> Tensor:
    """x_low ``[..., M]``: the lowest x that keeps every equation from falling more than ``distance [...]`` below its
    target.

    With the Chebyshev distance it is the lowest solution of a closest consistent system; an unknown that no equation
    pushes is 0. A constant term of the equations does not change it.
    """
    pushing = targets[..., :, None] - matrix > distance[..., None, None]
    levels = targets[..., :, None].where(pushing, targets.new_full((), NOTHING))
    highest = levels.amax(-2) if levels.shape[-2] else matrix.new_zeros((*levels.shape[:-2], levels.shape[-1]))
    return (highest - distance[..., None]).clamp_(min=0)


def lowest_approximation(matrix: Tensor, targets: Tensor, distance: Tensor, *, bound: Tensor | None = None) -> Tensor:
    """d_low ``[..., N]``: the right-hand side that :func:`lowest_approximate_solution` solves, G □ x_low."""
    return min_max(matrix, lowest_approximate_solution(matrix, targets, distance), bound=bound)


def is_consistent(matrix: Tensor, targets: Tensor, *, tolerance: float = 0.0, bound: Tensor | None = None) -> Tensor:
    """Whether each system ``[...]`` has a solution, up to ``tolerance`` in each equation."""
    return chebyshev_distance(matrix, targets, bound=bound) <= tolerance
