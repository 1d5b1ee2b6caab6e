"""Contradictions of logic and order: what is found, what is not, and the truth by brute force."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nesy
from nesy.dsl.checked import Domain
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.building.build import build
from nesy.solvers.probabilistic.inference.propositional import propositional_conflict
from nesy.solvers.probabilistic.model.arithmetic import evaluate
from nesy.solvers.probabilistic.model.expressions import Apply, Constant, Expression, Reference
from nesy.solvers.probabilistic.model.graph import Distribution, Event, ModelGraph, RandomVariable

NUMBERS = """
random x : real ~ normal(0, 1).
random y : real ~ normal(0, 1).
random z : real ~ normal(0, 1).
random u : real ~ uniform(0, 1).
random a : bool ~ bernoulli(if x > 0 then 0.9 else 0.1).
random b : bool ~ bernoulli(0.5).
random sure : bool ~ bernoulli(if a then 1 else 0).
random k : {red, green} ~ categorical(if x > 0 then 0.5 else 0.2, 0.5).
define either = a or b.
query x.
"""


def conflict(text: str) -> list[str]:
    graph = build(nesy.load(NUMBERS + text).checked).graph
    return [entry.text for entry in propositional_conflict(graph)]


@pytest.mark.parametrize(
    "observed",
    [
        "observe x > y. observe y > z. observe z > x.",
        "observe x > y. observe y > z. observe z >= x.",
        "observe x * 2 > y. observe y > 3. observe x * 2 <= 2.5.",
        "observe either. observe not a. observe not b.",
        "observe sure. observe not a.",
        "observe k != red. observe k != green.",
        "observe x > u. observe x < 0.",
        "observe a = b. observe a. observe not b.",
    ],
)
def test_contradictions_are_found_and_minimal(observed: str) -> None:
    every = [part.strip().removeprefix("observe ") for part in observed.split(".  ")[0].rstrip(".").split(". ")]
    assert conflict(f"{observed} observe z < 17.") == every


@pytest.mark.parametrize(
    "observed",
    [
        "",
        "observe x > y. observe y > z. observe x > z.",
        "observe x >= y. observe y >= x.",
        "observe either. observe not a.",
        "observe sure. observe a.",
        "observe k != red.",
        "observe x * 2 > y. observe x < y.",
        "observe a = b. observe a.",
    ],
)
def test_what_can_be_is_left_alone(observed: str) -> None:
    assert conflict(observed) == []


def test_the_answer_names_the_lines() -> None:
    found = nesy.load(NUMBERS + "observe x > y. observe y > z. observe z > x.").compile("probabilistic").infer()
    assert found.status[0] is Status.INFEASIBLE
    (warning,) = [entry for entry in found.warnings if entry.code == "W593"]
    assert "x > y, y > z, z > x" in warning.message


def test_long_chains_are_no_deep_calls() -> None:
    nodes = [RandomVariable("x", "x", (), Distribution("normal", (Constant(0.0), Constant(1.0))))]
    nodes.append(boolean("s0"))
    for number in range(1, 1500):
        chance = Apply("if", (Reference(f"s{number - 1}"), Constant(1), Constant(0)))
        nodes.append(boolean(f"s{number}", chance))
    conditions = (Event(Reference("s1499"), "last"), Event(Apply("not", (Reference("s0"),)), "first"))
    assert propositional_conflict(ModelGraph(tuple(nodes), conditions)) == conditions


# ----- brute force


def boolean(label: str, chance: Expression | None = None) -> RandomVariable:
    distribution = Distribution("bernoulli", (chance or Constant(0.5),))
    return RandomVariable(label, label, (), distribution, Domain("bool", (False, True)))


def number(label: str) -> RandomVariable:
    return RandomVariable(label, label, (), Distribution("normal", (Constant(0.0), Constant(1.0))))


GRAPH = ModelGraph((*map(number, "xyz"), *map(boolean, "ab")))
TERMS = st.sampled_from("xyz").map(Reference) | st.integers(0, 1).map(Constant)
COMPARED = st.builds(
    lambda operator, left, right: Apply(operator, (left, right)),
    st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
    TERMS,
    TERMS,
)
FORMULAS = st.recursive(
    st.sampled_from("ab").map(Reference) | COMPARED,
    lambda inner: (
        st.builds(
            lambda operator, parts: Apply(operator, tuple(parts)),
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=1, max_size=3),
        )
        | inner.map(lambda part: Apply("not", (part,)))
        | st.tuples(inner, inner, inner).map(lambda parts: Apply("if", parts))
        | st.tuples(inner, inner).map(lambda parts: Apply("=", parts))
    ),
    max_leaves=5,
)
PLACES = (-3, -2, -1, 0, 0.25, 0.5, 0.75, 1, 2, 3, 4)
"""Three numbers below, between, above and at the constants 0 and 1, in all orders."""


@pytest.mark.slow
@given(st.lists(FORMULAS, min_size=1, max_size=4))
@settings(max_examples=60)
def test_conflicts_are_those_of_brute_force(formulas: list[Expression]) -> None:
    conditions = tuple(Event(formula, str(place)) for place, formula in enumerate(formulas))
    worlds = (
        dict(zip("xyzab", (*numbers, *truths), strict=True))
        for numbers in product(PLACES, repeat=3)
        for truths in product((False, True), repeat=2)
    )
    possible = any(all(evaluate(formula, world) is True for formula in formulas) for world in worlds)
    found = propositional_conflict(ModelGraph(GRAPH.nodes, conditions))
    assert bool(found) is not possible
