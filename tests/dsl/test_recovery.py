"""Syntax errors: all at once, each with its code, its place and what to do."""

from __future__ import annotations

import pytest

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.parsing.parser import parse
from nesy.dsl.parsing.recovery import statement_places


def errors(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(NesyError) as caught:
        parse(text)
    return caught.value.diagnostics


@pytest.mark.parametrize(
    ("text", "code", "column", "words"),
    [
        ("a :- b", "E102", 7, "full stop"),
        ("a(1, 2 :- b.", "E103", 2, "never closed"),
        ("a(1)).", "E103", 5, "closes nothing"),
        ("a(1].", "E103", 4, "where ')' is needed"),
        ("a :- b, (c.", "E103", 9, "before '.'"),
        ("a\0b.", "E104", 2, "U+0000"),
        ("é(1).", "E104", 1, "in quotes"),
        ("_a(1).", "E104", 1, "'_a' is not a name"),
        ("c = 3x.", "E104", 5, "'3x'"),
        ("c iff a [s = .1].", "E101", 14, "before the point"),
        ('x = "abc.', "E105", 5, "not closed"),
        ('a("\\t").', "E105", 3, "\\t"),
        ("a := b.", "E106", 3, "':='"),
        ("a <- b.", "E106", 1, "':-'"),
        ("a -> b.", "E106", 3, "'->'"),
        ("a :- b == 3.", "E106", 8, "single '='"),
        ("a :- b && c.", "E106", 8, "'and'"),
        ("a :- b || c.", "E106", 8, "'or'"),
        ("a ≤ b.", "E106", 3, "'<='"),
        ("p('a').", "E106", 3, "double quotes"),
        ("// a", "E106", 1, "'%'"),
        ("type Digit = 0..9.", "E107", 6, "type digit"),
        ("p(then).", "E108", 3, "'then'"),
        ("a :- (b = 1) + 3 = 2.", "E109", 6, "condition"),
        ("a = {1}.", "E113", 6, "head"),
        ("a :- X.", "E110", 6, "digit(X)"),
        ("query 3.", "E110", 7, "number 3"),
        ("x = 99999999999.", "E111", 5, "2147483647"),
        ("x = 1e999.", "E111", 5, "1e999"),
        ("X :- b.", "E113", 1, "head"),
        ("a = 1 and b :- c.", "E113", 1, "head"),
        ("if a then b or c.", "E113", 11, "one literal"),
        ("error a :- b.", "E113", 7, "label@m1"),
        ("label@m(1) = 2 :- b.", "E113", 1, "source"),
        ("{ a, b }.", "E114", 6, "';'"),
        ("{ a } != 3.", "E114", 7, "'!='"),
        ("1 { a } = 1.", "E114", 3, "twice"),
        ("c iff a in b.", "E115", 12, "b(X)"),
        ("c in {1; 2} iff b.", "E115", 10, "','"),
        ("a :- count { X@1 : b } > 1.", "E115", 16, "level"),
        ("b iff a [q = 2].", "E116", 10, "'q'"),
        ("b iff a [s].", "E116", 10, "no value"),
        ("b iff a [s = 1, learn].", "E116", 17, "twice"),
        ("b iff a [X].", "E116", 10, "variable X"),
        ("type t = 1 + 1.", "E117", 10, "a type is"),
        ("percept a(3) : digit.", "E117", 11, "1..9"),
        ("relation a(X).", "E117", 12, "types"),
        ("random a : real ~ 3.", "E117", 19, "distribution"),
        ("a :- 1 < X < 3.", "E118", 12, "twice"),
        ("#const n = 3.", "E119", 1, "const n = 9."),
        ("if a = 1, b = 2 then c.", "E101", 9, "'and'"),
        (":~ a.", "E101", 5, "weight"),
        ("a :- b,.", "E101", 8, "expected"),
        ("percept a : digit form m.", "E101", 19, "'from'"),
        ("Edge(a, b).", "E107", 1, "edge("),
        ("exact y = 3.", "E101", 7, "'expect'"),
        ("include grid.", "E101", 9, "in quotes"),
        ("maximize X : a(X).", "E101", 10, "in braces"),
        ("a() :- b.", "E101", 3, "parentheses"),
        ("p(a,).", "E101", 5, "remove the ','"),
        ("x = .5.", "E101", 5, "0.5"),
        ("a(X) if b(X).", "E101", 6, "':-'"),
        ("a :- b; c.", "E101", 7, "'or'"),
        ("a, b :- c.", "E101", 2, "one head"),
        ("type t = red, green.", "E101", 13, "{red, green}"),
        ("query a, b.", "E101", 8, "'and'"),
    ],
)
def test_messages(text: str, code: str, column: int, words: str) -> None:
    (diagnostic,) = errors(text)
    assert (diagnostic.code, diagnostic.span.line, diagnostic.span.column) == (code, 1, column)
    assert words in f"{diagnostic.message} {diagnostic.hint}"


def test_a_full_stop_too_many() -> None:
    (diagnostic,) = errors(":~ a. [3].")
    assert (diagnostic.code, diagnostic.span.column) == ("E101", 10)
    assert "remove the full stop" in diagnostic.hint


def test_all_errors_of_a_text_are_reported_in_order() -> None:
    text = "type Row = 1..9.\na(1).\nb(1\n  :- c.\ntype x = 1..2\ntype y = 1..2. d(2) == 3.\n% e(.\nf.\ng(1 2)."
    found = [(diagnostic.code, diagnostic.span.line, diagnostic.span.column) for diagnostic in errors(text)]
    assert found == [("E107", 1, 6), ("E103", 3, 2), ("E102", 5, 14), ("E106", 6, 21), ("E101", 9, 5)]


def test_spans_and_labels_move_with_their_statement() -> None:
    (diagnostic,) = errors("a. % (\nb. c(d,\n  (e].")
    assert (diagnostic.span.line, diagnostic.span.column) == (3, 5)
    (label,) = diagnostic.labels
    assert (label.span.line, label.span.column) == (3, 3)


def test_a_text_that_is_not_closed_does_not_swallow_the_rest() -> None:
    assert [(item.code, item.span.line) for item in errors('a("b).\nc d.\ne.')] == [("E105", 1), ("E101", 2)]


def test_statements_are_found() -> None:
    text = 'a(1..2). b = 0.5.c("."). % d.\n:~ e. % f.\n [1@2] g :- h'
    assert [text[start:end] for start, end in statement_places(text)] == [
        "a(1..2).",
        "b = 0.5.",
        'c(".").',
        ":~ e. % f.\n [1@2]",
        "g :- h",
    ]


@pytest.mark.slow
def test_many_errors_take_no_quadratic_time() -> None:
    assert len(errors("a b.\n" * 300)) == 300
    assert len(errors("a\n" * 300)) == 300
