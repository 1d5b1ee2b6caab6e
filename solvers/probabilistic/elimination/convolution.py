"""The distribution of a sum of two independent variables, with gradients of any order.

Large tables are added up value by value, so that everything stays in the cache; small ones in one operation on windows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

SMALL = 1 << 14
"""Products up to which windows are quicker than a loop over values."""


def convolve(left: Tensor, right: Tensor) -> Tensor:
    """``[s, …] = Σ over u of left[u, …] · right[s − u, …]``; other axes broadcast."""
    if right.shape[0] < left.shape[0]:
        left, right = right, left
    if torch.is_grad_enabled() and (left.requires_grad or right.requires_grad):
        found: Tensor = _Convolution.apply(left, right)  # type: ignore[no-untyped-call]  # torch gives no type
        return found
    return _convolved(left, right)


def correlate(total: Tensor, right: Tensor) -> Tensor:
    """``[u, …] = Σ over v of total[u + v, …] · right[v, …]``; other axes broadcast."""
    if torch.is_grad_enabled() and (total.requires_grad or right.requires_grad):
        found: Tensor = _Correlation.apply(total, right)  # type: ignore[no-untyped-call]  # torch gives no type
        return found
    return _correlated(total, right)


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, left: Tensor, right: Tensor) -> Tensor:
        ctx.save_for_backward(left, right)
        return _convolved(left, right)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        left, right = ctx.saved_tensors
        to_left = _like(correlate(gradient, right), left) if ctx.needs_input_grad[0] else None
        to_right = _like(correlate(gradient, left), right) if ctx.needs_input_grad[1] else None
        return to_left, to_right


class _Correlation(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, total: Tensor, right: Tensor) -> Tensor:
        ctx.save_for_backward(total, right)
        return _correlated(total, right)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        total, right = ctx.saved_tensors
        to_total = _like(convolve(gradient, right), total) if ctx.needs_input_grad[0] else None
        to_right = _like(correlate(total, gradient), right) if ctx.needs_input_grad[1] else None
        return to_total, to_right


def _convolved(left: Tensor, right: Tensor) -> Tensor:
    count, other = left.shape[0], right.shape[0]
    if count * right.numel() < SMALL:
        pad = right.new_zeros((count - 1, *right.shape[1:]))
        windows = torch.cat([pad, right, pad]).unfold(0, count, 1)
        return (windows * left.flip(0).movedim(0, -1)).sum(-1)
    shape = np.broadcast_shapes(left.shape[1:], right.shape[1:])
    found = left.new_zeros((count + other - 1, *shape))
    for place in range(count):
        found[place : place + other].addcmul_(right, left[place])
    return found


def _correlated(total: Tensor, right: Tensor) -> Tensor:
    count, other = total.shape[0] - right.shape[0] + 1, right.shape[0]
    if count * right.numel() < SMALL:
        return (total.unfold(0, other, 1) * right.movedim(0, -1)).sum(-1)
    shape = np.broadcast_shapes(total.shape[1:], right.shape[1:])
    if count <= other:
        rows = [(total[place : place + other] * right).sum(0) for place in range(count)]
        return torch.stack(rows).expand(count, *shape).contiguous()
    found = total.new_zeros((count, *shape))
    for place in range(other):
        found.addcmul_(total[place : place + count], right[place])
    return found


def _like(gradient: Tensor, operand: Tensor) -> Tensor:
    """The gradient summed over the axes along which the operand was broadcast."""
    axes = [axis for axis, extent in enumerate(operand.shape) if extent == 1 and gradient.shape[axis] != 1]
    return gradient.sum(axes, keepdim=True) if axes else gradient
