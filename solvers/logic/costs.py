"""What a model pays for reading a percept otherwise than the network: −log p, relative to the best value.

Costs are integers: ``resolution`` units stand for one nat (a factor e between probabilities). Rounding moves the cost
of a reading by at most half a unit, so that of two models whose order is decided wrongly the true costs differ by at
most (number of indices) / resolution nats; with 81 cells and 1,000 units that is 0.081. What has probability 0 is
excluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from nesy.solvers.logic.program import LogicProgram

RESOLUTION = 1000
"""Units of cost for one nat, unless asked otherwise."""


@dataclass(frozen=True)
class Readings:
    """The costs of a batch: one column for each of ``atoms``; −1 where the value is excluded."""

    atoms: tuple[int, ...]
    costs: NDArray[np.int64]
    resolution: int

    def of(self, instance: int) -> tuple[list[tuple[int, int]], list[int]]:
        """The atoms that cost something with their costs, and the excluded atoms, of one instance."""
        row = self.costs[instance].tolist()
        paid = [(atom, cost) for atom, cost in zip(self.atoms, row, strict=True) if cost > 0]
        return paid, [atom for atom, cost in zip(self.atoms, row, strict=True) if cost < 0]

    def total(self, instance: int, model: frozenset[int]) -> int:
        """The cost of the readings of a model, in units."""
        row = self.costs[instance].tolist()
        return sum(cost for atom, cost in zip(self.atoms, row, strict=True) if atom in model)


def rounding_bound(program: LogicProgram, resolution: int) -> float:
    """How many nats the model that is found may cost more than the best, because costs are rounded.

    Of two models the rounded costs differ from the true ones by at most half a unit at each index of a percept; where
    the other one is truly better, the found one is not dearer in rounded costs.
    """
    attributes = zip(program.model.attributes, program.values, strict=True)
    return sum(len(rows) for attribute, rows in attributes if attribute.kind == "percept") / resolution


def readings(program: LogicProgram, evidence: Mapping[str, Tensor], resolution: int) -> Readings:
    """Costs of checked evidence, ``[batch, *index shape, value]`` by percept name."""
    columns: list[int] = []
    blocks: list[NDArray[np.int64]] = []
    batch = next((len(tensor) for tensor in evidence.values()), 1)
    for atoms, table in _tables(program, evidence):
        best = table.max(-1, keepdims=True)
        with np.errstate(divide="ignore"):
            nats = np.log(best) - np.log(table)
        units = np.where(np.isfinite(nats), np.rint(np.where(np.isfinite(nats), nats, 0.0) * resolution), -1)
        keep = [place for place, atom in enumerate(atoms) if atom]
        columns += [atoms[place] for place in keep]
        blocks.append(units.reshape(batch, -1)[:, keep].astype(np.int64))
    costs = np.concatenate(blocks, 1) if blocks else np.zeros((batch, 0), dtype=np.int64)
    return Readings(tuple(columns), costs, resolution)


def _tables(program: LogicProgram, evidence: Mapping[str, Tensor]) -> Iterator[tuple[list[int], NDArray[np.float64]]]:
    for attribute, rows in zip(program.model.attributes, program.values, strict=True):
        tensor = evidence.get(attribute.name)
        if tensor is not None and attribute.kind == "percept":
            table = tensor.detach().double().cpu().numpy()
            atoms = [atom for row in rows for atom in row]
            yield atoms, table.reshape(len(table), len(rows), len(attribute.domain))
