"""Safety of crisp statements. Whatever passes here, gringo takes as well."""

from __future__ import annotations

import pytest

from tests.dsl.checks.findings import diagnostics, errors

BEFORE = """\
percept cell(1..3, 1..3) : 0..9. percept pair : (1..3, 1..3). concept y : 0..9.
q(1). r(2). w(a, 1). node(1..3). edge(1, 2).
query q(1). query r(1). query w(a, 1). query node(1). query edge(1, 2). query cell(_, _). query pair. query y.
"""

SAFE = [
    "p(X, Y) :- q(X), Y = X + 1.",
    "p(X) :- q(X + 1).",
    "p(X) :- q(2 * X - 1).",
    "p(X) :- X = 1..3, not q(X).",
    "p(X) :- X in {1, 2}.",
    "p(X) :- X in 1..4.",
    "p(R, V) :- cell(R, 1) = V.",
    "p(R) :- cell(R, 1) != 3.",
    "p(X) :- pair = (X, _).",
    "p(X) :- q(X) or r(X).",
    "p(N) :- N = count { X : q(X) }.",
    "p(X) :- q(X), 1 < count { Y : edge(X, Y) }.",
    "p(Z) :- q(X), Z = Y, Y = X + 1.",
    "p :- not q(_).",
    "p :- all cell(_, _) = 3.",
    "{ p(X) : q(X) } 2 :- r(_).",
    "1 { p(X, Y) : node(Y) } N :- q(X), r(N).",
    ":~ w(X, W). [W@1, X]",
    "maximize { W@1, X : w(X, W) }.",
    "random s(P) : real ~ normal(M, 1) for w(P, M).",
    "define f(X, Y) = X + Y.",
    "define g(X) = sum { Y : edge(X, Y) }.",
    "define h = all cell(_, _) = 3.",
]

UNSAFE = [
    ("p(X).", "X in the head"),
    ("p(X) :- not q(X).", "X in the head"),
    ("p(X) :- q(Y), X < Y.", "X in the head"),
    ("p :- q(Y), X < Y.", "X in the body"),
    ("p(X) :- q(X * X).", "X in the head"),
    ("p(X) :- r(Y), q(X + Y).", "X in the head"),
    ("p(X) :- q(X), not edge(X, Y).", "Y in a negated formula"),
    ("p(X) :- q(X) or r(Y).", "X in the head"),
    ("p :- count { X : w(Y, Z) } > 1.", "X in the aggregate"),
    ("p(X) :- 1 = count { X : q(X) }.", "X in the head"),
    ("{ p(X) : q(Y) }.", "X in the head"),
    ("N { p(X) : q(X) }.", "N in a bound of the choice"),
    (":- X != Y, q(X).", "Y in the body"),
    (":~ w(X, W). [V@1, X]", "V in the weight"),
    ("maximize { V@1, X : w(X, W) }.", "V in the element"),
    ("y = V :- q(1).", "V in the head"),
    ("p(X) :- pair in {(X, _)}.", "X in the head"),
    ("random s(P) : real ~ normal(V, 1) for w(P, M).", "V in the distribution"),
    ("define f(X) = X + Y.", "Y in the definition"),
    ("expect q(X).", "X in an expectation"),
]


@pytest.mark.parametrize("statement", SAFE)
def test_safe(statement: str) -> None:
    assert errors(BEFORE + statement) == []


@pytest.mark.parametrize(("statement", "what"), UNSAFE)
def test_unsafe(statement: str, what: str) -> None:
    (found,) = errors(BEFORE + statement)
    place, code, message = found.split(" ", 2)
    assert (code, message) == ("E301", f"the variable {what} is not bound")
    line, column = map(int, place.split(":"))
    assert (BEFORE + statement).split("\n")[line - 1][column - 1] == what[0]


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("p(_) :- q(_).", "E304"),
        ("percept near(A, B) : bool for q(A).", "E307"),
        ("percept near(A) : bool for cell(A, 1) = 2.", "E308"),
        ("expect q(_).", "E303"),
    ],
)
def test_other_places(statement: str, code: str) -> None:
    assert [line.split()[1] for line in errors(BEFORE + statement)] == [code]


ASKED = "percept a(0..2) : 0..2.\npercept b(0..2) : bool.\nq(0..2). r(1,2).\n"


@pytest.mark.parametrize(
    ("query", "unbound"),
    [
        ("X = 3", ["X"]),
        ("b(1) or X = 2", ["X"]),
        ("X in {1, 2}", ["X"]),
        ("not q(X)", ["X"]),
        ("all q(Y) for X in 1..2", ["Y"]),
        ("all b(Y) for Y in 1..2, Y != X", ["X"]),
        ("any b(X) and X = 1", ["X"]),
        ("b(X) and X = Y", ["Y"]),
        ("b(X) and a(Y) > 0 and X != Y", []),
        ("not b(X) or a(_) = Y", []),
        ("q(X) and not b(1) and X > 0", []),
        ("all (b(Y) or not a(Y) = Z)", []),
        ("any (q(Y) and Y > 1 and b(1))", []),
        ("all b(Y) for X in 1..2", []),
    ],
)
def test_variables_of_queries_have_values(query: str, unbound: list[str]) -> None:
    found = [line for line in errors(f"{ASKED}query {query}.") if "E301" in line]
    assert [line.split("the variable ")[1][0] for line in found] == unbound


@pytest.mark.parametrize(
    "body",
    [
        "all (not b(J) and not a(J) = 1)",
        "all (a(J) = 0 or any b(_))",
        "any (b(J) and any (b(K) and a(K) = a(J)))",
        "not (all (a(J) = 0 or all (b(K) or J = K)))",
        "not any (b(J) or a(J) = 1)",
    ],
)
def test_attributes_give_values_to_what_is_quantified(body: str) -> None:
    assert errors(f"{ASKED}x :- {body}.\nquery x.") == []


def test_a_quantified_variable_without_values() -> None:
    (found,) = [entry for entry in diagnostics(f"{ASKED}x :- any (b(J) or b(1)).\nquery x.") if entry.code == "E301"]
    assert found.message == "the variable J in the quantified formula is not bound"
    assert found.hint == "say which values it takes: … for relation(J), or for a type in its place"
