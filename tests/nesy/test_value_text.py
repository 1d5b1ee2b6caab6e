"""Values as text: what is written is read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl.checked import Domain
from nesy.dsl.values import Value, format_value
from nesy.value_text import IndexTable, ValueTable, index_text, read_values

SCALARS = st.one_of(st.integers(-99, 99), st.booleans(), st.text(max_size=5))
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, min_size=2, max_size=3).map(tuple), max_leaves=5)


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_what_is_written_is_read_back(values: list[Value]) -> None:
    assert read_values(index_text(tuple(values))) == tuple(values)


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    values = read_values(text)
    assert values is None or read_values(index_text(values)) == values


@pytest.mark.parametrize("text", ["", "(", "1,", ",1", "(1", "1)", "1 2", '"a', "()", "(" * 5000])
def test_malformed_lists_are_refused(text: str) -> None:
    assert read_values(text) is None


@given(st.lists(VALUES, min_size=1, max_size=6, unique_by=format_value))
def test_tables_find_every_value(values: list[Value]) -> None:
    table = ValueTable(Domain("t", tuple(values)))
    for place, value in enumerate(values):
        assert table.place(format_value(value)) == place
        assert table.place(value) == place or isinstance(value, str)


def test_value_tables_take_what_people_write() -> None:
    table = ValueTable(Domain("t", ("light red", "red", 3, (1, 2))))
    written: list[tuple[object, int | None]] = [
        ("light red", 0),
        ('"light red"', 0),
        (" red ", 1),
        ("3", 2),
        (3, 2),
        ("(1, 2)", 3),
        ((1, 2), 3),
        ("03", 2),
        (True, None),
        (3.0, None),
        ("blue", None),
        ([1, 2], None),
    ]
    assert [(key, table.place(key)) for key, _ in written] == written


def test_true_is_not_one() -> None:
    numbers, truths = ValueTable(Domain("n", (0, 1))), ValueTable(Domain("bool", (False, True)))
    assert (numbers.place(True), numbers.place(1), numbers.place("true")) == (None, 1, None)
    assert (truths.place(True), truths.place(1), truths.place("true")) == (1, None, 1)


def test_index_tables_take_what_people_write() -> None:
    pairs = IndexTable([(1, "a"), (1, "b")])
    assert [pairs.place(key) for key in ("1,a", "1, b", "(1,a)", (1, "b"), "1", 1, "1,c")] == [
        0,
        1,
        0,
        1,
        None,
        None,
        None,
    ]
    singles = IndexTable([("a,b",), ((1, 2),)])
    assert [singles.place(key) for key in ("a,b", '"a,b"', "(1,2)", "(1, 2)", ((1, 2),), (1, 2))] == [0, 0, 1, 1, 1, 1]
