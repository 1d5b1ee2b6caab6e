"""Elimination against the definition."""

from __future__ import annotations

from math import inf, log
from random import Random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.solvers.probabilistic.elimination import Input, Network, compile_elimination, table
from tests.effort import tries
from tests.solvers.probabilistic.elimination.brute import joint, marginal, random_network, spread


@settings(max_examples=tries(40), deadline=None)
@given(st.integers(0, 1 << 30))
def test_sums_posteriors_and_maxima_are_those_of_the_joint_table(seed: int) -> None:
    random = Random(seed)
    network, inputs = random_network(random)
    scopes = [(v,) for v in range(len(network.cards)) if random.random() < 0.8]
    if len(scopes) > 2:
        scopes.append(tuple(random.sample(range(len(network.cards)), 2)))
    chunk = random.choice([None, 1, 2])
    elimination = compile_elimination(network, scopes, chunk=chunk)
    total, posteriors = elimination.posteriors(inputs)
    largest, assignments = elimination.most_probable(inputs)
    for instance in range(len(total)):
        whole = joint(network, inputs, instance)
        assert total[instance].item() == pytest.approx(log(whole.sum()) if whole.sum() > 0 else -inf)
        assert largest[instance].item() == pytest.approx(log(whole.max()) if whole.max() > 0 else -inf)
        for scope, posterior in zip(scopes, posteriors, strict=True):
            expected = marginal(whole, scope) / max(whole.sum(), 1e-300)
            np.testing.assert_allclose(posterior[instance].numpy(), expected, atol=1e-12)
        if whole.max() > 0:
            fixed = np.ones_like(whole)
            for scope, assignment in zip(scopes, assignments, strict=True):
                fixed *= spread(assignment[instance].numpy(), scope, whole.ndim)
            assert (whole * fixed).max() == pytest.approx(whole.max())


@settings(max_examples=tries(8), deadline=None)
@given(st.integers(0, 1 << 30))
def test_logarithms_give_the_same_as_numbers(seed: int) -> None:
    network, inputs = random_network(Random(seed))
    elimination = compile_elimination(network)
    entered = {name: elimination.logarithmic.kernel.enter(t.movedim((0, 1), (-1, -2))) for name, t in inputs.items()}
    like = torch.empty(0, dtype=torch.float64)
    found = elimination.logarithmic.run(entered, like)
    torch.testing.assert_close(
        found.expand(3) if len(found) == 1 else found, elimination.log_partition(inputs).expand(3)
    )


def test_gradients_flow_through_posteriors() -> None:
    random = Random(7)
    tables = [table((0, 1, 2), np.fromfunction(lambda a, b, c: a + b == c, (4, 4, 7))), table((2, 3), np.eye(7, 2))]
    tables.append(table((3, 4), [[0.2, 0.8], [0.5, 0.5]]))
    network = Network((4, 4, 7, 2, 2), tuple(tables), (Input((0,), "x", 0), Input((1,), "x", 1)))
    elimination = compile_elimination(network, [(0,), (2,), (4,)])
    values = torch.tensor([[[random.uniform(0.1, 1) for _ in range(4)] for _ in range(2)]] * 2, dtype=torch.float64)
    values[1, 0, 1] = 0.0

    def evaluate(given: torch.Tensor) -> tuple[torch.Tensor, ...]:
        total, posteriors = elimination.posteriors({"x": given})
        return (total, *posteriors)

    assert torch.autograd.gradcheck(evaluate, (values[:1].requires_grad_(),))
    given = values.detach().clone().requires_grad_()
    elimination.log_partition({"x": given}).sum().backward()
    assert bool((given.grad[1, 0, 1] > 0) and given.grad.isfinite().all())


def chain(length: int, states: int = 2) -> Network:
    """A chain of hidden states, each with an input."""
    random = np.random.default_rng(0)
    move = random.dirichlet(np.ones(states), states)
    tables = [table((i, i + 1), move) for i in range(length - 1)]
    return Network((states,) * length, tuple(tables), tuple(Input((i,), "x", i) for i in range(length)))


def test_a_chain_takes_few_operations() -> None:
    elimination = compile_elimination(chain(200), [(i,) for i in range(200)])
    assert len(elimination.plan.operations) < 60
    assert elimination.order.width <= 2


def test_what_would_underflow_is_evaluated_on_logarithms() -> None:
    network = chain(400, 3)
    elimination = compile_elimination(network, [(0,), (399,)])
    values = torch.full((2, 400, 3), 1e-4, dtype=torch.float64)
    values[0] = 0.5
    values[:, :, 1] *= 0.1
    total, posteriors = elimination.posteriors({"x": values})
    forward = torch.ones(2, 3, dtype=torch.float64) * values[:, 0]
    scale = torch.zeros(2, dtype=torch.float64)
    for place in range(1, 400):
        forward = (forward @ network.tables[0].values) * values[:, place]
        scale += forward.sum(-1).log()
        forward = forward / forward.sum(-1, keepdim=True)
    torch.testing.assert_close(total, scale)
    torch.testing.assert_close(posteriors[1], forward)
    assert float(total[1]) < -3000


def test_what_is_impossible_has_no_posterior_and_no_bad_gradient() -> None:
    network = Network((2, 2), (table((0, 1), np.eye(2)),), (Input((0,), "a"), Input((1,), "b")))
    elimination = compile_elimination(network, [(0,)])
    inputs = {"a": torch.tensor([[[1.0, 0.0]]]).double(), "b": torch.tensor([[[0.0, 1.0]]]).double()}
    total, (posterior,) = elimination.posteriors({name: given.requires_grad_() for name, given in inputs.items()})
    assert total.item() == -inf
    assert posterior.tolist() == [[0.0, 0.0]]
    total.sum().backward()
    assert all(bool(given.grad.isfinite().all()) for given in inputs.values())


def test_single_precision_and_inference_mode() -> None:
    network = chain(30)
    elimination = compile_elimination(network, [(3,)])
    values = torch.rand(5, 30, 2, generator=torch.Generator().manual_seed(0)) + 0.1
    with torch.inference_mode():
        low, (single,) = elimination.posteriors({"x": values})
    high, (double,) = elimination.posteriors({"x": values.double()})
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), double, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(low.double(), high, atol=1e-4, rtol=1e-4)


def test_variables_that_change_nothing_count() -> None:
    elimination = compile_elimination(Network((3, 2), (table((0, 1), np.ones((3, 2))),)))
    assert elimination.log_partition({}).item() == pytest.approx(log(6))
