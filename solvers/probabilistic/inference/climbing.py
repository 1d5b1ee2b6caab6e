"""Uphill from several points at once: BFGS with a backtracking search, all points in the same tensor operations."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

LogDensity = Callable[[Tensor], Tensor]
"""From ``[points, coordinates]`` to ``[points]``, differentiable."""

ITERATIONS = 200
FLAT = 1e-6
"""A gradient below this is 0."""
LENGTHS = (1.0, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-5)
"""The fractions of a step that are tried, all at once."""


def gradient(density: LogDensity, points: Tensor) -> tuple[Tensor, Tensor]:
    """Log densities ``[points]`` and their gradients ``[points, coordinates]``; what is not finite counts as 0."""
    with torch.enable_grad():
        leaf = points.detach().requires_grad_()
        value = density(leaf)
        (found,) = torch.autograd.grad(value.sum(), leaf)
    return value.detach(), torch.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0)


def climb(density: LogDensity, points: Tensor) -> Tensor:
    """Where the climbs from ``points`` end, ``[points, coordinates]``."""
    count, size = points.shape
    value, slope = gradient(density, points)
    inverse = torch.eye(size, dtype=points.dtype).expand(count, size, size).clone()
    inverse = inverse / slope.norm(dim=1).clamp(min=1.0)[:, None, None]
    lengths = torch.tensor(LENGTHS, dtype=points.dtype)
    for _ in range(ITERATIONS):
        direction = (inverse @ slope[..., None])[..., 0]
        trials = points[:, None] + lengths[None, :, None] * direction[:, None]
        heights = density(trials.reshape(-1, size)).detach().reshape(count, -1)
        heights = torch.nan_to_num(heights, nan=-torch.inf)
        best, place = heights.max(1)
        better = best > value
        if not bool(better.any()):
            break
        chosen = torch.where(better[:, None], trials[torch.arange(count), place], points)
        step = chosen - points
        value, fresh = gradient(density, chosen)
        inverse = _updated(inverse, step, slope - fresh)
        points, slope = chosen, fresh
        if float(slope.abs().max()) < FLAT:
            break
    return points


def _updated(inverse: Tensor, step: Tensor, change: Tensor) -> Tensor:
    """The BFGS update of the inverse Hessians, where the curvature is right."""
    product = (step * change).sum(1)
    good = product > 1e-12
    ratio = torch.where(good, 1 / product.clamp(min=1e-12), 0.0)[:, None, None]
    identity = torch.eye(step.shape[1], dtype=step.dtype)
    left = identity - ratio * step[:, :, None] * change[:, None, :]
    updated = left @ inverse @ left.mT + ratio * step[:, :, None] * step[:, None, :]
    return torch.where(good[:, None, None], updated, inverse)
