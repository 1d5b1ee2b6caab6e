"""The staircase against all hypotheses and against repeated solves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from nesy.abduction import objects
from nesy.abduction.problem import AbductionProblem
from nesy.abduction.solve import solve
from nesy.abduction.staircase import Staircase, staircase
from nesy.solvers.answer import Status
from tests.effort import tries
from tests.nesy.abduction.brute_force import draw_problem, hypotheses, measured, problems
from tests.nesy.abduction.scene_problems import best_labelling, draw_scenes


def steps_of(problem: AbductionProblem, most: float) -> list[tuple[float, int]]:
    """Rates at which more can be covered than at lower ones, by trying every hypothesis."""
    highest: dict[float, int] = {}
    for accepted in hypotheses(problem):
        covered, _, rate = measured(problem, accepted)
        highest[rate] = max(highest.get(rate, 0), covered)
    found: list[tuple[float, int]] = []
    for rate, covered in sorted(highest.items()):
        if rate <= most + 1e-9 and (not found or covered > found[-1][1]):
            found.append((rate, covered))
    return found


def check(problem: AbductionProblem, found: Staircase) -> None:
    """Each step is what its pairs give."""
    for step in found.steps:
        accepted = {pair: problem.epsilons.index(epsilon) for pair, epsilon in step.accepted.items()}
        assert measured(problem, accepted)[0] == step.covered
        assert measured(problem, accepted)[2] == pytest.approx(step.rate)


@settings(max_examples=tries(100))
@given(problems(largest=10))
def test_all_steps_are_those_of_all_hypotheses(problem: AbductionProblem) -> None:
    found = staircase(problem, most=0.5)
    check(problem, found)
    assert found.complete
    expected = steps_of(problem, 0.5)
    assert [step.covered for step in found.steps] == [covered for _, covered in expected]
    assert [step.rate for step in found.steps] == pytest.approx([rate for rate, _ in expected])


@pytest.mark.parametrize("denominator", ["objects", "covered", "denials"])
def test_one_solution_after_the_other_gives_the_same(denominator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = draw_problem(8, objects=14, epsilons=(0.0, 0.3), classes=2, denominator=denominator)
    at_once = staircase(problem)
    monkeypatch.setattr(objects, "TREE", -1.0)
    found = staircase(problem)
    check(problem, found)
    assert found.complete
    assert [(step.covered, step.violations) for step in found.steps] == [
        (step.covered, step.violations) for step in at_once.steps
    ]


@pytest.mark.slow
def test_the_staircase_is_what_solving_gives() -> None:
    problem = draw_problem(21, objects=200, models=4, classes=4)
    found = staircase(problem)
    assert len(found.steps) > 5
    assert len(found.prices()) == len(found.steps) - 1
    for bound in (0.0, 0.013, 0.05, 0.1, 0.2, 0.7):
        assert solve(replace(problem, bound=bound)).covered == found.covered(bound)
    for step in found.steps:
        assert solve(replace(problem, bound=step.rate)).covered == step.covered == step.bound


def test_required_pairs_raise_the_first_step() -> None:
    problem = replace(draw_problem(3, objects=20), required=((0, 0), (1, 1), (2, 2), (0, 1)))
    found = staircase(problem)
    first = found.steps[0]
    assert first.rate > 0
    assert found.covered(first.rate / 2) == 0
    answer = solve(replace(problem, bound=first.rate / 2))
    assert answer.status is Status.INFEASIBLE
    assert answer.demands is not None
    assert answer.demands.least == pytest.approx(first.rate)


@pytest.mark.parametrize("denominator", ["objects", "denials"])
def test_scenes_have_a_staircase(denominator: str) -> None:
    problem = draw_scenes(6, objects=7, classes=2, scenes=3, denials=1, denominator=denominator)
    found = staircase(problem)
    assert found.complete
    for bound in (0.0, 0.05, 0.1, 0.3, 0.34, 0.5, 0.67, 1.0):
        assert best_labelling(replace(problem, bound=bound))[0] == found.covered(bound)


@pytest.mark.slow
def test_time_limits_leave_bounds() -> None:
    problem = draw_problem(2, objects=2000, models=6, classes=10, epsilons=(0.0, 0.2))
    found = staircase(problem, time_limit=0.5)
    assert not found.complete
    assert all(step.bound >= step.covered for step in found.steps)
