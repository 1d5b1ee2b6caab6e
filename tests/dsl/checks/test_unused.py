"""Warnings: what is not used, asked twice, or occurs once."""

from __future__ import annotations

from tests.dsl.checks.findings import codes, diagnostics


def test_names() -> None:
    text = (
        "const m = 1. const n = m + 1. const k = 3.\n"
        "type t = 1..n. type u = 1..2. percept a(t) : bool. percept b : bool. relation r(t). item(1).\n"
        "concept c : bool. concept d : bool. concept e : bool. c iff a(1). d iff b. e iff d. query c."
    )
    found = [(diagnostic.code, diagnostic.message.split("'")[1]) for diagnostic in diagnostics(text)]
    assert sorted(found) == [
        ("W201", "e"),
        ("W201", "item"),
        ("W201", "k"),
        ("W201", "r"),
        ("W201", "u"),
        ("W207", "b"),
        ("W207", "d"),
    ]


def test_constraints_and_expectations_use_what_they_name() -> None:
    assert codes("percept a : bool. concept b : bool. b iff a. expect b given a.") == []
    assert codes("percept a(1..2) : bool. p(X) :- a(X). :- p(1), p(2). query a(_).") == []


def test_what_the_hint_says_can_be_asked() -> None:
    text = "n(1..2). random x(I) : real ~ normal(0, 1) for n(I). define z = x(1). define y = 2. query y."
    (found,) = (each for each in diagnostics(text) if each.code == "W207")
    assert found.hint == "ask for it (query x(_).), or remove what only it needs"
    assert codes(f"{text} query x(_).") == ["W201"]


def test_variables_that_occur_once() -> None:
    assert codes("e(a, b). p(X) :- e(X, Y). query p(a).") == ["W202"]
    assert codes("e(a, b). p(X) :- e(X, _Y). query p(a).") == []
    assert codes("percept a(1..3) : bool. concept b : bool. if a(I) then b. query b.") == []
    assert codes("percept c : (1..3, 1..3). concept b : bool. b iff c in {(U, V) : U > 1}. query b.") == ["W202"]


def test_warnings_are_left_out_beside_errors() -> None:
    assert codes("type u = 1..2. percept a : t.") == ["E202"]


def test_no_query() -> None:
    assert sorted(codes("percept a : bool. concept b : bool. b iff a. c.")) == ["W201", "W201", "W204"]
    assert codes("e(a, b).") == ["W201"]
