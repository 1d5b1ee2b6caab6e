"""Each check of a model's sense: a model where it speaks, and one where it is silent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

import pytest

import nesy
from nesy.solvers.probabilistic.building.build import build
from nesy.solvers.probabilistic.model.graph import ModelGraph
from nesy.solvers.probabilistic.vectorised.executor import Executor, unconditioned
from nesy.synthesis import library_of, synthesise
from nesy.synthesis.checks.findings import unused_names
from nesy.synthesis.checks.identifiability import together, unspoken
from nesy.synthesis.checks.surprise import surprising
from nesy.synthesis.llm.client import ChatClient
from tests.nesy.synthesis.fake_server import said, sentences, serving

Found = TypeVar("Found")
NUMBERS = """
random a : real ~ normal(0, 1).
random b : real ~ normal(0, 1).
random s : real ~ gamma(2, 2).
"""


def graph(text: str) -> ModelGraph:
    return build(nesy.load(text).checked).graph


def alone(check: Callable[[ModelGraph, Executor], Found], text: str) -> Found:
    """What one check finds."""
    model = graph(text)
    return check(model, unconditioned(model))


# ----- only together


@pytest.mark.parametrize(
    "rest",
    [
        "random y : real ~ normal(a + b, s). observe y = 1. query a.",
        "random y : real ~ normal(a * b, s). observe y = 1. query a.",
        "define t = exp(a - 2 * b). random y : real ~ normal(t, s). observe y = 1. query a > 0.",
        "observe a + b > 1. query a.",
        "define wins = a + b > 1. observe wins. query b.",
        "random z : real ~ normal(a + b, 1). random y : real ~ normal(z, s). observe y = 1. query a.",
    ],
)
def test_a_sum_or_product_is_known_only_together(rest: str) -> None:
    assert alone(together, NUMBERS + rest) == (("a", "b"),)


@pytest.mark.parametrize(
    "rest",
    [
        # two measures that differ in what they take of a and b
        "random y : real ~ normal(a + b, s). random z : real ~ normal(a, s). observe y = 1. observe z = 2. query a.",
        "random y : real ~ normal(a, s). observe y = 1. query a.",
        # mean and deviation are different parameters
        "random y : real ~ normal(a, s). observe y = 1. query s.",
        # the two sides of a comparison
        "observe a > b. query a.",
        # only the sum is asked for as well
        "define t = a + b. random y : real ~ normal(t, s). observe y = 1. query t.",
        # nothing is observed
        "define t = a + b. query t. query a.",
    ],
)
def test_what_is_told_apart_is_no_finding(rest: str) -> None:
    assert alone(together, NUMBERS + rest) == ()


def test_three_are_one_group() -> None:
    text = "random c : real ~ normal(0, 1). random y : real ~ normal(a + b + c, s). observe y = 1. query b."
    (group,) = alone(together, NUMBERS + text)
    assert set(group) == {"a", "b", "c"}


# ----- not spoken of


def test_a_query_on_which_nothing_bears() -> None:
    text = NUMBERS + "observe a > 1. query a. query b. query a > b."
    assert unspoken(graph(text)) == ("b",)


def test_a_collider_opens_when_it_is_observed() -> None:
    closed = "random y : real ~ normal(a + b, 1). observe b = 1. query a. query y."
    assert unspoken(graph(NUMBERS + closed)) == ("a",)
    assert unspoken(graph(NUMBERS + closed + " observe y = 2.")) == ()


# ----- without use


def test_variables_without_use() -> None:
    found = graph(NUMBERS + "define t = a + 1. observe t > 1. query b.")
    assert unused_names([found], ["t", "s", "b", "a", "d"]) == ("s", "d")
    assert unused_names([found, graph(NUMBERS + "query s.")], ["s", "a"]) == ()


# ----- surprising


@pytest.mark.parametrize(
    ("observed", "holds"),
    [
        ("observe y = 4.", True),
        ("observe y = -4.", True),
        ("observe y = 2.5.", False),
        ("observe y > 4.", True),
        ("observe y > 2.5.", False),
        ("observe n = 30.", True),
        ("observe n = 5.", False),
        ("observe rare.", True),
        ("observe not rare.", False),
        ("observe colour = blue.", True),
        ("observe colour = red.", False),
    ],
)
def test_what_was_hardly_to_be_expected(observed: str, holds: bool) -> None:
    text = """
    random y : real ~ normal(0, 1).
    random n : int ~ poisson(5).
    random rare : bool ~ bernoulli(0.0001).
    random colour : {red, blue} ~ categorical(0.9999, 0.0001).
    query y. query n. query rare. query colour.
    """
    assert [entry.condition for entry in alone(surprising, text + observed)] == (
        [observed.removeprefix("observe ").removesuffix(".")] if holds else []
    )


def test_shares_are_those_of_the_prior_predictive() -> None:
    (found,) = alone(surprising, "random y : real ~ normal(0, 1). query y. observe y = 3.3.")
    # 2 Φ(−3.3) = 0.00097
    assert found.share == pytest.approx(0.00097, abs=0.0007)
    assert "about 0.00" in found.text


# ----- in a synthesis

ILLNESS = """
type person.
random flu(P) : bool ~ bernoulli(0.1) for person(P).
random fever(P) : bool ~ bernoulli(if flu(P) then 0.8 else 0.2) for person(P).
phrase "{P} has a fever" means person(P), observe fever(P).
phrase "does {P} have the flu" means person(P), query flu(P).
"""


def test_a_text_that_says_nothing_of_its_question() -> None:
    found = synthesise([library_of(ILLNESS)], "Ann has a fever. Does Bob have the flu?")
    assert found.findings.unspoken == ("flu(bob)",)
    assert found.findings.texts == ("nothing that is observed bears on flu(bob): the answer is the prior",)
    for text in ("Bob has a fever. Does Bob have the flu?", "Does Bob have the flu?"):
        assert synthesise([library_of(ILLNESS)], text).findings.texts == ()


@pytest.mark.slow
def test_what_a_language_model_adds_without_use() -> None:
    pale = "random pale(P) : bool ~ bernoulli(if flu(P) then 0.5 else 0.1) for person(P)."
    bored = "random bored(P) : bool ~ bernoulli(0.3) for person(P)."
    reading = sentences(s0=["person(ann).", "observe pale(ann)."])
    for statements, unused in (([pale, bored], ("bored", "bored_chance")), ([pale], ())):
        with serving(said(*[reading] * 3), said(*[json.dumps({"statements": statements})] * 3)) as server:
            client = ChatClient(server.url, "m", pause=0.0)
            found = synthesise([library_of(ILLNESS)], "Ann is pale. Does Ann have the flu?", client=client)
        assert found.findings.unused == unused
