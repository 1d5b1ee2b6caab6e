"""Diagnostics as values: their order, their data, and the words in them."""

from __future__ import annotations

import pytest

from nesy.dsl.diagnostics import Diagnostic, Label, NesyError, counted, did_you_mean, raise_errors, reason_of
from nesy.dsl.span import Span

HERE, THERE = Span("a.nesy", 1, 2, 1, 5), Span("a.nesy", 3, 1, 3, 4)


def test_errors_are_raised_together_and_in_order() -> None:
    later, first = Diagnostic("E201", "later", THERE), Diagnostic("W201", "first", HERE)
    raise_errors([first])
    with pytest.raises(NesyError) as caught:
        raise_errors([later, first])
    assert caught.value.diagnostics == (first, later)


def test_as_data() -> None:
    found = Diagnostic("E205", "twice", HERE, "rename one", (Label(THERE, "first here"),))
    place = {"file": "a.nesy", "line": 1, "column": 2, "end_line": 1, "end_column": 5}
    label = {"file": "a.nesy", "line": 3, "column": 1, "end_line": 3, "end_column": 4, "text": "first here"}
    said = {"code": "E205", "severity": "error", "message": "twice", "hint": "rename one", "labels": [label]}
    assert found.to_json() == place | said
    data_error = Diagnostic("E406", "1.8 is not a probability", place="instance 0")
    assert data_error.to_json()["place"] == "instance 0"
    assert str(data_error) == "instance 0: error[E406]: 1.8 is not a probability"


def test_nearest_names() -> None:
    assert did_you_mean("grean", ["red", "green"]) == "the nearest known name is 'green'"
    assert did_you_mean("blue", ["red", "green"]) == ""


def test_numbers_of_things() -> None:
    assert [counted(number, "file") for number in (0, 1, 2)] == ["no file", "1 file", "2 files"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileNotFoundError(2, "No such file or directory", "x"), "No such file or directory"),
        (ValueError("\nfirst line\nsecond line"), "first line"),
        (EOFError(), "EOFError"),
    ],
)
def test_the_reason_of_an_exception(error: Exception, words: str) -> None:
    assert reason_of(error) == words
