"""How learning is reported."""

from __future__ import annotations

import dataclasses
import io
import json

import pytest
from rich.console import Console

import nesy
from nesy.learning_report import draw_report, report_to_json, summaries
from nesy.solvers.possibilistic.learning.report import Dropped, LearningReport, RuleSetReport, SearchStep, StageReport


def rule_set(concept: str, stage: int = 0, **changes: object) -> RuleSetReport:
    given: dict[str, object] = {
        "lines": (3,),
        "samples": 10,
        "kept": 10,
        "dropped": (),
        "equations_dropped": 0,
        "threshold": None,
        "distance": 0.25,
        "seconds": 0.5,
    }
    return RuleSetReport(concept=concept, stage=stage, **(given | changes))  # type: ignore[arg-type]


REPORT = LearningReport(
    policy="exact",
    estimate="chebyshev",
    samples=10,
    stages=(
        StageReport(
            0,
            (
                rule_set("c(1)", kept=7, dropped=(Dropped("no target", (1, 2, 9)),), threshold=0.5),
                rule_set("c(2)", kept=4, dropped=(Dropped("no target", (0, 1, 2, 3, 4, 5)),), threshold=0.75),
            ),
        ),
        StageReport(1, (rule_set("v", 1, lines=(4,), equations_dropped=2, distance=0.0),)),
    ),
    thresholds=(("c", 0.5), ("v", None)),
    search=(SearchStep("c", 0.5, 80.0, True),),
    accuracy_before=75.0,
    accuracy_after=80.0,
    rounds=20,
    settled=False,
    determined=("c",),
    seconds=1.5,
)


def learned() -> nesy.Learned:
    model = nesy.load(
        """percept a(1..2) : bool. concept c(1..2) : bool. concept v : bool.
        c(I) iff a(I) [learn].
        if all c(_) then v [learn r].
        query v."""
    ).ground()
    return nesy.Learned(model, REPORT)


@pytest.fixture
def text() -> str:
    stream = io.StringIO()
    draw_report(learned(), Console(file=stream, width=100))
    return stream.getvalue()


def test_indices_of_a_concept_are_one_row() -> None:
    found = summaries(REPORT.rule_sets)
    assert [(entry.concept, entry.stage, len(entry.rule_sets), entry.lines) for entry in found] == [
        ("c", 0, 2, (3,)),
        ("v", 1, 1, (4,)),
    ]
    assert found[0].dropped() == {"no target": [0, 1, 2, 3, 4, 5, 9]}


def test_the_table(text: str) -> None:
    lines = [line.rstrip() for line in text.splitlines()]
    assert lines[:5] == [
        "5 parameters of 2 rules learned from 10 samples (exact, chebyshev) in 1.50 s",
        "concept  lines       kept    threshold      ∇      s      r    time",
        "───────────────────────────────────────────────────────────────────",
        "c (2)    3      4–7 of 10  0.500–0.750  0.250  0.000  0.000  1.00 s",
        "v        4       10 of 10          all  0.000      –  0.000  0.50 s",
    ]
    assert lines[5:10] == [
        "c: 7 samples dropped (no target): 0, 1, 2, 3, 4, …",
        "v: 2 single equations of other samples dropped",
        "targets that follow from the rules and other targets: c",
        "validation accuracy: 75.0 % before, 80.0 % after",
        "parameters shared across stages did not come to rest in 20 rounds",
    ]
    assert [line.split() for line in lines[13:]] == [
        ["2", "c(I)", "iff", "a(I)", "[learn].", "I", "=", "1", "0.000", "0.000"],
        ["I", "=", "2", "0.000", "0.000"],
        ["3", "if", "all", "c(_)", "then", "v", "[learn", "r].", "–", "0.000"],
    ]


def test_plain_data() -> None:
    found = json.loads(json.dumps(report_to_json(learned())))
    assert found["thresholds"] == {"c": 0.5, "v": None}
    assert found["accuracy"] == {"before": 75.0, "after": 80.0}
    assert found["search"] == [{"concept": "c", "threshold": 0.5, "accuracy": 80.0, "accepted": True}]
    assert found["rule_sets"][0]["dropped"] == [{"reason": "no target", "samples": [1, 2, 9]}]
    assert [(rule["line"], rule["pairs"], rule["s"], rule["r"]) for rule in found["rules"]] == [
        (2, 2, [0.0, 0.0], [0.0, 0.0]),
        (3, 1, None, [0.0, 0.0]),
    ]


@pytest.mark.parametrize(
    ("estimate", "distance", "told"),
    [("chebyshev", 1.0, True), ("trimmed", 1.0, True), ("pooled", 1.0, False), ("chebyshev", 0.999, False)],
)
def test_a_distance_of_1_is_explained(estimate: str, distance: float, told: bool) -> None:
    stage = StageReport(0, (rule_set("c(1)", distance=distance),))
    report = dataclasses.replace(REPORT, stages=(stage,), estimate=estimate)
    stream = io.StringIO()
    draw_report(dataclasses.replace(learned(), report=report), Console(file=stream, width=100))
    assert ("c: ∇ = 1, so the targets tell nothing" in stream.getvalue()) == told
