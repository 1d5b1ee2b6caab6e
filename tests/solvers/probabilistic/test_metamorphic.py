"""The same model said in another way has the same answer: other names, another order, other units, more beside it.

That doing differs from seeing where something confounds, and only there, is in ``test_engine``.
"""

from __future__ import annotations

import re
from itertools import permutations
from math import log

import pytest

import nesy
from nesy.solvers.answer import Answer
from tests.solvers.probabilistic.graphs import SCHOOLS, TUG_OF_WAR
from tests.solvers.probabilistic.inference.test_published import ASIA

ILL = ASIA + "observe asia. observe xray. observe dysp."
WALK = """
type step = 1..4.
random x(T) : real ~ normal(if T = 1 then 0 else x(T - 1), 1) for step(T).
random y(T) : real ~ normal(x(T), 0.5) for step(T).
observe y(1) = 0.5. observe y(2) = 1. observe y(4) = 2.
query x(3). query x(4) > x(1).
"""
PROGRAMS = {"finite": ILL, "Gaussian": WALK, "quadrature": SCHOOLS, "sampled": TUG_OF_WAR}
each = pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)


def infer(text: str) -> Answer:
    return nesy.load(text).compile("probabilistic", seed=3).infer()


def evidence(answer: Answer) -> tuple[float, float]:
    (found,), (error,) = answer.statistics["log_evidence"], answer.statistics["log_evidence_error"]  # type: ignore[misc]
    return float(found), float(error)


def figures(answer: Answer) -> list[tuple[float, float]]:
    """Every figure of every query with its standard error, in the order of the queries."""
    found = []
    for result in answer.results.values():
        numbers = result.mean if result.mean is not None else result.probability
        assert numbers is not None
        flat = numbers.reshape(-1)
        errors = [0.0] * len(flat)
        if result.error is not None:
            errors = result.error.reshape(-1).repeat_interleave(len(flat) // result.error.numel()).tolist()
        found += list(zip(flat.tolist(), errors, strict=True))
    return found


def assert_same(one: Answer, other: Answer) -> None:
    """Equal where both are exact, else within 4.5 standard errors of the difference."""
    assert one.status == other.status
    for (left, left_error), (right, right_error) in zip(figures(one), figures(other), strict=True):
        assert abs(left - right) < 4.5 * (left_error**2 + right_error**2) ** 0.5 + 1e-9
    (left, left_error), (right, right_error) = evidence(one), evidence(other)
    assert abs(left - right) < 4.5 * (left_error**2 + right_error**2) ** 0.5 + 1e-7


def observations(program: str) -> list[str]:
    return re.findall(r"observe [^\n]*?\.(?=\s|$)", program)


@each
def test_names_do_not_matter(program: str) -> None:
    declared = re.findall(r"(?:random|define|type) (\w+)", program)
    renamed = program
    for number, name in enumerate(sorted(set(declared), key=len, reverse=True)):
        renamed = re.sub(rf"\b{name}\b", f"z{len(declared) - number}_{name[::-1]}", renamed)
    assert renamed != program
    assert_same(infer(program), infer(renamed))


@each
def test_the_order_of_what_is_observed_does_not_matter(program: str) -> None:
    seen = observations(program)
    rest = program
    for text in seen:
        rest = rest.replace(text, "")
    assert_same(infer(program), infer("\n".join([*reversed(seen), rest])))


@each
def test_what_stands_beside_it_does_not_matter(program: str) -> None:
    beside = """
    random beside : bool ~ bernoulli(0.25).
    random sign : bool ~ bernoulli(if beside then 0.8 else 0.4).
    observe sign.
    """
    alone, together = infer(program), infer(program + beside)
    (before, error), (after, other) = evidence(alone), evidence(together)
    assert abs(after - before - log(0.25 * 0.8 + 0.75 * 0.4)) < 4.5 * (error**2 + other**2) ** 0.5 + 1e-7
    for (left, left_error), (right, right_error) in zip(figures(alone), figures(together), strict=True):
        assert abs(left - right) < 4.5 * (left_error**2 + right_error**2) ** 0.5 + 1e-9


def test_units_do_not_matter() -> None:
    metres = infer(SCHOOLS)
    lines = re.sub(r"result\((\d), (-?\d+), (\d+)\)", _hundredfold, SCHOOLS)
    centimetres = infer(lines.replace("normal(0, 5)", "normal(0, 500)").replace("halfcauchy(5)", "halfcauchy(500)"))
    for (left, _), (right, _) in zip(figures(metres), figures(centimetres), strict=True):
        assert right == pytest.approx(100 * left, rel=1e-4)
    # a density of eight measurements is per unit of each
    assert evidence(centimetres)[0] == pytest.approx(evidence(metres)[0] - 8 * log(100), abs=1e-4)


def _hundredfold(found: re.Match[str]) -> str:
    return f"result({found[1]}, {100 * int(found[2])}, {100 * int(found[3])})"


def test_evidence_may_come_in_two_updates() -> None:
    """P(tub | a, x) = P(tub ∧ x | a) / P(x | a), and evidence multiplies."""
    first = infer(ASIA.split("query tub")[0] + "observe asia. query xray. query tub and xray.")
    both = infer(ASIA + "observe asia. observe xray.")
    (_, _), (x, _), (_, _), (t_and_x, _) = figures(first)
    assert figures(both)[1][0] == pytest.approx(t_and_x / x, abs=1e-12)
    assert evidence(both)[0] == pytest.approx(evidence(first)[0] + log(x), abs=1e-12)


def test_a_posterior_is_the_prior_of_what_comes_next() -> None:
    model = "random m : real ~ normal({}, {}). random y(I) : real ~ normal(m, 1) for i(I). query m.\n"
    both = infer(model.format(1, 2) + "i(1). i(2). observe y(1) = 3. observe y(2) = -1.")
    once = infer(model.format(1, 2) + "i(1). observe y(1) = 3.")["m"]
    assert once.mean is not None
    assert once.sd is not None
    again = infer(model.format(f"{float(once.mean[0]):.12f}", f"{float(once.sd[0]):.12f}") + "i(1). observe y(1) = -1.")
    assert figures(again)[0][0] == pytest.approx(figures(both)[0][0], abs=1e-9)


def test_what_is_exchangeable_may_be_relabelled() -> None:
    model = """
    type item = 1..3.
    random share : real ~ beta(2, 3).
    random good(I) : bool ~ bernoulli(share) for item(I).
    random shown(I) : bool ~ bernoulli(if good(I) then 0.9 else 0.2) for item(I).
    {}
    query share. query good(_).
    """
    base: dict[int, float] | None = None
    for order in permutations((1, 2, 3)):
        seen = f"observe shown({order[0]}). observe not shown({order[1]})."
        answer = infer(model.format(seen))
        table = answer["good"].probability
        assert table is not None
        found = {place: float(table[0, label - 1, 1]) for place, label in enumerate(order)}
        base = base or found
        assert found == pytest.approx(base, abs=1e-9)


@pytest.mark.parametrize(
    ("query", "given", "beside"),
    [("tub", "asia", "smoke"), ("smoke", "bronc", "asia"), ("asia", "tub", "xray"), ("bronc", "smoke", "lung")],
)
def test_d_separated_evidence_changes_nothing(query: str, given: str, beside: str) -> None:
    model = f"{ASIA.split('query tub')[0]} observe {given}. query {query}."
    assert figures(infer(model)) == figures(infer(f"{model} observe {beside}."))
