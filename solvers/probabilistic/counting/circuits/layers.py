"""Circuits in layers: each node a sum of products of two nodes of earlier layers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

NEVER = 0
"""The leaf with the weight 0; after it come the one with the weight 1 and those of the literals."""


@dataclass(frozen=True, eq=False)
class Layer:
    """``left`` and ``right`` are ``[nodes, products]``: the factors of each node's products, padded with 0 × 0.

    ``start`` is the place of the layer's first node; its nodes draw on nodes before ``start`` only.
    """

    start: int
    left: Tensor
    right: Tensor

    @property
    def count(self) -> int:
        return self.left.shape[0]


@dataclass(frozen=True)
class Circuit:
    """``leaves`` leaves, then the nodes of ``layers``; ``roots`` are places of nodes, ``products`` their number."""

    leaves: int
    layers: tuple[Layer, ...]
    roots: tuple[int, ...]
    products: int

    @property
    def size(self) -> int:
        """Number of leaves and nodes."""
        return self.leaves + sum(layer.count for layer in self.layers)


def layered(leaves: int, nodes: Sequence[Sequence[tuple[int, int]]], roots: Sequence[int]) -> Circuit:
    """Arrange ``nodes`` by depth and number of products; each is products of leaves and earlier nodes, numbered on.

    Nodes with up to twice as many products share a layer, so that little is padded.
    """
    depth = [0] * leaves
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, products in enumerate(nodes):
        depth.append(1 + max(depth[factor] for pair in products for factor in pair))
        groups[depth[-1], max(1, (len(products) - 1).bit_length())].append(place)
    moved = list(range(leaves)) + [0] * len(nodes)
    layers = []
    start = leaves
    for _, members in sorted(groups.items()):
        width = max(len(nodes[place]) for place in members)
        rows = [[*nodes[place], *[(NEVER, NEVER)] * (width - len(nodes[place]))] for place in members]
        left = torch.tensor([[moved[first] for first, _ in row] for row in rows])
        right = torch.tensor([[moved[second] for _, second in row] for row in rows])
        layers.append(Layer(start, left, right))
        for row, place in enumerate(members):
            moved[leaves + place] = start + row
        start += len(members)
    return Circuit(leaves, tuple(layers), tuple(moved[root] for root in roots), sum(map(len, nodes)))
