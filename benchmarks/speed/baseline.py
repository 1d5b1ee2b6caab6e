"""The straightforward way: one instance after the other, explicit matrices, M □ I in NumPy.

Matrices and masks are made beforehand, so that only the evaluation is timed. Takes the rule sets of the benchmarks:
premises are literals or conjunctions of literals about different attributes, and there are no `:-` rules except facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nesy.solvers.ground_model import AllOf, AttributeLiteral, GroundModel
from nesy.solvers.possibilistic.dependencies import dependencies
from nesy.solvers.possibilistic.relation import rule_sets

Node = tuple[int, int]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Block:
    """One concept: the matrix M, the cell of each value, and per rule the literals of its premise as masks."""

    node: Node
    matrix: NDArray[np.float64]
    cell_of: NDArray[np.int64]
    premises: tuple[tuple[tuple[Node, Mask, Mask], ...], ...]
    fixed: NDArray[np.float64] | None


class Baseline:
    """A ground model, ready to be evaluated instance by instance."""

    def __init__(self, model: GroundModel) -> None:
        self.model = model
        sets = rule_sets(model)
        depends = dependencies(model)
        self.blocks = []
        for (node,) in depends.order:
            size = len(model.attributes[node[0]].domain)
            fixed = None
            if node in depends.clauses:
                fixed = np.zeros(size)
                for clause in depends.clauses[node]:
                    assert not clause.body
                    assert isinstance(clause.head, AttributeLiteral)
                    fixed[list(clause.head.values)] = 1.0
            found = sets.get(node)
            matrix = found.relation.matrix if found else np.ones((1, 2))
            cells = np.array(found.partition.cell_of if found else [0] * size)
            premises = tuple(self._premise(rule.premise) for rule in found.rules) if found else ()
            self.blocks.append(Block(node, matrix, cells, premises, fixed))

    def _premise(self, formula: object) -> tuple[tuple[Node, Mask, Mask], ...]:
        items = formula.items if isinstance(formula, AllOf) else (formula,)
        found = []
        for item in items:
            assert isinstance(item, AttributeLiteral)
            mask = np.zeros(len(self.model.attributes[item.attribute].domain), dtype=np.bool_)
            mask[list(item.values)] = True
            found.append(((item.attribute, item.index), mask, ~mask))
        return tuple(found)

    def evaluate(self, evidence: Mapping[str, NDArray[np.float64]]) -> dict[Node, NDArray[np.float64]]:
        """The degrees of every attribute at every index for one instance, ``[*index shape, value]`` by percept."""
        degrees: dict[Node, NDArray[np.float64]] = {}
        for place, attribute in enumerate(self.model.attributes):
            if attribute.kind == "percept":
                rows = evidence[attribute.name].reshape(len(attribute.index), -1)
                possible = np.minimum(rows[:, :, None], rows[:, None, :]).sum(2)
                for index, row in enumerate(possible):
                    degrees[place, index] = row / row.max()
        for block in self.blocks:
            vector = np.ones(max(2, 2 * len(block.premises)))
            for number, premise in enumerate(block.premises):
                vector[2 * number] = min(degrees[node][mask].max(initial=0.0) for node, mask, _ in premise)
                vector[2 * number + 1] = max(degrees[node][rest].max(initial=0.0) for node, _, rest in premise)
            found = np.maximum(block.matrix, vector).min(1)[block.cell_of]
            degrees[block.node] = found if block.fixed is None else np.minimum(found, block.fixed)
        return degrees
