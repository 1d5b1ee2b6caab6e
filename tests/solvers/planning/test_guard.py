"""Explosions are named before a grounder starts."""

from __future__ import annotations

import pytest

import nesy
from nesy.dsl.diagnostics import NesyError

SIX = """
type t = 1..1000.
percept p(t) : bool.
bad(A) :- t(A), t(B), t(C), t(D), t(E), t(F), A + B + C + D + E + F = 7.
:- p(A), bad(A).
query p(_).
"""


def refused(text: str, backend: str = "asp", **options: int) -> list[tuple[str, int, str]]:
    with pytest.raises(NesyError) as caught:
        nesy.load(text).compile(backend, **options)  # type: ignore[arg-type]
    return [(entry.code, entry.span.line, entry.message) for entry in caught.value.diagnostics]


def test_a_product_of_variables_is_named() -> None:
    ((code, line, message),) = refused(SIX)
    assert (code, line) == ("E512", 4)
    assert "A (1,000) × B (1,000) × C (1,000)" in message
    assert "the budget is 10,000,000" in message


def test_counting_without_end_is_named() -> None:
    ((code, line, message),) = refused(
        "n(1).\nn(X + 1) :- n(X).\npercept a : bool.\n:- a, n(5).\nquery a.", budget=1000
    )
    assert (code, line) == ("E512", 2)
    assert "1,000 rules" in message or "without end" in message


@pytest.mark.parametrize(
    "rule",
    ["n(X + 1, Y) :- n(X, Y).", "n(X - 2, Y) :- n(X, Y).", "n(X, 3 + Y) :- n(X, Y).", "n(X + k, Y - 1) :- n(X, Y)."],
)
def test_counting_without_end_is_refused_before_grounding(rule: str) -> None:
    ((code, line, message),) = refused(f"const k = 1.\nn(1, 2).\n{rule}\nquery n(5, 5).")
    assert (code, line) == ("E512", 3)
    assert "counts without end" in message


@pytest.mark.parametrize(
    "rule",
    [
        "n(X + 1) :- n(X), X < 4.",
        "n((X + 1) mod 5) :- n(X).",
        "n(X + 0) :- n(X).",
        "n(X + 1) :- m(X).",
        "n(X + 1) :- n(X), not m(X).",
    ],
)
def test_what_ends_is_not_refused(rule: str) -> None:
    text = f"n(1).\nm(1).\nm(2).\nm(4).\n{rule}\nquery n(3)."
    assert nesy.load(text).compile("asp").warnings == ()


def test_an_index_is_named() -> None:
    text = "type t = 1..1000.\npercept p(t, t, t) : bool.\nquery p(1, 1, 1)."
    for backend in ("possibilistic", "asp"):
        ((code, line, message),) = refused(text, backend)
        assert (code, line) == ("E512", 2)
        assert "1.0 billion indices of 2 values" in message


def test_facts_with_intervals_are_counted() -> None:
    text = "p(1..20000, 1..20000).\npercept a : bool.\n:- a, p(1, 2).\nquery a."
    ((code, line, _),) = refused(text)
    assert (code, line) == ("E512", 1)


@pytest.mark.slow
def test_the_budget_is_the_users() -> None:
    text = "type t = 1..40.\npercept p(t) : bool.\n:- p(A), p(B), p(C), A < B, B < C.\nquery p(_)."
    ((code, line, _),) = refused(text, budget=1000)
    assert (code, line) == ("E512", 3)
    assert nesy.load(text).compile("asp", budget=0, solver="clingo").warnings == ()
    assert nesy.load(text).compile("asp", budget=100_000, solver="clingo").warnings == ()


@pytest.mark.slow
def test_what_may_be_too_large_is_a_warning() -> None:
    text = """
    type v = 1..300.
    e(X, X + 1) :- v(X), X < 300.
    path(X, Y) :- e(X, Y).
    path(X, Z) :- path(X, Y), e(Y, Z).
    percept a(v) : bool.
    :- path(X, Y), a(X), a(Y), Y = X + 2.
    query a(_).
    """
    warnings = nesy.load(text).compile("asp", budget=80_000, solver="clingo").warnings
    assert {entry.code for entry in warnings} == {"W512"}
