"""The domains of undeclared relations and of index variables; the status of relations."""

from __future__ import annotations

from nesy.dsl import check, parse
from nesy.dsl.values import Value
from tests.dsl.checks.findings import errors


def places(text: str, name: str) -> list[tuple[Value, ...] | None]:
    """The values at each place of a relation, None where they are unknown."""
    program = check(parse(text))
    (info,) = (info for (relation, _), info in program.relations.items() if relation == name)
    return [None if domain is None else domain.values for domain in info.arguments]


def test_facts_and_rules() -> None:
    text = "type row = 1..3. p(a, 1). p(b, 2). q(X, R) :- p(X, _), row(R), R > 1. q(c, 9). s(X) :- q(X, _), p(X, _)."
    assert places(text, "p") == [("a", "b"), (1, 2)]
    assert places(text, "q") == [("c", "a", "b"), (9, 1, 2, 3)]
    assert places(text, "s") == [("a", "b")]


def test_recursion_and_arithmetic() -> None:
    assert places("t(0). t(X + 1) :- t(X), X < 5.", "t") == [(0, 1, 2, 3, 4, 5)]
    assert places("t(0). t(X + 1) :- t(X).", "t") == [None]
    assert places("e(a, b). e(b, c). p(X, Y) :- e(X, Y). p(X, Z) :- p(X, Y), e(Y, Z).", "p") == [("a", "b"), ("b", "c")]


def test_a_long_chain_of_rules_is_followed_to_its_end() -> None:
    rules = "".join(f"p{i}(X) :- p{i + 1}(X)." for i in range(600))
    assert places(f"{rules} p600(a).", "p0") == [("a",)]


def test_true_is_not_one() -> None:
    (found,) = places("p(1). p(true). q(X) :- p(X).", "q")
    assert found is not None
    assert [str(value) for value in found] == ["1", "True"]


def test_index_variables() -> None:
    text = (
        "type row = 1..3. near(R, S) :- row(R), row(S), R < S. percept a(R, S) : bool for near(R, S), R != S."
        "concept b(R) : bool for a2(R). a2(R) :- near(R, _). b(R) iff any a(R, _). query b(_)."
    )
    program = check(parse(text))
    assert [domain.name for domain in program.attributes["a"].index] == ["row", "row"]
    assert [domain.name for domain in program.attributes["b"].index] == ["row"]


def test_an_index_without_bound_is_an_error() -> None:
    text = "n(0). n(X + 1) :- n(X).\npercept a(X) : bool for n(X).\nquery a(_)."
    assert errors(text) == ["2:11 E302 nothing says which values the index variable X takes"]


def test_status() -> None:
    text = (
        "percept a(1..2) : bool. e(1, 2). p(X) :- e(X, _). d(X) :- a(X). d2(X) :- d(X), p(X). { g(X) : p(X) }."
        "h(X) :- g(X), d(X). x ; z :- p(1). u :- not v. v :- not u. query a(_)."
    )
    program = check(parse(text))
    status = {name: info.status for (name, _), info in program.relations.items()}
    assert status == {
        "e": "crisp",
        "p": "crisp",
        "d": "derived",
        "d2": "derived",
        "g": "chosen",
        "h": "chosen",
        "x": "chosen",
        "z": "chosen",
        "u": "chosen",
        "v": "chosen",
    }
    assert program.depends["x"] == {"p", "z"}
