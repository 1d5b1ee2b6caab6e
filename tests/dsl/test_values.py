"""How values are written: as text that the parser reads back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.dsl import parse
from nesy.dsl.checks.constants import fold
from nesy.dsl.statements import Query
from nesy.dsl.syntax import Comparison
from nesy.dsl.values import RESERVED, Value, format_value
from tests.effort import tries

NAMES = st.from_regex(r"[a-z][A-Za-z0-9_]{0,3}\Z")
WORDS = ["in", "count", "query", "type", "for", "given", "per", "learn", "from", "confidence"]
PLAIN = st.one_of(st.integers(0, 2**31 - 1), st.booleans(), st.text(max_size=6), NAMES, st.sampled_from(RESERVED))
VALUES: st.SearchStrategy[Value] = st.recursive(
    PLAIN, lambda inner: st.lists(inner, min_size=2, max_size=3).map(tuple), max_leaves=4
)


def read_back(text: str) -> object:
    """The value that ``text`` stands for on the right of a comparison."""
    (query,) = parse(f"query a = {text}.").statements
    assert isinstance(query, Query)
    assert isinstance(query.formula, Comparison)
    return fold(query.formula.right, {})


@given(VALUES)
@settings(max_examples=tries(100), deadline=None)
def test_written_values_are_read_back(value: Value) -> None:
    found = read_back(format_value(value))
    assert repr(found) == repr(value)


@pytest.mark.parametrize("word", [*RESERVED, *WORDS])
def test_words_of_the_language_are_read_back(word: str) -> None:
    assert read_back(format_value(word)) == word
    assert format_value(word).startswith('"') == (word in RESERVED)
