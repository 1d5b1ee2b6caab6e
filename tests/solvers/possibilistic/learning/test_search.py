"""The search for thresholds: what is accepted, what ends it, what it starts with."""

from __future__ import annotations

from random import Random

import pytest
import torch
from torch import Tensor

from nesy.solvers.backend import Options
from nesy.solvers.possibilistic.learning.learn import Learned, learn
from nesy.solvers.possibilistic.learning.options import LearningOptions
from tests.solvers.possibilistic.learning.programs import ADDITION, additions, hot, program, readings

JUDGES = """
type judge = 1..3.  type mark = 0..2.
percept a(judge) : mark.
concept c : mark.
concept good : bool.
c = V iff a(I) = V [learn].
good iff c in {1, 2} [learn].
query c. query good.
"""


def judged(random: Random, count: int) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Three judges who disagree now and then, and the middle one of their marks."""
    marks = []
    for _ in range(count):
        mark = random.randrange(3)
        marks.append([mark if random.random() < 0.8 else random.randrange(3) for _ in range(3)])
    middle = [sorted(row)[1] for row in marks]
    read = readings(random, hot(marks, 3), right=False)
    return {"a": read}, {"c": hot(middle, 3), "good": hot([int(m > 0) for m in middle], 2)}


def searched(seed: int, policy: str, **options: float) -> Learned:
    random = Random(seed)
    learning = LearningOptions(policy=policy, **options)  # type: ignore[arg-type]
    return learn(program(JUDGES), Options(), *judged(random, 40), learning, validation=judged(random, 60))


@pytest.mark.parametrize("policy", ["exact", "reference"])
@pytest.mark.parametrize("seed", range(2))
def test_steps(seed: int, policy: str) -> None:
    report = searched(seed, policy, stagnation=2).report
    start, steps = report.search[:2], report.search[2:]
    assert [step.concept for step in start] == ["c", "good"]
    assert all(step.accepted for step in start)
    best = start[0].accuracy
    for step in steps:
        assert step.accepted == (step.accuracy > best + 0.01)
        best = max(best, step.accuracy) if step.accepted else best
    for concept in ("c", "good"):
        mine = [step for step in steps if step.concept == concept]
        assert [step.threshold for step in mine] == sorted({step.threshold for step in mine})
        idle = 0
        for place, step in enumerate(mine):
            idle = 0 if step.accepted else idle + 1
            assert idle < 2 or place == len(mine) - 1
    assert report.accuracy_after is not None
    if policy == "exact":
        assert report.accuracy_after == best


@pytest.mark.slow
def test_the_last_fit_of_exact_is_the_one_that_was_validated() -> None:
    """So is that of `reference` only if no rule set has a least threshold of its own below that of its concept."""
    for seed in range(2):
        report = searched(seed, "exact", stagnation=30).report
        assert report.accuracy_after == max(step.accuracy for step in report.search)
        thresholds = dict(report.thresholds)
        for entry in report.rule_sets:
            assert entry.threshold is not None
            assert entry.threshold >= (thresholds[entry.concept] or 0.0)
            assert entry.kept > 0


@pytest.mark.slow
def test_steps_that_change_nothing_are_passed_over() -> None:
    """From right readings every threshold gives s = r = 0, and the search of `exact` has nothing to compare."""
    random = Random(0)
    data, more = additions(random, 40, 1), additions(random, 10, 1)
    learned = learn(program(ADDITION), Options(), *data, validation=more)
    assert [step.concept for step in learned.report.search] == ["c", "w", "leading", "y"]
    reference = learn(program(ADDITION), Options(), *data, LearningOptions(policy="reference"), validation=more)
    assert len(reference.report.search) == 8


def test_a_number_is_used_as_it_is() -> None:
    random = Random(1)
    data = judged(random, 40)
    learned = learn(program(JUDGES), Options(), *data, LearningOptions(threshold=0.75))
    assert {entry.threshold for entry in learned.report.rule_sets} == {0.75}
    assert learned.report.search == ()
    assert learned.report.accuracy_after is None


def test_the_grid() -> None:
    grid = LearningOptions().grid
    assert len(grid) == 30
    assert grid[0] == pytest.approx(4.119e-8, rel=1e-3)
    assert grid[-1] == 1.001
    assert LearningOptions(grid_power=2.0).grid[0] == pytest.approx(1.001 / 900)


@pytest.mark.slow
def test_accuracy_counts_what_is_asked_and_known() -> None:
    """An unknown target is passed over; of two most possible values none is right."""
    random = Random(2)
    evidence, targets = judged(random, 30)
    unsure = torch.full_like(evidence["a"], 1 / 3)
    learned = learn(program(JUDGES), Options(), evidence, targets, validation=({"a": unsure}, targets))
    assert learned.report.accuracy_after == 0.0
    half = {name: tensor.clone() for name, tensor in targets.items()}
    for tensor in half.values():
        tensor[10:] = torch.nan
    some = learn(program(JUDGES), Options(), evidence, targets, validation=(evidence, half))
    ten = {name: tensor[:10] for name, tensor in targets.items()}
    first = learn(program(JUDGES), Options(), evidence, targets, validation=({"a": evidence["a"][:10]}, ten))
    assert some.report.search == first.report.search
