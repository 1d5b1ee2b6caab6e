"""Sizes of relations against what gringo grounds: exact where they claim it, bounds where they claim that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl import check, parse
from nesy.solvers.grounding.gringo import Line, run
from nesy.solvers.planning.extents import Estimates
from nesy.solvers.planning.relations import Table, Vague


def estimates_of(text: str) -> Estimates:
    return Estimates.of(check(parse(text)))


def grounded(text: str, name: str, arity: int) -> set[tuple[object, ...]]:
    """The tuples of a relation of a crisp program, by gringo."""
    lines = [line for line in text.splitlines() if line and not line.startswith(("type", "relation", "query"))]
    facts = [f"t({value})." for value in range(1, 5)]
    return set(run([Line(line) for line in [*facts, *lines]]).rows(name, arity))


@st.composite
def crisp_programs(draw: st.DrawFn) -> str:
    """Facts and rules over three binary relations and a type of four values: joins, recursion, arithmetic, negation."""
    value = st.integers(1, 4)
    name = st.sampled_from("pqr")
    lines = ["type t = 1..4."]
    for relation in "pqr":
        lines += [f"{relation}({draw(value)}, {draw(value)})." for _ in range(draw(st.integers(1, 4)))]
    for _ in range(draw(st.integers(1, 4))):
        head, first, second = draw(name), draw(name), draw(name)
        test = draw(
            st.sampled_from(
                [
                    "X < Z",
                    "X != Y",
                    "Z = X + 1",
                    "t(X)",
                    "Y = 1..3",
                    "(X - 1) / 2 = (Z - 1) / 2",
                    "X + Y > 3",
                    "s(X, Y)",
                ]
            )
        )
        swap = draw(st.booleans())
        lines.append(f"{head}({'Z, X' if swap else 'X, Z'}) :- {first}(X, Y), {second}(Y, Z), {test}.")
    lines.append(f"s(X, Y) :- t(X), t(Y), not u(X, Y), {draw(st.sampled_from(['X < Y', 'X + Y = 5', 'X = Y']))}.")
    lines.append(f"u({draw(value)}, {draw(value)}).")
    return "\n".join([*lines, "query p(_, _)."])


@given(crisp_programs())
def test_small_relations_are_worked_out_as_gringo_does(text: str) -> None:
    found = estimates_of(text)
    for name in "pqrs":
        relation = found.relation(name, 2)
        assert isinstance(relation, Table)
        assert len(relation.rows) == len(set(relation.rows))
        assert set(relation.rows) == grounded(text, name, 2)
    assert not found.at_most
    assert not found.estimated


CHAIN = """
type v = 1..{size}.
e(X, X + 1) :- v(X), X < {size}.
path(X, Y) :- e(X, Y).
path(X, Z) :- path(X, Y), e(Y, Z).
query path(1, _).
"""


def test_short_recursions_are_counted_and_long_ones_bounded() -> None:
    short = estimates_of(CHAIN.format(size=30)).relation("path", 2)
    assert isinstance(short, Table)
    assert short.size == 30 * 29 / 2
    found = estimates_of(CHAIN.format(size=400))
    long = found.relation("path", 2)
    assert isinstance(long, Vague)
    assert long.size >= 400 * 399 / 2
    assert found.at_most == {"path"}


@pytest.mark.parametrize(
    ("rule", "size"),
    [
        ("n(X + 1) :- n(X), X < 5000.", 5000),
        ("n(X + 1) :- n(X), 5000 > X.", 5000),
        ("n(X - 2) :- n(X), X >= -4000.", 4004),
        ("n(X + 1) :- n(X).", float("inf")),
        ("n(X + Y) :- n(X), n(Y).", float("inf")),
    ],
)
def test_counting_ends_where_a_condition_says(rule: str, size: float) -> None:
    found = estimates_of(f"n(1).\n{rule}\nquery n(1).").relation("n", 1)
    assert size <= found.size <= 1.01 * size


def test_what_is_large_is_estimated() -> None:
    text = """
    type v = 1..60.
    pair(X, Y) :- v(X), v(Y), X < Y.
    far(X, Y) :- v(X), v(Y), v(Z), X + Y + Z = 90.
    query pair(1, 2).
    """
    found = estimates_of(text)
    assert found.relation("pair", 2).size == 60 * 59 / 2
    far = found.relation("far", 2)
    exact = sum(30 <= x + y <= 89 for x in range(1, 61) for y in range(1, 61))
    assert far.size == pytest.approx(exact, rel=0.35)


def test_indices_follow_their_condition() -> None:
    text = "type v = 1..5.\nrelation e(v, v).\ne(1, 2).\ne(2, 3).\npercept a(X, Y) : bool for e(X, Y).\nquery a(_, _)."
    checked = check(parse(text))
    found = Estimates.of(checked)
    assert found.index(checked.attributes["a"]).size == 2
