"""Learning from end to end: theorems, cascades, reports, and that nothing is left behind."""

from __future__ import annotations

from random import Random

import pytest
import torch
from torch import Tensor

from nesy.dsl.diagnostics import NesyError
from nesy.solvers.backend import Options
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.possibilistic import compile_model
from nesy.solvers.possibilistic.learning.learn import Learned, learn
from nesy.solvers.possibilistic.learning.options import LearningOptions
from nesy.solvers.possibilistic.learning.parameters import apply
from nesy.solvers.possibilistic.learning.report import Progress
from tests.solvers.possibilistic.learning.programs import ADDITION, SUDOKU, additions, hot, program, sudokus

Batch = tuple[dict[str, Tensor], dict[str, Tensor]]
KEEP = LearningOptions(threshold=None)


def parameters(learned: Learned) -> set[float]:
    return {parameter for rule in learned.model.uncertain for parameter in (rule.s, rule.r)}


def taken(batch: Batch, count: int) -> Batch:
    evidence, targets = batch
    return {n: t[:count] for n, t in evidence.items()}, {n: t[:count] for n, t in targets.items()}


# ----- spec §2.4: from right readings, exact learning returns s = r = 0


@pytest.mark.slow
@pytest.mark.parametrize("transform", ["antipignistic", "specificity"])
@pytest.mark.parametrize("policy", ["exact", "reference"])
@pytest.mark.parametrize("name", ["addition", "sudoku"])
def test_right_readings_give_no_exceptions(name: str, policy: str, transform: str) -> None:
    random = Random(5)
    if name == "addition":
        model, data, more = program(ADDITION, k=2), additions(random, 60, 2), additions(random, 20, 2)
    else:
        model, data, more = program(SUDOKU), sudokus(random, 30), sudokus(random, 10)
    for learning in (
        LearningOptions(policy=policy, threshold=None),  # type: ignore[arg-type]
        LearningOptions(policy=policy, threshold=0.9),  # type: ignore[arg-type]
        LearningOptions(policy=policy),  # type: ignore[arg-type]
    ):
        learned = learn(model, Options(transform=transform), *data, learning, validation=more)
        assert parameters(learned) == {0.0}
        assert learned.report.accuracy_after == 100.0


def test_distances_of_right_readings_are_what_the_premises_leave_open() -> None:
    """§2.3: ∇ᵘ of a product rule base is the possibility of another value, of one of its attributes."""
    random = Random(2)
    model, (evidence, targets) = program(ADDITION, k=1), additions(random, 40, 1)
    learned = learn(model, Options(), evidence, targets, KEEP)
    degrees = compile_model(model, Options()).possibilities(evidence)["a"]
    other = degrees.where(targets["a"] == 0, 0.0).amax((1, 2))
    assert float(other.max()) < 0.5
    (entry,) = [entry for entry in learned.report.rule_sets if entry.concept == "c(1)"]
    assert entry.distance == pytest.approx(float(other.max()), abs=1e-12)
    assert entry.kept == entry.samples == 40
    assert learned.report.determined == ("c", "w")


# ----- where learning says something


def disagreeing() -> tuple[GroundModel, Batch]:
    text = """
    percept a : 0..2.  percept b : 0..2.
    concept c : 0..2.  concept d : bool.
    c = V iff a = V [learn].
    c = V iff b = V [learn].
    d iff c in {1, 2} [learn].
    query c. query d.
    """
    labels = [0, 1, 2, 0, 1, 2]
    seen_a = [0, 1, 2, 0, 1, 2]
    seen_b = [0, 1, 2, 1, 1, 2]
    evidence = {"a": hot(seen_a, 3) * 0.6 + 0.4 / 3, "b": hot(seen_b, 3) * 0.9 + 0.1 / 3}
    return program(text), (evidence, {"c": hot(labels, 3)})


def test_rules_that_disagree_get_what_it_takes() -> None:
    """b reads 1 where the truth is 0 and a says so: the rules on b must give way, those on a need not."""
    model, data = disagreeing()
    learned = learn(model, Options(), *data, KEEP, validation=data)
    s_and_r = {rule.origin.bindings[0][1]: (rule.s, rule.r) for rule in learned.model.uncertain[3:6]}
    assert s_and_r[0][0] > 0.5
    assert s_and_r[1][1] > 0.5
    assert all(rule.s == rule.r == 0 for rule in learned.model.uncertain[:3])
    assert learned.report.accuracy_before is not None
    assert learned.report.accuracy_after is not None
    assert learned.report.accuracy_before < learned.report.accuracy_after == 100.0
    assert learned.report.determined == ("d",)


@pytest.mark.slow
def test_the_learned_model_answers_as_the_report_says() -> None:
    random = Random(1)
    model, data, more = program(ADDITION, k=1), additions(random, 80, 1), additions(random, 50, 1, right=False)
    learned = learn(model, Options(), *data, validation=more)
    answer = compile_model(learned.model, Options()).infer(more[0])
    right = (answer["y"].choice == more[1]["y"].argmax(-1)).all(1).double().mean()
    assert learned.report.accuracy_after == pytest.approx(100 * float(right))


@pytest.mark.parametrize("every", [False, True])
def test_learned_parameters_make_the_program_the_learned_one(every: bool) -> None:
    model, data = disagreeing()
    learned = learn(model, Options(), *data, LearningOptions(threshold=None, every=every))
    assert apply(model, learned.parameters).uncertain == learned.model.uncertain
    answer = compile_model(model, Options(parameters=learned.parameters)).infer(data[0])["c"]
    expected = compile_model(learned.model, Options()).infer(data[0])["c"]
    assert answer.possibility is not None
    assert expected.possibility is not None
    assert torch.equal(answer.possibility, expected.possibility)


def test_samples_without_targets_are_left_out() -> None:
    model, (evidence, targets) = disagreeing()
    targets["c"][3] = torch.nan
    learned = learn(model, Options(), evidence, targets, KEEP)
    assert parameters(learned) == {0.0}
    assert {drop for entry in learned.report.rule_sets for drop in entry.dropped} == {
        type(learned.report.rule_sets[0].dropped[0])("no target", (3,))
    }


def test_what_was_dropped_is_told_with_its_samples() -> None:
    model, data = disagreeing()
    learned = learn(model, Options(), *data, LearningOptions(threshold=0.9))
    first = learned.report.rule_sets[0]
    assert (first.concept, first.lines, first.samples) == ("c", (4, 5), 6)
    assert first.threshold == 0.9
    told = {drop.reason: drop.samples for drop in first.dropped}
    assert set(told) <= {"distance not below the threshold"}
    assert first.kept == 6 - len(told.get("distance not below the threshold", ()))


def test_degrees_and_sets_as_targets() -> None:
    """A target may leave several values open, or give them degrees; what agrees with it costs nothing."""
    model, (evidence, _) = disagreeing()
    anything = torch.ones(6, 3, dtype=torch.float64)
    learned = learn(model, Options(), evidence, {"c": anything, "d": torch.ones(6, 2)}, KEEP)
    assert {parameter for rule in learned.model.uncertain[:6] for parameter in (rule.s, rule.r)} == {1.0}
    graded = torch.tensor([[1.0, 0.3, 0.3]] * 6, dtype=torch.float64)
    learned = learn(model, Options(), evidence, {"c": graded, "d": torch.ones(6, 2)}, KEEP)
    assert len(parameters(learned)) > 1


# ----- fixed parameters


def test_only_marked_parameters_are_learned() -> None:
    text = """
    percept a : bool.  percept b : bool.  concept c : bool.
    c iff a [learn r].
    c iff b [s = 0.25, r = 0.125].
    query c.
    """
    model = program(text)
    evidence = {"a": hot([1, 1, 0, 0], 2), "b": hot([1, 1, 1, 0], 2)}
    targets = {"c": hot([1, 0, 1, 0], 2)}
    learned = learn(model, Options(), evidence, targets, KEEP)
    assert [rule.s for rule in learned.model.uncertain] == [0.0, 0.25]
    assert learned.model.uncertain[1].r == 0.125
    everything = learn(model, Options(), evidence, targets, LearningOptions(threshold=None, every=True))
    assert everything.model.uncertain[1].s != 0.25


def test_clauses_on_a_concept_bound_its_equations() -> None:
    text = """
    percept a : 0..1.  percept b : bool.
    concept c : 0..1.
    c = V iff a = V [learn].
    c = 0 :- b = true.
    c = 1 :- b = false.
    c = 1 :- b = true.
    query c.
    """
    model = program(text)
    evidence = {"a": hot([0, 1], 2), "b": hot([1, 0], 2)}
    learned = learn(model, Options(), evidence, {"c": hot([0, 1], 2)}, KEEP)
    assert parameters(learned) == {0.0}
    assert [entry.distance for entry in learned.report.rule_sets] == [0.0]
    with pytest.raises(NesyError, match="E538"):
        learn(model, Options(), {**evidence, "b": hot([0, 0], 2)}, {"c": hot([0, 0], 2)}, KEEP)


# ----- manners


@pytest.mark.slow
def test_the_same_call_gives_the_same_result() -> None:
    random = Random(3)
    model, data, more = program(ADDITION, k=1), additions(random, 60, 1, right=False), additions(random, 20, 1)
    first, second = (learn(model, Options(), *data, validation=more) for _ in range(2))
    assert first.model.uncertain == second.model.uncertain
    assert first.report.search == second.report.search


@pytest.mark.slow
def test_progress_is_told_and_may_end_learning() -> None:
    random = Random(3)
    model, data, more = program(ADDITION, k=1), additions(random, 20, 1), additions(random, 10, 1)
    engine = compile_model(model, Options())
    told: list[Progress] = []
    engine.learn(*data, validation=more, progress=told.append)
    assert told[0] == Progress(1, 0, told[0].total)
    assert {step.concept for step in told} >= {"c", "w", "y"}
    assert all(0 <= step.done <= step.total for step in told)

    def interrupt(step: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.learn(*data, progress=interrupt)
    again = engine.learn(*data, KEEP)
    assert parameters(again) == {0.0}
    assert engine.model is model


def test_a_prefix_of_samples_is_no_other_program() -> None:
    """Learning does not depend on how many samples fit into a working table."""
    random = Random(7)
    model, data = program(ADDITION, k=1), additions(random, 30, 1, right=False)
    whole = learn(model, Options(), *data, LearningOptions(threshold=0.5))
    part = learn(model, Options(), *taken(data, 30), LearningOptions(threshold=0.5))
    assert whole.model.uncertain == part.model.uncertain


def test_single_precision_is_near() -> None:
    model, (evidence, targets) = disagreeing()
    double = learn(model, Options(), evidence, targets, KEEP)
    single = learn(model, Options(dtype="float32"), evidence, targets, KEEP)
    for one, other in zip(double.model.uncertain, single.model.uncertain, strict=True):
        assert (one.s, one.r) == pytest.approx((other.s, other.r), abs=1e-6)


def test_a_program_without_percepts() -> None:
    """Samples are then those of the targets."""
    model = program("concept c : bool. concept d : bool. c. d iff c [learn]. query d.")
    learned = learn(model, Options(), {}, {"d": torch.tensor([[0.25, 1.0], [0.5, 1.0]])}, KEEP)
    assert learned.report.samples == 2
    (rule,) = learned.model.uncertain
    assert (rule.s, rule.r) == (0.0, 0.375)
    with pytest.raises(NesyError, match="E532"):
        learn(model, Options(), {}, {"d": torch.tensor(1.0)}, KEEP)
    with pytest.raises(NesyError, match="E532"):
        learn(model, Options(), {}, {"d": "yes"}, KEEP)


@pytest.mark.slow
def test_a_chain_of_a_hundred_digits() -> None:
    random = Random(4)
    model, data, more = program(ADDITION, k=100), additions(random, 60, 100), additions(random, 20, 100)
    learned = learn(model, Options(), *data, validation=more)
    assert parameters(learned) == {0.0}
    assert learned.report.accuracy_after == 100.0
    assert len(learned.report.rule_sets) == 301
