"""Rules with ``:-`` over attributes, as ground rules."""

from __future__ import annotations

import pytest

from nesy.dsl.diagnostics import NesyError
from tests.solvers.grounding.naive import model_of

HEADER = "percept a(1..3) : 0..3.\nconcept y : 0..6.\nconcept ok : bool.\n"


def ground_rules(text: str) -> list[str]:
    """The ground rules as text, without their origin."""
    model = model_of(text)
    found = []
    for rule in model.rules:
        body = f" :- {', '.join(map(model.describe, rule.body))}" if rule.body else ""
        found.append(f"{model.describe(rule.head)}{body}.")
    return found


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            "y = A + B :- a(1) = A, a(2) = B, A < 2, B > 2.",
            ["y = 3 :- a(1) = 0, a(2) = 3.", "y = 4 :- a(1) = 1, a(2) = 3."],
        ),
        ("y = a(1) + 3 :- a(1) > 1.", ["y = 5 :- a(1) = 2.", "y = 6 :- a(1) = 3."]),
        ("y = 6.", ["y = 6."]),
        ("ok.", ["ok."]),
        ("ok :- a(1) != 3, a(2) > 1, a(3) in {0,2}.", ["ok :- a(1) != 3, a(2) in {2,3}, a(3) in {0,2}."]),
        ("ok :- not a(1) = 2.", ["ok :- a(1) != 2."]),
        ("ok :- not a(1) in 1..2.", ["ok :- a(1) in {0,3}."]),
        ("ok :- a(1) = 2, not a(1) = 2.", []),
        ("ok :- a(1) > 1, a(1) < 3.", ["ok :- a(1) = 2."]),
        ("ok :- a(1) >= 0.", ["ok."]),
        ("ok :- a(1) = 1, a(1) = 1.", ["ok :- a(1) = 1."]),
        ("ok :- a(1) = X, a(1) = X + 1.", []),
        (
            "ok :- a(1) < a(2).",
            ["ok :- a(1) = 0, a(2) != 0.", "ok :- a(1) = 1, a(2) in {2,3}.", "ok :- a(1) = 2, a(2) = 3."],
        ),
        ("ok :- a(3) = 1 or a(2) = 1.", ["ok :- a(3) = 1.", "ok :- a(2) = 1."]),
        ("ok :- any a(I) = 3 for I < 3.", ["ok :- a(1) = 3.", "ok :- a(2) = 3."]),
        ("ok :- all a(I) > I for I < 3.", ["ok :- a(1) in {2,3}, a(2) = 3."]),
        ("ok :- all (a(I) = 1 or a(I) = 2).", ["ok :- a(1) in {1,2}, a(2) in {1,2}, a(3) in {1,2}."]),
        ("ok :- a(I + 2) = 1, I = 0..3.", ["ok :- a(2) = 1.", "ok :- a(3) = 1."]),
    ],
)
def test_single_rules(rule: str, expected: list[str]) -> None:
    assert ground_rules(f"{HEADER}{rule}\nquery y.\nquery ok.\n") == expected


def test_recursion_and_negation() -> None:
    text = """\
percept link({a,b,c}) : bool.
next(a,b).  next(b,c).
path(X,Y) :- next(X,Y), link(X).
path(X,Z) :- path(X,Y), path(Y,Z).
cut(X) :- next(X,_), not path(X,c).
query cut(_).
query path(a,c).
"""
    assert ground_rules(text) == [
        "path(a,b) :- link(a).",
        "path(b,c) :- link(b).",
        "path(a,c) :- path(a,b), path(b,c).",
        "cut(a) :- not path(a,c).",
        "cut(b) :- not path(b,c).",
    ]


def test_a_derived_fact_is_no_condition_but_stays_a_rule() -> None:
    text = """\
percept link({a,b}) : bool.
on(X) :- link(X).
on(a).
both :- on(a), on(b).
query both.
"""
    assert ground_rules(text) == ["on(a) :- link(a).", "on(b) :- link(b).", "on(a).", "both :- on(b)."]


def test_anonymous_variables_and_sets() -> None:
    text = """\
percept a(1..2) : (1..2, {x, y}).
q(K) :- a(1) in {(K, _)}, K = 1..2.
r(I) :- a(I) in {(U, y) : U > I}.
s :- a(1) in {(1, x), (2, y)}, not a(2) in {(_, x)}.
t(V) :- a(1) = (V, x), V not in {U : U < 2, U = 1..2}.
query q(_).
query r(_).
query s.
query t(_).
"""
    assert ground_rules(text) == [
        "q(1) :- a(1) in {(1,x),(1,y)}.",
        "q(2) :- a(1) in {(2,x),(2,y)}.",
        "r(1) :- a(1) = (2,y).",
        "s :- a(1) in {(1,x),(2,y)}, a(2) in {(1,y),(2,y)}.",
        "t(2) :- a(1) = (2,x).",
    ]


def test_aggregates_over_crisp_relations_are_computed() -> None:
    text = """\
percept a({x,y}) : bool.
weight(x, 5).  weight(y, 4).
best(X) :- weight(X, N), N = max { M : weight(_, M) }.
good(X) :- best(X), a(X), sum { N, Z : weight(Z, N) } > 8, count { Z : weight(Z, _) } = 2.
query good(_).
"""
    assert ground_rules(text) == ["good(x) :- a(x)."]


def test_attributes_inside_terms() -> None:
    text = """\
percept p(0..1) : 0..1.
percept start : 0..1.
end(V) :- V = p(start).
query end(_).
"""
    assert ground_rules(text) == [
        "end(0) :- p(0) = 0, start = 0.",
        "end(0) :- p(1) = 0, start = 1.",
        "end(1) :- p(0) = 1, start = 0.",
        "end(1) :- p(1) = 1, start = 1.",
    ]


def test_bindings_are_in_order_of_appearance() -> None:
    model = model_of(f"{HEADER}y = A + B :- a(2) = B, a(1) = A, A < 1, B < 1.\nquery y.\n")
    (rule,) = model.rules
    assert rule.origin.bindings == (("A", 0), ("B", 0))
    assert rule.origin.statement == "y = A + B :- a(2) = B, a(1) = A, A < 1, B < 1."


@pytest.mark.parametrize(
    ("rule", "code", "part"),
    [
        ("y = A * 3 :- a(1) = A.", "E510", "sets y to 9, which is no value of '0..6' for A = 3"),
        ("y = 0 - A :- a(1) = A.", "E510", "sets y to -1"),
        ("ok :- all (a(I) = 1 or b(I) = 1).", "E512", "opens into 1,048,576 rules"),
    ],
)
def test_errors(rule: str, code: str, part: str) -> None:
    with pytest.raises(NesyError) as caught:
        model_of(f"percept b(1..20) : 0..3.\n{HEADER.replace('1..3', '1..20')}{rule}\nquery y.\nquery ok.\n")
    assert caught.value.diagnostics[0].code == code
    assert part in caught.value.diagnostics[0].message
    assert caught.value.diagnostics[0].span.line == 5


def test_one_conjunct_of_a_quantifier_may_bind_the_variables_of_another() -> None:
    assert ground_rules(f"{HEADER}ok :- all (a(I) > 0 and I != 4).\nquery ok.\n") == [
        "ok :- a(1) != 0, a(2) != 0, a(3) != 0."
    ]


def test_words_of_clingo_are_values() -> None:
    text = 'percept a : {"not", red}.\np(X) :- a = X, X != red.\nquery p(_).\nquery a = "not".\n'
    assert ground_rules(text) == ['p("not") :- a = "not".']


def test_anonymous_variables_in_atoms_of_derived_relations() -> None:
    text = """\
percept a : 0..1.
p(X, Y) :- a = X, Y = 0..1.
some(X) :- X = 0..1, p(X, _).
none(X) :- X = 0..1, not p(X, _).
query some(_).
query none(_).
"""
    assert ground_rules(text) == [
        "p(0,0) :- a = 0.",
        "p(0,1) :- a = 0.",
        "p(1,0) :- a = 1.",
        "p(1,1) :- a = 1.",
        "some(0) :- p(0,0).",
        "some(0) :- p(0,1).",
        "some(1) :- p(1,0).",
        "some(1) :- p(1,1).",
        "none(0) :- not p(0,0), not p(0,1).",
        "none(1) :- not p(1,0), not p(1,1).",
    ]
