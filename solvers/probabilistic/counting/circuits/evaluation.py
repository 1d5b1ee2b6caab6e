"""Evaluating a circuit for a batch: forward in one table of numbers, backward by hand; or on logarithms.

Tables are ``[node, instance]``, so that a layer is a few gathers of whole rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from nesy.solvers.probabilistic.counting.circuits.layers import Circuit, Layer
from nesy.solvers.probabilistic.elimination.logarithms import log_sum


@dataclass
class CircuitEvaluator:
    """A circuit with its places on one device."""

    circuit: Circuit
    _layers: dict[torch.device, tuple[Layer, ...]] = field(default_factory=dict)

    def values(self, leaves: Tensor) -> Tensor:
        """The values of the roots, ``[root, instance]``, for weights of leaves ``[leaf, instance]``; gradients once."""
        if torch.is_grad_enabled() and leaves.requires_grad:
            found: Tensor = _Values.apply(leaves, self)  # type: ignore[no-untyped-call]  # torch gives no type
            return found
        return self.table(leaves)[list(self.circuit.roots)]

    def log_values(self, leaves: Tensor, *, maximal: bool = False) -> Tensor:
        """The same for logarithms of weights, in logarithms; with ``maximal`` maxima instead of sums. Any gradients."""
        parts = [leaves]
        for layer in self.layers(leaves.device):
            table = torch.cat(parts)
            terms = table[layer.left] + table[layer.right]
            parts.append(terms.max(1).values if maximal else log_sum(terms, 1))
        return torch.cat(parts)[list(self.circuit.roots)]

    def layers(self, device: torch.device) -> tuple[Layer, ...]:
        """The layers with their places on ``device``."""
        if device not in self._layers:
            self._layers[device] = tuple(
                Layer(each.start, each.left.to(device), each.right.to(device)) for each in self.circuit.layers
            )
        return self._layers[device]

    def table(self, leaves: Tensor) -> Tensor:
        """The values of all nodes, ``[node, instance]``."""
        table = leaves.new_empty((self.circuit.size, leaves.shape[1]))
        table[: len(leaves)] = leaves
        for layer in self.layers(leaves.device):
            target = table[layer.start : layer.start + layer.count]
            first, second = (_rows(table, side[:, 0]) for side in (layer.left, layer.right))
            torch.mul(first, second, out=target)
            for place in range(1, layer.left.shape[1]):
                target.addcmul_(_rows(table, layer.left[:, place]), _rows(table, layer.right[:, place]))
        return table

    def gradients(self, table: Tensor, roots: Tensor) -> Tensor:
        """The gradient with respect to the leaves, given that with respect to the roots, ``[root, instance]``."""
        found = torch.zeros_like(table)
        places = torch.tensor(self.circuit.roots, device=table.device)
        found.index_add_(0, places, roots)
        for layer in reversed(self.layers(table.device)):
            own = found[layer.start : layer.start + layer.count]
            for place in range(layer.left.shape[1]):
                left, right = layer.left[:, place], layer.right[:, place]
                found.index_add_(0, left, own * _rows(table, right))
                found.index_add_(0, right, own * _rows(table, left))
        return found[: self.circuit.leaves]


class _Values(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, leaves: Tensor, evaluator: CircuitEvaluator) -> Tensor:
        table = evaluator.table(leaves)
        ctx.evaluator = evaluator
        ctx.save_for_backward(table)
        return table[list(evaluator.circuit.roots)]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (table,) = ctx.saved_tensors
        return ctx.evaluator.gradients(table, gradient), None


def _rows(table: Tensor, places: Tensor) -> Tensor:
    return table.index_select(0, places)
