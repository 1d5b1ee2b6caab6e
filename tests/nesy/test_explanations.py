"""Explanations as text and as data, from explanations made by hand."""

from __future__ import annotations

import json

import nesy
from nesy.dsl.span import Span
from nesy.explanations import explanation_text, explanation_to_json, membership, wrapped
from nesy.solvers.explanation import Alternative, Explanation, Reading, Step

LINE = Span("sum.nesy", 7, 1, 7, 30)
BY_RULE = Step("Π(c = (8,5))", 0.05, "the rule allows no more", LINE, "c in {(K, _)} iff a(1) = K.", (("K", 8),))
BY_EYE = Step("Π(a(1) = 8)", 0.05, "the network reads it with probability 0.020")
READING = Reading("a(1)", "a(1) = 8", 0.05, 0.02, (0.0, 0.95))
EXPLANATION = Explanation(
    3,
    "y",
    "8",
    "necessity",
    0.95,
    (Step("N(y = 8)", 0.95, "1 − Π(y = 13) = 1 − 0.05"), BY_RULE, BY_EYE),
    (READING,),
    Alternative("13", 0.05, (BY_RULE,), (READING,)),
)


def test_text() -> None:
    assert explanation_text(EXPLANATION).splitlines() == [
        "N(y = 8) = 0.950   [instance 3]",
        "  1 − Π(y = 13) = 1 − 0.05",
        "  Π(c = (8,5)) = 0.050: the rule allows no more",
        "      sum.nesy:7: c in {(K, _)} iff a(1) = K.   with K = 8",
        "  readings that decide it:",
        "    Π(a(1) = 8) = 0.050 (probability 0.020), may rise by 0.950",
        "  next best: Π(c = (8,5)) = 0.050",
        "    the rule allows no more",
        "        sum.nesy:7: c in {(K, _)} iff a(1) = K.   with K = 8",
        "    readings that decide it:",
        "      Π(a(1) = 8) = 0.050 (probability 0.020), may rise by 0.950",
    ]


def test_narrow_terminals() -> None:
    assert wrapped("Π(y = 8) = 1.000\n  the rule allows   it\n\n  short\n", 16).splitlines() == [
        "Π(y = 8) = 1.000",
        "  the rule",
        "    allows   it",
        "",
        "  short",
    ]


def test_bare_explanations() -> None:
    bare = Explanation(0, "valid", "false", "possibility", 1.0, (), (), Alternative("true", 0.25))
    assert explanation_text(bare).splitlines() == [
        "Π(not valid) = 1.000   [instance 0]",
        "  next best: Π(valid) = 0.250",
    ]
    assert explanation_to_json(bare)["alternative"] == {"value": "true", "degree": 0.25, "steps": [], "readings": []}


def test_membership() -> None:
    assert membership("y", "8") == "y = 8"
    assert (membership("valid", "true"), membership("y > 8", "false")) == ("valid", "not y > 8")


def test_data() -> None:
    data = json.loads(json.dumps(explanation_to_json(EXPLANATION)))
    assert data["steps"][1] == {
        "statement": "Π(c = (8,5))",
        "degree": 0.05,
        "because": "the rule allows no more",
        "span": {"file": "sum.nesy", "line": 7, "column": 1, "end_line": 7, "end_column": 30},
        "source": "c in {(K, _)} iff a(1) = K.",
        "bindings": {"K": 8},
    }
    assert data["readings"] == [
        {"percept": "a(1)", "statement": "a(1) = 8", "degree": 0.05, "slack": [0.0, 0.95], "probability": 0.02}
    ]
    assert (data["instance"], data["query"], data["measure"]) == (3, "y", "necessity")


def test_real_explanations_are_drawn() -> None:
    program = nesy.load("percept a : 1..3. concept big : bool. big iff a = 3 [r = 0.1]. query big.")
    answer = program.compile().infer([{"a": {"3": 0.8, "1": 0.2}}, {"a": 1}])
    text = "\n".join(map(explanation_text, answer.explain(0)))
    assert "<text>:1: big iff a = 3 [r = 0.1]." in text
    assert "Π(a = 3) = 1.000 (probability 0.800)" in text
    assert "[instance 1]" in explanation_text(answer.explain(1)[0])
