"""Concepts that follow from the percepts alone: worked out afterwards, not searched for.

A concept that no constraint, soft constraint or choice speaks of cannot change which values of the percepts are best;
it only follows from them. Sudoku's 810 pairs of cells, with 81 values each, are such concepts: as part of the search
they would be a hundred times the rest. So the search leaves them out, and the possibilistic equations, which for
certain percepts and certain rules are plain logic, give their values. Where they do not give exactly one value of each,
the whole program has to be searched after all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.statements import Query
from nesy.dsl.syntax import Call, Variable
from nesy.solvers.backend import Options
from nesy.solvers.ground_model import Attribute
from nesy.solvers.grounding import ground
from nesy.solvers.logic.lifting import World
from nesy.solvers.logic.program import LogicProgram

if TYPE_CHECKING:
    from nesy.solvers.possibilistic import PossibilisticEngine


@dataclass(frozen=True)
class Determined:
    """Evaluates determined concepts for given values of the percepts."""

    engine: PossibilisticEngine

    def complete(self, program: LogicProgram, worlds: Sequence[World]) -> list[World | None]:
        """Each world with the values of the determined concepts; None where these do not follow."""
        percepts = {
            attribute.name: _certain(attribute, program.model.attribute_places[attribute.name], worlds)
            for attribute in self.engine.model.percepts
        }
        answer = self.engine.infer_possibility(percepts)
        values: list[dict[tuple[int, int], int]] = [dict(world.values) for world in worlds]
        unique = torch.ones(len(worlds), dtype=torch.bool)
        for family, result in answer.results.items():
            place = program.model.attribute_places[family]
            assert result.possibility is not None
            possible = result.possibility.reshape(len(worlds), -1, len(result.domain)) > 0.5
            unique &= (possible.sum(-1) == 1).all(-1)
            for row, chosen in zip(values, possible.int().argmax(-1).tolist(), strict=True):
                row.update(((place, index), value) for index, value in enumerate(chosen))
        return [
            World(row, world.atoms) if sure else None
            for row, world, sure in zip(values, worlds, unique.tolist(), strict=True)
        ]


def _certain(attribute: Attribute, place: int, worlds: Sequence[World]) -> Tensor:
    """The possibility distribution of a percept whose values are known, ``[worlds, *index shape, value]``."""
    rows = [[world.values[place, index] for index in range(len(attribute.index))] for world in worlds]
    chosen = torch.tensor(rows, dtype=torch.long)
    table = torch.nn.functional.one_hot(chosen, len(attribute.domain)).double()
    return table.reshape(len(worlds), *attribute.shape, len(attribute.domain))


def compile_determined(checked: CheckedProgram, names: Sequence[str], budget: int | None = None) -> Determined | None:
    """The evaluation of every index of every concept in ``names``; None if there are none."""
    from nesy.solvers.possibilistic import compile_model

    if not names:
        return None
    queries = [Query(Call(name, tuple(Variable("_") for _ in checked.attributes[name].index))) for name in names]
    return Determined(compile_model(ground(checked, queries, budget=budget), Options()))
