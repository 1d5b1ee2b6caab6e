"""Steps of a sieve: every block once, after what it needs; the same posterior as without them."""

from __future__ import annotations

from math import log

import pytest
import torch

from nesy.solvers.probabilistic.inference.sieve import MOST, Sieve
from nesy.solvers.probabilistic.inference.weighting import weigh
from nesy.solvers.probabilistic.vectorised.executor import Executor
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
    sieve = Sieve(graph_of(program))
    order = [number for step in sieve.steps for number in step.blocks]
    assert sorted(order) == list(range(len(sieve.executor.sites)))
    seen: set[str] = set()
    for number in order:
        block = sieve.executor.sites[number].block
        assert all(set(member.parents) <= seen for member in block.members)
        seen |= set(block.labels)


def test_many_events_share_steps() -> None:
    events = "\n".join(f"observe total({step}) > -9." for step in range(1, 21))
    sieve = Sieve(graph_of(LADDER + events))
    assert len(sieve.events) <= MOST
    assert [event for group in sieve.events for event in group] == list(sieve.graph.conditions)
    assert len(sieve.steps) == len(sieve.events) + 1
    assert not sieve.steps[-1].events


def test_the_posterior_is_that_of_whole_traces_thrown_away() -> None:
    events = "observe total(1) > 0. observe total(3) > 0.5. observe x(2) < total(1)."
    graph = graph_of(LADDER + events)
    sifted = weigh(Sieve(graph), torch.Generator().manual_seed(5), samples=40_000)
    executor = Executor(graph)
    state, _ = executor.draw(40_000, torch.Generator().manual_seed(6))
    kept = executor.holds(state)
    share = float(kept.double().mean())
    error = ((1 - share) / share / 40_000) ** 0.5
    assert abs(sifted.log_evidence - log(share)) < 4 * (sifted.evidence_error**2 + error**2) ** 0.5
    for found, whole in zip(sifted.values, executor.asked(state, 40_000), strict=True):
        other = whole[kept]
        spread = (float(found.var()) / len(found) + float(other.var()) / len(other)) ** 0.5
        assert abs(float(found.mean()) - float(other.mean())) < 4 * spread


def test_no_trace_passes() -> None:
    graph = graph_of(LADDER + "observe total(1) > 0. observe x(1) < -9.")
    found = weigh(Sieve(graph), torch.Generator().manual_seed(1), samples=100)
    assert found.effective == 0
    assert [len(values) for values in found.values] == [0, 0]
