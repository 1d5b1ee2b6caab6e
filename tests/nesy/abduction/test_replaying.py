"""A proof by branch and bound can be run again, and a wrong one is found out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nesy.abduction.replaying import replay
from nesy.abduction.solve import solve
from tests.nesy.abduction.brute_force import draw_problem

PROBLEM = draw_problem(5, objects=300, models=4, classes=4, epsilons=(0.0, 0.3), bound=0.05)


@pytest.mark.slow
def test_an_honest_proof_is_replayed() -> None:
    answer = solve(PROBLEM, "branch")
    assert answer.exhaustion is not None
    assert replay(PROBLEM, answer) == []


def test_a_proof_from_a_weak_start_has_a_trail() -> None:
    answer = solve(PROBLEM, "branch")
    told = answer.exhaustion
    assert told is not None
    weak = replace(answer, exhaustion=replace(told, start=answer.covered - 5))
    assert [fault.split(":")[0] for fault in replay(PROBLEM, weak)] == ["trail", "nodes"]


def test_a_wrong_optimum_is_found_out() -> None:
    answer = solve(PROBLEM, "branch")
    assert replay(PROBLEM, replace(answer, bound=answer.bound + 1))[0].startswith("optimum")


def test_other_proofs_cannot_be_replayed() -> None:
    assert replay(PROBLEM, solve(PROBLEM, "search")) == ["the hypothesis was not proved by branch and bound"]
    told = solve(PROBLEM, "branch")
    assert told.exhaustion is not None
    cut = replace(told, exhaustion=replace(told.exhaustion, complete=False))
    assert len(replay(PROBLEM, cut)) == 1
