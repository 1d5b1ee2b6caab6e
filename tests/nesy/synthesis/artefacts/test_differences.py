"""Two runs side by side: where they part first, what differs, and that equal runs are equal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nesy.synthesis import Settings, library_of, synthesise
from nesy.synthesis.artefacts.differences import differences, first_difference
from nesy.synthesis.artefacts.folders import SavedRun, load_run, save

KNOWLEDGE = """
type person.
random flu(P) : bool ~ bernoulli(0.1) for person(P).
random fever(P) : bool ~ bernoulli(if flu(P) then 0.8 else 0.2) for person(P).
phrase "{P} has a fever" means person(P), observe fever(P).
phrase "does {P} have the flu" means person(P), query flu(P).
"""
TEXT = "Ann has a fever. Does Ann have the flu?"
Runs = Callable[..., SavedRun]


@pytest.fixture
def saved(tmp_path: Path) -> Runs:
    def run(text: str = TEXT, knowledge: str = KNOWLEDGE, seed: int = 0) -> SavedRun:
        folder = tmp_path / "run"
        save(synthesise([library_of(knowledge)], text, Settings(seed=seed)), folder)
        return load_run(folder)

    return run


def test_equal_runs_do_not_differ(saved: Runs) -> None:
    found = differences(saved(), saved())
    assert first_difference(found) is None
    assert [entry.stage for entry in found] == [
        "given",
        "parse",
        "retrieve",
        "graph",
        "candidates",
        "check",
        "infer",
        "score",
        "answer",
    ]


def test_another_number_in_the_knowledge(saved: Runs) -> None:
    found = differences(saved(), saved(knowledge=KNOWLEDGE.replace("0.1", "0.3")))
    assert [entry.stage for entry in found if entry.changes] == ["given", "candidates", "infer", "score", "answer"]
    candidates = found[4]
    assert [change.text for change in candidates.changes if ".program" in change.place] == [
        "models[0].program[1]: only in the first: random flu(P) : bool ~ bernoulli(0.1) for person(P).",
        "models[0].program[1]: only in the second: random flu(P) : bool ~ bernoulli(0.3) for person(P).",
    ]
    answer = {change.place: change for change in found[-1].changes}
    # 0.1 · 0.8 / (0.1 · 0.8 + 0.9 · 0.2), and the same with 0.3
    changed = answer["answers[flu(ann)].posterior.probability.true"]
    assert (changed.before, changed.after) == (pytest.approx(0.08 / 0.26), pytest.approx(0.24 / 0.38))


def test_a_sentence_more_is_one_difference(saved: Runs) -> None:
    found = differences(saved(), saved(text=f"{TEXT} It rains."))
    first = first_difference(found[1:])
    assert first is not None
    assert first.stage == "parse"
    assert [change.text for change in first.changes] == ["unused[It rains]: only in the second: It rains"]


def test_numbers_within_the_tolerance_are_equal(saved: Runs) -> None:
    one, other = saved(), saved(knowledge=KNOWLEDGE.replace("0.1", "0.1001"))
    assert differences(one, other)[-1].changes
    assert not differences(one, other, tolerance=0.01)[-1].changes
