"""Constraints between objects: every method against trying all labellings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from nesy.abduction.checker import verify
from nesy.abduction.hypothesis import Hypothesis
from nesy.abduction.problem import AbductionProblem, AtMost, Denial, Scenes
from nesy.abduction.solve import solve
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.answer import Status
from tests.effort import tries
from tests.nesy.abduction.brute_force import draw_problem
from tests.nesy.abduction.scene_problems import (
    TOLERANCE,
    best_labelling,
    draw_scenes,
    scene_problems,
    scene_rate,
    supports,
)


def check(problem: AbductionProblem, answer: Hypothesis) -> None:
    """Sound by the product's checker and by the definitions."""
    assert verify(problem, answer) == []
    labels = tuple(answer.labels.tolist())
    for options, label in zip(supports(problem), labels, strict=True):
        assert label == -1 or label in options
    assert scene_rate(problem, labels) == pytest.approx(answer.rate)
    assert answer.rate <= problem.bound + 1e-9
    assert answer.bound >= answer.covered


@settings(max_examples=tries(150))
@given(scene_problems())
def test_scenes_are_solved_as_by_trying_all_labellings(problem: AbductionProblem) -> None:
    covered, weight = best_labelling(problem)
    answer = solve(problem)
    check(problem, answer)
    assert (answer.status, answer.covered) == (Status.OPTIMAL, covered)
    assert answer.confidence == pytest.approx(weight, abs=TOLERANCE)


@settings(max_examples=tries(40))
@given(scene_problems())
def test_integer_programs_and_clingo_agree_on_scenes(problem: AbductionProblem) -> None:
    covered, weight = best_labelling(problem)
    for method in ("ip", "asp"):
        answer = solve(problem, method)
        check(problem, answer)
        assert (answer.status, answer.covered) == (Status.OPTIMAL, covered)
        assert answer.confidence == pytest.approx(weight, abs=1e-4)


@given(scene_problems())
def test_labelling_greedily_is_sound_and_never_better(problem: AbductionProblem) -> None:
    answer = solve(problem, "search")
    check(problem, answer)
    assert answer.covered <= best_labelling(problem)[0] <= answer.bound


@pytest.mark.parametrize("solver", ["cbc", "highs", "scip"])
def test_each_solver_takes_components(solver: str) -> None:
    problem = draw_scenes(4, denials=2, at_most=1, bound=0.4)
    answer = solve(problem, "ip", solver=solver)
    check(problem, answer)
    covered, weight = best_labelling(problem)
    assert (answer.covered, answer.confidence) == (covered, pytest.approx(weight, abs=TOLERANCE))


@pytest.mark.parametrize("size", [4, 9, 16])
def test_assignments_agree_with_integer_programs(size: int) -> None:
    problem = draw_scenes(size, objects=10 * size, models=4, classes=size, scenes=10, bound=0.2)
    exact, quick = solve(problem, "ip"), solve(problem)
    check(problem, quick)
    assert quick.statistics["assignments"] == quick.statistics["components"]
    assert (quick.covered, quick.confidence) == (exact.covered, pytest.approx(exact.confidence, abs=TOLERANCE))


def test_coverage_comes_before_confidence() -> None:
    """Both say 0 of both objects; one of them is also 1, though hardly."""
    problem = draw_scenes(0, objects=2, models=2, classes=2, scenes=1)
    problem.predictions.labels[:] = [[0, -1], [0, 1]]
    problem.predictions.confidence[:] = [[0.6, 0.0], [0.9, 0.1]]
    problem.flagged[:] = False
    answer = solve(problem)
    assert answer.labels.tolist() == [0, 1]
    assert answer.confidence == pytest.approx(0.7)
    loose = solve(replace(problem, bound=1.0))
    assert loose.labels.tolist() == [0, 0]
    assert [violation.witnesses for violation in loose.violations] == [((0, 0), (1, 0))]
    assert loose.violations[0].constraint == "all different"


def test_violations_go_where_they_gain_most() -> None:
    """Scenes of two, three and four objects that are all called 0: one of them may be inconsistent."""
    sizes = [2, 3, 4]
    problem = draw_scenes(0, objects=9, models=1, classes=2, scenes=3, bound=1 / 3)
    problem.predictions.labels[:] = 0
    problem.predictions.confidence[:] = 0.5
    problem.flagged[:] = False
    scene = np.repeat([0, 1, 2], sizes)
    problem = replace(problem, scenes=Scenes(scene, np.ones(3, bool)))
    answer = solve(problem)
    assert answer.covered == 1 + 1 + 4
    assert {violation.scene for violation in answer.violations} == {2}
    assert len(answer.violations) == 6


def test_a_constraint_across_scenes_counts_once() -> None:
    problem = draw_scenes(1, objects=4, models=1, classes=2, scenes=2, different=0.0)
    problem.predictions.labels[:] = 1
    problem.flagged[:] = False
    across = Denial(((3, frozenset({1})), (0, frozenset({1}))), "towns.nesy:7")
    scenes = Scenes(np.array([0, 0, 1, 1]), np.zeros(2, bool), (AtMost((0, 1), frozenset({1}), 1),), (across,))
    problem = replace(problem, scenes=scenes)
    assert solve(problem).covered == 3
    assert solve(replace(problem, bound=0.5)).covered == 3
    whole = solve(replace(problem, bound=1.0))
    assert whole.covered == 4
    assert {(violation.scene, violation.constraint) for violation in whole.violations} == {
        (0, "at most 1"),
        (1, "towns.nesy:7"),
    }


def test_budgets_that_keep_more_bound_the_coverage() -> None:
    problem = draw_scenes(3, objects=12, models=2, classes=3, epsilons=(0.0, 0.2), different=1.0)
    problem.flagged[0, ::2] = True
    problem.flagged[1, 1::2] = True
    answer = solve(problem)
    assert verify(problem, answer) == []
    most = 0
    for place in (0, 1):
        one = replace(problem, epsilons=(0.0,), flagged=problem.flagged[place : place + 1])
        most = max(most, best_labelling(one)[0])
    assert answer.bound >= most


@pytest.mark.slow
def test_threads_give_the_same() -> None:
    problem = draw_scenes(9, objects=40, classes=4, scenes=8, denials=12, at_most=4, bound=0.13)
    one, two = solve(problem), solve(problem, workers=2)
    assert (one.covered, one.status) == (two.covered, two.status)
    assert one.confidence == pytest.approx(two.confidence, abs=TOLERANCE)


def test_time_limits_leave_a_bound() -> None:
    problem = draw_scenes(9, objects=60, classes=6, scenes=3, denials=60, bound=0.0)
    answer = solve(problem, "asp", time_limit=1e-4)
    check(problem, answer)
    assert answer.status is Status.FEASIBLE
    assert answer.bound > answer.covered


def test_ctrl_c_gives_the_best_so_far() -> None:
    def interrupt(stage: str, covered: int, bound: int) -> None:
        raise KeyboardInterrupt

    problem = draw_scenes(9, objects=40, classes=4, scenes=8, denials=12)
    answer = solve(problem, progress=interrupt)
    assert answer.interrupted
    check(problem, answer)


def test_a_scene_that_is_always_violated() -> None:
    problem = draw_scenes(0, objects=3, models=1, classes=1, scenes=1, different=0.0)
    problem.predictions.labels[:] = 0
    problem.flagged[:] = False
    scenes = Scenes(np.zeros(3, np.int64), np.zeros(1, bool), denials=(Denial(((1, frozenset({0})),)),))
    assert solve(replace(problem, scenes=scenes)).labels.tolist() == [0, -1, 0]


@pytest.mark.parametrize("method", ["branch", "anneal"])
def test_methods_that_choose_pairs_are_refused(method: str) -> None:
    with pytest.raises(NesyError, match="E583"):
        solve(draw_scenes(0), method)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scenes", "message"),
    [
        (Scenes(np.zeros(9, np.int64) + 5, np.ones(2, bool)), "object o0 is in scene 5 of 2"),
        (Scenes(np.zeros(4, np.int64), np.ones(1, bool)), "'scene' has the shape"),
        (Scenes(np.zeros(9, np.int64), np.ones(1, bool), (AtMost((1, 1), frozenset({0}), 1),)), "at_most"),
        (Scenes(np.zeros(9, np.int64), np.ones(1, bool), (), (Denial(()),)), "denial"),
        (Scenes(np.zeros(9, np.int64), np.ones(1, bool), (), (Denial(((0, frozenset({9})),)),)), "denial"),
        (Scenes(np.zeros(9, np.int64), np.ones(1, bool), weights=np.full((9, 3), np.nan)), "not finite"),
    ],
)
def test_scenes_that_make_no_sense_are_refused(scenes: Scenes, message: str) -> None:
    with pytest.raises(NesyError, match="E580") as caught:
        solve(replace(draw_problem(0), scenes=scenes))
    assert message in str(caught.value)
