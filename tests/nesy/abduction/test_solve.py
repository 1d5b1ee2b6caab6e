"""Every method against trying all hypotheses; certificates against a checker that shares no code with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from nesy.abduction.checker import verify
from nesy.abduction.hypothesis import Hypothesis
from nesy.abduction.problem import AbductionProblem
from nesy.abduction.solve import solve
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.answer import Status
from tests.effort import tries
from tests.nesy.abduction.brute_force import (
    TOLERANCE,
    draw_problem,
    hypotheses,
    measured,
    most_covered,
    problems,
)


def faults(problem: AbductionProblem, answer: Hypothesis) -> list[str]:
    """A checker of its own, straight from the definitions."""
    wrong = []
    accepted = {pair: problem.epsilons.index(epsilon) for pair, epsilon in answer.accepted.items()}
    covered, _, rate = measured(problem, accepted)
    if not set(problem.required) <= set(accepted) or set(problem.forbidden) & set(accepted):
        wrong.append("demands")
    if (covered, rate) != (answer.covered, pytest.approx(answer.rate)) or rate > problem.bound + TOLERANCE:
        wrong.append("coverage or rate")
    said, contradicted = problem.predictions.labels, []
    for row in range(len(said)):
        kept = []
        for model, label in enumerate(said[row]):
            if (model, label) in accepted and not problem.flagged[accepted[model, label], row, model]:
                kept.append(model)
        if list(np.flatnonzero(answer.candidates[row])) != kept:
            wrong.append(f"candidates of {row}")
        best = max(kept, key=lambda model: (problem.predictions.confidence[row, model], -model), default=-1)
        if (answer.support[row], answer.labels[row]) != (best, said[row, best] if kept else -1):
            wrong.append(f"label of {row}")
        if any(problem.incompatible[said[row, a], said[row, b]] for a in kept for b in kept):
            contradicted.append(row)
    if answer.inconsistent[:, 0].tolist() != contradicted:
        wrong.append("inconsistent objects")
    for row, a, b in answer.inconsistent:
        if not (answer.candidates[row, [a, b]].all() and problem.incompatible[said[row, a], said[row, b]]):
            wrong.append(f"witnesses of {row}")
    return wrong


def check(problem: AbductionProblem, answer: Hypothesis) -> None:
    """Sound by both checkers, or nothing at all."""
    assert verify(problem, answer) == []
    if answer.status in (Status.OPTIMAL, Status.FEASIBLE):
        assert faults(problem, answer) == []
        assert answer.bound >= answer.covered


@settings(max_examples=tries(150))
@given(problems())
def test_branch_and_bound_finds_what_trying_all_hypotheses_finds(problem: AbductionProblem) -> None:
    best = most_covered(problem)
    for method in ("branch", "auto"):
        answer = solve(problem, method)
        check(problem, answer)
        assert answer.status is (Status.INFEASIBLE if best is None else Status.OPTIMAL)
        assert answer.covered == (best or 0)


@settings(max_examples=tries(60))
@given(problems(largest=10))
def test_integer_program_and_clingo_agree(problem: AbductionProblem) -> None:
    best = most_covered(problem)
    for method in ("ip", "asp"):
        answer = solve(problem, method)
        check(problem, answer)
        assert answer.status is (Status.INFEASIBLE if best is None else Status.OPTIMAL)
        assert answer.covered == (best or 0)


@given(problems(largest=10))
def test_heuristics_are_sound_and_never_better(problem: AbductionProblem) -> None:
    best = most_covered(problem)
    for method in ("search", "anneal"):
        answer = solve(problem, method)
        check(problem, answer)
        assert answer.covered <= (best or 0)
        assert best is not None or not answer.accepted


@pytest.mark.parametrize("solver", ["cpsat", "cbc", "highs", "scip"])
@pytest.mark.parametrize("denominator", ["objects", "covered", "denials"])
def test_each_solver_of_integer_programs(solver: str, denominator: str) -> None:
    problem = draw_problem(7, objects=25, epsilons=(0.0, 0.3), bound=0.13, denominator=denominator, classes=2)
    answer = solve(problem, "ip", solver=solver)
    check(problem, answer)
    assert (answer.status, answer.covered) == (Status.OPTIMAL, most_covered(problem))


@given(problems(largest=8))
def test_what_cannot_be_met_tells_the_least_rate_and_a_minimal_conflict(problem: AbductionProblem) -> None:
    answer = solve(problem, "branch")
    if answer.status is not Status.INFEASIBLE:
        assert answer.demands is None
        return
    assert answer.demands is not None
    least = min(measured(problem, accepted)[2] for accepted in hypotheses(problem))
    assert answer.demands.least == pytest.approx(least)
    assert least > problem.bound
    conflict = answer.demands.conflict
    assert most_covered(replace(problem, required=conflict)) is None
    for pair in conflict:
        rest = tuple(other for other in conflict if other != pair)
        assert most_covered(replace(problem, required=rest)) is not None


def test_an_unmet_demand_is_an_answer() -> None:
    problem = draw_problem(3, objects=20, bound=0.0)
    problem = replace(problem, required=((0, 0), (1, 1), (2, 2), (0, 1)))
    for method in ("auto", "branch", "ip", "asp"):
        answer = solve(problem, method)
        assert answer.status is Status.INFEASIBLE
        assert answer.demands is not None
        assert answer.demands.least > 0
        assert verify(problem, answer) == []


def test_nothing_to_go_by() -> None:
    silent = draw_problem(0, objects=4)
    silent.predictions.labels[:] = -1
    silent.predictions.confidence[:] = 0.0
    for problem in (draw_problem(0, objects=0), silent, draw_problem(0, classes=1), draw_problem(0, models=1)):
        for method in ("auto", "branch", "ip", "asp", "search", "anneal"):
            answer = solve(problem, method)
            check(problem, answer)
            assert answer.covered == most_covered(problem)
            assert answer.gap == 0.0


def test_bounds_are_meant_as_they_are_written() -> None:
    """29 of 100 objects are in conflict, and 0.29 · 100 is less than 29 in floating point."""
    problem = draw_problem(0, objects=100, models=2, classes=2, bound=0.29)
    problem.predictions.labels[:] = -1
    problem.predictions.labels[:65, 0] = 0
    problem.predictions.labels[36:, 1] = 1
    problem.flagged[:] = False
    for method in ("branch", "ip", "asp"):
        assert solve(problem, method).covered == 100
        assert solve(replace(problem, bound=0.28), method).covered == 65


@pytest.mark.slow
def test_the_same_seed_gives_the_same_answer() -> None:
    problem = draw_problem(5, objects=300, models=4, classes=4, epsilons=(0.0, 0.3), bound=0.1)
    for method in ("anneal", "branch"):
        first, second = solve(problem, method, seed=3), solve(problem, method, seed=3)
        assert first.accepted == second.accepted
        assert first.exhaustion == second.exhaustion


def test_the_order_of_models_is_the_users() -> None:
    problem = draw_problem(11, objects=60, models=3, classes=3, bound=0.05)
    found = {solve(problem, "search", order=order).covered for order in ((0, 1, 2), (1, 0, 2), (2, 1), (2, 0, 1))}
    assert len(found) > 1
    assert solve(problem, "search", order=(2,)).accepted == solve(problem, "search", order=(2, 0, 1)).accepted


def test_time_limits_leave_a_bound_and_a_gap() -> None:
    problem = draw_problem(2, objects=3000, models=6, classes=10, epsilons=(0.0, 0.2, 0.4), bound=0.05)
    answer = solve(problem, "branch", time_limit=0.3)
    check(problem, answer)
    assert answer.status is Status.FEASIBLE
    assert 0 < answer.gap < 1
    assert answer.exhaustion is None or not answer.exhaustion.complete


def test_progress_is_told() -> None:
    seen: list[tuple[str, int, int]] = []
    answer = solve(draw_problem(4, objects=50), progress=lambda *said: seen.append(said))
    assert [covered for _, covered, _ in seen] == sorted(covered for _, covered, _ in seen)
    assert seen[-1][1] == answer.covered


def test_ctrl_c_gives_the_best_so_far() -> None:
    def interrupt(stage: str, covered: int, bound: int) -> None:
        if covered > 20:
            raise KeyboardInterrupt

    problem = draw_problem(4, objects=60, bound=0.1)
    answer = solve(problem, progress=interrupt)
    assert answer.interrupted
    check(problem, answer)
    assert answer.status is Status.FEASIBLE
    assert answer.covered > 20


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bound": 1.5}, "E580.*bound on inconsistency is 1.5"),
        ({"bound": float("nan")}, "E580.*nan"),
        ({"epsilons": (0.0, 0.1)}, "E580.*'flagged' has the shape"),
        ({"denominator": "all"}, "E580.*'all' is no denominator"),
        ({"incompatible": np.ones((3, 3), bool)}, "E580.*symmetric"),
        ({"required": ((0, 7),)}, r"E581.*\(0, 7\) is no pair"),
        ({"required": ((1, 1),), "forbidden": ((1, 1),)}, r"E581.*\(m1, 1\) is required and forbidden"),
    ],
)
def test_problems_that_make_no_sense_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(NesyError, match=message):
        solve(replace(draw_problem(0), **change))


def test_impossible_numbers_are_told_with_their_place() -> None:
    problem = draw_problem(0)
    problem.predictions.labels[2, 1] = 3
    problem.predictions.confidence[4, 0] = float("nan")
    with pytest.raises(NesyError) as caught:
        solve(problem)
    assert "object o2, model m1: error[E580]: label 3 of 3 classes" in str(caught.value)
    assert "object o4, model m0: error[E580]: confidence nan" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "brunch"}, "E582.*'brunch'.*\n.*'branch'"),
        ({"solver": "gurobi"}, "E582.*'gurobi'"),
        ({"time_limit": 0}, "E582.*time limit of 0"),
        ({"seed": -1}, "E582.*seed -1"),
        ({"workers": 0}, "E582.*0 workers"),
        ({"order": (0, 0)}, "E582.*twice"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(NesyError, match=message):
        solve(draw_problem(0), **options)  # type: ignore[arg-type]


def test_sums_that_clingo_cannot_hold_are_refused() -> None:
    problem = draw_problem(0, objects=5000, bound=0.123457, denominator="covered")
    with pytest.raises(NesyError, match="E584"):
        solve(problem, "asp")
