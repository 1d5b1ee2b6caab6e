"""Whatever the text, the parser answers with a program or with its own error."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.dsl.diagnostics import NesyError
from nesy.dsl.parsing.parser import parse
from nesy.dsl.printing.printer import print_program
from nesy.dsl.render import render
from tests.dsl.language_examples import ADDITION, SUDOKU, documented_examples
from tests.effort import tries
from tests.strategies import near_programs

SIGNS = st.sampled_from(
    [*'.,;:()[]{}"%@=<>-+*/~_# \n', ":-", ":~", "..", "a", "X", "3", "if", "not ", "all ", "in ", "for "]
)


def accept_or_refuse(text: str) -> None:
    """Parse, and print what parses; draw the errors of what does not."""
    try:
        program = parse(text)
    except NesyError as error:
        assert_helpful(text, error)
    else:
        printed = print_program(program)
        assert parse(printed) == program
        assert print_program(parse(printed)) == printed


def assert_helpful(text: str, error: NesyError) -> None:
    """Every diagnostic has a code of syntax, a hint, and a place inside the text."""
    assert error.diagnostics
    lines = text.split("\n")
    for diagnostic in error.diagnostics:
        assert diagnostic.code.startswith("E1")
        assert diagnostic.hint
        assert 1 <= diagnostic.span.line <= len(lines)
        assert 1 <= diagnostic.span.column <= len(lines[diagnostic.span.line - 1]) + 1
    assert render(error)


@settings(max_examples=tries(100), deadline=None)
@given(st.text(max_size=60))
def test_arbitrary_text(text: str) -> None:
    accept_or_refuse(text)


@settings(max_examples=tries(100), deadline=None)
@given(st.lists(SIGNS, max_size=25).map("".join))
def test_arbitrary_signs(text: str) -> None:
    accept_or_refuse(text)


@settings(max_examples=tries(100), deadline=None)
@given(near_programs((ADDITION, SUDOKU, *documented_examples())))
def test_changed_programs(text: str) -> None:
    accept_or_refuse(text)


@pytest.mark.slow
@settings(max_examples=tries(2000), deadline=None)
@given(st.one_of(near_programs((ADDITION, SUDOKU, *documented_examples())), st.lists(SIGNS, max_size=40).map("".join)))
def test_many_changed_programs(text: str) -> None:
    accept_or_refuse(text)
