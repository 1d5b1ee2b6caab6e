"""Predictions from tables, archives, evidence and Python; and what is wrong with them, with its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nesy
from nesy.abduction.observations import Observations, fused_percept
from nesy.abduction.prediction_files import Given, read_observations
from nesy.abduction.prediction_tables import Missing
from nesy.abduction.predictions import Predictions
from nesy.dsl.diagnostics import NesyError

PROGRAM = """
type object.
type place.
type class = {car, bus, truck}.
percept label(object) : class from m1, m2.
percept air(object) : {fog, clear}.
percept season : {winter, summer}.
relation light(object, real).
relation at(object, place).
relation width(object, {m1, m2}, int).
query label(_).
"""
TABLE = """object,model,class,confidence,light,at,width,air,note
o1,m1,bus,0.8,0.5,p1,3,fog,x y
o1,m2,car,0.7,0.5,p1,4,fog,z
o2,m1,truck,0.6,0.25,p2,2,clear,x
o2,m2,,,0.25,p2,,clear,
"""


def read(given: Given, missing: Missing = "error", program: str = PROGRAM) -> Observations:
    checked = nesy.load(program).checked
    return read_observations(checked, fused_percept(checked), given, missing)


def written(folder: Path, text: str, name: str = "p.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_table(tmp_path: Path) -> None:
    found = read(written(tmp_path, TABLE))
    predictions = found.predictions
    assert (predictions.objects, predictions.models, predictions.classes) == (
        ("o1", "o2"),
        ("m1", "m2"),
        ("car", "bus", "truck"),
    )
    assert predictions.labels.tolist() == [[1, 0], [2, -1]]
    assert predictions.confidence.tolist() == [[0.8, 0.7], [0.6, 0.0]]
    assert {name: array.tolist() for name, array in predictions.columns.items()} == {
        "light": [0.5, 0.25],
        "at": ["p1", "p2"],
        "width": [[3, 4], [2, None]],
        "note": [["x y", "z"], ["x", None]],
    }
    assert found.others["air"].labels.tolist() == [0, 1]
    assert found.index == (("o1",), ("o2",))
    tabs = read(written(tmp_path, TABLE.replace(",", "\t"), "p.tsv"))
    assert tabs.predictions.labels.tolist() == predictions.labels.tolist()


def test_a_table_of_distributions(tmp_path: Path) -> None:
    text = "model,object,p(bus),p(car),p(truck)\nm1,o1,0.5,0.25,0.25\nm2,o1,,,\n"
    predictions = read(written(tmp_path, text)).predictions
    assert predictions.labels.tolist() == [[1, -1]]
    assert predictions.distributions is not None
    assert predictions.distributions.tolist() == [[[0.25, 0.5, 0.25], [0.0, 0.0, 0.0]]]


def test_parquet_and_data_frames_are_tables(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(written(tmp_path, TABLE))
    frame.to_parquet(tmp_path / "p.parquet")
    whole = read(written(tmp_path, TABLE)).predictions
    for given in (frame, tmp_path / "p.parquet", frame.to_dict("list")):
        found = read(given).predictions
        assert found.labels.tolist() == whole.labels.tolist()
        assert found.columns["width"].tolist() == whole.columns["width"].tolist()


def test_an_archive_of_arrays(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "p.npz",
        objects=["a", "b"],
        models=["m2", "m1"],
        labels=[["bus", "car"], ["", "truck"]],
        confidence=[[0.5, 0.6], [0, 0.9]],
        light=[0.1, 0.2],
    )
    found = read(tmp_path / "p.npz").predictions
    assert (found.models, found.labels.tolist()) == (("m1", "m2"), [[0, 1], [2, -1]])
    assert found.confidence.tolist() == [[0.6, 0.5], [0.9, 0.0]]
    assert found.columns["light"].tolist() == [0.1, 0.2]
    again = read(Predictions(**{**vars(found), "objects": ("c", "d")}))
    assert (again.index, again.predictions.labels.tolist()) == ((("c",), ("d",)), [[0, 1], [2, -1]])


def test_evidence_value_by_value(tmp_path: Path) -> None:
    one = {
        "label@m1": {"o1": {"bus": 0.8, "car": 0.2}, "o2": "car"},
        "label@m2": {"o1": None, "o2": {"car": 0.5}},
        "air": {"o1": "fog", "o2": {"fog": 0.3, "clear": 0.7}},
        "season": {"summer": 1.0},
    }
    found = read(one)
    assert found.predictions.labels.tolist() == [[1, -1], [0, 0]]
    assert found.predictions.confidence.tolist() == [[0.8, 0.0], [1.0, 0.5]]
    assert found.predictions.distributions is None
    assert (found.others["air"].labels.tolist(), found.others["season"].labels.tolist()) == ([0, 1], [1, 1])
    batch = read([one, {"label@m1": {"o1": "bus"}, "label@m2": {"o1": "bus"}}])
    assert batch.predictions.objects == ("0:o1", "0:o2", "1:o1")
    assert batch.instances is not None
    assert batch.instances.tolist() == [0, 0, 1]
    assert batch.predictions.labels.tolist() == [[1, -1], [0, 0], [1, 1]]
    found = read(written(tmp_path, '{"label@m1": {"o1": "bus"}, "label@m2": {"o1": "car"}}', "e.json"))
    assert found.predictions.labels.tolist() == [[1, 0]]


def test_evidence_in_arrays() -> None:
    shares = np.array([[[0.5, 0.25, 0.25], [0.0, 0.0, 0.0]]])
    found = read({"label@m1": shares, "label@m2": shares[:, ::-1], "season": np.array([[0.0, 1.0]])})
    assert found.predictions.labels.tolist() == [[0, -1], [-1, 0]]
    assert found.predictions.objects == ("0", "1")
    assert found.others["season"].labels.tolist() == [1, 1]
    closed = PROGRAM.replace("type object.", "type object = {a, b}.")
    both = np.concatenate([shares, shares])
    found = read({"label@m1": both, "label@m2": both}, program=closed)
    assert found.predictions.objects == ("0:a", "0:b", "1:a", "1:b")
    restricted = closed.replace(
        "percept label(object) : class from m1, m2.", "percept label(O) : class from m1, m2 for ok(O)."
    )
    found = read({"label@m1": shares[:, :1], "label@m2": shares[:, :1]}, program=restricted + "ok(b).")
    assert found.index == (("b",),)


def test_several_places_of_an_index(tmp_path: Path) -> None:
    program = "percept cell(1..2, {x, y}) : 0..3 from m1.\nquery cell(_, _)."
    found = read(written(tmp_path, 'object,model,class,confidence\n"1,y",m1,3,0.5\n"(2,x)",m1,0,1\n'), program=program)
    assert found.index == ((1, "y"), (2, "x"))
    assert found.predictions.labels.tolist() == [[3], [0]]
    assert found.predictions.objects == ("1,y", "2,x")


def test_classes_of_an_open_type(tmp_path: Path) -> None:
    program = PROGRAM.replace("type class = {car, bus, truck}.", "type class.")
    assert read(written(tmp_path, TABLE), program=program).predictions.classes == ("bus", "car", "truck")
    assert read({"label@m1": {"o1": "van"}, "label@m2": {"o1": {"bus": 1}}}, program=program).predictions.classes == (
        "van",
        "bus",
    )


@pytest.mark.parametrize(
    ("old", "new", "place", "code", "words"),
    [
        (",0.8,", ",,", "p.csv:2, column 'confidence'", "E498", "missing"),
        (",0.8,", ",1.8,", "p.csv:2, column 'confidence'", "E485", "1.8"),
        (",0.8,", ",nan,", "p.csv:2, column 'confidence'", "E499", "nan"),
        (",0.8,", ",high,", "p.csv:2, column 'confidence'", "E485", "high"),
        ("bus", "bsu", "p.csv:2, column 'class'", "E487", "'bsu'"),
        ("o2,m2,,,", "o2,m1,,,", "p.csv:5, column 'object'", "E486", "row 4"),
        ("m2,car", "m3,car", "p.csv:3, column 'model'", "E497", "'m3'"),
        ("o2,m2,,,0.25,p2,,clear,\n", "", "p.csv:4, column 'object'", "E571", "o2"),
        ("class", "klass", "p.csv", "E484", "'class'"),
        ("0.25,p2,,", "dark,p2,,", "p.csv:5, column 'light'", "E488", "'dark'"),
        ("0.25,p2,,", "0.3,p2,,", "p.csv:5, column 'light'", "E488", "row 4"),
        ("clear,x", "clean,x", "p.csv:4, column 'air'", "E488", "'clean'"),
        (",3,fog", ",3.5,fog", "p.csv:2, column 'width'", "E488", "'3.5'"),
        ("object,", "object,object,", "p.csv:1", "E484", "twice"),
        ("o1,m1,bus,0.8", "o1,m1,bus", "p.csv:2", "E484", "8 cells"),
        ("\no1,m1", "\n,m1", "p.csv:2, column 'object'", "E494", "nothing"),
    ],
)
def test_faults_of_a_table_have_their_place(
    old: str, new: str, place: str, code: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(NesyError) as caught:
        read(written(tmp_path, TABLE.replace(old, new, 1)))
    (found,) = caught.value.diagnostics
    assert (found.code, found.place.removeprefix(f"{tmp_path}/")) == (code, place)
    assert words in found.message
    assert found.hint


def test_a_model_that_says_nothing_may_abstain(tmp_path: Path) -> None:
    text = TABLE.replace("o2,m2,,,0.25,p2,,clear,\n", "")
    assert read(written(tmp_path, text), "abstain").predictions.labels.tolist() == [[1, 0], [2, -1]]


@pytest.mark.parametrize("text", ["", "\n", "object,model,class,confidence\n"])
def test_empty_tables(text: str, tmp_path: Path) -> None:
    with pytest.raises(NesyError, match="E495"):
        read(written(tmp_path, text))


SHARES = np.full((1, 2, 3), 1 / 3)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"label@m1": {"o1": {"bus": 0.8, "car": 0.4}}, "label@m2": {"o1": "car"}}, "E485"),
        ({"label@m1": {"o1": {"bus": -0.1}}, "label@m2": {"o1": "car"}}, "E485"),
        ({"label@m1": {"o1": {"bus": None}}, "label@m2": {"o1": "car"}}, "E498"),
        ({"label@m1": {"o1": {"bus": float("nan")}}, "label@m2": {"o1": "car"}}, "E499"),
        ({"label@m1": {"o1": "cra"}, "label@m2": {"o1": "car"}}, "E487"),
        ({"label@m1": {"o1": "car"}, "label@m3": {"o1": "car"}}, "E497"),
        ({"label@m1": {"o1": "car"}, "label@m2": {"o1": "car"}, "airr": {"o1": "fog"}}, "E497"),
        ({"label@m1": {"o1": "car"}, "label@m2": {"o2": "car"}}, "E571 E571"),
        ({"label@m1": "car", "label@m2": {"o2": "car"}}, "E494"),
        ([], "E495"),
        ([3], "E495"),
        ({"label@m1": SHARES, "label@m2": SHARES[:, :1]}, "E572"),
        ({"label@m1": SHARES, "label@m2": SHARES[..., :2]}, "E572"),
        ({"label@m1": SHARES, "label@m2": SHARES * 2}, "E485 E485"),
        ({"label@m1": SHARES, "label@m2": SHARES * np.nan}, "E499 E499"),
        ({"label@m1": SHARES, "label@m2": [["a"]]}, "E572"),
        ({"models": ["m1", "m2"], "labels": [["car", "bus"]]}, "E484 E484"),
        ({"models": ["m1"], "labels": [["car", "bsu"]], "objects": ["a"], "confidence": [[1, 1]]}, "E487"),
        ({"models": ["m1", "m2"], "labels": [[0, 1]], "objects": ["a"], "confidence": [[1, np.nan]]}, "E499"),
        ({"models": ["m1", "m2"], "labels": [[0, 3]], "objects": ["a"], "confidence": [[1, 2]]}, "E485 E487"),
        ({"models": ["m1", "m2"], "labels": [[0, 1]] * 2, "objects": ["a", "a"], "confidence": [[1, 1]] * 2}, "E486"),
        ({"models": ["m1", "m2"], "labels": [[0]], "objects": ["a"], "confidence": [[1, 1]]}, "E572"),
    ],
)
def test_faults_of_evidence(given: Given, code: str) -> None:
    with pytest.raises(NesyError) as caught:
        read(given)
    assert sorted(found.code for found in caught.value.diagnostics) == code.split()
    assert all(found.place and found.hint for found in caught.value.diagnostics)


@pytest.mark.parametrize(
    ("program", "name", "words"),
    [
        ("percept a(1..2) : bool.", None, "no percept of the program has sources"),
        ("percept a(1..2) : bool from m.\npercept b : bool from m.", None, "several"),
        ("percept a(1..2) : bool from m.", "b", "no percept 'b'"),
    ],
)
def test_which_percept_is_fused(program: str, name: str | None, words: str) -> None:
    with pytest.raises(NesyError, match=words) as caught:
        fused_percept(nesy.load(program).checked, name)
    assert caught.value.diagnostics[0].code == "E579"
