"""Probability to possibility.

For a distribution p over the values of an attribute:

* *antipignistic*: π(v) = Σ_w min(p(w), p(v)) — the inverse of the pignistic transformation
  (Dubois and Prade 1982), symmetric in ties;
* *minimum specificity* (``specificity``): π(v) = Σ p(w) over all w with p(w) ≤ p(v) — the most specific
  possibility distribution that dominates p and keeps its order. The authors' code sorts instead, so that of two equal
  probabilities the one at the lower place stays above the other; ``ties="reference"`` does the same.

The most probable value gets exactly 1 whatever the rounding, and all degrees lie in [0, 1].
"""

from __future__ import annotations

import torch
from torch import Tensor

WIDE = 48
"""Number of values from which sorting is cheaper than comparing all pairs."""


def possibility(probabilities: Tensor, method: str, ties: str) -> Tensor:
    """Transform distributions along the first axis: ``[values, …]`` to ``[values, …]``, same dtype.

    ``method`` is ``antipignistic`` or ``specificity``, ``ties`` is ``symmetric`` or ``reference``. Sub-gradients flow
    (the forced 1 has none: on the simplex the sum of all probabilities is constant).
    """
    if method == "antipignistic":
        degrees = _antipignistic(probabilities)
    elif ties == "reference":
        degrees = _specificity_by_place(probabilities)
    else:
        degrees = _specificity(probabilities)
    top = probabilities == probabilities.amax(0)
    if method == "specificity" and ties == "reference":
        top = top & (top.cumsum(0) == 1)
    return degrees.clamp_(0.0, 1.0).masked_fill_(top, 1.0)


def _antipignistic(p: Tensor) -> Tensor:
    if len(p) < WIDE:
        degrees = torch.minimum(p, p[0])
        for row in p[1:]:
            degrees += torch.minimum(p, row)
        return degrees
    ordered, order = p.sort(dim=0, descending=True, stable=True)
    tail = ordered.flip(0).cumsum(0).flip(0) - ordered
    ranks = torch.arange(1, len(p) + 1, device=p.device, dtype=p.dtype).view(-1, *[1] * (p.dim() - 1))
    return _unsort(_first_of_ties(ordered, ranks * ordered + tail), order)


def _specificity(p: Tensor) -> Tensor:
    if len(p) < WIDE:
        degrees = torch.where(p[0] <= p, p[0], 0.0)
        for row in p[1:]:
            degrees += torch.where(row <= p, row, 0.0)
        return degrees
    ordered, order = p.sort(dim=0, descending=True, stable=True)
    return _unsort(_first_of_ties(ordered, ordered.flip(0).cumsum(0).flip(0)), order)


def _specificity_by_place(p: Tensor) -> Tensor:
    ordered, order = p.sort(dim=0, descending=True, stable=True)
    return _unsort(ordered.flip(0).cumsum(0).flip(0), order)


def _first_of_ties(ordered: Tensor, degrees: Tensor) -> Tensor:
    """Give equal probabilities the same degree: that of the first of them."""
    places = torch.arange(len(ordered), device=ordered.device).view(-1, *[1] * (ordered.dim() - 1))
    new = torch.ones_like(ordered, dtype=torch.bool)
    new[1:] = ordered[1:] != ordered[:-1]
    first = torch.where(new, places, 0).cummax(0).values
    return degrees.gather(0, first)


def _unsort(degrees: Tensor, order: Tensor) -> Tensor:
    return torch.zeros_like(degrees).scatter(0, order, degrees)
