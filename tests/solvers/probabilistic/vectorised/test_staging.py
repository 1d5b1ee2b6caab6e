"""Stages: every block once, after what it needs; the same posterior as without them."""

from __future__ import annotations

import pytest
import torch

from nesy.solvers.probabilistic.inference.weighting import weigh
from nesy.solvers.probabilistic.vectorised.executor import Executor
from nesy.solvers.probabilistic.vectorised.staging import MOST, stages_of
from tests.solvers.probabilistic.graphs import BURGLARY, EVERYTHING, TUG_OF_WAR, graph_of

LADDER = """
type step = 1..20.
random x(S) : real ~ normal(0, 1) for step(S).
random other : real ~ normal(x(1), 1).
define total(S) = sum { x(R) : step(R), R <= S } for step(S).

query other.
query x(20).
"""


@pytest.mark.parametrize("program", [BURGLARY, TUG_OF_WAR, EVERYTHING])
def test_each_block_is_drawn_once_and_after_its_parents(program: str) -> None:
    executor = Executor(graph_of(program), staged=True)
    order = [number for stage in executor.stages for number in stage.blocks]
    assert sorted(order) == list(range(len(executor.sites)))
    seen: set[str] = set()
    for number in order:
        block = executor.sites[number].block
        assert all(set(member.parents) <= seen for member in block.members)
        seen |= set(block.labels)


def test_many_events_share_stages() -> None:
    events = "\n".join(f"observe total({step}) > -9." for step in range(1, 21))
    graph = graph_of(LADDER + events)
    grouped = stages_of(graph)
    assert len(grouped) <= MOST
    assert [event for group in grouped for event in group] == list(graph.conditions)
    stages = Executor(graph, staged=True).stages
    assert len(stages) == len(grouped) + 1
    assert not stages[-1].events


def test_the_evidence_is_that_without_stages() -> None:
    events = "observe total(1) > 0. observe total(3) > 0.5. observe x(2) < total(1)."
    graph = graph_of(LADDER + events)
    found = [
        weigh(Executor(graph, staged=staged), torch.Generator().manual_seed(5), samples=40_000)
        for staged in (False, True)
    ]
    whole, staged = found
    error = (whole.evidence_error**2 + staged.evidence_error**2) ** 0.5
    assert abs(whole.log_evidence - staged.log_evidence) < 4 * error
    for one, other in zip(whole.values, staged.values, strict=True):
        spread = (float(one.var()) / len(one) + float(other.var()) / len(other)) ** 0.5
        assert abs(float(one.mean()) - float(other.mean())) < 4 * spread


def test_no_trace_passes() -> None:
    graph = graph_of(LADDER + "observe total(1) > 0. observe x(1) < -9.")
    found = weigh(Executor(graph, staged=True), torch.Generator().manual_seed(1), samples=100)
    assert found.effective == 0
    assert [len(values) for values in found.values] == [0, 0]
