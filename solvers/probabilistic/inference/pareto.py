"""The shape k̂ of the generalised Pareto distribution that fits the largest importance weights.

Below 0.7 the estimates of importance sampling can be relied on (Vehtari et al. 2024). The fit is that of Zhang and
Stephens (2009): the posterior mean of the shape under a weak prior.
"""

from __future__ import annotations

from math import inf

import torch
from torch import Tensor


def pareto_k(log_weights: Tensor) -> float:
    """k̂ of log weights; ∞ where too few of them are finite."""
    finite = log_weights[log_weights > -inf]
    count = len(finite)
    tail = int(min(0.2 * count, 3 * count**0.5))
    if tail < 5:
        return inf
    ordered = (finite - finite.max()).sort().values
    cut = float(ordered[-tail - 1])
    excess = ordered[-tail:].exp() - torch.tensor(cut, dtype=ordered.dtype).exp()
    if float(excess[-1]) <= 0:
        return -inf
    return _shape(excess.clamp(min=1e-300))


def _shape(excess: Tensor) -> float:
    """The shape for sorted excesses over a threshold."""
    number = len(excess)
    size = 30 + int(number**0.5)
    grid = torch.arange(1, size + 1, dtype=excess.dtype)
    quarter = excess[int(number / 4 + 0.5) - 1]
    scales = 1 / excess[-1] + (1 - (size / (grid - 0.5)).sqrt()) / 3 / quarter
    shapes = torch.log1p(-scales[:, None] * excess[None]).mean(1)
    likelihood = number * ((-scales / shapes).log() - shapes - 1)
    weights = torch.nan_to_num(likelihood, nan=-inf).softmax(0)
    scale = float((scales * weights).sum())
    shape = float(torch.log1p(-scale * excess).mean())
    # a weak prior towards 1/2
    return shape * number / (number + 10) + 10 * 0.5 / (number + 10)
