"""Values to clingo text and back."""

from __future__ import annotations

import clingo
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl.values import Value
from nesy.solvers.grounding.gringo import Line, run
from nesy.solvers.grounding.symbols import SymbolReader, order_key, symbol_value, value_text

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6) | st.sampled_from(
    ["red", "true", "false", "not", "_x", 'a"b', "a\\b", "two\nlines", "", "Big", "a : b"]
)
VALUES: st.SearchStrategy[Value] = st.recursive(
    st.one_of(st.integers(-(2**31), 2**31 - 1), st.booleans(), TEXTS),
    lambda inner: st.lists(inner, min_size=2, max_size=3).map(tuple),
    max_leaves=4,
)


@given(VALUES)
def test_values_come_back_from_clingo(value: Value) -> None:
    symbol = clingo.parse_term(value_text(value))
    back = symbol_value(symbol)
    assert back == value
    assert type(back) is type(value)


@given(st.lists(VALUES, max_size=4))
def test_rows_of_facts_come_back(values: list[Value]) -> None:
    facts = [Line(f"p({place},{value_text(value)}).") for place, value in enumerate(values)]
    assert sorted(run(facts).rows("p", 2), key=lambda row: row[0]) == list(enumerate(values))  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize("text", ["#sup", "#inf", "f(1)", "-a"])
def test_other_symbols_are_no_values(text: str) -> None:
    with pytest.raises(ValueError, match="is no value"):
        symbol_value(clingo.parse_term(text))


def test_a_reader_keeps_truth_values_and_numbers_apart() -> None:
    reader = SymbolReader()
    symbol = clingo.parse_term("p(1,true,1,false,0)")
    assert list(map(type, reader.arguments(symbol))) == [int, bool, int, bool, int]
    assert reader.arguments(symbol) == (1, True, 1, False, 0)


@given(st.lists(VALUES, max_size=6))
def test_values_of_all_kinds_sort(values: list[Value]) -> None:
    ordered = sorted(values, key=order_key)
    assert [order_key(value) for value in ordered] == sorted(map(order_key, values))
