"""The canonical form: reads back as the same program, keeps comments, and is its own canonical form."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.dsl.parsing.parser import parse
from nesy.dsl.printing.printer import print_program
from nesy.dsl.statements import Program, Rule
from nesy.dsl.syntax import Call, Negative, Number
from tests.dsl.language_examples import ADDITION, SUDOKU, documented_examples
from tests.effort import tries
from tests.strategies import programs

EXAMPLES = Path(__file__).parents[2] / "examples"


def assert_same(program: Program) -> None:
    printed = print_program(program)
    assert parse(printed) == program, printed
    assert print_program(parse(printed)) == printed


@pytest.mark.parametrize("text", [ADDITION, SUDOKU, *documented_examples()])
def test_examples(text: str) -> None:
    assert_same(parse(text))


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.nesy")), ids=lambda path: path.name)
def test_rule_files_of_the_examples(path: Path) -> None:
    assert_same(parse(path.read_text(encoding="utf-8")))


@settings(max_examples=tries(100), deadline=None)
@given(programs())
def test_printing_loses_nothing(program: Program) -> None:
    assert_same(program)


@pytest.mark.slow
@settings(max_examples=tries(400), deadline=None)
@given(programs())
def test_printing_loses_nothing_in_many_programs(program: Program) -> None:
    assert_same(program)


def test_canonical_form() -> None:
    text = """
%   sizes
type row=1..3.   type col=1..3.  % both


a(X,Y):-b(X),not c( Y ).   % why
bb:-a.% also
{a;b:c}=1.   :~a.[3@1,X]
x iff (a=1 and b=2) or (c=3)[learn per K]where K=1.
valid iff (all p(_) in {1}).
% the end"""
    assert (
        print_program(parse(text))
        == """%   sizes
type row = 1..3.
type col = 1..3.  % both

a(X, Y) :- b(X), not c(Y).  % why
bb :- a.                    % also
1 { a ; b : c } 1.
:~ a. [3@1, X]
x iff a = 1 and b = 2 or c = 3 [learn per K] where K = 1.
valid iff all p(_) in {1}.
% the end
"""
    )


def test_long_statements_are_broken() -> None:
    text = (
        "clash(R1, C1, R2, C2) :- row(R1), row(R2), col(C1), col(C2), R1 < R2, C1 != C2, "
        "(R1 - 1) / 3 = (R2 - 1) / 3.\n"
        "type colour = {" + ", ".join(f"colour_number_{number}" for number in range(8)) + "}.\n"
        "if first_premise(X) = 1 and second_premise(X) = 2 and third_premise(X) = 3 then conclusion(X) = 3 "
        "[s = 0.1] where item(X).\n"
    )
    printed = print_program(parse(text))
    assert printed.splitlines() == [
        "clash(R1, C1, R2, C2) :- row(R1), row(R2), col(C1), col(C2), R1 < R2, C1 != C2,",
        "                         (R1 - 1) / 3 = (R2 - 1) / 3.",
        "type colour = {colour_number_0, colour_number_1, colour_number_2, colour_number_3, colour_number_4,",
        "    colour_number_5, colour_number_6, colour_number_7}.",
        "if first_premise(X) = 1 and second_premise(X) = 2 and third_premise(X) = 3 then conclusion(X) = 3",
        "    [s = 0.1] where item(X).",
    ]
    assert all(len(line) <= 100 for line in printed.splitlines())
    assert print_program(parse(printed)) == printed


def test_statements_with_comments_inside_keep_their_layout() -> None:
    text = "a :- b,   % first\n     c.  % second\n:~ d. % between\n   [2]\n"
    program = parse(text)
    assert print_program(program) == "a :- b,   % first\n     c.  % second\n:~ d. % between\n   [2]\n"
    assert_same(program)


def test_quantifiers_keep_what_follows_out_of_their_condition() -> None:
    for text in (
        ":- (all a for b), c.",
        "x iff all (any a) for b.",
        "x iff (all a for b) and c.",
        "define f = (all a) for b.",
        "query all a for b, any c for d.",
    ):
        assert print_program(parse(text)) == text + "\n"


def test_programs_without_places() -> None:
    statements = parse("a. b.").statements
    assert print_program(Program(statements[:1])) == "a.\n"
    assert print_program(Program(())) == ""


@settings(max_examples=tries(100), deadline=None)
@given(st.lists(st.floats(min_value=0, allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_decimal_numbers_read_back_as_the_same_float64(numbers: list[float]) -> None:
    """Also beyond the digits of usual texts: ``5e-324``, ``1e+22``."""
    terms = (*map(Number, numbers), *(Negative(Number(number)) for number in numbers))
    program = Program((Rule(Call("seen", terms)),))
    assert_same(program)
    (rule,) = parse(print_program(program)).statements
    assert isinstance(rule, Rule)
    assert isinstance(rule.head, Call)
    found = [term.operand if isinstance(term, Negative) else term for term in rule.head.arguments]
    assert [(type(term.value), term.value) for term in found if isinstance(term, Number)] == [
        (float, number) for number in numbers * 2
    ]
