"""Index variables take their values from the 'for' condition, also from its alternatives."""

from __future__ import annotations

import pytest

from tests.dsl.checks.findings import errors
from tests.solvers.grounding.naive import model_of


@pytest.mark.parametrize(
    ("declared", "condition", "index"),
    [
        ("", "(e(X, Y) or e(Y, X))", {(1, 2), (2, 1), (2, 3), (3, 2)}),
        ("relation e(1..3, 1..3).", "(e(X, Y) or e(Y, X))", {(1, 2), (2, 1), (2, 3), (3, 2)}),
        ("", "(e(X, Y) or n(X) and n(Y) and X = Y)", {(1, 2), (2, 3), (1, 1), (2, 2), (3, 3)}),
        ("", "n(X), n(Y), not e(X, Y), X < Y", {(1, 3)}),
        ("", "n(X), Y = X + 1", {(1, 2), (2, 3), (3, 4)}),
    ],
)
def test_alternatives_in_a_for_condition(declared: str, condition: str, index: set[tuple[int, int]]) -> None:
    facts = f"{declared} e(1,2). e(2,3). n(1..3)."
    text = (
        f"{facts}\npercept p : bool.\nconcept f(X, Y) : bool for {condition}.\nf(X, Y) :- f(X, Y), p.\nquery f(_, _).\n"
    )
    (found,) = [attribute for attribute in model_of(text).attributes if attribute.name == "f"]
    assert set(found.index) == index


def test_alternatives_that_leave_a_variable_open_are_refused() -> None:
    text = "e(1,2). n(1..3).\nconcept f(X, Y) : bool for (e(X, Y) or n(X)).\nquery f(_, _).\n"
    assert [line.split()[1] for line in errors(text)] == ["E307"]
