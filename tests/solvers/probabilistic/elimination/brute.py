"""Sums of networks by the definition: the whole joint table of one instance after the other."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nesy.solvers.probabilistic.elimination import Input, Network, Table, table


def joint(network: Network, inputs: Mapping[str, Tensor], instance: int) -> NDArray[np.float64]:
    """The product of all factors, one axis for each variable that some factor speaks of."""
    found = np.ones(network.cards)
    for factor in network.tables:
        found = found * spread(factor.values.numpy(), factor.scope, len(network.cards))
    for given in network.inputs:
        tensor = inputs[given.name]
        row = tensor[min(instance, len(tensor) - 1), given.row]
        found = found * spread(row.detach().numpy(), given.scope, len(network.cards))
    return found


def marginal(whole: NDArray[np.float64], scope: tuple[int, ...]) -> NDArray[np.float64]:
    """The sum over all variables outside ``scope``, axes in the order of ``scope``."""
    kept = whole.sum(tuple(v for v in range(whole.ndim) if v not in scope))
    ordered = sorted(scope)
    return kept.transpose([ordered.index(v) for v in scope])


def spread(values: NDArray[np.float64], scope: tuple[int, ...], count: int) -> NDArray[np.float64]:
    """A table over ``scope`` with an axis, of extent 1, for each of the ``count`` other variables too."""
    ordered = values.transpose(np.argsort(scope))
    shape = [1] * count
    for variable, extent in zip(sorted(scope), ordered.shape, strict=True):
        shape[variable] = extent
    return ordered.reshape(shape)


def random_network(random: Random, *, zeros: float = 0.3) -> tuple[Network, dict[str, Tensor]]:
    """A small network with functions, sums, constants with zeros, inputs with and without a batch."""
    cards = tuple(random.choice([2, 2, 3, 4, 5]) for _ in range(random.randint(1, 5)))
    tables: list[Table] = []
    for _ in range(random.randint(0, 4)):
        scope = tuple(random.sample(range(len(cards)), min(len(cards), random.randint(1, 3))))
        shape = [cards[v] for v in scope]
        form = random.random()
        if form < 0.3 and len(scope) == 3:
            places = np.indices(shape)
            values = (places[0] + places[1] == places[2]).astype(float)
        elif form < 0.4 and len(scope) > 1:
            values = np.ones(shape) * np.arange(1, shape[0] + 1).reshape(-1, *[1] * (len(shape) - 1))
        else:
            values = np.array(
                [0.0 if random.random() < zeros else random.uniform(0.1, 1) for _ in range(np.prod(shape))]
            )
        tables.append(table(scope, np.reshape(values, shape)))
    inputs: list[Input] = []
    tensors: dict[str, Tensor] = {}
    for variable in range(len(cards)):
        for _ in range(random.choice([1, 1, 1, 2, 0])):
            name, batch = f"x{cards[variable]}{random.choice('ab')}", random.choice([1, 3])
            rows = [] if name not in tensors else [tensors[name]]
            batch = len(tensors[name]) if rows else batch
            new = torch.tensor([[[random.uniform(0.05, 1) for _ in range(cards[variable])]] for _ in range(batch)])
            inputs.append(Input((variable,), name, 0 if not rows else rows[0].shape[1]))
            tensors[name] = torch.cat([*rows, new.double()], 1)
    covered = {v for factor in (*tables, *inputs) for v in factor.scope}
    tables += [table((v,), np.ones(cards[v])) for v in range(len(cards)) if v not in covered]
    return Network(cards, tuple(tables), tuple(inputs)), tensors
