"""The torch executor: the same log joint as the interpreter, draws as the distributions say."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nesy.solvers.probabilistic.interpreter.traces import log_joint, sample
from nesy.solvers.probabilistic.vectorised.executor import Executor
from tests.solvers.probabilistic.graphs import BURGLARY, MIXTURE, SCHOOLS, TUG_OF_WAR, graph_of

ALL = """
type k = {a, b, c}.
random n1 : real ~ normal(1, 2).           random n2 : real ~ lognormal(0.1, 0.5).
random n3 : real ~ uniform(-1, 2).         random n4 : real ~ beta(2, 3).
random n5 : real ~ gamma(2.5, 1.5).        random n6 : real ~ exponential(n5).
random n7 : int ~ poisson(n2).             random n8 : int ~ binomial(5, n4).
random n9 : bool ~ bernoulli(n4).          random n10 : k ~ categorical(1, n2, n5).
random n11 : real ~ studentt(4, n1, n5).   random n12 : real ~ cauchy(n1, n2).
random n13 : real ~ laplace(n3, n5).       random n14 : real ~ halfnormal(n2).
random n15 : real ~ halfcauchy(n2).        random n16 : int ~ poisson(if n9 then 2 else n5).
random w(k) : real ~ dirichlet(1, 2, 3).
define rest = n11 + n12 + n13 + n14 + n15 + n16 + n6.
define t = exp(-n1) + log(n2) * sqrt(n4) / abs(n3) - min { n1; n3; 2 } + max { n5 - 1; n7 }.
define m = (n7 + n8) mod 3 + (if n10 = b then 1 else if n10 in {a} then 2 else 3) + w(a) - w(c).
define q = n9 or n1 > 0 and not n10 = c.
observe q.
:~ n7 > 2. [2]
query t. query rest. query m. query q. query n10.
"""


@pytest.mark.parametrize("program", [BURGLARY, TUG_OF_WAR, SCHOOLS, MIXTURE, ALL])
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


def test_draws_have_the_moments_of_the_interpreter() -> None:
    graph = graph_of(ALL)
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
    executor = Executor(graph_of(ALL))
    before = torch.get_rng_state()
    first, _ = executor.draw(100, torch.Generator().manual_seed(7))
    second, _ = executor.draw(100, torch.Generator().manual_seed(7))
    assert all(torch.equal(left, right) for left, right in zip(first, second, strict=True))
    assert torch.equal(before, torch.get_rng_state())


def test_blocks_put_side_by_side_what_is_alike() -> None:
    blocks = {block.name: block.size for block in Executor(graph_of(SCHOOLS)).plates.blocks}
    assert blocks == {"mu": 1, "tau": 1, "theta": 8, "y": 8}
