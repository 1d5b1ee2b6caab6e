"""Queries: labels, instances, formulas."""

from __future__ import annotations

import pytest

from nesy.dsl.diagnostics import NesyError
from tests.solvers.grounding.naive import model_of

HEADER = """\
relation edge({s,m,t}, {s,m,t}).
edge(s,m).  edge(m,t).
percept a(1..3) : 0..3.
percept link({s,m,t}) : bool.
concept pair(X,Y) : bool for edge(X,Y).
concept y : 0..3.
path(X,Y) :- edge(X,Y), link(X).
path(X,Z) :- path(X,Y), path(Y,Z).
pair(X,Y) iff link(X) and link(Y).
y = V iff a(1) = V.
"""


def ground_queries(query: str) -> list[str]:
    """``label`` of attribute queries, ``label -> meaning`` of formulas."""
    model = model_of(f"{HEADER}{query}\n")
    return [
        one.label if one.formula is None else f"{one.label} -> {model.describe(one.formula)}" for one in model.queries
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("query y.", ["y"]),
        ("query a(_).", ["a(1)", "a(2)", "a(3)"]),
        ("query a(2).  query a(_).  query a(2).", ["a(2)", "a(1)", "a(3)"]),
        ("query pair(_,_).", ["pair(s,m)", "pair(m,t)"]),
        ("query pair(X,t).", ["pair(m,t)"]),
        ("query link(X).", ["link(s)", "link(m)", "link(t)"]),
        ("query path(s,t).", ["path(s,t) -> path(s,t)"]),
        ("query path(s,X).", ["path(s,m) -> path(s,m)", "path(s,t) -> path(s,t)"]),
        ("query path(t,s).", ["path(t,s) -> false"]),
        ("query edge(s,X).", ["edge(s,m) -> true"]),
        ("query edge(s,t).", ["edge(s,t) -> false"]),
        ("query a(1) = 3 and y > 2.", ["a(1) = 3 and y > 2 -> a(1) = 3 and y = 3"]),
        ("query a(X) = 3.", ["a(1) = 3 -> a(1) = 3", "a(2) = 3 -> a(2) = 3", "a(3) = 3 -> a(3) = 3"]),
        ("query not link(s).", ["not link(s) -> not link(s)"]),
        ("query a(1) not in {0, 1}.", ["a(1) not in {0,1} -> a(1) in {2,3}"]),
        ("query all a(_) = 1.", ["all a(_) = 1 -> a(1) = 1 and a(2) = 1 and a(3) = 1"]),
        ("query any a(I) = 2 for I > 1.", ["any a(I) = 2 for I > 1 -> a(2) = 2 or a(3) = 2"]),
        ("query edge(s,m) and not path(s,t).", ["edge(s,m) and not path(s,t) -> not path(s,t)"]),
        ("query a(1) - 1 = a(2) * 2.", ["a(1) - 1 = a(2) * 2 -> (a(1) = 1 and a(2) = 0) or (a(1) = 3 and a(2) = 1)"]),
        (
            "query (link(s) or link(m)) and link(t).",
            ["(link(s) or link(m)) and link(t) -> (link(s) or link(m)) and link(t)"],
        ),
    ],
)
def test_queries(query: str, expected: list[str]) -> None:
    assert sorted(ground_queries(query)) == sorted(expected)


def test_families() -> None:
    model = model_of(f"{HEADER}query y. query path(s,t). query link(s) and y = 1.\n")
    assert [(one.family, one.kind) for one in model.queries] == [
        ("y", "attribute"),
        ("path", "formula"),
        ("link(s) and y = 1", "formula"),
    ]


@pytest.mark.parametrize(("query", "part"), [("query pair(s,t).", "pair(s,t)"), ("query pair(t,_).", "pair(t,_)")])
def test_an_index_outside_is_an_error(query: str, part: str) -> None:
    with pytest.raises(NesyError) as caught:
        ground_queries(query)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E511"
    assert f"the query {part} is outside the index of 'pair'" in diagnostic.message


def test_a_query_without_instance_is_a_warning() -> None:
    model = model_of(f"{HEADER}query path(t,X).\n")
    assert not model.queries
    assert [warning.code for warning in model.warnings] == ["W518"]
    model = model_of("type open.\npercept p(open) : bool.\nquery p(_).\n")
    assert "W518" in [warning.code for warning in model.warnings]
