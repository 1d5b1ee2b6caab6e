"""The policy `reference` decides as a plain transcription of the paper's equations does, bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import pytest
import torch

from nesy.dsl import check, parse
from nesy.solvers.backend import Options
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.grounding import ground
from nesy.solvers.possibilistic.learning.learn import learn
from nesy.solvers.possibilistic.learning.options import LearningOptions
from nesy.solvers.possibilistic.relation import rule_sets
from tests.oracle.paper_learning import Matrix, Node, PaperLearning, antipignistic, grid, minimum_specificity

ADDITION = """
const k = 2.  const b = 2.
type place = 1..k.  type image = 1..2 * k.  type digit = 0..b - 1.  type carry = 0..1.
percept a(image) : digit.
concept units : (digit, digit).
concept c(J) : (digit, digit, carry) for place(J), J < k.
concept w(0..k - 1) : carry.
concept y(0..k) : digit.
units in {(X, _)} iff a(k) = X [learn].
units in {(_, X)} iff a(2 * k) = X [learn].
c(J) in {(X, _, _)} iff a(J) = X [learn] where J < k.
c(J) in {(_, X, _)} iff a(I) = X [learn] where I = J + k, J < k.
c(J) in {(_, _, 0)} iff w(J) = 0 [learn] where J < k.
w(I) = 1 iff c(J) in {(X, Y, R) : X + Y + R >= b} [learn] where I = J - 1, J < k.
w(I) = 1 iff units in {(X, Y) : X + Y >= b} [learn] where I = k - 1.
y(J) = D iff c(J) in {(X, Y, R) : (X + Y + R) mod b = D} [learn] where J > 0, J < k.
y(k) = D iff units in {(X, Y) : (X + Y) mod b = D} [learn].
y(0) = 0 iff w(0) = 0 [learn].
query y(_).
"""

JUDGES = """
type judge = 1..3.  type mark = 0..2.
percept a(judge) : mark.
concept c : mark.
concept good(1..2) : bool.
c = V iff a(I) = V [learn].                       % the judges may disagree: no cell fits all their rules
good(1) iff c in {1, 2} [learn].
good(2) iff a(1) = 2 or good(1) [learn].
good(2) iff a(2) != 0 [learn].
query c. query good(_).
"""
STEPS = 64

Labels = Mapping[str, object]
"""The value of everything, by label."""


def read(random: Random, labels: list[int], values: int, wrong: float) -> Matrix:
    """Probabilities in steps of 1/64, mostly highest at the label, so that all arithmetic is exact."""
    rows = []
    for label in labels:
        seen = random.randrange(values) if random.random() < wrong else label
        weights = [4.0 * (value == seen) * random.random() + random.random() ** 3 for value in range(values)]
        counts = [int(STEPS * weight / sum(weights)) for weight in weights]
        counts[seen] += STEPS - sum(counts)
        rows.append([count / STEPS for count in counts])
    return np.array(rows)


def addition(digits: list[int]) -> Labels:
    (x1, x2, y1, y2), b = digits, 2
    carry = int(x2 + y2 >= b)
    first = x1 + y1 + carry
    return {
        **{f"a({place})": digit for place, digit in enumerate(digits, 1)},
        "units": (x2, y2),
        "c(1)": (x1, y1, carry),
        "w(1)": carry,
        "w(0)": int(first >= b),
        "y(2)": (x2 + y2) % b,
        "y(1)": first % b,
        "y(0)": int(first >= b),
    }


def judges(marks: list[int]) -> Labels:
    mark = sorted(marks)[1]
    return {
        **{f"a({place})": entry for place, entry in enumerate(marks, 1)},
        "c": mark,
        "good(1)": mark > 0,
        "good(2)": marks[0] == 2 or mark > 0,
    }


@dataclass(frozen=True)
class Data:
    """Samples: the labels of everything, and the readings of the one percept, ``[index, value]`` each."""

    model: GroundModel
    labels: Sequence[Labels]
    readings: Sequence[Matrix]

    def value(self, node: Node, number: int) -> int:
        attribute = self.model.attributes[node[0]]
        return attribute.domain.positions[self.labels[number][attribute.label(node[1])]]  # type: ignore[index]

    def targets(self, name: str) -> torch.Tensor:
        place = self.model.attribute_places[name]
        attribute = self.model.attributes[place]
        rows = [[self.value((place, i), n) for i in range(len(attribute.index))] for n in range(len(self.labels))]
        tensor = torch.eye(len(attribute.domain), dtype=torch.float64)[torch.tensor(rows)]
        return tensor.view(len(rows), *attribute.shape, -1)

    def batch(self, *names: str) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
        return {"a": torch.from_numpy(np.stack(self.readings))}, {name: self.targets(name) for name in names}


def drawn(
    model: GroundModel, random: Random, count: int, size: int, values: int, truth: Callable[[list[int]], Labels]
) -> Data:
    rows = [[random.randrange(values) for _ in range(size)] for _ in range(count)]
    return Data(model, [truth(row) for row in rows], [read(random, row, values, 0.2) for row in rows])


def parity(training: Data, validation: Data, transform: str, learning: LearningOptions, *given: str) -> PaperLearning:
    model = training.model
    change = antipignistic if transform == "antipignistic" else minimum_specificity
    sets = rule_sets(model)
    asked = [(query.attribute, query.index) for query in model.queries]

    def right(degrees: Mapping[Node, Matrix], number: int) -> bool:
        for node in asked:
            best = np.flatnonzero(degrees[node] == degrees[node].max())
            if len(best) > 1 or best[0] != validation.value(node, number):
                return False
        return True

    paper = PaperLearning(
        model,
        [{0: change(row)} for row in training.readings],
        lambda node, number: sets[node].partition.cell_of[training.value(node, number)],
        [{0: change(row)} for row in validation.readings],
        right,
        stagnation=learning.stagnation,
        thresholds=grid(learning.grid_size, learning.grid_power),
    )
    expected, thresholds = paper.search()
    found = learn(
        model,
        Options(transform=transform, ties="reference"),
        *training.batch(*given),
        learning,
        validation=validation.batch(*given),
    )
    assert dict(found.report.thresholds) == {model.attributes[place].name: t for place, t in thresholds.items()}
    start = len({node[0] for node in paper.nodes})
    assert [(step.concept, step.threshold, step.accuracy) for step in found.report.search[start:]] == paper.trials
    assert [(rule.s, rule.r) for rule in found.model.uncertain] == [(rule.s, rule.r) for rule in expected.uncertain]
    return paper


@pytest.mark.slow
@pytest.mark.parametrize("transform", ["antipignistic", "specificity"])
@pytest.mark.parametrize("seed", range(2))
def test_addition_with_carry(seed: int, transform: str) -> None:
    """Concepts without targets get theirs from the labels of the percepts."""
    random, model = Random(seed), ground(check(parse(ADDITION)))
    training, validation = (drawn(model, random, count, 4, 2, addition) for count in (7, 12))
    parity(training, validation, transform, LearningOptions(policy="reference"), "a", "y")


@pytest.mark.slow
@pytest.mark.parametrize("transform", ["antipignistic", "specificity"])
@pytest.mark.parametrize("seed", range(3))
def test_rules_that_disagree(seed: int, transform: str) -> None:
    """Parameters are not 0, and samples are inconsistent with one another."""
    random, model = Random(seed), ground(check(parse(JUDGES)))
    training, validation = (drawn(model, random, count, 3, 3, judges) for count in (9, 25))
    parity(training, validation, transform, LearningOptions(policy="reference"), "c", "good")


@pytest.mark.slow
def test_thresholds_move() -> None:
    """A coarse grid and more patience: steps are accepted, others are not, in the same order."""
    learning = LearningOptions(policy="reference", grid_size=12, grid_power=1.0, stagnation=3)
    model = ground(check(parse(JUDGES)))
    moved = 0
    for seed in range(2):
        random = Random(seed)
        training, validation = (drawn(model, random, count, 3, 3, judges) for count in (9, 25))
        paper = parity(training, validation, "antipignistic", learning, "c", "good")
        moved += len({accuracy for _, _, accuracy in paper.trials}) > 1
    assert moved
