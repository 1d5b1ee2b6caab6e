"""The distribution of a sum of two independent variables, with gradients of any order."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor


def convolve(left: Tensor, right: Tensor) -> Tensor:
    """``[s, …] = Σ over u of left[u, …] · right[s − u, …]``; other axes broadcast."""
    if right.shape[0] < left.shape[0]:
        left, right = right, left
    found: Tensor = _Convolution.apply(left, right)  # type: ignore[no-untyped-call]  # torch gives no type
    return found


def correlate(total: Tensor, right: Tensor) -> Tensor:
    """``[u, …] = Σ over v of total[u + v, …] · right[v, …]``; other axes broadcast."""
    found: Tensor = _Correlation.apply(total, right)  # type: ignore[no-untyped-call]  # torch gives no type
    return found


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(left: Tensor, right: Tensor) -> Tensor:
        count = right.shape[0]
        shape = np.broadcast_shapes(left.shape[1:], right.shape[1:])
        found = left.new_zeros((left.shape[0] + count - 1, *shape))
        for place in range(left.shape[0]):
            found[place : place + count].addcmul_(right, left[place])
        return found

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:  # noqa: ARG004 - the form that torch asks for
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        left, right = ctx.saved_tensors
        to_left = _like(correlate(gradient, right), left) if ctx.needs_input_grad[0] else None
        to_right = _like(correlate(gradient, left), right) if ctx.needs_input_grad[1] else None
        return to_left, to_right


class _Correlation(torch.autograd.Function):
    @staticmethod
    def forward(total: Tensor, right: Tensor) -> Tensor:
        count, other = total.shape[0] - right.shape[0] + 1, right.shape[0]
        shape = np.broadcast_shapes(total.shape[1:], right.shape[1:])
        if count <= other:
            rows = [(total[place : place + other] * right).sum(0) for place in range(count)]
            return torch.stack(rows).expand(count, *shape).contiguous()
        found = total.new_zeros((count, *shape))
        for place in range(other):
            found.addcmul_(total[place : place + count], right[place])
        return found

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:  # noqa: ARG004 - the form that torch asks for
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        total, right = ctx.saved_tensors
        to_total = _like(convolve(gradient, right), total) if ctx.needs_input_grad[0] else None
        to_right = _like(correlate(total, gradient), right) if ctx.needs_input_grad[1] else None
        return to_total, to_right


def _like(gradient: Tensor, operand: Tensor) -> Tensor:
    """The gradient summed over the axes along which the operand was broadcast."""
    axes = [axis for axis, extent in enumerate(operand.shape) if extent == 1 and gradient.shape[axis] != 1]
    return gradient.sum(axes, keepdim=True) if axes else gradient
