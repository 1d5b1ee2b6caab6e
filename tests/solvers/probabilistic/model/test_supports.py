"""Interval arithmetic: every value that the interpreter finds lies in the support."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.solvers.probabilistic.interpreter.traces import sample
from nesy.solvers.probabilistic.model.arithmetic import UndefinedError, operate
from nesy.solvers.probabilistic.model.expressions import Apply, Constant, Expression, Reference
from nesy.solvers.probabilistic.model.graph import Definition, Distribution, ModelGraph, RandomVariable
from nesy.solvers.probabilistic.model.intervals import Interval, Values, divide, multiply
from nesy.solvers.probabilistic.model.supports import Supports
from tests.effort import tries
from tests.solvers.probabilistic.graphs import MIXTURE, SCHOOLS, TUG_OF_WAR, graph_of

UNARY = ("neg", "exp", "abs")
BINARY = ("+", "-", "*", "/", "<", "<=", ">", ">=", "min", "max")


def variables() -> list[RandomVariable]:
    """Variables with supports of several forms."""
    return [
        RandomVariable("a", "a", (), Distribution("normal", (Constant(0), Constant(2)))),
        RandomVariable("b", "b", (), Distribution("uniform", (Constant(-1), Constant(2)))),
        RandomVariable("c", "c", (), Distribution("gamma", (Constant(2), Constant(1)))),
        RandomVariable("d", "d", (), Distribution("beta", (Constant(2), Constant(1)))),
    ]


numbers = st.one_of(
    st.sampled_from([Reference("a"), Reference("b"), Reference("c"), Reference("d")]),
    st.integers(-3, 3).map(Constant),
)
expressions = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(UNARY), inner).map(lambda row: Apply(row[0], (row[1],))),  # type: ignore[arg-type]
        st.tuples(st.sampled_from(("+", "-", "*", "/", "min", "max")), inner, inner).map(
            lambda row: Apply(row[0], (row[1], row[2]))  # type: ignore[arg-type]
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=tries(150), deadline=None)
@given(expressions, st.integers(0, 1000))
def test_supports_hold_every_value(expression: Expression, seed: int) -> None:
    graph = ModelGraph((*variables(), Definition("e", "e", (), expression, "number")))
    support = Supports(graph)["e"]
    for number in range(5):
        try:
            value = sample(graph, np.random.default_rng(1000 * number + seed))["e"]
        except UndefinedError:
            continue
        assert isinstance(value, int | float)
        if math.isinf(value):
            continue
        if isinstance(support, Values):
            assert any(math.isclose(float(item), value, rel_tol=1e-9) for item in support.items)  # type: ignore[arg-type]
        else:
            slack = 1e-9 * (1 + abs(value))
            assert support.low - slack <= value <= support.high + slack


@settings(max_examples=tries(100), deadline=None)
@given(*[st.integers(-3, 3)] * 4)
def test_products_and_quotients_are_tight(a: int, b: int, c: int, d: int) -> None:
    left, right = Interval(min(a, b), max(a, b)), Interval(min(c, d), max(c, d))
    corners = [x * y for x in (a, b) for y in (c, d)]
    assert (multiply(left, right).low, multiply(left, right).high) == (min(corners), max(corners))
    if right.low > 0:
        ratios = [x / y for x in (a, b) for y in (c, d)]
        found = divide(left, right)
        assert (found.low, found.high) == pytest.approx((min(ratios), max(ratios)))


@pytest.mark.parametrize("program", [TUG_OF_WAR, SCHOOLS, MIXTURE])
def test_traces_lie_in_supports(program: str) -> None:
    graph = graph_of(program)
    supports = Supports(graph)
    for seed in range(10):
        for label, value in sample(graph, np.random.default_rng(seed)).items():
            support = supports[label]
            if isinstance(support, Values):
                assert value in support.items, label
            else:
                assert support.holds(float(value)), label  # type: ignore[arg-type]


def test_comparisons_that_are_decided() -> None:
    graph = ModelGraph(tuple(variables()))
    supports = Supports(graph)
    above = Apply(">", (Reference("c"), Constant(0)))
    assert supports.of(above) == Values((True,))
    assert supports.of(Apply("<", (Reference("d"), Constant(0)))) == Values((False,))
    assert supports.of(Apply("<", (Reference("a"), Constant(0)))) == Values((False, True))


def test_operators_on_single_values() -> None:
    assert operate("mod", [-1, 3]) == 2
    assert operate("log", [0]) == -math.inf
    assert operate("=", [1, True]) is False
    with pytest.raises(UndefinedError):
        operate("/", [1, 0])
