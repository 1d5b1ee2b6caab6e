"""The checker finds every kind of wrong certificate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from nesy.abduction.checker import verify
from nesy.abduction.hypothesis import Hypothesis
from nesy.abduction.solve import solve
from nesy.solvers.answer import Status
from tests.nesy.abduction.brute_force import draw_problem
from tests.nesy.abduction.scene_problems import draw_scenes

PROBLEM = draw_problem(20, objects=60, models=3, classes=3, epsilons=(0.0, 0.3), bound=0.1)
PROBLEM.predictions.labels[7] = -1
PROBLEM.predictions.confidence[7] = 0.0
SILENT = 7

SCENES = draw_scenes(6, objects=20, classes=3, scenes=4, denials=3, bound=0.5)


@cache
def answer_to_problem() -> Hypothesis:
    """The optimum."""
    return solve(PROBLEM)


@cache
def answer_to_scenes() -> Hypothesis:
    """The optimum."""
    return solve(SCENES)


def changed(array: np.ndarray, place: object, value: object) -> np.ndarray:
    """A copy with one entry changed."""
    copy = array.copy()
    copy[place] = value
    return copy


def test_the_certificates_themselves_are_sound() -> None:
    assert verify(PROBLEM, answer_to_problem()) == verify(SCENES, answer_to_scenes()) == []
    assert answer_to_problem().inconsistent.size
    assert answer_to_scenes().violations


def other_model(answer: Hypothesis) -> dict[str, object]:
    """The first contradicted object goes to a model that the tie-breaker would not have taken."""
    row = int(answer.inconsistent[0, 0])
    other = next(model for model in np.flatnonzero(answer.candidates[row]) if model != answer.support[row])
    return {
        "support": changed(answer.support, row, other),
        "labels": changed(answer.labels, row, PROBLEM.predictions.labels[row, other]),
    }


def other_label(answer: Hypothesis) -> dict[str, object]:
    """The first labelled object gets another class."""
    row = int(np.flatnonzero(answer.labels >= 0)[0])
    return {"labels": changed(answer.labels, row, (answer.labels[row] + 1) % 3)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda _: {"digest": "0" * 32}, "another problem"),
        (lambda _: {"accepted": {}}, "candidates"),
        (lambda answer: {"accepted": {**answer.accepted, (9, 0): 0.0}}, "there is no pair"),
        (lambda answer: {"accepted": dict.fromkeys(answer.accepted, 0.17)}, "no budget"),
        (lambda answer: {"candidates": changed(answer.candidates, (SILENT, 0), True)}, "candidates"),
        (lambda answer: {"labels": changed(answer.labels, SILENT, 0)}, "labels"),
        (other_label, "differs"),
        (other_model, "tie-breaker"),
        (lambda answer: {"covered": answer.covered - 1}, "covered"),
        (lambda answer: {"inconsistent": answer.inconsistent[1:]}, "inconsistent"),
        (
            lambda answer: {"inconsistent": changed(answer.inconsistent, (0, 2), answer.inconsistent[0, 1])},
            "witnesses",
        ),
        (lambda _: {"rate": 0.0}, "rate"),
        (lambda answer: {"bound": answer.covered - 1}, "bound"),
        (lambda answer: {"bound": answer.covered + 1}, "gap"),
        (lambda answer: {"bound": 2 * answer.covered, "gap": 0.5}, "optimal"),
        (lambda _: {"status": Status.INFEASIBLE}, "infeasible"),
    ],
)
def test_wrong_certificates(change: Callable[[Hypothesis], dict[str, object]], message: str) -> None:
    answer = answer_to_problem()
    assert any(message in fault for fault in verify(PROBLEM, replace(answer, **change(answer))))


def test_demands_and_bounds_are_held_against_the_problem() -> None:
    answer = answer_to_problem()

    def faults(**change: object) -> str:
        problem = replace(PROBLEM, **change)
        return " ".join(verify(problem, replace(answer, digest=solve(problem, "search").digest)))

    missing = next(pair for pair in ((m, c) for m in range(3) for c in range(3)) if pair not in answer.accepted)
    assert "required" in faults(required=(missing,))
    assert "forbidden" in faults(forbidden=(next(iter(answer.accepted)),))
    assert "are allowed" in faults(bound=0.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"violations": ()}, "violations"),
        ({"confidence": 0.0}, "confidence"),
        ({"rate": 0.9}, "rate"),
    ],
)
def test_wrong_certificates_of_scenes(change: dict[str, object], message: str) -> None:
    assert any(message in fault for fault in verify(SCENES, replace(answer_to_scenes(), **change)))


def test_witnesses_of_scenes_are_the_supporting_predictions() -> None:
    answer = answer_to_scenes()
    first = answer.violations[0]
    (item, model), *rest = first.witnesses
    wrong = replace(first, witnesses=((item, model + 1), *rest))
    assert any(
        "witness" in fault for fault in verify(SCENES, replace(answer, violations=(wrong, *answer.violations[1:])))
    )
    twice = replace(answer, violations=(*answer.violations, first))
    assert any("violations" in fault for fault in verify(SCENES, twice))
