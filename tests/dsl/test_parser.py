"""The grammar: every statement of the language, and words that are keywords in some places only."""

from __future__ import annotations

import time

import pytest

from nesy.dsl.diagnostics import NesyError
from nesy.dsl.knowledge import Gloss, Meaning, Phrase, Variant
from nesy.dsl.parsing.parser import parse
from nesy.dsl.statements import (
    Choice,
    Comment,
    ConceptDeclaration,
    Constraint,
    Definition,
    Disjunction,
    ErrorRule,
    Expect,
    Include,
    NamedType,
    Optimize,
    Parameters,
    PerceptDeclaration,
    ProductType,
    Query,
    RandomDeclaration,
    RelationDeclaration,
    Rule,
    SoftConstraint,
    Statement,
    TypeDeclaration,
    UncertainRule,
)
from nesy.dsl.syntax import (
    Aggregate,
    And,
    Binary,
    Call,
    Comparison,
    Conditional,
    Element,
    Interval,
    Membership,
    Negative,
    Not,
    Number,
    Or,
    Quantified,
    SetTerm,
    Text,
    TupleTerm,
    Variable,
)
from tests.dsl.language_examples import ADDITION, SUDOKU, documented_examples

A, B, C = Call("a"), Call("b"), Call("c")
X, Y = Variable("X"), Variable("Y")


def one(text: str) -> Statement:
    """The only statement of ``text``."""
    (statement,) = parse(text).statements
    return statement


def equals(left: object, right: object) -> Comparison:
    return Comparison("=", left, right)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", documented_examples())
def test_documented_examples_parse(text: str) -> None:
    assert len(parse(text).statements) == len([line for line in text.split("\n") if line.strip()])


def test_whole_programs_parse() -> None:
    assert len(parse(ADDITION).statements) == 9
    assert len(parse(SUDOKU).statements) == 12


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("type digit = 0..9.", TypeDeclaration("digit", Interval(Number(0), Number(9)))),
        ("type light = {red, amber}.", TypeDeclaration("light", SetTerm((Call("red"), Call("amber"))))),
        ("type p = (digit, a).", TypeDeclaration("p", ProductType((NamedType("digit"), NamedType("a"))))),
        ("type object.", TypeDeclaration("object", None)),
        ("relation edge(n, 1..2).", RelationDeclaration("edge", (NamedType("n"), Interval(Number(1), Number(2))))),
        ("percept a(1..2) : d.", PerceptDeclaration("a", (Interval(Number(1), Number(2)),), NamedType("d"))),
        ("percept a : d from m1, m2.", PerceptDeclaration("a", (), NamedType("d"), ("m1", "m2"))),
        ("percept a(X) : d from m for b.", PerceptDeclaration("a", (X,), NamedType("d"), ("m",), (B,))),
        ("percept a(X) : d for b, c from m.", PerceptDeclaration("a", (X,), NamedType("d"), ("m",), (B, C))),
        ("concept a : {b}.", ConceptDeclaration("a", (), SetTerm((B,)))),
        ("a.", Rule(A)),
        ("a(1..9).", Rule(Call("a", (Interval(Number(1), Number(9)),)))),
        ("a :- b, not c.", Rule(A, (B, Not(C)))),
        ("a = X + Y :- b = X, c = Y.", Rule(equals(A, Binary("+", X, Y)), (equals(B, X), equals(C, Y)))),
        ("a ; b :- c.", Rule(Disjunction((A, B)), (C,))),
        (":- a, b.", Constraint((A, B))),
        (":~ a. [3]", SoftConstraint((A,), Number(3))),
        (":~ a. [X@1, Y]", SoftConstraint((A,), X, Number(1), (Y,))),
        (":~ a. [b@c]", SoftConstraint((A,), B, C)),
        ("maximize { X@1, Y : a }.", Optimize("maximize", (Element((X, Y), (A,), Number(1)),))),
        ("#minimize { 1 ; 2 : a }.", Optimize("minimize", (Element((Number(1),)), Element((Number(2),), (A,))))),
        (
            "random a(X) : real ~ f(1) for b.",
            RandomDeclaration("a", (X,), NamedType("real"), Call("f", (Number(1),)), (B,)),
        ),
        ("define a(X) = b for c.", Definition("a", (X,), B, (C,))),
        ("define a = if b then 1 else 2.", Definition("a", (), Conditional(B, Number(1), Number(2)))),
        (
            "random a : real ~ f(1) [variant wide = 0.5].",
            RandomDeclaration("a", (), NamedType("real"), Call("f", (Number(1),)), (), Variant("wide", Number(0.5))),
        ),
        ("define a = b for c [variant v].", Definition("a", (), B, (C,), Variant("v"))),
        ('gloss a : "text".', Gloss("a", "text")),
        (
            'gloss a : "text" also "x", "y" unit "kg" scale 0..9.',
            Gloss("a", "text", ("x", "y"), "kg", Interval(Number(0), Number(9))),
        ),
        (
            'phrase "{X} b", "b {X}" means new Y, a, observe b, query c, do a = 1.',
            Phrase(
                ("{X} b", "b {X}"),
                (
                    Meaning("new", Y),
                    Meaning("fact", A),
                    Meaning("observe", B),
                    Meaning("query", C),
                    Meaning("do", equals(A, Number(1))),
                ),
            ),
        ),
        ("phrase(a).", Rule(Call("phrase", (A,)))),
        ("gloss :- a.", Rule(Call("gloss"), (A,))),
        ("error a@m(X) :- b.", ErrorRule(Call("a", (X,), "m"), (B,))),
        ("query a(_).", Query(Call("a", (Variable("_"),)))),
        ('include "x.lp".', Include("x.lp")),
        ("expect a given b, c.", Expect("certain", A, (B, C))),
        ("expect impossible a.", Expect("impossible", A)),
        ("expect possible a given b.", Expect("possible", A, (B,))),
        ("expect P >= 0.9 a = 1.", Expect("degree", equals(A, Number(1)), (), "P", ">=", Number(0.9))),
        ("expect P >= n a.", Expect("degree", A, (), "P", ">=", Call("n"))),
        ("expect N(a) > 0.3 given b.", Expect("degree", A, (B,), "N", ">", Number(0.3))),
    ],
)
def test_statements(text: str, statement: Statement) -> None:
    assert one(text) == statement


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("1 { a } 2.", Number(1), Number(2)),
        ("{ a } <= 3.", None, Number(3)),
        ("1 <= { a }.", Number(1), None),
        ("{ a } = 1.", Number(1), Number(1)),
        ("3 > { a }.", None, Number(2)),
        ("{ a } > n.", Binary("+", Call("n"), Number(1)), None),
        ("1 < { a } < 3.", Number(2), Number(2)),
        ("{ a }.", None, None),
    ],
)
def test_bounds_of_choices(text: str, low: object, high: object) -> None:
    assert one(text) == Rule(Choice((Element((A,)),), low, high))  # type: ignore[arg-type]


def test_choices_with_conditions() -> None:
    element = Element((equals(Call("colour", (X,)), Y),), (Call("col", (Y,)),))
    assert one("1 { colour(X) = Y : col(Y) } 1 :- a.") == Rule(Choice((element,), Number(1), Number(1)), (A,))
    assert one("{ in(X) : item(X) } <= 3.") == Rule(
        Choice((Element((Call("in", (X,)),), (Call("item", (X,)),)),), None, Number(3))
    )


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("if a then b.", Parameters()),
        ("if a then b [s = 0.1, r = n].", Parameters(Number(0.1), Call("n"))),
        ("if a then b [learn].", Parameters(learn=("s", "r"))),
        ("if a then b [learn r].", Parameters(learn=("r",))),
        ("if a then b [learn r, s].", Parameters(learn=("s", "r"))),
        ("if a then b [learn per X].", Parameters(learn=("s", "r"), per=("X",))),
        ("if a then b [learn r per X, Y, s = 1].", Parameters(Number(1), None, ("r",), ("X", "Y"))),
    ],
)
def test_parameters(text: str, parameters: Parameters) -> None:
    assert one(text) == UncertainRule("if", A, B, parameters)


def test_uncertain_rules() -> None:
    where = (equals(X, Number(1)),)
    expected = UncertainRule("iff", A, B, Parameters(learn=("r",)), where)
    assert one("b iff a [learn r] where X = 1.") == expected
    assert one("b iff a where X = 1 [learn r].") == expected
    members = Membership(C, SetTerm((TupleTerm((X, Variable("_"))),)))
    assert one("c in {(X, _)} iff a = 1.") == UncertainRule("iff", equals(A, Number(1)), members)
    with_condition = Membership(C, SetTerm((TupleTerm((X, Y)),), (equals(Binary("+", X, Y), Number(3)),)))
    assert one("if a then c in {(X, Y) : X + Y = 3}.") == UncertainRule("if", A, with_condition)
    assert one("if a then not b.") == UncertainRule("if", A, Not(B))


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("a and b or c", Or((And((A, B)), C))),
        ("a and (b or c)", And((A, Or((B, C))))),
        ("(a or b) or c", Or((A, B, C))),
        ("a and (b and c)", And((A, B, C))),
        ("not a = 1 and b", And((Not(equals(A, Number(1))), B))),
        ("a not in {1}", Not(Membership(A, SetTerm((Number(1),))))),
        ("a in 1..3", Membership(A, Interval(Number(1), Number(3)))),
        ("all a and b", And((Quantified("all", A), B))),
        ("any a for b, c", Quantified("any", A, (B, C))),
        ("(all a for b) and c", And((Quantified("all", A, (B,)), C))),
        ("true", Call("true")),
        ("count { X : a } > 3", Comparison(">", Aggregate("count", (Element((X,), (A,)),)), Number(3))),
    ],
)
def test_formulas(text: str, formula: object) -> None:
    assert one(f"query {text}.") == Query(formula)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("1 + 2 * 3", Binary("+", Number(1), Binary("*", Number(2), Number(3)))),
        ("1 - 2 - 3", Binary("-", Binary("-", Number(1), Number(2)), Number(3))),
        ("(1 + 2) mod 3", Binary("mod", Binary("+", Number(1), Number(2)), Number(3))),
        ("-a * 2", Binary("*", Negative(A), Number(2))),
        ("X<-3", None),
        ("1..2", Interval(Number(1), Number(2))),
        ("0.25", Number(0.25)),
        ("1e-3", Number(0.001)),
        ('"a \\"b\\" \\\\ \\n"', Text('a "b" \\ \n')),
        ("a@m1(X)", Call("a", (X,), "m1")),
        ("if a then 1 else 2 + 3", Conditional(A, Number(1), Binary("+", Number(2), Number(3)))),
    ],
)
def test_terms(text: str, term: object) -> None:
    if term is None:
        assert one(f":- {text}.") == Constraint((Comparison("<", X, Negative(Number(3))),))
    else:
        assert one(f":- b = {text}.") == Constraint((equals(B, term),))


@pytest.mark.parametrize(
    "text",
    [
        "in(X) :- count(X), type(X), from(X), for(X), given(X), learn(X), sum(X) = 3.",
        "query :- a.",
        "type(X) :- query(X), value(X, in).",
        "error iff a = 1.",
        "query in(X).",
        "concept type : min.",
        "random random : real ~ normal(0, 1).",
        "expect possible(X).",
        "expect possible possible.",
        "x = 5.y = 6.",
        "iffy(thenceforth, notable, anything) :- orbit, model.",
    ],
)
def test_words_of_the_language_are_names_elsewhere(text: str) -> None:
    parse(text)


def test_spans_cover_what_was_written() -> None:
    program = parse("a.\n  b :- cell(1, 2) = (X + 1).\n", "grid.nesy")
    rule = program.statements[1]
    assert isinstance(rule, Rule)
    comparison = rule.body[0]
    assert isinstance(comparison, Comparison)
    places = [
        (span.file, span.line, span.column, span.end_line, span.end_column)
        for span in (rule.span, comparison.left.span, comparison.right.span)
    ]
    assert places == [("grid.nesy", 2, 3, 2, 29), ("grid.nesy", 2, 8, 2, 18), ("grid.nesy", 2, 21, 2, 28)]


def test_comments_are_kept() -> None:
    program = parse('% first\na("% not one"). % behind\n  % own line\n')
    assert program.comments == (
        Comment("% first", own_line=True),
        Comment("% behind", own_line=False),
        Comment("% own line", own_line=True),
    )
    assert program.comments[1].span.column == 17


@pytest.mark.slow
def test_deep_nesting_is_refused_and_long_statements_are_not() -> None:
    for text in ("a :- " + "not " * 2000 + "b.", "a(" + "-" * 5000 + "1).", "a = " + "1 + " * 500 + "1."):
        with pytest.raises(NesyError) as caught:
            parse(text)
        assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["E112"]
    parse("a :- " + "(" * 5000 + "b" + ")" * 5000 + ".")
    parse("a :- " + ", ".join(["b"] * 5000) + ".")
    parse("c iff " + " and ".join(["b"] * 5000) + ".")


@pytest.mark.slow
def test_parsing_is_linear_and_quick() -> None:
    def seconds(count: int) -> float:
        text = "\n".join(f"p{i}(X, Z) :- edge(X, Y), p{i}(Y, Z), X < Z + {i}. edge(n{i}, {i})." for i in range(count))
        start = time.process_time()
        parse(text)
        return time.process_time() - start

    seconds(10)
    small, large = seconds(2_000), seconds(10_000)
    assert large < 8 * small + 0.5
    assert large < 12
