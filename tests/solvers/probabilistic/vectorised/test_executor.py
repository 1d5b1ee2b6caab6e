"""The torch executor: the same log joint as the interpreter, draws as the distributions say."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nesy.solvers.probabilistic.interpreter.traces import log_joint, sample
from nesy.solvers.probabilistic.vectorised.executor import Executor
from tests.solvers.probabilistic.graphs import BURGLARY, EVERYTHING, MIXTURE, SCHOOLS, TUG_OF_WAR, graph_of


@pytest.mark.parametrize("program", [BURGLARY, TUG_OF_WAR, SCHOOLS, MIXTURE, EVERYTHING])
def test_log_joint_is_that_of_the_interpreter(program: str) -> None:
    graph = graph_of(program)
    executor = Executor(graph)
    generator = np.random.default_rng(1)
    finite = 0
    for _ in range(40):
        trace = sample(graph, generator)
        free = [
            executor.codes.tensor(trace[label] for label in executor.sites[n].block.labels)[None] for n in executor.free
        ]
        expected, found = log_joint(graph, trace), float(executor.joint(executor.complete(free)))
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-9)
        finite += expected > -float("inf")
    assert finite


@pytest.mark.slow
def test_draws_have_the_moments_of_the_interpreter() -> None:
    graph = graph_of(EVERYTHING)
    executor = Executor(graph)
    state, _ = executor.draw(20_000, torch.Generator().manual_seed(3))
    generator = np.random.default_rng(4)
    traces = [sample(graph, generator) for _ in range(2_000)]
    for label in ("n1", "n2", "n3", "n4", "n5", "n7", "n8", "n9", "n11", "n13", "n14", "n16", "w(b)"):
        block, place = executor.plates.places[label]
        drawn = state[block].double()[:, place]
        single = np.array([float(trace[label]) for trace in traces])  # type: ignore[arg-type]
        spread = np.sqrt(single.var() / len(single) + float(drawn.var()) / len(drawn))
        assert abs(float(drawn.mean()) - single.mean()) < 5 * spread, label
    for label in ("n12", "n15", "n6"):
        block, place = executor.plates.places[label]
        single = np.array([float(trace[label]) for trace in traces])  # type: ignore[arg-type]
        below = float((state[block][:, place] < np.median(single)).double().mean())
        assert abs(below - 0.5) < 0.04, label
    shares = [np.mean([trace["n10"] == value for trace in traces]) for value in ("a", "b", "c")]
    block, _ = executor.plates.places["n10"]
    found = [(state[block] == executor.codes.code(value)).double().mean().item() for value in ("a", "b", "c")]
    assert found == pytest.approx(shares, abs=0.04)


def test_draws_depend_on_the_seed_alone() -> None:
    executor = Executor(graph_of(EVERYTHING))
    before = torch.get_rng_state()
    first, _ = executor.draw(100, torch.Generator().manual_seed(7))
    second, _ = executor.draw(100, torch.Generator().manual_seed(7))
    assert all(torch.equal(left, right) for left, right in zip(first, second, strict=True))
    assert torch.equal(before, torch.get_rng_state())


def test_blocks_put_side_by_side_what_is_alike() -> None:
    blocks = {block.name: block.size for block in Executor(graph_of(SCHOOLS)).plates.blocks}
    assert blocks == {"mu": 1, "tau": 1, "theta": 8, "y": 8}
