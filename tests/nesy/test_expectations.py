"""What each kind of expectation asks, and how failures are told."""

from __future__ import annotations

import pytest

import nesy
from nesy.expectation_texts import outcome_text, outcome_to_json
from nesy.expectations import Outcome, run_expectations

PROGRAM = """
const n = 2.
percept a(1..2) : 0..3.
percept wet : bool.
concept y : 0..6.
concept ok(1..2) : bool.
concept risk : {low, high}.
edge(1, 2).
y = U + V :- a(1) = U, a(2) = V.
ok(I) iff a(I) = n.
if wet then risk = high [r = 0.3].
if not wet then risk = low [r = 0.1].
query y.
"""


def run(*expectations: str) -> tuple[Outcome, ...]:
    return run_expectations(nesy.load(PROGRAM + "\n".join(f"expect {entry}." for entry in expectations)))


@pytest.mark.parametrize(
    ("expectation", "passed"),
    [
        ("y = 3 given a(1) = 1, a(2) = n", True),
        ("y = 4 given a(1) = 1, a(2) = n", False),
        ("y = 3 given a(1) = 1", False),
        ("possible y = 3 given a(1) = 1", True),
        ("possible y = 0 given a(1) = 1", False),
        ("impossible y = 0 given a(1) = 1", True),
        ("impossible y = 3 given a(1) = 1", False),
        ("possible y = 6", True),
        ("ok(1) given a(1) = 2", True),
        ("not ok(1) given a(1) in {0, 1, 3}", True),
        ("not ok(1) given a(1) in 1..2", False),
        ("all ok(_) given a(1) = 2, a(2) = 2", True),
        ("any ok(_) given a(1) = 2", True),
        ("risk = high given wet", True),
        ("risk = low given not wet", True),
        ("risk = high given not wet", False),
        ("P = 0.3 risk = low given wet", True),
        ("P <= 0.3 risk = low given wet", True),
        ("P < 0.3 risk = low given wet", False),
        ("P != 0.3 risk = low given wet", False),
        ("P > 0.29 risk = low given wet", True),
        ("N(risk = high) >= 0.7 given wet", True),
        ("N >= 0.7 risk = high given wet", True),
        ("N > 0.7 risk = high given wet", False),
        ("edge(1, 2)", True),
        ("edge(2, 1)", False),
        ("y = 3 given a(1) = 1, a(2) = 2, wet", True),
    ],
)
def test_each_kind(expectation: str, passed: bool) -> None:
    (outcome,) = run(expectation)
    assert outcome.passed is passed, outcome_text(outcome)


def test_many_share_one_batch_and_keep_their_order() -> None:
    outcomes = run("y = 2 given a(1) = 1, a(2) = 1", "y = 2 given a(1) = 1, a(2) = 2", "y = n given a(1) = 1, a(2) = 1")
    assert [outcome.passed for outcome in outcomes] == [True, False, True]
    assert outcomes[2].text == "expect y = n given a(1) = 1, a(2) = 1."


@pytest.mark.slow
def test_failures_say_what_came_out() -> None:
    (outcome,) = run("y = 4 given a(1) = 1, a(2) = 2")
    assert outcome_text(outcome).splitlines()[1:] == [
        "    wanted  Π = 1 and N > 0",
        "    found   Π(y = 4) = 0.000, N(y = 4) = 0.000",
        "    instead y: 3 1.000",
    ]
    assert outcome_to_json(outcome) | {"file": "", "line": 0} == {
        "file": "",
        "line": 0,
        "expectation": "expect y = 4 given a(1) = 1, a(2) = 2.",
        "passed": False,
        "wanted": "Π = 1 and N > 0",
        "possibility": 0.0,
        "necessity": 0.0,
        "instead": {"y": {"3": 1.0}},
    }


def test_programs_without_expectations() -> None:
    assert run() == ()


def test_readings_that_contradict() -> None:
    with pytest.raises(nesy.NesyError, match=r"E428.*leave a\(1\) no value"):
        run("y = 1 given a(1) = 1, a(1) = 2")


def test_without_percepts() -> None:
    program = nesy.load(
        "edge(a, b). path(X, Y) :- edge(X, Y). query path(a, b). expect path(a, b). expect path(b, a)."
        "expect path(z, z)."
    )
    assert [outcome.passed for outcome in run_expectations(program)] == [True, False, False]
