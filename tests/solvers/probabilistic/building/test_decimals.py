"""Decimal numbers in facts and rules of a random model: they arrive as written, and are compared as numbers."""

from __future__ import annotations

import operator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nesy
from nesy.dsl.checked import CheckedProgram
from nesy.dsl.diagnostics import NesyError
from nesy.dsl.statements import Query, Rule
from nesy.dsl.values import format_scalar
from nesy.solvers.probabilistic.building.facts import Facts, ground_facts
from nesy.solvers.probabilistic.building.instances import Registry
from nesy.solvers.probabilistic.model.expressions import Constant

ORDER = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}

NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**6), 10**6),
    st.sampled_from([0.1, 0.2, 0.3, 0.30000000000000004, 1.0, 2.0, 2.5, -0.0, 3, 1e300, -5e-324, 1e22, 4294967296.0]),
)

HEIGHTS = "height(ann, 1.73). height(bob, -1.8e-2). height(cal, 2.0). height(dan, 2)."


def facts_of(checked: CheckedProgram) -> Facts:
    formulas = [entry.formula for entry in checked.program.statements if isinstance(entry, Query)]
    return ground_facts(checked, formulas, strict=False).facts


@settings(max_examples=15, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_numbers_arrive_as_written(numbers: list[int | float]) -> None:
    text = "".join(f"seen({place}, {format_scalar(number)}).\n" for place, number in enumerate(numbers))
    rows = facts_of(nesy.load(text + "query any seen(X, Y).").checked).rows["seen", 2]
    assert [row[1] for row in rows] == numbers


@settings(max_examples=30, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=6), NUMBERS, st.sampled_from(sorted(ORDER)))
def test_rules_and_conditions_compare_numbers(numbers: list[int | float], limit: float, sign: str) -> None:
    """In the bodies of rules by gringo, in conditions by the solver, against a constant and against one another."""
    text = "".join(f"seen({place}, {format_scalar(number)}).\n" for place, number in enumerate(numbers))
    text += f"""
const limit = {format_scalar(limit)}.
near(X) :- seen(X, A), A {sign} limit.
far(X) :- seen(X, A), not A {sign} limit.
pair(X, Y) :- seen(X, A), seen(Y, B), A {sign} B.
query any near(X). query any far(X). query any pair(X, Y).
"""
    checked = nesy.load(text).checked
    facts = facts_of(checked)
    holds = ORDER[sign]
    near = {(place,) for place, number in enumerate(numbers) if holds(number, limit)}
    pairs = {(x, y) for x, a in enumerate(numbers) for y, b in enumerate(numbers) if holds(a, b)}
    assert set(facts.rows["near", 1]) == near
    assert set(facts.rows["far", 1]) == {(place,) for place in range(len(numbers))} - near
    assert set(facts.rows["pair", 2]) == pairs
    (rule, *_) = [entry for entry in checked.program.statements if isinstance(entry, Rule) and entry.body]
    found = [solution["X"] for solution, _ in Registry(checked, facts).solver.solve(rule.body, {})]
    assert {(place.value,) for place in found if isinstance(place, Constant)} == near


def test_equal_numbers_meet() -> None:
    """2 and 2.0 are the same number, whichever relation writes it which way."""
    text = f"{HEIGHTS} limit(2.0). limit(1.73). same(P) :- height(P, X), limit(X). two(P) :- height(P, 2)."
    facts = facts_of(nesy.load(f"{text} query any same(X). query any two(X).").checked)
    assert facts.rows["same", 1] == (("ann",), ("cal",), ("dan",))
    assert facts.rows["two", 1] == (("cal",), ("dan",))


REGRESSION = """
random a : real ~ normal(0, 10).
random b : real ~ normal(0, {spread}).
random w(P) : real ~ normal(a + b * X, 2) for height(P, X), X < {limit}.
observe all w(P) = W for weight(P, W).
query a. query b. query w(eve).
"""


def test_the_posterior_is_that_of_scaled_integers() -> None:
    metres = "height(ann, 1.73). height(bob, 1.85). height(cal, 1.6). height(dan, 2.5). height(eve, 1.7)."
    weights = "weight(ann, 7.25). weight(bob, 9.5). weight(cal, -1.5)."
    centimetres = "height(ann, 173). height(bob, 185). height(cal, 160). height(dan, 250). height(eve, 170)."
    plain = nesy.load(metres + weights + REGRESSION.format(spread=3, limit="1.99")).compile("probabilistic").infer({})
    scaled = (
        nesy.load(centimetres + weights + REGRESSION.format(spread=0.03, limit=199)).compile("probabilistic").infer({})
    )
    for query, factor in (("a", 1.0), ("b", 0.01), ("w(eve)", 1.0)):
        for measure in ("mean", "sd"):
            one, other = getattr(plain[query], measure), getattr(scaled[query], measure)
            assert float(other[0]) == pytest.approx(factor * float(one[0]), rel=1e-9)


def test_the_emitted_program_has_the_number() -> None:
    text = "height(ann, 0.1). random b : real ~ normal(0, 1). define mu(P) = b * X for height(P, X). query mu(_)."
    listing = nesy.load(text).compile("probabilistic").listing()
    assert "b * 0.1" in listing


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("double(P, X + X) :- height(P, X).", "arithmetic with decimal numbers"),
        ("low(P) :- height(P, X), X - 0.5 < 1.", "arithmetic"),
        ("low(P) :- height(P, -X), X < 1.", "arithmetic"),
        ("low(P) :- height(P, Y), X = Y, Z = X, Z * 2 < 1.", "arithmetic"),
        ("low(P) :- taller(P, X), X / 2 < 1.", "arithmetic"),
        ("low(P) :- height(P, X), X in 1..3.", "an interval"),
        ("low(P) :- height(P, X), height(_, 1..X).", "an interval"),
        ("low((P, X)) :- height(P, X).", "a tuple"),
        ("low(P) :- height(P, _), sum { X : height(_, X) } > 1.", "the aggregate 'sum'"),
        ("low(P) :- height(P, _), M = max { X : height(_, X) }.", "the aggregate 'max'"),
        ("low(P) :- height(P, _), count { X : height(_, X) } > 1.5.", "a comparison of an aggregate"),
    ],
)
def test_what_rules_cannot_do_with_decimals(rule: str, message: str) -> None:
    text = f"{HEIGHTS}\ntaller(P, X) :- height(P, X), X > 1.5.\n{rule}\nrandom b : real ~ normal(0, 1).\n"
    head = rule.split(" :-")[0]
    with pytest.raises(NesyError) as caught:
        nesy.load(f"{text}query b. query any {head.replace('X + X', 'X')}.").compile("probabilistic")
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.line) == ("E517", 3)
    assert message in found.message


def test_aggregates_that_rules_can_do() -> None:
    text = f"""{HEIGHTS} query any several(N). query any tall(N).
several(N) :- N = count {{ X : height(_, X) }}.
tall(N) :- N = count {{ P : height(P, X), X > 1.7 }}.
"""
    facts = facts_of(nesy.load(text).checked)
    assert facts.rows["several", 1] == ((3,),)
    assert facts.rows["tall", 1] == ((3,),)


def test_a_violated_constraint_shows_the_number() -> None:
    text = f"{HEIGHTS}\n:- height(P, X), X < 0.\nrandom b : real ~ normal(0, 1).\nquery b. query any height(X, Y)."
    with pytest.raises(NesyError) as caught:
        nesy.load(text).compile("probabilistic")
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.line) == ("E514", 2)
    assert "P = bob, X = -0.018" in found.message


def test_an_index_is_no_decimal() -> None:
    text = f"{HEIGHTS}\nrandom size(X) : real ~ normal(0, 1) for height(_, X).\nquery size(_)."
    with pytest.raises(NesyError) as caught:
        nesy.load(text).compile("probabilistic")
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.line) == ("E590", 2)
    assert found.message == "the index variable X takes the decimal number 1.73"


@pytest.mark.parametrize("backend", ["asp", "integer", "possibilistic", "probabilistic"])
def test_back_ends_that_count_in_integers_refuse(backend: str) -> None:
    text = "light(a, -0.5).\npercept lamp : bool.\nconcept dark : bool.\ndark :- not lamp, light(a, X), X < 1.\n"
    text += "query dark."
    with pytest.raises(NesyError) as caught:
        nesy.load(text).compile(backend)
    (found,) = caught.value.diagnostics
    planned = nesy.load(text).plan(backend).obstacles
    assert [(one.code, one.span, one.message) for one in planned] == [(found.code, found.span, found.message)]
    assert (found.code, found.span.line, found.span.column) == ("E517", 1, 10)
    assert "the decimal number -0.5" in found.message
    assert "scale the numbers" in found.hint


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("height(ann, X + 1)", 1.73 - 1),
        ("height(ann, 0.5 + X)", 1.73 - 0.5),
        ("height(dan, 0.5 + X)", 1.5),
        ("height(ann, 2 - X)", 2 - 1.73),
        ("height(bob, -X)", 0.018),
        ("height(ann, Y), X = Y * 2, X in 1..4", 3.46),
        ("height(ann, Y), X = 2.5 - Y", 2.5 - 1.73),
    ],
)
def test_conditions_compute(condition: str, value: float) -> None:
    """What the solver makes of a condition stands in an argument."""
    text = f"{HEIGHTS} type one = 1..1. random mu(I) : real ~ normal(X, 1) for one(I), {condition}. query mu(1)."
    mean = nesy.load(text).compile("probabilistic").infer({})["mu(1)"].mean
    assert mean is not None
    assert float(mean[0]) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("condition", ["height(P, 2 * X)", "height(P, 0.5 * X)", "height(P, Y), X = Y / 2"])
@pytest.mark.parametrize("statement", ["define mu(P) = b * X for {}", "random mu(P) : real ~ normal(X, 1) for {}"])
def test_conditions_divide_whole_numbers_only(condition: str, statement: str) -> None:
    text = f"{HEIGHTS}\nrandom b : real ~ normal(0, 1).\n{statement.format(condition)}.\nquery mu(_)."
    with pytest.raises(NesyError) as caught:
        nesy.load(text).compile("probabilistic")
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.line) == ("E597", 3)
    assert "whole numbers" in found.message


@pytest.mark.parametrize("backend", ["asp", "possibilistic"])
def test_a_table_of_decimals_does_not_flood(backend: str) -> None:
    text = "type point. relation seen(point, real). percept lamp : bool. concept dark : bool.\n"
    text += "dark :- not lamp, seen(p1, X), X < 1. query dark."
    rows = [(f"p{place}", place + 0.5) for place in range(100)]
    with pytest.raises(NesyError) as caught:
        nesy.load(text, facts={"seen": rows}).compile(backend)
    assert [found.code for found in caught.value.diagnostics] == ["E517"] * 5
    assert caught.value.diagnostics[-1].message.endswith("(and 95 more)")
