"""The learning procedure of the Π-NeSy paper, written out equation by equation.

Slow and obvious: explicit Γ, every maximum and minimum of a definition taken as it stands, one rule set after the
other, everything worked out anew for each candidate of the search. Γ □ X = Y; σ(u, v, w) = min((w − u)⁺ / 2, (w − v)⁺);
∇_i = min_j max((g_ij − d_i)⁺, max_k σ(d_i, g_kj, d_k)); a ε b = b if a < b else 0; x_j = max_i (g_ij ε (d_i − ∇)⁺).

On degrees that are multiples of a power of 1/2 all of this is exact in floating point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nesy.solvers.ground_model import GroundModel
from nesy.solvers.possibilistic.dependencies import dependencies
from nesy.solvers.possibilistic.relation import RuleSet, rule_sets
from tests.solvers.possibilistic.direct import Direct

Matrix = NDArray[np.float64]
Node = tuple[int, int]
Sample = Mapping[int, Matrix]
"""Possibility degrees ``[index, value]`` by place of the percept."""


# ----- probabilities


def antipignistic(p: Matrix) -> Matrix:
    """π(v) = Σ_w min(p_w, p_v); the largest is 1."""
    return np.array([[sum(min(a, b) for b in row) for a in row] for row in p])


def minimum_specificity(p: Matrix) -> Matrix:
    """π_(i) = Σ_{j ≥ i} p_(j) in descending order; of equal probabilities the lower place comes first."""
    found = np.zeros_like(p)
    for row, target in zip(p, found, strict=True):
        order = sorted(range(len(row)), key=lambda place: -row[place])
        for rank, place in enumerate(order):
            target[place] = sum(row[other] for other in order[rank:])
    return found


# ----- one system


def min_max(g: Matrix, x: Matrix) -> Matrix:
    return np.array([min(max(entry, x[j]) for j, entry in enumerate(row)) for row in g])


def sigma(u: float, v: float, w: float) -> float:
    return min(max(w - u, 0.0) / 2, max(w - v, 0.0))


def row_distances(g: Matrix, d: Matrix) -> Matrix:
    """∇_i for each row."""
    found = []
    for i in range(len(d)):
        shares = []
        for j in range(g.shape[1]):
            pushed = max(sigma(d[i], g[k, j], d[k]) for k in range(len(d)))
            shares.append(max(max(g[i, j] - d[i], 0.0), pushed))
        found.append(min(shares))
    return np.array(found)


def distance(g: Matrix, d: Matrix) -> float:
    return float(row_distances(g, d).max())


def lowest_solution(g: Matrix, d: Matrix, nabla: float) -> Matrix:
    found = np.zeros(g.shape[1])
    for j in range(g.shape[1]):
        for i in range(len(d)):
            lowered = max(d[i] - nabla, 0.0)
            if g[i, j] < lowered:
                found[j] = max(found[j], lowered)
    return found


def lowest_approximation(g: Matrix, d: Matrix) -> Matrix:
    return min_max(g, lowest_solution(g, d, distance(g, d)))


# ----- one rule set


@dataclass(frozen=True)
class Example:
    """One sample of one rule set: Γ, Y and ∇ᵘ."""

    g: Matrix
    y: Matrix
    alone: float


def gamma(rules: RuleSet, degrees: Sequence[tuple[float, float]]) -> Matrix:
    """Row c has (λ_i, 1) where rule i speaks for the cell, (1, ρ_i) where it speaks against it."""
    rows = []
    for signs in rules.partition.signs.tolist():
        row: list[float] = []
        for sign, (possible, excluded) in zip(signs, degrees, strict=True):
            row += [possible, 1.0] if sign else [1.0, excluded]
        rows.append(row)
    return np.array(rows)


def grid(count: int = 30, power: float = 5.0, margin: float = 0.001) -> list[float]:
    return [(place / count) ** power * (1.0 + margin) for place in range(1, count + 1)]


def minimal_threshold(examples: Sequence[Example], thresholds: Sequence[float]) -> float:
    return next(t for t in thresholds if any(example.alone < t for example in examples))


def fit(examples: Sequence[Example], threshold: float) -> Matrix:
    """Steps 3 to 6."""
    kept = [example for example in examples if example.alone < threshold]
    g = np.concatenate([example.g for example in kept])
    y = np.concatenate([lowest_approximation(example.g, example.y) for example in kept])
    shares = row_distances(g, y)
    nabla = max((share for share in shares if share < threshold), default=0.0)
    return lowest_solution(g, y, nabla)


# ----- a program


@dataclass
class PaperLearning:
    """``model``: all its rules have parameters of their own to learn. ``cells(node, sample number)``: the true cell.

    ``right(answers, sample number)`` judges the distributions of all nodes of a validation sample.
    """

    model: GroundModel
    samples: Sequence[Sample]
    cells: Callable[[Node, int], int]
    validation: Sequence[Sample]
    right: Callable[[Mapping[Node, Matrix], int], bool]
    accept: float = 0.01
    stagnation: int = 1
    thresholds: Sequence[float] = field(default_factory=grid)

    def __post_init__(self) -> None:
        self.blocks = dependencies(self.model).order
        self.nodes = [node for block in self.blocks for node in block if node in rule_sets(self.model)]
        self.trials: list[tuple[str, float, float]] = []

    def evaluate(self, model: GroundModel, sample: Sample) -> Direct:
        direct = Direct(model, self.blocks)
        direct.run(sample)
        return direct

    def examples(self, model: GroundModel, node: Node) -> list[Example]:
        rules = rule_sets(model)[node]
        found = []
        for number, sample in enumerate(self.samples):
            direct = self.evaluate(model, sample)
            pairs = [
                (direct.possibility(rule.premise), direct.possibility(direct.negation(rule.premise)))
                for rule in rules.rules
            ]
            g = gamma(rules, pairs)
            y = np.zeros(len(g))
            y[self.cells(node, number)] = 1.0
            found.append(Example(g, y, distance(g, y)))
        return found

    def learn(self, thresholds: Mapping[int, float]) -> tuple[GroundModel, dict[Node, float]]:
        """Stage after stage; the model, and the least threshold of each rule set, to which smaller ones are raised."""
        model = self.model
        least: dict[Node, float] = {}
        for node in self.nodes:
            examples = self.examples(model, node)
            least[node] = minimal_threshold(examples, self.thresholds)
            x = fit(examples, max(thresholds[node[0]], least[node]))
            model = put(model, node, x)
        return model, least

    def accuracy(self, model: GroundModel) -> float:
        right = sum(
            self.right(self.evaluate(model, sample).degrees, number) for number, sample in enumerate(self.validation)
        )
        return 100.0 * right / len(self.validation)

    def search(self) -> tuple[GroundModel, dict[int, float]]:
        coordinates = list(dict.fromkeys(node[0] for node in self.nodes))
        model, least = self.learn(dict.fromkeys(coordinates, 0.0))
        best = self.accuracy(model)
        thresholds = {a: max(t for node, t in least.items() if node[0] == a) for a in coordinates}
        for attribute in coordinates:
            idle = 0
            for candidate in [t for t in self.thresholds if t > thresholds[attribute]]:
                model, _ = self.learn({**thresholds, attribute: candidate})
                found = self.accuracy(model)
                self.trials.append((self.model.attributes[attribute].name, candidate, found))
                if found > best + self.accept:
                    best, idle = found, 0
                    thresholds[attribute] = candidate
                    continue
                idle += 1
                if idle >= self.stagnation:
                    break
        return self.learn(thresholds)[0], thresholds


def put(model: GroundModel, node: Node, x: Matrix) -> GroundModel:
    """``model`` with the parameters X = (s_1, r_1, s_2, r_2, …) of one rule set."""
    rules = list(model.uncertain)
    mine = [p for p, rule in enumerate(rules) if (rule.conclusion.attribute, rule.conclusion.index) == node]
    for number, place in enumerate(mine):
        rules[place] = replace(rules[place], s=float(x[2 * number]), r=float(x[2 * number + 1]))
    return replace(model, uncertain=tuple(rules))
