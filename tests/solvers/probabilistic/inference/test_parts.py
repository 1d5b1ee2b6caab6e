"""Models of independent parts: each part by its own method, evidence and posteriors as of the whole."""

from __future__ import annotations

from math import exp, lgamma, log, pi

import pytest
import torch
from hypothesis import given, settings

import nesy
from nesy.solvers.answer import Answer
from nesy.solvers.probabilistic.inference.choose import Chosen, decide
from nesy.solvers.probabilistic.inference.dividing import divide
from tests.effort import tries
from tests.solvers.probabilistic.graphs import graph_of
from tests.solvers.probabilistic.inference.test_finite import enumerated, graphs

TRIALS = {"a": (100, 12), "b": (110, 22), "c": (90, 10), "d": (50, 9), "e": (40, 11)}
ARMS = (
    "type arm = {a, b, c, d, e}. "
    + " ".join(f"trials({arm}, {n}, {k})." for arm, (n, k) in TRIALS.items())
    + """
    random rate(A) : real ~ beta(1, 1) for arm(A).
    random sold(A) : int ~ binomial(N, rate(A)) for trials(A, N, K).
    observe all sold(A) = K for trials(A, N, K).
    query rate(_).
    """
)


def infer(text: str, **options: object) -> Answer:
    return nesy.load(text).compile("probabilistic", **options).infer()  # type: ignore[arg-type]


def mean(answer: Answer, label: str) -> float:
    found = answer[label].mean
    assert found is not None
    return float(found[0])


def chance(answer: Answer, label: str) -> float:
    found = answer[label].probability
    assert found is not None
    return float(found[0, 1])


def evidence(answer: Answer) -> float:
    (found,) = answer.statistics["log_evidence"]  # type: ignore[misc]
    return float(found)


def test_several_conjugate_pairs_are_exact() -> None:
    answer = infer(ARMS)
    assert (answer.status, answer.statistics["method"]) == (["solved"], ["quadrature"])
    for arm, (n, k) in TRIALS.items():
        assert mean(answer, f"rate({arm})") == pytest.approx((k + 1) / (n + 2), abs=1e-9)
    # a uniform prior makes every number of successes equally likely
    assert evidence(answer) == pytest.approx(-sum(log(n + 1) for n, _ in TRIALS.values()), abs=1e-8)


def test_decisions_are_told_for_each_part() -> None:
    decision = decide(graph_of(ARMS))
    assert decision.exact
    assert [(name, part.method) for name, part in decision.parts] == [(f"rate({arm})", "quadrature") for arm in TRIALS]
    assert decision.reason == "5 independent parts"
    assert decision.parts[0][1].reason == "a grid over rate(a)"
    steps = nesy.load(ARMS).plan("probabilistic").steps
    assert "rate(a): quadrature, a grid over rate(a)" in steps


def test_a_question_across_parts_leaves_them_exact() -> None:
    answer = infer(ARMS + "query rate(b) > rate(a). define best = max { rate(A) : arm(A) }. query best.")
    assert mean(answer, "rate(e)") == pytest.approx(12 / 42, abs=1e-9)
    two = infer(ARMS.replace(", c, d, e", "").split("trials(c")[0] + ARMS.split("11).")[1] + "query rate(b) > rate(a).")
    assert chance(answer, "rate(b) > rate(a)") == pytest.approx(chance(two, "rate(b) > rate(a)"), abs=1e-6)
    largest = answer["best"]
    draws = torch.stack([answer[f"rate({arm})"].samples[0] for arm in TRIALS])  # type: ignore[index]
    assert largest.samples is not None
    assert torch.equal(largest.samples[0], draws.amax(0))
    assert largest.error is not None
    spread = (float(largest.error[0]) ** 2 + float(draws.amax(0).var()) / draws.shape[1]) ** 0.5
    assert abs(mean(answer, "best") - float(draws.amax(0).mean())) < 5 * spread
    # parts draw from streams of their own
    assert abs(float(torch.corrcoef(draws)[0, 1])) < 0.08


MIXED = """
type unit = 1..12.
random worn(U) : bool ~ bernoulli(0.2) for unit(U).
random heat(U) : real ~ normal(if worn(U) then 5 else 0, 1) for unit(U).
random shown(U) : real ~ normal(heat(U), 1) for unit(U).
observe all shown(U) = U / 3 for unit(U).
random rain : bool ~ bernoulli(0.3).
random wet : bool ~ bernoulli(if rain then 0.9 else 0.1).
observe wet.
random weight : real ~ normal(8.5, 1).
random scale : real ~ normal(weight, 0.75).
observe scale = 9.5.
query worn(_). query heat(12). query rain. query weight.
"""


def density(x: float, loc: float, variance: float) -> float:
    return exp(-0.5 * (x - loc) ** 2 / variance) / (2 * pi * variance) ** 0.5


def test_combinations_count_within_a_part_only() -> None:
    answer = infer(MIXED)
    assert answer.status == ["solved"]
    assert answer.statistics["method"] == ["elimination + gaussian"]
    total = log(0.3 * 0.9 + 0.7 * 0.1) - 1.462082
    for unit in range(1, 13):
        worn, sound = 0.2 * density(unit / 3, 5, 2), 0.8 * density(unit / 3, 0, 2)
        assert chance(answer, f"worn({unit})") == pytest.approx(worn / (worn + sound), abs=1e-9)
        total += log(worn + sound)
    assert chance(answer, "rain") == pytest.approx(0.27 / 0.34, abs=1e-12)
    assert mean(answer, "weight") == pytest.approx(9.14, abs=1e-9)
    assert mean(answer, "heat(12)") == pytest.approx((4 + 5 * worn / (worn + sound)) / 2, abs=1e-9)
    assert evidence(answer) == pytest.approx(total, abs=1e-6)


def test_hidden_states_with_measured_numbers_are_finite() -> None:
    steps = 30
    answer = infer(f"""
        type step = 1..{steps}.
        random on(T) : bool ~ bernoulli(if T = 1 then 0.5 else if on(T - 1) then 0.9 else 0.2) for step(T).
        random level(T) : real ~ normal(if on(T) then 1000 else 0, 1) for step(T).
        random clicks(T) : int ~ poisson(if on(T) then 4 else 1) for step(T).
        observe all level(T) = (T mod 2) * 500 for step(T).
        observe all clicks(T) = T mod 5 for step(T).
        query on(_).
    """)
    assert answer.statistics["method"] == ["elimination"]
    forward, total = [0.5, 0.5], 0.0
    for step in range(1, steps + 1):
        if step > 1:
            on = 0.2 * forward[0] + 0.9 * forward[1]
            forward = [1 - on, on]
        clicks, level = step % 5, 500 * (step % 2)
        logs = [
            log(forward[value])
            - 0.5 * (level - 1000 * value) ** 2
            - 0.5 * log(2 * pi)
            + clicks * log((1, 4)[value])
            - (1, 4)[value]
            - lgamma(clicks + 1)
            for value in (0, 1)
        ]
        top = max(logs)
        parts = [exp(each - top) for each in logs]
        total += top + log(sum(parts))
        forward = [part / sum(parts) for part in parts]
    assert evidence(answer) == pytest.approx(total, rel=1e-12)
    assert chance(answer, f"on({steps})") == pytest.approx(forward[1], abs=1e-9)


def test_observed_values_cut() -> None:
    graph = graph_of("""
        random a : real ~ gamma(2, 1). random b : real ~ gamma(a, 1). random c : real ~ gamma(b, 1).
        observe b = 2. query a. query c.
    """)
    division = divide(graph)
    assert set(division.components) == {frozenset({"a"}), frozenset({"c"}), frozenset()}
    (found,) = Chosen(graph, {}).infer({}, 1, seed=0, time_limit=None)
    assert found.exact
    assert found.posteriors[1].mean == pytest.approx(2.0, abs=1e-8)


def test_what_one_part_makes_impossible_is_named() -> None:
    answer = infer(ARMS + "random x : bool ~ bernoulli(0.5). define y = not x. observe x. observe y. query x.")
    assert answer.status == ["infeasible"]
    assert answer.warnings[0].message == "what is known cannot hold together: x, y"


def test_a_part_that_nobody_asks_about_matters_for_the_evidence_alone() -> None:
    """What cannot be sampled in time leaves the other parts their answers."""
    answer = infer(
        "random p : real ~ beta(10, 10). random k : int ~ binomial(10, p). observe k = 6. query p."
        "type i = 1..6. random x(I) : real ~ gamma(1, 1) for i(I). "
        "define total = sum { x(I), I : i(I) }. observe total > 60.",
        time_limit=0.2,
    )
    assert answer.status == ["solved"]
    assert mean(answer, "p") == pytest.approx(16 / 30, abs=1e-9)
    assert answer.statistics["log_evidence"] == [None]
    assert "W599" in [warning.code for warning in answer.warnings]


@settings(max_examples=tries(40), deadline=None)
@given(graphs())
def test_parts_multiply_to_the_whole(graph: object) -> None:
    from nesy.solvers.probabilistic.model.graph import ModelGraph

    assert isinstance(graph, ModelGraph)
    division = divide(graph)
    whole, tables = enumerated(graph)
    product = 1.0
    for number in range(len(division.components)):
        places = [place for place, numbers in enumerate(division.asked) if numbers == {number}]
        part = division.part((number,), tuple(graph.estimands[place] for place in places))
        total, found = enumerated(part)
        product *= total
        for place, table in zip(places, found, strict=True):
            if whole > 0:
                expected = [entry / whole for entry in tables[place]]
                assert [entry / total for entry in table] == pytest.approx(expected, abs=1e-9)
    assert product == pytest.approx(whole, abs=1e-12)
