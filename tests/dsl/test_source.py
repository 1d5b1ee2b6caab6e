"""The text behind a span."""

from __future__ import annotations

from nesy.dsl import parse
from nesy.dsl.source import statement_text
from nesy.dsl.span import NOWHERE, Span


def test_white_space_and_comments_go() -> None:
    program = parse('a :-  b,   % why: "x"\n   not c("50 % \\" d").   e.\n')
    assert [statement_text(program, statement.span) for statement in program.statements] == [
        'a :- b, not c("50 % \\" d").',
        "e.",
    ]


def test_unknown_places_give_nothing() -> None:
    program = parse("a.")
    assert statement_text(program, NOWHERE) == ""
    assert statement_text(program, Span("<text>", 5, 1, 5, 2)) == ""
