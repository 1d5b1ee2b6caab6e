"""Rule sets, their matrix relation and their equation system, as objects that can be printed and tested.

For the rules "if p_i then b ∈ Q_i" with parameters s_i, r_i on one concept, the degrees of the cells of the
partition are O = M □ I, where (M □ I)_c = min_j max(M_cj, I_j), row c of M has (s_i, 1) at the places of rule i if
the cell lies in Q_i and (1, r_i) if not, and I = (λ_1, ρ_1, …, λ_n, ρ_n). The engine never makes M; this is the
definition against which it is tested, and what ``nesy compile --to possibilistic`` shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nesy.solvers.ground_model import (
    AllOf,
    AnyOf,
    GroundFormula,
    GroundModel,
    GroundUncertainRule,
    describe_membership,
)
from nesy.solvers.possibilistic.partition import Partition, partition

Matrix = NDArray[np.float64]

FEW = 4
"""Parts of a premise that are written out."""


def min_max_product(matrix: Matrix, vector: Matrix) -> Matrix:
    """(G □ x)_c = min_j max(g_cj, x_j): ``[rows, columns]`` and ``[columns]`` to ``[rows]``."""
    found: Matrix = np.maximum(matrix, vector).min(axis=1, initial=1.0)
    return found


@dataclass(frozen=True)
class RuleSet:
    """All uncertain rules on one concept at one index."""

    model: GroundModel
    attribute: int
    index: int
    rules: tuple[GroundUncertainRule, ...]

    @property
    def label(self) -> str:
        return self.model.attributes[self.attribute].label(self.index)

    @cached_property
    def partition(self) -> Partition:
        """The cells of the concept's values."""
        size = len(self.model.attributes[self.attribute].domain)
        return partition(size, [rule.conclusion.values for rule in self.rules])

    @cached_property
    def relation(self) -> MatrixRelation:
        """The matrix M, made explicitly."""
        parameters = np.array([(rule.s, rule.r) for rule in self.rules], dtype=np.float64).reshape(-1, 2)
        signs = self.partition.signs
        matrix = np.ones((len(signs), 2 * len(self.rules)))
        matrix[:, 0::2] = np.where(signs, parameters[:, 0], 1.0)
        matrix[:, 1::2] = np.where(signs, 1.0, parameters[:, 1])
        return MatrixRelation(self, matrix)

    def describe_cell(self, cell: int) -> str:
        """``y in {0,1}``: the values of one cell."""
        attribute = self.model.attributes[self.attribute]
        return describe_membership(attribute.label(self.index), attribute.domain, self.partition.cells[cell])


@dataclass(frozen=True)
class MatrixRelation:
    """M with its rows (cells) and columns (λ_1, ρ_1, …); ``@`` is not matrix product but □."""

    rules: RuleSet
    matrix: Matrix

    def apply(self, vector: Matrix) -> Matrix:
        """M □ I, a degree for each cell."""
        return min_max_product(self.matrix, vector)

    def __str__(self) -> str:
        count = len(self.rules.rules)
        heads = [f"{letter}{number}" for number in range(1, count + 1) for letter in ("λ", "ρ")]
        rows = [[f"{entry:g}" for entry in row] for row in self.matrix.tolist()]
        widths = [max(len(head), *(len(row[k]) for row in rows)) for k, head in enumerate(heads)] if rows else []
        cells = [self.rules.describe_cell(cell) for cell in range(len(rows))]
        left = max(map(len, cells), default=0)
        lines = [" " * left + "  " + " ".join(h.rjust(w) for h, w in zip(heads, widths, strict=True))]
        for cell, row in zip(cells, rows, strict=True):
            lines.append(cell.ljust(left) + "  " + " ".join(e.rjust(w) for e, w in zip(row, widths, strict=True)))
        return "\n".join(line.rstrip() for line in lines)


@dataclass(frozen=True)
class EquationSystem:
    """The equations of one rule set: one for each cell, with the entries 1 left out (they never decide)."""

    rules: RuleSet

    def equations(self) -> list[str]:
        """``Π(y = 0) = min(λ1, max(0.2, ρ2))``, a line for each cell."""
        lines = []
        for cell, signs in enumerate(self.rules.partition.signs.tolist()):
            terms = []
            for number, (rule, sign) in enumerate(zip(self.rules.rules, signs, strict=True), 1):
                weight, degree = (rule.s, f"λ{number}") if sign else (rule.r, f"ρ{number}")
                if weight < 1.0:
                    terms.append(degree if weight == 0.0 else f"max({weight:g}, {degree})")
            right = "1" if not terms else terms[0] if len(terms) == 1 else f"min({', '.join(terms)})"
            lines.append(f"Π({self.rules.describe_cell(cell)}) = {right}")
        return lines

    def inputs(self) -> list[str]:
        """``λ1 = Π(a(1) = 3), ρ1 = Π(not a(1) = 3)``, a line for each rule."""
        lines = []
        for number, rule in enumerate(self.rules.rules, 1):
            premise = premise_words(self.rules.model, rule.premise)
            lines.append(f"λ{number} = Π({premise})   ρ{number} = Π(not ({premise}))   line {rule.origin.span.line}")
        return lines

    def __str__(self) -> str:
        return "\n".join([*self.inputs(), *self.equations()])


def premise_words(model: GroundModel, premise: GroundFormula) -> str:
    """A premise as text; of a long conjunction or disjunction the first part and the number of all."""
    if isinstance(premise, AllOf | AnyOf) and len(premise.items) > FEW:
        word = "and" if isinstance(premise, AllOf) else "or"
        first = shortened(model.describe(premise.items[0]), 60)
        return f"{first} {word} … ({len(premise.items)} conditions)"
    return shortened(model.describe(premise))


def shortened(text: str, width: int = 100) -> str:
    """``text``, its middle left out where it is longer than ``width``."""
    if len(text) <= width:
        return text
    half = (width - 3) // 2
    return f"{text[:half]} … {text[-half:]}"


def rule_sets(model: GroundModel) -> dict[tuple[int, int], RuleSet]:
    """The rule sets of a model by (attribute, index), in order of first appearance."""
    found: dict[tuple[int, int], list[GroundUncertainRule]] = {}
    for rule in model.uncertain:
        found.setdefault((rule.conclusion.attribute, rule.conclusion.index), []).append(rule)
    return {key: RuleSet(model, *key, tuple(rules)) for key, rules in found.items()}
