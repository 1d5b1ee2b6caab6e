"""Which rules share parameters, and what that does to learning."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
import torch

from nesy.dsl.diagnostics import NesyError
from nesy.solvers.backend import Options
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.possibilistic.learning.learn import learn
from nesy.solvers.possibilistic.learning.options import LearningOptions
from nesy.solvers.possibilistic.learning.stages import cut
from nesy.solvers.possibilistic.learning.tasks import Task, tasks_of
from tests.solvers.possibilistic.learning.programs import SUDOKU, hot, program, readings

KEEP = LearningOptions(threshold=None)


def tasks(model: GroundModel, samples: int = 10, *, every: bool = False) -> tuple[Task, ...]:
    return tasks_of(cut(model), samples, every=every)


def test_rule_sets_of_one_shape_are_one_batch() -> None:
    pairs, valid = tasks(program(SUDOKU))
    assert (len(pairs.sets), pairs.unknowns, pairs.shared) == (56, 16, False)
    assert (len(valid.sets), valid.unknowns, valid.stage) == (1, 2, 1)
    assert len(tasks(program(SUDOKU), 1_000_000)) == 57


def test_shared_parameters_make_one_system() -> None:
    """One pair of parameters for each value, of two statements, over all 56 pairs of cells."""
    model = program(SUDOKU.replace("= K [learn]", "= K [learn per K]"))
    pairs, _ = tasks(model)
    assert (len(pairs.parts), len(pairs.sets), pairs.unknowns, pairs.shared) == (1, 56, 16, True)


def test_statements_never_share() -> None:
    text = """
    type i = 1..2.
    percept a(i) : bool.  percept b(i) : bool.  concept c(i) : bool.
    c(I) iff a(I) [learn per I].
    c(I) iff b(I) [learn per I].
    query c(_).
    """
    (only,) = tasks(program(text))
    assert (only.shared, only.unknowns) == (False, 4)


def test_fixed_rules_have_no_unknowns_unless_all_are_learned() -> None:
    text = """
    percept a : bool.  concept c : bool.  concept d : bool.
    c iff a [learn s].
    if c then d.
    query d.
    """
    model = program(text)
    (only,) = tasks(model)
    assert only.parts[0].columns == (0, -1)
    assert [task.parts[0].columns for task in tasks(model, every=True)] == [(0, -1), (0, 1)]


TIED = """
type i = 1..3.
percept a(i) : bool.  concept c(i) : bool.
c(I) iff a(I) [learn per K] where K = 1.
query c(_).
"""


def graded(first: float, rest: float) -> torch.Tensor:
    return torch.tensor([[[1.0, first]] + [[1.0, rest]] * 2], dtype=torch.float64)


def test_a_shared_parameter_is_that_of_all_samples_together() -> None:
    """Targets of 0.5 at one index and 0.25 at the others: apart each is met, together ∇ is half the difference."""
    apart, together = program(TIED.replace(" per K", "")), program(TIED)
    evidence, targets = {"a": hot([[0, 0, 0]], 2)}, {"c": graded(0.5, 0.25)}
    learned = learn(apart, Options(), evidence, targets, KEEP)
    assert [rule.s for rule in learned.model.uncertain] == [0.5, 0.25, 0.25]
    learned = learn(together, Options(), evidence, targets, KEEP)
    assert [rule.s for rule in learned.model.uncertain] == [0.375, 0.375, 0.375]
    assert {entry.distance for entry in learned.report.rule_sets} == {0.125}
    assert len(learned.report.rule_sets) == 3


SPANNING = """
type link = 1..3.
percept a(link) : bool.  concept c(0..3) : bool.
c(0).
c(J) iff a(J) and c(I) [learn per K] where I = J - 1, K = 1.
query c(_).
"""


def test_parameters_shared_across_stages_settle() -> None:
    """Each link rests on the one before, and all have the same parameters."""
    model = program(SPANNING)
    (only,) = tasks(model)
    assert only.spanning
    assert only.stage == 3
    evidence = {"a": hot([[0, 1, 1], [1, 0, 1], [1, 1, 1]], 2)}
    targets = torch.tensor([[[0.0, 1], [1, 0.25], [1, 0.5], [1, 0.5]]] * 3, dtype=torch.float64)
    targets[1, 1] = targets[2, 1] = targets[2, 2] = torch.tensor([0.0, 1])
    targets[2, 3] = torch.tensor([0.0, 1])
    learned = learn(model, Options(), evidence, {"c": targets}, KEEP)
    assert learned.report.settled
    assert 1 < learned.report.rounds <= 20
    pairs = {(rule.s, rule.r) for rule in learned.model.uncertain[1:]}
    assert len(pairs) == 1
    again = learn(learned.model, Options(), evidence, {"c": targets}, KEEP)
    assert {(rule.s, rule.r) for rule in again.model.uncertain[1:]} == pairs


@pytest.mark.slow
def test_what_was_tried_before_leaves_no_trace() -> None:
    """The search ends with what a fit with its thresholds gives from the start."""
    model = program(SPANNING)
    evidence = {"a": hot([[0, 1, 1], [1, 0, 1], [1, 1, 1]], 2)}
    targets = torch.tensor([[[0.0, 1], [1, 0.25], [1, 0.5], [1, 0.5]]] * 3, dtype=torch.float64)
    data = (evidence, {"c": targets})
    searched = learn(model, Options(), *data, replace(KEEP, threshold="validation", stagnation=30), validation=data)
    ((_, threshold),) = searched.report.thresholds
    assert len(searched.report.search) > 2
    once = learn(model, Options(), *data, replace(KEEP, threshold=threshold))
    assert once.report.settled
    assert once.model.uncertain == searched.model.uncertain


def test_rounds_that_are_too_few_are_told() -> None:
    evidence = {"a": hot([[0, 1, 1]], 2)}
    targets = torch.tensor([[[0.0, 1], [1, 0.25], [1, 0.5], [1, 0.5]]], dtype=torch.float64)
    learned = learn(program(SPANNING), Options(), evidence, {"c": targets}, replace(KEEP, rounds=1))
    assert not learned.report.settled


def test_tied_sudoku_learns_the_same_for_all_pairs() -> None:
    random = Random(1)
    model = program(SUDOKU.replace("= K [learn]", "= K [learn per K]"))
    labels = hot([[[random.randrange(4) for _ in range(4)] for _ in range(4)] for _ in range(20)], 4)
    valid = torch.ones(20, 2, dtype=torch.float64)
    learned = learn(model, Options(), {"cell": readings(random, labels)}, {"cell": labels, "valid": valid}, KEEP)
    found: dict[object, set[tuple[float, float]]] = {}
    for rule in learned.model.uncertain[:-1]:
        found.setdefault((rule.origin.span, rule.group), set()).add((rule.s, rule.r))
    assert len(found) == 8
    assert all(len(pairs) == 1 for pairs in found.values())


def test_systems_that_would_be_too_large_are_refused() -> None:
    """One statement of two shares its parameters: each of the 56 rule sets has columns of its own."""
    model = program(
        SUDOKU.replace("(K, _)} iff cell(R1, C1) = K [learn]", "(K, _)} iff cell(R1, C1) = K [learn per K]")
    )
    pairs, _ = tasks(model)
    assert (len(pairs.parts), pairs.unknowns) == (56, 8 + 56 * 8)
    with pytest.raises(NesyError) as raised:
        tasks(model, 5_000)
    (problem,) = raised.value.diagnostics
    assert problem.code == "E540"
    assert problem.span.line == 11
