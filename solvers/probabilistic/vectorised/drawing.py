"""Draws from the distributions on tensors. All chance comes from the generator that is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from math import pi, prod

import numpy as np
import torch
from torch import Generator, Tensor

from nesy.solvers.probabilistic.vectorised.codes import FLOAT

Shape = tuple[int, ...]


FEW = 4_096
"""Normals for which torch's generator is at least as fast as making another one."""


def draw(name: str, arguments: Sequence[Tensor], shape: Shape, generator: Generator) -> Tensor:
    """Values ``[traces, members]``, with which ``arguments`` broadcast; bool for ``bernoulli``.

    The traces of a member lie side by side in memory: all that follows picks, adds and compares whole members.
    """
    return _DRAWS[name]([argument.expand(shape).T for argument in arguments], generator).T


def draw_places(shares: Sequence[Tensor], shape: Shape, generator: Generator) -> Tensor:
    """Places of categories, int32, ``[traces, members]``; ``shares`` are in proportion to probabilities."""
    sums = [*accumulate(shares)]
    # what is drawn lies below the last sum; where rounding makes them equal, the last place is taken
    threshold = _uniform(torch.Size(shape[::-1]), generator).T * sums[-1]
    # small numbers, for the sake of memory
    found = torch.zeros_like(threshold, dtype=torch.int32)
    for below in sums[:-1]:
        found += threshold >= below
    return found


def _uniform(shape: torch.Size, generator: Generator) -> Tensor:
    return torch.rand(shape, generator=generator, dtype=FLOAT)


def _standard_normal(shape: torch.Size, generator: Generator) -> Tensor:
    if prod(shape) <= FEW:
        return torch.randn(shape, generator=generator, dtype=FLOAT)
    # NumPy's ziggurat takes less than half the time of torch's float64 normals, which were most of a sampler's time
    seed = int(torch.randint(1 << 62, (), generator=generator))
    return torch.from_numpy(np.random.Generator(np.random.SFC64(seed)).standard_normal(tuple(shape)))


def _standard_gamma(concentration: Tensor, generator: Generator) -> Tensor:
    return torch._standard_gamma(concentration.contiguous(), generator=generator)


def _exponential(shape: torch.Size, generator: Generator) -> Tensor:
    return -torch.log1p(-_uniform(shape, generator))


def _normal(p: Sequence[Tensor], g: Generator) -> Tensor:
    return p[0] + p[1] * _standard_normal(p[0].shape, g)


def _gamma(p: Sequence[Tensor], g: Generator) -> Tensor:
    return _standard_gamma(p[0], g).clamp(min=1e-300) / p[1]


def _beta(p: Sequence[Tensor], g: Generator) -> Tensor:
    first, second = (_standard_gamma(part, g).clamp(min=1e-300) for part in p)
    return (first / (first + second)).clamp(1e-300, 1 - 1e-16)


def _studentt(p: Sequence[Tensor], g: Generator) -> Tensor:
    spread = _standard_gamma(p[0] / 2, g).clamp(min=1e-300) * 2 / p[0]
    return p[1] + p[2] * _standard_normal(p[0].shape, g) / spread.sqrt()


def _standard_cauchy(shape: torch.Size, g: Generator) -> Tensor:
    return torch.tan(pi * (_uniform(shape, g) - 0.5))


def _laplace(p: Sequence[Tensor], g: Generator) -> Tensor:
    sign = torch.where(_uniform(p[0].shape, g) < 0.5, -1.0, 1.0)
    return p[0] + p[1] * sign * _exponential(p[0].shape, g)


def _bernoulli(p: Sequence[Tensor], g: Generator) -> Tensor:
    return _uniform(p[0].shape, g) < p[0]


def _poisson(p: Sequence[Tensor], g: Generator) -> Tensor:
    return torch.poisson(p[0].contiguous(), generator=g)


def _binomial(p: Sequence[Tensor], g: Generator) -> Tensor:
    return torch.binomial(p[0].contiguous(), p[1].contiguous(), generator=g)


_DRAWS: dict[str, Callable[[Sequence[Tensor], Generator], Tensor]] = {
    "normal": _normal,
    "lognormal": lambda p, g: _normal(p, g).exp(),
    "uniform": lambda p, g: p[0] + (p[1] - p[0]) * _uniform(p[0].shape, g),
    "beta": _beta,
    "gamma": _gamma,
    "exponential": lambda p, g: _exponential(p[0].shape, g) / p[0],
    "poisson": _poisson,
    "binomial": _binomial,
    "bernoulli": _bernoulli,
    "studentt": _studentt,
    "cauchy": lambda p, g: p[0] + p[1] * _standard_cauchy(p[0].shape, g),
    "laplace": _laplace,
    "halfnormal": lambda p, g: p[0] * _standard_normal(p[0].shape, g).abs(),
    "halfcauchy": lambda p, g: p[0] * _standard_cauchy(p[0].shape, g).abs(),
}
