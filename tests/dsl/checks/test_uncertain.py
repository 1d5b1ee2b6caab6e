"""Scope and domains of the variables of uncertain rules."""

from __future__ import annotations

import pytest

from nesy.dsl import check, parse
from nesy.dsl.checked import TypedRule
from tests.dsl.checks.findings import errors

BEFORE = """\
type digit = 0..9. type row = 1..3.
percept a(row) : digit. percept b : digit. percept link(row, row) : bool.
concept c : (digit, digit). concept y : 0..18. concept d(row) : 0..3. concept ok : bool.
edge(1, 2). edge(2, 5).
query c. query y. query d(_). query ok. query link(_, _). query b. query a(_). query edge(1, 2).
"""


def typed(rule: str) -> TypedRule:
    """The one uncertain rule, checked."""
    (found,) = check(parse(BEFORE + rule)).rules
    return found


def variables(rule: str) -> dict[str, tuple[object, ...]]:
    """The variables of the rule with their values."""
    return {name: domain.values for name, domain in typed(rule).variables}


def test_variables_come_in_order_of_appearance() -> None:
    assert list(variables("d(J) = V iff a(I) = U and link(I, J) where V = U mod 4.")) == ["J", "V", "I", "U"]
    assert list(variables("if link(I, J) and a(I) = U then d(J) = V where V = U mod 4.")) == ["I", "J", "U", "V"]


def test_items_of_sets_without_condition_belong_to_the_rule() -> None:
    found = typed("c in {(K, _)} iff a(1) = K.")
    assert [(name, domain.name) for name, domain in found.variables] == [("K", "digit")]
    assert found.local_variables == frozenset()


def test_items_of_sets_with_condition_are_local() -> None:
    found = typed("y = T iff c in {(U, V) : U + V = T}.")
    assert [name for name, _ in found.variables] == ["T"]
    assert found.local_variables == {"U", "V"}


def test_a_variable_that_appears_outside_is_not_local() -> None:
    found = typed("if b = U and c in {(U, V) : U < V} then ok.")
    assert [name for name, _ in found.variables] == ["U"]
    assert found.local_variables == {"V"}


def test_quantified_variables_are_local() -> None:
    assert typed("ok iff all a(X) = 3 for X > 1.").local_variables == {"X"}
    found = typed("d(I) = 1 iff any link(I, J).")
    assert [name for name, _ in found.variables] == ["I"]
    assert found.local_variables == {"J"}
    shared = typed("ok iff all a(X) = 3 and any link(X, _).")
    assert [name for name, _ in shared.variables] == ["X"]


def test_domains() -> None:
    assert variables("if a(I) = U and a(J) = V then d(J) = W where J = I + 1, W = (U + V) mod 2.") == {
        "I": (1, 2, 3),
        "U": tuple(range(10)),
        "J": (1, 2, 3),
        "V": tuple(range(10)),
        "W": (0, 1, 2, 3),
    }
    assert variables("d(I) = V iff b = V and a(I) = 1.")["V"] == (0, 1, 2, 3)
    assert variables("if b = U then ok where edge(U, V), V > 2.") == {"U": (1, 2), "V": (2, 5)}
    assert variables("if b = U then ok where X = U * 2, X > 4.")["X"] == tuple(range(0, 20, 2))
    assert variables("if b = U then ok where X in {1, 7}, X < U.")["X"] == (1, 7)
    assert variables("if link(I, _x) then ok.".replace("_x", "J"))["J"] == (1, 2, 3)


def test_an_undeclared_relation_limits_by_its_facts() -> None:
    assert variables("if a(I) = 1 then ok where edge(_, I).")["I"] == (2,)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("if b = 1 then y = T where T < Z.", "E302 nothing in the rule says which values the variable Z takes"),
        (
            "if a(_) = 1 then ok.",
            "E303 '_' as an index outside 'all' and 'any' does not say whether every value is meant or some value",
        ),
        ("d(_) = 1 iff b = 1.", "E303 '_' cannot stand for an index or a value in a conclusion"),
        (
            "if link(X, X) and c = (1, X) and m = X then ok. percept m : {red}. query m.",
            "E305 the variable X stands for values of row and of {red}",
        ),
        ("if b = 1 then ok [r = 2].", "E220 the parameter r is 2, but degrees lie between 0 and 1"),
        ("if b = 1 then ok [r = red].", "E220 the parameter r must be a number, not red"),
        ("if b = K then ok [learn per L].", "E221 'per L': the variable L does not occur in the rule"),
        (
            "if any a(K) = 1 then ok [learn per K].",
            "",
        ),
    ],
)
def test_mistakes(rule: str, message: str) -> None:
    found = [line.split(" ", 1)[1] for line in errors(BEFORE + rule)]
    assert found == ([message] if message else [])


def test_per_makes_a_variable_belong_to_the_rule() -> None:
    assert typed("if any a(K) = 1 then ok [learn per K].").local_variables == frozenset()
