"""Without a proof the better model and the better bounds count, and together they may be a proof."""

from __future__ import annotations

from nesy.solvers.answer import Status
from nesy.solvers.logic.tasks import Mode, Outcome, StableModel
from nesy.solvers.racing.combining import combined


def found(costs: dict[int, int], bound: dict[int, int] | None) -> Outcome:
    return Outcome(Status.FEASIBLE, (StableModel(frozenset({sum(costs.values())}), costs),), bound)


def test_the_better_model_by_levels() -> None:
    outcome = combined({"a": found({2: 1, 0: 90}, None), "b": found({2: 2, 0: 3}, {2: 1})}, Mode.OPTIMUM)
    assert (outcome.status, outcome.solver, outcome.models[0].costs) == (Status.FEASIBLE, "a", {2: 1, 0: 90})
    assert outcome.bound == {2: 1}
    assert outcome.remark == "a found the better model, and nobody proved it best"


def test_bounds_of_one_prove_the_model_of_the_other() -> None:
    outcome = combined({"a": found({0: 7}, {0: 3}), "b": found({0: 9}, {0: 7})}, Mode.OPTIMUM)
    assert (outcome.status, outcome.solver, outcome.bound) == (Status.OPTIMAL, "a", {0: 7})
    outcome = combined({"a": found({1: 0, 0: 7}, {1: 0}), "b": found({1: 0, 0: 9}, {1: 0, 0: 7})}, Mode.OPTIMUM)
    assert outcome.status is Status.OPTIMAL


def test_one_model_or_none() -> None:
    outcome = combined({"a": Outcome(Status.TIMEOUT), "b": found({0: 9}, None)}, Mode.OPTIMUM)
    assert (outcome.status, outcome.solver, outcome.bound) == (Status.FEASIBLE, "b", None)
    assert combined({"a": Outcome(Status.TIMEOUT), "b": Outcome(Status.TIMEOUT)}, Mode.OPTIMUM).status is Status.TIMEOUT
    assert combined({"a": Outcome(Status.TIMEOUT), "b": Outcome(Status.UNKNOWN)}, Mode.OPTIMUM).status is Status.UNKNOWN


def test_the_most_models() -> None:
    one, two = StableModel(frozenset({1})), StableModel(frozenset({2}))
    outcomes = {"a": Outcome(Status.FEASIBLE, (one,)), "b": Outcome(Status.FEASIBLE, (one, two))}
    assert len(combined(outcomes, Mode.MODELS).models) == 2
