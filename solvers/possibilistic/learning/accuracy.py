"""How often a program is right on samples with known values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.possibilistic.dependencies import Node
from nesy.solvers.possibilistic.engine import single_best
from nesy.solvers.possibilistic.learning.stages import Stage, Stages
from nesy.solvers.possibilistic.learning.table import Table
from nesy.solvers.possibilistic.learning.targets import Targets


@dataclass
class Accuracy:
    """Measures parameters on validation samples.

    A sample is right if, for each of the ``nodes`` for which it has a target, the one most possible value is a fully
    possible one of the target; two most possible values are wrong. ``reader`` gives the distributions of ``nodes``.
    """

    table: Table
    targets: Targets
    nodes: Sequence[Node]
    reader: Stage

    def __call__(self, floors: Tensor) -> float:
        """Per cent of the samples that are right under the parameters ``floors``."""
        for stage in range(len(self.table.stages.stages)):
            self.table.update(stage, floors)
        degrees = self.table.evaluate(self.reader, floors)
        right = torch.ones(self.table.samples, dtype=torch.bool, device=degrees.device)
        counted = torch.zeros_like(right)
        row = 0
        for attribute, indices in _by_attribute(self.nodes).items():
            size = self.targets[attribute].shape[-1]
            block = degrees[row : row + len(indices) * size].view(len(indices), size, -1)
            row += len(indices) * size
            wanted = self.targets[attribute][:, indices].permute(1, 2, 0)
            known = ~wanted.isnan().any(1)
            best = single_best(block)
            fits = wanted.gather(1, best.clamp(min=0)[:, None])[:, 0] >= 1.0 - 1e-6
            right &= ((best >= 0) & fits | ~known).all(0)
            counted |= known.any(0)
        return 100.0 * float((right & counted).sum()) / max(1, int(counted.sum()))


def accuracy_of(model: GroundModel, stages: Stages, table: Table, targets: Targets) -> Accuracy:
    """Accuracy on the queried concepts for which there are targets; where there is none, on all concepts with targets.

    Raises E539 where the validation targets are of no concept.
    """
    concepts = [place for place in targets if model.attributes[place].kind == "concept"]
    asked = [(query.attribute, query.index) for query in model.queries if query.kind == "attribute"]
    nodes = sorted({node for node in asked if node[0] in concepts})
    if not nodes:
        live = set(stages.depends.edges)
        nodes = [
            (place, index)
            for place in sorted(concepts)
            for index in range(len(model.attributes[place].index))
            if (place, index) in live
        ]
    if not nodes or all(bool(targets[place].isnan().all()) for place, _ in nodes):
        message = "the validation targets say nothing about a concept, so that no accuracy can be measured"
        hint = "give validation targets for a queried concept, or a threshold as a number"
        raise NesyError(Diagnostic("E539", message, hint=hint, place="validation targets"))
    return Accuracy(table, targets, nodes, stages.distributions(nodes))


def _by_attribute(nodes: Sequence[Node]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for attribute, index in nodes:
        found.setdefault(attribute, []).append(index)
    return found
