"""Weights of a circuit's leaves from percept distributions.

Boolean i of a percept says “value i, given none before”. Its weights are p(i)/t(i) and t(i + 1)/t(i), where t(i) sums
the probabilities from i on: they add up to 1, so that a Boolean of which a circuit does not speak can be left out, and
products telescope to p(i)/t(0). For maxima t(i) is the largest of these probabilities, for the same reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log1p

import torch
from torch import Tensor

from nesy.solvers.probabilistic.elimination.logarithms import logarithms


@dataclass(frozen=True, slots=True)
class Block:
    """Percepts of one name that have Booleans: their rows in the evidence, in the order of the Booleans."""

    name: str
    rows: tuple[int, ...]
    card: int


@dataclass(frozen=True)
class Weights:
    """The leaves of a circuit: never, always, then each Boolean true and false.

    Booleans are those of ``blocks``, one for each soft constraint (``costs``), and those of ``more`` blocks.
    """

    blocks: tuple[Block, ...]
    costs: tuple[float, ...]
    more: tuple[Block, ...] = ()

    def linear(self, evidence: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Numbers ``[leaf, instance]``, and the logarithm of the factor that makes up for them, ``[instance]``."""
        like = next(iter(evidence.values()))
        batch = max(len(tensor) for tensor in evidence.values())
        pairs: list[Tensor] = []
        factor = like.new_zeros(batch)
        for block in self.blocks:
            given = evidence[block.name][:, list(block.rows)].expand(batch, -1, -1)
            tails = given.flip(-1).cumsum(-1).flip(-1)
            positive = tails > 0
            safe = torch.where(positive, tails, torch.ones_like(tails))
            others = torch.where(positive[..., :-1], tails[..., 1:] / safe[..., :-1], torch.ones_like(tails[..., 1:]))
            pairs.append(_pairs((given / safe)[..., :-1], others))
            factor = factor + logarithms(tails[..., 0]).sum(-1)
        for cost in self.costs:
            low = exp(-cost)
            pairs.append(like.new_tensor([low / (1 + low), 1 / (1 + low)])[:, None].expand(2, batch))
            factor = factor + log1p(low)
        ends = torch.stack([like.new_zeros(batch), like.new_ones(batch)])
        return torch.cat([ends, *pairs]), factor

    def logarithms(self, evidence: Mapping[str, Tensor], *, maximal: bool) -> tuple[Tensor, Tensor]:
        """Logarithms ``[leaf, instance]`` and the logarithm of the factor; for sums, or for maxima."""
        like = next(iter(evidence.values()))
        batch = max(len(tensor) for tensor in evidence.values())
        factor = like.new_zeros(batch)
        pairs: list[Tensor] = []
        for block in (*self.blocks, None, *self.more):
            if block is None:
                for cost in self.costs:
                    total = 0.0 if maximal else log1p(exp(-cost))
                    pairs.append(like.new_tensor([-cost - total, -total])[:, None].expand(2, batch))
                    factor = factor + total
                continue
            given = evidence[block.name][:, list(block.rows)].expand(batch, -1, -1)
            pair, first = _log_pairs(given, maximal=maximal)
            pairs.append(pair)
            factor = factor + first
        ends = torch.stack([like.new_full((batch,), -torch.inf), like.new_zeros(batch)])
        return torch.cat([ends, *pairs]), factor


def _log_pairs(given: Tensor, *, maximal: bool) -> tuple[Tensor, Tensor]:
    """The logarithms of one block's leaves, and of t(0), summed over its rows."""
    logs = logarithms(given)
    tails = (logs.flip(-1).cummax(-1).values if maximal else logarithms(given.flip(-1).cumsum(-1))).flip(-1)
    reached = tails > -torch.inf
    safe = torch.where(reached, tails, torch.zeros_like(tails))
    others = torch.where(reached[..., :-1], tails[..., 1:] - safe[..., :-1], torch.zeros_like(tails[..., 1:]))
    return _pairs((logs - safe)[..., :-1], others), tails[..., 0].sum(-1)


def reached(evidence: Mapping[str, Tensor], blocks: Sequence[Block]) -> bool:
    """Whether no percept has probability 0 from some value on, so that all weights are differentiable."""
    return all(bool((evidence[block.name][:, list(block.rows), -1] > 0).all()) for block in blocks)


def lifted(evidence: Mapping[str, Tensor], least: float) -> dict[str, Tensor]:
    """The evidence with at least ``least`` everywhere; gradients are those of the evidence."""
    return {name: tensor + (tensor.clamp_min(least) - tensor).detach() for name, tensor in evidence.items()}


def _pairs(true: Tensor, false: Tensor) -> Tensor:
    """``[instance, row, Boolean]`` twice as ``[leaf, instance]``: true and false of each Boolean in turn."""
    both = torch.stack([true, false], -1)
    return both.reshape(len(both), -1).T
