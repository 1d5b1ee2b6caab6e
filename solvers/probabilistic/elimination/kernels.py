"""The three ways to evaluate a step on tables ``[card…, member, instance]``.

``Linear`` multiplies and adds numbers: fast, by matrix products. ``Logarithmic`` adds and log-sum-exps logarithms:
slower, and never lost to underflow. ``Maximal`` adds logarithms and takes maxima: the most probable assignment.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from nesy.solvers.probabilistic.elimination.convolution import convolve
from nesy.solvers.probabilistic.elimination.logarithms import log_sum, logarithms
from nesy.solvers.probabilistic.elimination.network import Table
from nesy.solvers.probabilistic.elimination.steps import Convolution, Product

LARGE = 1 << 12
"""Entries of a joint table for one instance from which on einsum takes over from multiplying and adding."""


class Kernel(Protocol):
    """How tables are combined. ``constant`` arranges a constant table, ``enter`` an input."""

    def constant(self, step: Product, like: Tensor) -> Tensor: ...

    def enter(self, given: Tensor) -> Tensor: ...

    def product(self, step: Product, left: Tensor, right: Tensor | None) -> Tensor: ...

    def convolution(self, step: Convolution, left: Tensor, right: Tensor) -> Tensor: ...

    def rescaled(self, table: Tensor) -> tuple[Tensor, Tensor | None]: ...

    def total(self, scalars: Tensor) -> Tensor: ...


class Linear:
    """Sums of products."""

    def constant(self, step: Product, like: Tensor) -> Tensor:
        """The matrix ``[shared, own, summed]`` of a constant operand."""
        assert isinstance(step.right, Table)
        shared, own, summed, _ = _parts(step)
        return step.right.values.to(like).reshape(shared, own, summed)

    def enter(self, given: Tensor) -> Tensor:
        return given

    def product(self, step: Product, left: Tensor, right: Tensor | None) -> Tensor:
        if right is None:
            return left.permute(*_places(step.left_axes), -2, -1).sum(tuple(range(step.kept, len(step.cards))))
        if isinstance(step.right, Table):
            return _by_matrix(step, left, right)
        if step.joint >= LARGE and left.shape[-2:] == right.shape[-2:]:
            return _by_einsum(step, left, right)
        joint = _aligned(step, step.left_axes, left) * _aligned(step, step.right_axes, right)
        summed = tuple(range(step.kept, len(step.cards)))
        return joint.sum(summed) if summed else joint

    def convolution(self, step: Convolution, left: Tensor, right: Tensor) -> Tensor:
        return convolve(left, right.flip(0) if step.flipped else right)

    def rescaled(self, table: Tensor) -> tuple[Tensor, Tensor | None]:
        """The table divided by its largest entry for each member and instance, and the logarithms of these, summed."""
        largest = table.detach().amax(tuple(range(table.dim() - 2))) if table.dim() > 2 else table.detach()
        largest = torch.where(largest > 0, largest, torch.ones_like(largest))
        return table / largest, largest.log().sum(0)

    def total(self, scalars: Tensor) -> Tensor:
        """The logarithm of the product over the members, ``[member, instance]`` → ``[instance]``."""
        return logarithms(scalars).sum(0)


class Logarithmic:
    """Log-sum-exp of sums; tables hold logarithms."""

    def constant(self, step: Product, like: Tensor) -> Tensor:
        assert isinstance(step.right, Table)
        return logarithms(step.right.values.to(like))[..., None, None]

    def enter(self, given: Tensor) -> Tensor:
        return logarithms(given)

    def product(self, step: Product, left: Tensor, right: Tensor | None) -> Tensor:
        joint = _aligned(step, step.left_axes, left)
        if right is not None:
            joint = joint + _aligned(step, step.right_axes, right)
        return self._summed(joint, step.kept, len(step.cards))

    def convolution(self, step: Convolution, left: Tensor, right: Tensor) -> Tensor:
        return self._summed(_diagonals(left, right.flip(0) if step.flipped else right), 1, 2)

    def rescaled(self, table: Tensor) -> tuple[Tensor, Tensor | None]:
        return table, None

    def total(self, scalars: Tensor) -> Tensor:
        return scalars.sum(0)

    def _summed(self, joint: Tensor, start: int, stop: int) -> Tensor:
        return log_sum(joint, tuple(range(start, stop))) if start < stop else joint


class Maximal(Logarithmic):
    """Maxima of sums. Where several are greatest, one of them has the whole gradient, which so traces an assignment."""

    def _summed(self, joint: Tensor, start: int, stop: int) -> Tensor:
        if start == stop:
            return joint
        return joint.flatten(start, stop - 1).max(start).values


def _parts(step: Product) -> tuple[int, int, int, int]:
    """Entries of the shared, the own, the summed and the other variables of a product with a constant."""
    left, right = set(step.left_axes), set(step.right_axes)
    sizes = [1, 1, 1, 1]
    for place, card in enumerate(step.cards):
        summed, both = place >= step.kept, place in left and place in right
        sizes[2 if summed else 0 if both else 1 if place in right else 3] *= card
    return sizes[0], sizes[1], sizes[2], sizes[3]


def _by_matrix(step: Product, left: Tensor, matrix: Tensor) -> Tensor:
    """A constant operand as a matrix: ``[shared, own, summed] × [shared, summed, the rest]``."""
    shared, _, summed, others = _parts(step)
    members, batch = left.shape[-2:]
    order = sorted(range(len(step.left_axes)), key=lambda axis: _rank(step, step.left_axes[axis]))
    columns = left.permute(*order, -2, -1).reshape(shared, summed, others * members * batch)
    if shared == 1:
        found = matrix[0] @ columns[0]
    elif summed == 1:
        found = matrix * columns
    else:
        found = matrix @ columns
    return found.reshape(*step.shape, members, batch)


def _rank(step: Product, variable: int) -> tuple[int, int]:
    """Where a variable of the left operand stands: shared ones, summed ones, others."""
    if variable >= step.kept:
        return 1, variable
    return (0 if variable in step.right_axes else 2), variable


def _by_einsum(step: Product, left: Tensor, right: Tensor) -> Tensor:
    member, instance = len(step.cards), len(step.cards) + 1
    return torch.einsum(
        left,
        [*step.left_axes, member, instance],
        right,
        [*step.right_axes, member, instance],
        [*range(step.kept), member, instance],
    )


def _places(axes: tuple[int, ...]) -> list[int]:
    """The axes of an operand in the order of the local variables."""
    return sorted(range(len(axes)), key=lambda axis: axes[axis])


def _aligned(step: Product, axes: tuple[int, ...], operand: Tensor) -> Tensor:
    """The operand with an axis for each local variable, of extent 1 where it does not have it."""
    ordered = operand.permute(*_places(axes), -2, -1)
    own = set(axes)
    shape = [card if place in own else 1 for place, card in enumerate(step.cards)]
    return ordered.reshape(*shape, *operand.shape[-2:])


def _diagonals(left: Tensor, right: Tensor) -> Tensor:
    """``[s, u, …] = left[u] + right[s − u]``, −∞ where there is no such value."""
    count, other = left.shape[0], right.shape[0]
    pad = right.new_full((count - 1, *right.shape[1:]), -torch.inf)
    padded = torch.cat([pad, right, pad])
    places = torch.arange(count + other - 1)[:, None] - torch.arange(count)[None] + count - 1
    return left + padded[places.to(right.device)]
