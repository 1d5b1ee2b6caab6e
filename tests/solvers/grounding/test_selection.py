"""What is refused, what is left out, and what no query needs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nesy.dsl import check, parse
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.logic.reading import ground_logic
from tests.solvers.grounding.naive import model_of

HEADER = "percept a : 0..3.\npercept b : bool.\n"


def findings(text: str, **options: bool) -> list[tuple[str, int]]:
    """Code and line of what grounding says."""
    try:
        return [(warning.code, warning.span.line) for warning in model_of(text, **options).warnings]
    except NesyError as error:
        return [(diagnostic.code, diagnostic.span.line) for diagnostic in error.diagnostics]


@pytest.mark.parametrize(
    ("statement", "query", "part"),
    [
        ("{ p(X) : X = 1..3 }.", "p(1)", "the choice over p"),
        ("p(1) ; q(1).", "p(1)", "the disjunction over p, q"),
        ("random x : real ~ normal(0, 1).", "x > 2", "the random variable 'x'"),
        ("define x = a + 1.", "x > 2", "the definition of 'x'"),
        ("p(N) :- N = count { V : a = V, V > 1 }.", "p(1)", "the aggregate 'count' over a"),
        ("p(1) :- not q(1).  q(1) :- not p(1).", "p(1)", "the relation 'p' (it depends on a choice or"),
    ],
)
def test_constructs_without_a_place_are_refused_if_a_query_needs_them(statement: str, query: str, part: str) -> None:
    with pytest.raises(NesyError) as caught:
        model_of(f"{HEADER}{statement}\nquery {query}.\n")
    first = caught.value.diagnostics[0]
    assert (first.code, first.span.line) == ("E513", 3)
    assert part in first.message
    assert "back ends take it" in first.hint
    assert not findings(f"{HEADER}{statement}\nquery a.\n")


@pytest.mark.parametrize("grounded", [model_of, lambda text: ground_logic(check(parse(text)))])
def test_queries_hold_aggregates_over_relations_only(grounded: Callable[[str], object]) -> None:
    grounded(f"{HEADER}q(1..3).\nquery count {{ X : q(X) }} = 3.\n")
    with pytest.raises(NesyError) as caught:
        grounded(f"{HEADER}query sum {{ V : a = V }} > 1.\n")
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.column) == ("E513", 7)
    assert "the aggregate 'sum' over a" in found.message


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (":- a = 1, b.", "constraint"),
        (":~ a = 1. [3@1]", "soft constraint"),
        ("maximize { V : a = V }.", "'maximize'"),
        ("minimize { 1@2 : b }.", "'minimize'"),
    ],
)
def test_constraints_are_left_out_with_a_warning(statement: str, what: str) -> None:
    text = f"{HEADER}{statement}\nquery a.\nquery b.\n"
    model = model_of(text)
    assert [(warning.code, warning.span.line) for warning in model.warnings] == [("W515", 3)]
    assert what in model.warnings[0].message
    assert findings(text, strict=True) == [("E515", 3)]


def test_constraints_on_other_names_say_nothing() -> None:
    assert not findings(f"{HEADER}concept c : bool.\nc iff b.\n:- c.\nquery a.\n")


def test_constraints_on_crisp_relations_are_checked() -> None:
    text = "relation edge({a,b}, {a,b}).\nedge(a,b).\nedge(b,b).\nedge(a,a).\n:- edge(X,X).\nquery edge(a,b).\n"
    with pytest.raises(NesyError) as caught:
        model_of(text)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.span.line) == ("E514", 5)
    assert "for X = a and 1 more" in diagnostic.message


def test_large_groundings_are_refused_before_they_start() -> None:
    text = """\
type t = 1..1000.
percept a(t) : bool.
concept c(t) : bool.
concept d(t, t, t) : bool.
if a(I) and a(J) and a(K) then c(I).
if a(I) and a(J) and a(K) then c(I) where J = I + 1, K = J + 1.
if a(I) then d(I, I, I).
query c(_).
query d(1,1,1).
"""
    with pytest.raises(NesyError) as caught:
        model_of(text)
    assert [(one.code, one.span.line) for one in caught.value.diagnostics] == [("E512", 4), ("E512", 5)]
    assert "1.0 billion" in caught.value.diagnostics[0].message


def test_facts_narrow_the_estimate() -> None:
    text = """\
type t = 1..3000.
relation near(t, t, t).
near(1,2,3).
near(2,3,4).
percept a(t) : bool.
concept c(I,J,K) : bool for near(I,J,K).
concept d(t) : bool.
c(I,J,K) iff a(I) and a(J) and a(K).
if a(I) and a(J) and a(K) then d(I) where near(I,J,K).
query c(_,_,_).
query d(_).
"""
    assert len(model_of(text).uncertain) == 4


@pytest.mark.parametrize(
    ("rules", "part"),
    [
        ("p(X * X) :- X = 100000.", "computes 10,000,000,000 for X = 100000"),
        ("f(0,1).  f(N+1, (N+1)*F) :- f(N,F), N < 20.  p(N) :- f(N,_).", "6,227,020,800 for N = 12, F = 479001600"),
        ("p(W) :- X = 50000, Y = X * X, W = Y / 1000000.", "2,500,000,000"),
        ("p(X) :- X = 50000, X * X < 10.", "2,500,000,000"),
    ],
)
def test_arithmetic_beyond_32_bits_is_found(rules: str, part: str) -> None:
    with pytest.raises(NesyError) as caught:
        model_of(f"{rules}\nquery p(_).\n")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E517"
    assert part in diagnostic.message


@pytest.mark.slow
def test_overflow_in_an_uncertain_rule_is_found() -> None:
    text = """\
type t = 1..50000.
percept a(t) : bool.
concept c(1..10) : bool.
if a(U) and a(V) then c(W) where U = 50000, V > 49998, W = U * V / 400000000.
query c(_).
"""
    assert findings(text) == [("E517", 4)]


def test_large_numbers_without_overflow_are_no_error() -> None:
    text = """\
price(x, 100000).  n(x, 40000).
p(P * N) :- price(I, P), n(I, N), P < 50000.
q(P) :- price(_, P).
query q(_).
query p(_).
"""
    assert findings(text) == [("W518", 5)]


def test_a_value_may_be_called_like_a_derived_relation() -> None:
    text = """\
relation edge({s,m}, {s,m}).
edge(s,m).
percept link({s,m}) : bool.
m(X) :- edge(X,_), link(X).
query edge(s,_).
query m(_).
"""
    model = model_of(text)
    assert model.facts == {"edge": (("s", "m"),)}
    assert [query.label for query in model.queries] == ["edge(s,m)", "m(s)"]


def test_a_value_may_be_called_like_an_attribute_with_an_index() -> None:
    model = model_of("percept a(1..2) : bool.\nedge(a, b).\np :- edge(a, X), a(1).\nquery p.\nquery edge(a, _).\n")
    assert [query.label for query in model.queries] == ["p", "edge(a,b)"]
    assert [model.describe(rule.body[0]) for rule in model.rules] == ["a(1)"]


def test_included_files_that_were_not_read_are_refused() -> None:
    text = 'include "x.lp".\npercept a : 1..3.\nquery a.\n'
    assert findings(text) == [("E513", 1)]
    with pytest.raises(NesyError, match="has not been read"):
        ground_logic(check(parse(text)))
