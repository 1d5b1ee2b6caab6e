"""Bounds that searches for more prove, against trying every hypothesis."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.abduction import branching, objects, tabulation
from nesy.abduction.capping import lower_bound
from nesy.abduction.checker import verify
from nesy.abduction.clock import Clock
from nesy.abduction.incidence import incidence
from nesy.abduction.limits import object_limit
from nesy.abduction.problem import AbductionProblem
from nesy.abduction.search import Choice
from nesy.abduction.signatures import compress
from nesy.abduction.solve import solve
from nesy.solvers.answer import Status
from tests.effort import tries
from tests.nesy.abduction.brute_force import draw_problem, most_covered, problems


@settings(max_examples=tries(60))
@given(problems(largest=8), st.integers(0, 12), st.sampled_from([1, 3, 1000]))
def test_nothing_covers_more_than_the_bound(problem: AbductionProblem, covered: int, slices: int) -> None:
    best = most_covered(problem)
    choices, limit = incidence(problem, compress(problem)), object_limit(problem)
    found: list[Choice] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tabulation, "TABLE", 1)
        patch.setattr(branching, "SLICE", 20)
        proved = lower_bound(
            choices, limit, covered=covered, bound=12, clock=Clock(), slices=slices, report=found.append
        )
    if proved is not None:
        assert proved.exhaustion.complete
        assert proved.bound >= (best or 0)
        assert proved.slices <= slices
    assert all(choice.covered <= (best or 0) for choice in found)


def test_a_tree_that_is_too_large_leaves_a_better_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = draw_problem(4, objects=200, models=5, classes=4, bound=0.05)
    whole = solve(problem)
    monkeypatch.setattr(tabulation, "TABLE", 1)
    monkeypatch.setattr(branching, "SLICE", 100)
    monkeypatch.setattr(objects, "TREE", -1.0)
    monkeypatch.setattr(objects, "SLICES", 20)
    monkeypatch.setattr(objects, "integer", lambda run: None)
    capped = solve(problem)
    monkeypatch.setattr(objects, "cap", lambda run, slices: None)
    alone = solve(problem)
    assert (whole.status, capped.status, alone.status) == (Status.OPTIMAL, Status.FEASIBLE, Status.FEASIBLE)
    assert whole.covered <= capped.bound < alone.bound
    assert verify(problem, capped) == []
