"""Expectations as questions about models."""

from __future__ import annotations

import pytest

import nesy
from nesy.dsl.diagnostics import Diagnostic
from nesy.expectation_texts import outcome_text, outcome_to_json
from nesy.expectations import run_expectations

PROGRAM = """
percept a(1..2) : 0..3.
concept y : 0..6.
y = U + V :- a(1) = U, a(2) = V.
{ in(1..2) }.
:- in(1), in(2).
:~ not in(1). [2]
:~ not in(2). [1]
"""


@pytest.mark.parametrize("backend", ["asp", "integer"])
@pytest.mark.parametrize(
    ("expectation", "passed"),
    [
        ("y = 3 given a(1) = 1, a(2) = 2", True),
        ("y = 3 given a(1) = 1", False),
        ("possible y = 3 given a(1) = 1", True),
        ("possible y = 0 given a(1) = 1", False),
        ("impossible y = 0 given a(1) = 1", True),
        ("impossible y = 3 given a(1) in {1, 2}", False),
        ("in(1)", True),
        ("not in(2)", True),
        ("possible in(2)", True),
        ("impossible in(1) and in(2)", True),
    ],
)
def test_each_kind(backend: str, expectation: str, passed: bool) -> None:
    (outcome,) = run_expectations(nesy.load(f"{PROGRAM}expect {expectation}."), backend)
    assert outcome.passed is passed


def test_failures_show_a_model() -> None:
    text = f"{PROGRAM}expect y = 4 given a(1) = 1, a(2) = 2.\nexpect possible y = 6 given a(1) = 0."
    first, second = run_expectations(nesy.load(text), "asp")
    assert outcome_text(first).splitlines() == [
        "<text>:9: failed: expect y = 4 given a(1) = 1, a(2) = 2.",
        "    wanted  holds in every best model",
        "    found   it holds in no model",
        "    instead y: 3",
    ]
    data = outcome_to_json(second)
    assert (data["passed"], data["found"], data["instead"]) == (False, "it holds in no model", {})


def test_without_a_model_nothing_holds() -> None:
    text = "percept a : bool.\n:- a.\n:- not a.\nexpect a.\nexpect possible a.\nexpect impossible a."
    assert [outcome.passed for outcome in run_expectations(nesy.load(text), "asp")] == [False, False, True]


def test_degrees_by_cuts_or_with_a_warning() -> None:
    text = "percept wet : bool.\nconcept risk : {low, high}.\nif wet then risk = high [r = 0.3]."
    text += (
        "\nexpect P = 0.3 risk = low given wet.\nexpect possible risk = low.\nexpect N >= 0.9 risk = high given wet."
    )
    remarks: list[Diagnostic] = []
    outcomes = run_expectations(nesy.load(text), "asp", remarks)
    assert [(entry.passed, entry.possibility) for entry in outcomes] == [(True, 0.3), (True, None), (False, 1.0)]
    assert not remarks
    assert len(run_expectations(nesy.load(text), "integer", remarks)) == 1
    assert [remark.code for remark in remarks] == ["W524", "W524"]
