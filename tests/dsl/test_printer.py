"""The canonical form: reads back as the same program, keeps comments, and is its own canonical form."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from nesy.dsl.parser import parse
from nesy.dsl.printer import print_program
from nesy.dsl.statements import Program
from tests.dsl.language_examples import ADDITION, SUDOKU, documented_examples
from tests.strategies import programs


def assert_same(program: Program) -> None:
    printed = print_program(program)
    assert parse(printed) == program, printed
    assert print_program(parse(printed)) == printed


@pytest.mark.parametrize("text", [ADDITION, SUDOKU, *documented_examples()])
def test_examples(text: str) -> None:
    assert_same(parse(text))


@settings(max_examples=100, deadline=None)
@given(programs())
def test_printing_loses_nothing(program: Program) -> None:
    assert_same(program)


@pytest.mark.slow
@settings(max_examples=2000, deadline=None)
@given(programs())
def test_printing_loses_nothing_in_many_programs(program: Program) -> None:
    assert_same(program)
