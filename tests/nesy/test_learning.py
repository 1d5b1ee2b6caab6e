"""Learning through the facade: forms of samples, validation, what is grounded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import nesy
from nesy.dsl.diagnostics import NesyError
from nesy.learning import divided, ground_for_learning

PROGRAM = """
percept fever : bool.
percept cough : bool.
concept infection : bool.
concept flu : bool.
concept cold : bool.
infection iff fever [learn].
flu iff infection and cough [learn r].
cold iff cough [s = 0.25].
query flu.
"""
POOLED = nesy.LearningOptions(estimate="pooled")


def samples(count: int = 100) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Every fifth infection is without fever or the other way round."""
    evidence: list[dict[str, object]] = []
    targets: list[dict[str, object]] = []
    for number in range(count):
        fever, cough = number % 2 == 0, number % 4 < 2
        infection = fever != (number % 10 in (0, 5))
        evidence.append({"fever": fever, "cough": cough})
        targets.append({"infection": infection, "flu": infection and cough})
    return evidence, targets


def degrees(learned: nesy.Learned) -> list[tuple[float, float]]:
    return [(round(rule.s, 6), round(rule.r, 6)) for rule in learned.model.uncertain]


def test_from_samples_to_answers(tmp_path: Path) -> None:
    program = nesy.load(PROGRAM)
    learned = program.learn(*samples(), POOLED)
    assert degrees(learned)[0] == (0.4, 0.4)
    assert learned.report.samples == 100
    learned.parameters.save(tmp_path / "p.json")
    for given_as in (learned.parameters, tmp_path / "p.json", str(tmp_path / "p.json")):
        engine = program.compile(parameters=given_as)
        assert [(rule.s, rule.r) for rule in engine.model.uncertain] == [
            (rule.s, rule.r) for rule in learned.model.uncertain
        ]
        assert engine.infer({"fever": True, "cough": True})["flu"].possibility.tolist() == [[0.4, 1.0]]
    assert program.compile().infer({"fever": True, "cough": True})["flu"].possibility.tolist() == [[0.0, 1.0]]


def test_tensors_and_values_say_the_same() -> None:
    evidence, targets = samples()
    first = nesy.load(PROGRAM).learn(evidence, targets, POOLED)

    def rows(entries: list[dict[str, Any]], name: str) -> torch.Tensor:
        return torch.eye(2, dtype=torch.float64)[[int(entry[name]) for entry in entries]]

    tensors = {name: rows(evidence, name) for name in ("fever", "cough")}
    known = {name: rows(targets, name).numpy() for name in ("infection", "flu")}
    assert degrees(nesy.load(PROGRAM).learn(tensors, known, POOLED)) == degrees(first)
    assert degrees(nesy.load(PROGRAM).compile().learn(evidence, targets, POOLED)) == degrees(first)


def test_concepts_with_targets_are_grounded() -> None:
    program = nesy.load(PROGRAM)
    model = ground_for_learning(program, ["infection", "cold", "fever", "unheard"])
    assert [query.label for query in model.queries] == ["flu", "cold"]
    assert [query.label for query in ground_for_learning(program, ["flu"], ["infection"]).queries] == [
        "infection",
        "flu",
    ]
    unasked = nesy.load(PROGRAM.replace("query flu.", ""))
    assert [query.label for query in ground_for_learning(unasked, ["infection"]).queries] == ["infection"]


def test_concepts_that_no_query_needs_are_learned() -> None:
    program = nesy.load(PROGRAM.replace("[s = 0.25]", "[learn]"))
    evidence, _ = samples()
    targets = [{"cold": entry["cough"]} for entry in evidence]
    learned = program.learn(evidence, [t | {"flu": False, "infection": False} for t in targets], POOLED)
    assert learned.report.rule_sets[-1].concept == "cold"
    assert len(learned.parameters.rules[-1].pairs) == 1


def test_all_rules() -> None:
    evidence, targets = samples()
    targets = [known | {"cold": reading["cough"]} for reading, known in zip(evidence, targets, strict=True)]
    learned = nesy.load(PROGRAM).learn(evidence, targets, nesy.LearningOptions(estimate="pooled", every=True))
    assert [rule.learn for rule in learned.parameters.rules] == [("s", "r"), ("r",), ("s", "r")]
    assert degrees(learned)[2] == (0.0, 0.0)
    engine = nesy.load(PROGRAM).compile(parameters=learned.parameters, queries=["cold"])
    assert engine.model.uncertain[0].s == 0.0


def test_validation_by_samples_or_by_a_share() -> None:
    program = nesy.load(PROGRAM)
    learned = program.learn(*samples(), POOLED, validation=samples(20))
    assert learned.report.accuracy_after is not None
    assert learned.report.samples == 100
    shared = program.learn(*samples(), POOLED, validation=0.25)
    assert shared.report.samples == 75
    assert shared.report.accuracy_before is not None
    again = program.learn(*samples(), POOLED, validation=0.25)
    assert degrees(again) == degrees(shared)


@given(st.integers(2, 30), st.floats(0.05, 0.95), st.integers(0, 5))
def test_a_share_divides_the_samples(count: int, share: float, seed: int) -> None:
    if not 0 < round(share * count) < count:
        with pytest.raises(NesyError, match="E570"):
            divided(count, share, seed)
        return
    kept, others = divided(count, share, seed)
    assert sorted(kept + others) == list(range(count))
    assert len(others) == round(share * count)
    assert (kept, others) == (sorted(kept), sorted(others))


def test_samples_keep_their_numbers_where_some_validate() -> None:
    evidence, targets = samples()
    exceptions = {number for number in range(100) if number % 10 in (0, 5)}
    options = nesy.LearningOptions(threshold=0.5)
    learned = nesy.load(PROGRAM).learn(evidence, targets, options, validation=0.5)
    dropped = {number for part in learned.report.rule_sets[0].dropped for number in part.samples}
    assert dropped
    assert dropped < exceptions
    wrong = np.tile([0.0, 1.0], (100, 1))
    wrong[77] = 0.5
    with pytest.raises(NesyError, match=r"is 0\.5 in sample 77"):
        nesy.load(PROGRAM).learn(evidence, {"infection": wrong, "other": [[1], [1, 2]]}, validation=0.5)
    with pytest.raises(NesyError) as caught:
        nesy.load(PROGRAM).learn(evidence, {"fever": wrong.clip(1)[:, ::-1].copy()}, validation=0.5)
    kept, _ = divided(100, 0.5, 0)
    assert f"sample {kept[0]}" in caught.value.diagnostics[0].message


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, 2.0, float("nan"), 0.001])
def test_shares_that_leave_nothing(share: float) -> None:
    with pytest.raises(NesyError, match="E570"):
        nesy.load(PROGRAM).learn(*samples(), validation=share)


def test_learning_begins_with_parameters() -> None:
    program = nesy.load(PROGRAM)
    first = program.learn(*samples(), POOLED)
    again = program.compile(parameters=first.parameters)
    relearned = again.learn(*samples(), POOLED, validation=samples(20))
    assert relearned.report.accuracy_before == relearned.report.accuracy_after


@pytest.mark.parametrize(
    ("evidence", "targets", "code"),
    [
        (samples()[0], samples()[1][:5], "E532"),
        (samples()[0], [{"influenza": True}] * 100, "E531"),
        (samples()[0], {"infection": torch.ones(100, 2) * 0.5}, "E534"),
        (samples()[0], {"infection": torch.ones(100, 3)}, "E532"),
        (samples()[0], {"infection": torch.ones(100, 2) * 2}, "E533"),
        ({"fever": torch.ones(3, 2)}, [{}] * 3, "E402"),
        (samples()[0], [{"cold": {"true": 1}}] * 100, "E535"),
    ],
)
def test_what_cannot_be_learned_from(evidence: Any, targets: Any, code: str) -> None:
    with pytest.raises(NesyError) as caught:
        nesy.load(PROGRAM).learn(evidence, targets)
    assert code in {entry.code for entry in caught.value.diagnostics}


def test_nothing_to_learn() -> None:
    program = nesy.load(PROGRAM.replace("[learn]", "").replace("[learn r]", ""))
    with pytest.raises(NesyError, match="E530"):
        program.learn(*samples())


def test_other_back_ends_take_no_parameters() -> None:
    program = nesy.load(PROGRAM)
    parameters = program.learn(*samples(), POOLED).parameters
    with pytest.raises(NesyError, match=r"E565.*takes no learned parameters"):
        program.compile("asp", parameters=parameters)
    crisp = nesy.load(PROGRAM.replace("[learn]", "").replace("[learn r]", "").replace("[s = 0.25]", ""))
    with pytest.raises(NesyError, match=r"E565.*does not learn"):
        crisp.compile("asp").learn(*samples())


def test_progress_is_told_and_may_end_learning() -> None:
    seen: list[int] = []
    nesy.load(PROGRAM).learn(*samples(), POOLED, progress=lambda progress: seen.append(progress.done))
    assert seen
    assert seen[-1] >= 1

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nesy.load(PROGRAM).learn(*samples(), POOLED, progress=stop)
