"""Constants: arithmetic, order, cycles, values from outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl import check, parse
from nesy.dsl.checks.constants import NotConstantError, calculate, fold
from nesy.dsl.diagnostics import NesyError
from nesy.dsl.syntax import Call, Number, Text, TupleTerm, Variable
from tests.dsl.checks.findings import errors


@given(st.integers(-1000, 1000), st.integers(-50, 50).filter(bool))
def test_division_rounds_towards_zero_and_mod_is_the_rest(left: int, right: int) -> None:
    quotient, rest = calculate("/", left, right), calculate("mod", left, right)
    assert quotient == int(left / right)
    assert quotient * right + rest == left


def test_terms_with_variables_or_attributes_have_no_value() -> None:
    assert fold(Variable("X"), {}) is None
    assert fold(Call("lamp"), {}, {"lamp"}) is None
    assert fold(Call("lamp"), {}) == "lamp"
    assert fold(TupleTerm((Number(1), Text("light red"))), {}) == (1, "light red")
    assert fold(Call("true"), {}) is True


def test_integers_have_32_bits() -> None:
    with pytest.raises(NotConstantError):
        calculate("*", 2**20, 2**20)


def test_order_does_not_matter() -> None:
    program = check(parse("const c = b * 2. const b = a + 1. const a = 3. type t = a..c. percept p : t. query p."))
    assert program.constants == {"a": 3, "b": 4, "c": 8}


def test_a_cycle_is_shown_once_and_its_consequences_are_not() -> None:
    text = "const a = b.\nconst b = a + 1.\nconst c = a * 2.\ntype t = 1..c.\npercept p : t.\nquery p."
    assert errors(text) == ["1:1 E217 the constant 'a' is defined by itself: a → b → a"]


@pytest.mark.parametrize(
    ("given", "value"),
    [("4", 4), ("0.5", 0.5), ("true", True), ("red", "red"), (7, 7), (0.25, 0.25), (False, False), ("-3", -3)],
)
def test_overrides(given: object, value: object) -> None:
    found = check(parse("const n = 1. percept p : bool. query p."), {"n": given}).constants["n"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("given", [None, [1], 2**40, float("nan"), "nan", "inf"])
def test_overrides_that_are_no_value(given: object) -> None:
    with pytest.raises(NesyError) as caught:
        check(parse("const n = 1. percept p : bool. query p."), {"n": given})
    assert [found.code for found in caught.value.diagnostics] == ["E203"]
