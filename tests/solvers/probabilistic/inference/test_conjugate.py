"""Modes in closed form, against the density itself; and what has no such form."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.solvers.probabilistic.inference.conjugate import conjugate, conjugate_mode
from nesy.solvers.probabilistic.vectorised.executor import Executor
from tests.solvers.probabilistic.graphs import graph_of

ABOVE = st.floats(1.1, 9.0).map(lambda x: round(x, 2))
BETA = """
random x : real ~ beta({a}, {b}).
random k : int ~ binomial(7, x). observe k = {k}.
random yes : bool ~ bernoulli(x). observe {sign} yes.
random apart : real ~ normal(0, 1). observe apart = 1.
query x.
"""
GAMMA = """
random x : real ~ gamma({a}, {b}).
random k : int ~ poisson(2.5 * x). observe k = {k}.
random t : real ~ exponential(x * 3). observe t = 0.4.
random u : real ~ exponential(x). observe u = 1.2.
query x.
"""


@settings(max_examples=20, deadline=None)
@given(text=st.sampled_from([BETA, GAMMA]), a=ABOVE, b=ABOVE, k=st.integers(0, 7), sign=st.sampled_from(["", "not"]))
def test_nowhere_is_the_density_greater(text: str, a: float, b: float, k: int, sign: str) -> None:
    executor = Executor(graph_of(text.format(a=a, b=b, k=k, sign=sign)))
    mode = conjugate_mode(executor)
    assert mode is not None
    assert mode.exact
    top = torch.linspace(0.001, 0.999 if text is BETA else 20.0, 5001, dtype=torch.float64)
    heights = executor.joint(executor.complete([top[:, None]]))
    assert float(heights.max()) <= mode.log_density + 1e-12
    assert float(heights.max()) == pytest.approx(mode.log_density, abs=0.01)
    (value,) = executor.asked(mode.state, 1)
    assert float(top[heights.argmax()]) == pytest.approx(float(value), abs=0.005)


@pytest.mark.parametrize(
    "program",
    [
        "random x : real ~ beta(1, 1). random y : bool ~ bernoulli(x). observe y. query x.",  # at the edge
        "random x : real ~ exponential(2). random n : int ~ poisson(x). observe n = 0. query x.",
        "random x : real ~ gamma(2, 1). random n : int ~ poisson(x + 1). observe n = 3. query x.",
        "random x : real ~ gamma(2, 1). random n : real ~ gamma(x, 1). observe n = 3. query x.",
        "random x : real ~ beta(2, 2). random n : bool ~ bernoulli(1 - x). observe n. query x.",
        "random x : real ~ beta(2, 2). random n : bool ~ bernoulli(x). observe n. observe x > 0.2. query x.",
        "random x : real ~ gamma(2, 1). random z : real ~ gamma(2, 1). observe x + z > 1. query x. query z.",
    ],
)
def test_what_has_no_closed_form_is_left(program: str) -> None:
    graph = graph_of(program)
    found = conjugate(graph)
    assert found is None or found.mode is None
    assert conjugate_mode(Executor(graph)) is None
