"""``nesy.abduce``: from a program and predictions to labels, reasons, figures, and evidence for other back ends."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import nesy
from nesy.abduction.checker import verify
from nesy.abduction.error_rules import ErrorRuleLearner, ErrorRules
from nesy.abduction.report import heading
from nesy.abduction.report_json import conflicts
from nesy.dsl.diagnostics import NesyError

PROGRAM = """
type object.
type class = {car, bus, truck}.
percept label(object) : class from m1, m2, m3.
relation light(object, real).
error label@m2(O) :- label@m2(O) = bus, confidence(label@m2(O)) < 0.6.
error label@m3(O) :- light(O, L), L < 0.2, label@m3(O) != label@m1(O).
query label(_).
"""
TABLE = """object,model,class,confidence,light
o1,m1,truck,0.7,0.9
o1,m2,bus,0.41,0.9
o1,m3,truck,0.8,0.9
o2,m1,car,0.9,0.1
o2,m2,car,0.6,0.1
o2,m3,bus,0.95,0.1
o3,m1,,,0.8
o3,m2,bus,0.9,0.8
o3,m3,,,0.8
o4,m1,car,0.55,0.7
o4,m2,truck,0.65,0.7
o4,m3,truck,0.6,0.7
"""
TRUTH = {"o1": "truck", "o2": "car", "o3": "bus", "o4": "truck"}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "predictions.csv"
    path.write_text(TABLE)
    return path


def test_the_issue_in_small(table: Path) -> None:
    found = nesy.abduce(PROGRAM, table, max_inconsistency=0.25, targets=TRUTH)
    assert (found.status, found.coverage) == (nesy.Status.OPTIMAL, 1.0)
    assert verify(found.problem, found.hypothesis) == []
    assert found.labels["o1"] == "truck"
    assert found.explain("o1").text() == (
        "o1: truck, by m1\n"
        "  m1's truck (0.7) kept\n"
        "  m2's bus (0.41) rejected: an error rule (confidence 0.41 < 0.6)\n"
        "      <text>:6: error label@m2(O) :- label@m2(O) = bus, confidence(label@m2(O)) < 0.6.\n"
        "  m3's truck (0.8) says the same; m3 is not believed about truck (no label, 1 conflict)"
    )
    fates = {fate.model: fate for fate in found.explain("o2").fates}
    assert fates["m3"].fate == "flagged"
    assert fates["m3"].rules[0].values == "light 0.1 < 0.2, label@m3(O) != label@m1 car"
    assert found.scores()["m1"].coverage == 0.75
    assert set(found.scores()) >= {"abduction", "m1", "m2", "m3", "plurality", "accept all + tie-breaker"}


def test_every_prediction_has_a_fate(table: Path) -> None:
    found = nesy.abduce(PROGRAM, table, max_inconsistency=0.0)
    predictions, hypothesis = found.problem.predictions, found.hypothesis
    for row, name in enumerate(found.objects):
        explanation = found.explain(name)
        for place, fate in enumerate(explanation.fates):
            label = predictions.labels[row, place]
            assert (fate.fate == "silent") == (label < 0)
            assert (fate.fate == "kept") == (hypothesis.support[row] == place)
            assert (fate.fate in ("kept", "agrees", "overruled", "left out")) == hypothesis.candidates[row, place]
            assert bool(fate.rules) == (fate.fate == "flagged")
    with pytest.raises(KeyError, match="no object"):
        found.explain("o9")


def test_contributions_add_up(table: Path) -> None:
    found = nesy.abduce(PROGRAM, table, max_inconsistency=0.0)
    for entry in found.models:
        assert entry.predictions == entry.flagged + entry.rejected + entry.kept
        assert entry.kept == entry.labels + entry.overruled
    assert sum(entry.labels for entry in found.models) == found.hypothesis.covered
    rejected = [pair for pair in found.pairs if pair.epsilon is None]
    assert all(pair.kept == pair.labels == 0 for pair in rejected)


def test_what_a_rejected_pair_would_bring_and_cost() -> None:
    evidence = {
        "label@m1": {"o1": {"car": 0.9}, "o2": {"car": 0.9}, "o3": {"car": 0.9}, "o4": None},
        "label@m2": {"o1": {"bus": 0.8}, "o2": {"bus": 0.8}, "o3": None, "o4": {"bus": 0.8}},
    }
    program = "type object.\npercept label(object) : {car, bus} from m1, m2.\nquery label(_)."
    found = nesy.abduce(program, evidence, max_inconsistency=0.0)
    assert found.coverage == 0.75
    (rejected,) = (pair for pair in found.pairs if pair.epsilon is None)
    assert (rejected.gain, rejected.conflicts) == (1, 2)
    assert rejected.price == "+1 label, 2 conflicts"


def test_conflicts_that_are_left_have_two_witnesses() -> None:
    evidence = {
        "label@m1": {"o1": {"car": 0.9}, "o2": {"car": 0.9}},
        "label@m2": {"o1": {"bus": 0.8}, "o2": None},
        "label@m3": {"o1": None, "o2": {"bus": 0.99}},
    }
    program = "type object.\npercept label(object) : {car, bus} from m1, m2, m3.\nquery label(_)."
    required = [("m1", "car"), ("m2", "bus"), ("m3", "bus")]
    found = nesy.abduce(program, evidence, max_inconsistency=1.0, required=required)
    assert found.inconsistency == 1.0
    assert conflicts(found) == [
        {
            "constraint": "labels of one object",
            "witnesses": [
                {"object": "o1", "model": "m1", "class": "car"},
                {"object": "o1", "model": "m2", "class": "bus"},
            ],
        },
        {
            "constraint": "labels of one object",
            "witnesses": [
                {"object": "o2", "model": "m1", "class": "car"},
                {"object": "o2", "model": "m3", "class": "bus"},
            ],
        },
    ]
    assert "contradict one another" in found.explain("o1").text()
    assert {fate.fate for fate in found.explain("o2").fates} == {"overruled", "silent", "kept"}
    unmet = nesy.abduce(program, evidence, max_inconsistency=0.2, required=required)
    assert unmet.status is nesy.Status.INFEASIBLE
    assert heading(unmet) == "infeasible: no hypothesis keeps the inconsistency at or below 0.2"
    demands = unmet.to_json()["demands"]
    assert isinstance(demands, dict)
    assert demands["least"] == 1.0


SHELF = """
type object.
type class = {tea, jam, rice}.
percept label(object) : class from m1, m2.
relation shelf(object, int).
:- shelf(A, S), shelf(B, S), A != B, label(A) = V, label(B) = V.
query label(_).
"""
SHELVES = """object,model,class,confidence,shelf
a,m1,tea,0.9,1
a,m2,tea,0.6,1
b,m1,tea,0.8,1
b,m2,jam,0.5,1
c,m1,rice,0.7,2
c,m2,rice,0.9,2
d,m1,rice,0.6,2
d,m2,,,2
"""


def test_scenes_whose_labels_differ(tmp_path: Path) -> None:
    (tmp_path / "shelves.csv").write_text(SHELVES)
    found = nesy.abduce(SHELF, tmp_path / "shelves.csv", max_inconsistency=0.0)
    assert verify(found.problem, found.hypothesis) == []
    assert found.labels == {"a": "tea", "b": "jam", "c": "rice", "d": None}
    assert [fate.fate for fate in found.explain("b").fates] == ["overruled", "kept"]
    assert [fate.fate for fate in found.explain("d").fates] == ["left out", "silent"]
    assert found.explain("d").text().endswith("m2 says nothing")
    loose = nesy.abduce(SHELF, tmp_path / "shelves.csv", max_inconsistency=0.5)
    assert loose.coverage == 1.0
    (entry,) = conflicts(loose)
    assert {part["object"] for part in entry["witnesses"]} == {"c", "d"}  # type: ignore[attr-defined]
    assert entry["constraint"] == "all different (<text>:6)"
    assert (
        "a constraint does not hold: all different (<text>:6): c is rice (m2), d is rice (m1)"
        in loose.explain("d").text()
    )
    assert [step.covered for step in found.staircase().steps] == [3, 4]


def test_fused_labels_are_evidence_for_another_back_end(table: Path, tmp_path: Path) -> None:
    found = nesy.abduce(PROGRAM, table, max_inconsistency=0.0)
    rules = "type object = {o1, o2, o3, o4}.\ntype class = {car, bus, truck}.\npercept label(object) : class.\n"
    engine = nesy.load(
        rules + "concept large(object) : bool.\nlarge(O) iff label(O) in {bus, truck}.\nquery large(_)."
    ).compile()
    for kind in ("certain", "distribution"):
        evidence = found.fused_evidence(kind)  # type: ignore[arg-type]
        assert len(evidence) == 1
        answer = engine.infer(evidence)
        for row, name in enumerate(found.objects):
            label = found.labels[name]
            if label is not None:
                assert answer["large"].value[0][row] == (label != "car")
    found.save_evidence(str(tmp_path / "fused.json"), "certain")
    assert json.loads((tmp_path / "fused.json").read_text()) == found.fused_evidence()[0]
    found.save_evidence(str(tmp_path / "fused.npz"))
    with np.load(tmp_path / "fused.npz") as archive:
        assert archive["label"].shape == (1, 4, 3)
        assert (archive["label"][0] == found.fused_array()).all()


def test_distributions_of_the_supporting_models() -> None:
    program = "type object.\npercept label(object) : {car, bus, van} from m1, m2.\nquery label(_)."
    whole = {
        "label@m1": {"o1": {"car": 0.5, "bus": 0.3, "van": 0.2}, "o2": None},
        "label@m2": {"o1": None, "o2": None},
    }
    found = nesy.abduce(program, whole)
    assert found.fused_array("distribution").tolist() == [[0.5, 0.3, 0.2], [1 / 3] * 3]
    partly = {"label@m1": {"o1": {"car": 0.5}}, "label@m2": {"o1": None}}
    assert nesy.abduce(program, partly).fused_array("distribution").tolist() == [[0.5, 0.25, 0.25]]
    assert nesy.abduce(program, [whole, whole]).fused_evidence()[1] == {
        "label": {"o1": "car", "o2": {"car": 1 / 3, "bus": 1 / 3, "van": 1 / 3}}
    }


def test_error_rules_of_all_origins_come_together(table: Path, tmp_path: Path) -> None:
    (tmp_path / "more.nesy").write_text("error label@m1(O) :- label@m1(O) = car, confidence(label@m1(O)) < 0.6.\n")
    found = nesy.abduce(PROGRAM, table, error_rules=tmp_path / "more.nesy")
    assert [reason.origin for reason in found.problem.reasons] == ["<text>:6", "<text>:7", f"{tmp_path}/more.nesy:1"]
    assert found.problem.flagged[0, 3, 0]
    rules = ErrorRules.from_nesy("error label@m1(O) :- confidence(label@m1(O)) < 0.6.")
    found = nesy.abduce(PROGRAM, table, error_rules={0.0: ErrorRules("label", ()), 0.1: rules, 0.2: rules})
    assert found.problem.epsilons == (0.0, 0.1, 0.2)
    assert found.problem.flagged[:, 3, 0].tolist() == [False, True, True]
    assert found.problem.reasons[-1].epsilons == (1, 2)
    assert set(found.hypothesis.accepted.values()) <= {0.0, 0.1, 0.2}


def test_error_rules_are_learned_on_the_way(table: Path) -> None:
    held_out = nesy.HeldOut(table, TRUTH, (0.0, 0.5))
    found = nesy.abduce(PROGRAM, table, held_out=held_out)
    assert found.problem.epsilons == (0.0, 0.5)
    assert set(found.learned) == {0.0, 0.5}
    own = ErrorRuleLearner(0.5)
    assert isinstance(found.learned[0.5], ErrorRules)
    assert all(entry.budget == 0.5 for entry in found.learned[0.5].learned)
    assert own.budget == 0.5


def test_a_program_abduces_too(table: Path) -> None:
    program = nesy.load(PROGRAM)
    first, second = program.abduce(table, seed=1), nesy.abduce(program, str(table), seed=1)
    assert first.labels == second.labels
    assert first.hypothesis.digest == second.hypothesis.digest


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        ({"o1": "truck"}, "no truth for 3 of 4 objects"),
        (TRUTH | {"o5": "car"}, "no predictions of 'o5'"),
        (TRUTH | {"o1": "lorry"}, "'lorry' is none of the classes"),
        (np.array([0, 1]), "shape"),
        (3, "3 is no truth"),
        ([3, "car", "car", "car"], "none of the classes"),
        ({"object": ["o1"], "class": []}, "no truth for 4 of 4"),
        ([{"label": 3}], "names no objects"),
    ],
)
def test_a_truth_that_does_not_fit(table: Path, targets: object, words: str) -> None:
    with pytest.raises(NesyError, match=words) as caught:
        nesy.abduce(PROGRAM, table, targets=targets)  # type: ignore[arg-type]
    assert {found.code for found in caught.value.diagnostics} == {"E578"}


def test_forms_of_the_truth(table: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("class,object\ntruck,o1\ncar,o2\n,o3\ntruck,o4\n")
    (tmp_path / "t.json").write_text(json.dumps({"label": TRUTH | {"o3": None}}))
    forms = [
        tmp_path / "t.csv",
        tmp_path / "t.json",
        np.array([2, 0, -1, 2]),
        ["truck", "car", None, "truck"],
        {"object": ["o1", "o2", "o3", "o4"], "class": ["truck", "car", "", "truck"]},
        {"label": {**TRUTH, "o1": {"truck": 1.0}, "o3": None}},
    ]
    for form in forms:
        found = nesy.abduce(PROGRAM, table, targets=form)  # type: ignore[arg-type]
        assert found.truth is not None
        assert found.truth.tolist() == [2, 0, -1, 2]
