"""Minima over the rules of a cell, and maxima over the cells of a rule, with shared work.

Each rule has two sides: where its conclusion holds (+) and where it does not (-). A table of sides has the rows +1,
-1, +2, -2, …, and a cell takes one side of each rule. Cells that take the same sides of the first half of the rules
share the minimum over that half, and so on downwards: for a product of two attributes with m values each, a cell
costs a few operations instead of 2m. The same tree, walked from the top down, spreads values of cells to the sides.

Tables have the samples last, ``[sides, samples]`` and ``[cells, samples]``, so that every step runs along memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Leaf:
    """One rule: the side ``[rows]`` that each row takes."""

    side: Tensor


@dataclass(frozen=True, slots=True)
class Fork:
    """Rules in two halves, and for each row ``[rows]`` the row of either half."""

    left: Leaf | Fork
    right: Leaf | Fork
    left_row: Tensor
    right_row: Tensor


@dataclass(frozen=True, slots=True)
class SignTree:
    """The tree of a sign table ``[cells, rules]`` with at least one rule."""

    root: Leaf | Fork
    own: Tensor
    """int64 ``[cells, rules]``: the sides that a cell takes."""

    @property
    def cells(self) -> int:
        return self.own.shape[0]

    @property
    def sides(self) -> int:
        return 2 * self.own.shape[1]

    def least(self, table: Tensor) -> Tensor:
        """``[cells, samples]``: the least of a ``table [sides, samples]`` over the sides of each cell."""
        return _least(self.root, table)

    def largest(self, values: Tensor) -> Tensor:
        """``[sides, samples]``: the largest of ``values [cells, samples]`` over the cells of each side, at least 0."""
        table = values.new_zeros((self.sides, values.shape[1]))
        _spread(self.root, values, table)
        return table


def sign_tree(signs: Tensor) -> SignTree:
    """The tree of ``signs`` bool ``[cells, rules]``, on their device."""
    rules = signs.shape[1]
    if not rules:
        raise ValueError("a set of rules has one rule at least")
    own = torch.arange(0, 2 * rules, 2, device=signs.device) + (~signs).long()
    return SignTree(_grown(signs.cpu().numpy(), 0, signs.device), own)


def _grown(signs: np.ndarray, first: int, device: torch.device) -> Leaf | Fork:
    """The tree over the rules ``first …``, for the rows of ``signs``."""
    rules = signs.shape[1]
    if rules == 1:
        return Leaf(torch.from_numpy(2 * first + ~signs[:, 0]).to(device))
    half = rules // 2
    left, left_row = np.unique(signs[:, :half], axis=0, return_inverse=True)
    right, right_row = np.unique(signs[:, half:], axis=0, return_inverse=True)
    return Fork(
        _grown(left, first, device),
        _grown(right, first + half, device),
        torch.from_numpy(left_row.reshape(-1)).to(device),
        torch.from_numpy(right_row.reshape(-1)).to(device),
    )


def _least(node: Leaf | Fork, table: Tensor) -> Tensor:
    if isinstance(node, Leaf):
        return table.index_select(0, node.side)
    left = _least(node.left, table).index_select(0, node.left_row)
    return torch.minimum(left, _least(node.right, table).index_select(0, node.right_row), out=left)


def _spread(node: Leaf | Fork, values: Tensor, table: Tensor) -> None:
    """Raise ``table`` at the sides below ``node`` to the ``values [rows, samples]`` of its rows."""
    if isinstance(node, Leaf):
        table.scatter_reduce_(0, node.side[:, None].expand(values.shape), values, "amax")
        return
    for half, row in ((node.left, node.left_row), (node.right, node.right_row)):
        rows = len(half.side if isinstance(half, Leaf) else half.left_row)
        shared = values.new_zeros((rows, values.shape[1]))
        _spread(half, shared.scatter_reduce_(0, row[:, None].expand(values.shape), values, "amax"), table)
