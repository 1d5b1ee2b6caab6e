"""Parameters as numbers under the rows of a table, and back into the rules of a program."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from nesy.solvers.ground_model import GroundModel, GroundUncertainRule
from nesy.solvers.possibilistic.dependencies import Node
from nesy.solvers.possibilistic.learning.stages import Stages


def floors_of(stages: Stages, dtype: torch.dtype, device: torch.device) -> Tensor:
    """The parameters of the file as floors under the rows of λ and ρ; 0 under all other rows."""
    floors = torch.zeros(stages.layout.count, dtype=dtype)
    for entry in stages.sets:
        pairs = [parameter for rule in entry.rules for parameter in (rule.s, rule.r)]
        floors[entry.start : entry.start + len(pairs)] = torch.tensor(pairs, dtype=dtype)
    return floors.to(device)


def with_parameters(model: GroundModel, stages: Stages, floors: Tensor) -> GroundModel:
    """``model`` with the parameters that stand in ``floors``."""
    values = floors.tolist()
    numbers: dict[Node, int] = {entry.node: entry.start for entry in stages.sets}
    seen: dict[Node, int] = {}
    rules: list[GroundUncertainRule] = []
    for rule in model.uncertain:
        node = (rule.conclusion.attribute, rule.conclusion.index)
        start = numbers.get(node)
        if start is not None:
            place = start + 2 * seen.setdefault(node, 0)
            seen[node] += 1
            rule = replace(rule, s=values[place], r=values[place + 1])
        rules.append(rule)
    return replace(model, uncertain=tuple(rules))
