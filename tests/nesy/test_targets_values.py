"""Targets written value by value."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import nesy
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.ground_model import GroundModel
from nesy.targets_files import read_targets
from nesy.targets_values import is_written_out, target_arrays, target_names

PROGRAM = nesy.load(
    """
    type colour = {red, green, "light blue"}.
    percept lamp(1..2) : colour.
    percept other : bool.
    concept tint : colour.
    concept pair(1..2) : (0..1, bool).
    concept valid : bool.
    pair(I) in {(1, _)} iff lamp(I) = red [learn].
    tint = C iff lamp(1) = C [learn].
    valid iff tint = red.
    query pair(_).
    query valid.
    """
)
MODEL = PROGRAM.ground()


def arrays(targets: object, samples: int | None = None, model: GroundModel = MODEL) -> dict[str, Any]:
    return dict(target_arrays(model, targets, samples))


def codes(targets: object, samples: int | None = None) -> list[tuple[str, str, str]]:
    with pytest.raises(NesyError) as caught:
        target_arrays(MODEL, targets, samples)
    assert all(entry.hint for entry in caught.value.diagnostics)
    return [(entry.code, entry.message, entry.place) for entry in caught.value.diagnostics]


def test_labels() -> None:
    found = arrays([{"tint": "green", "valid": True}, {"tint": '"light blue"', "valid": "false"}])
    assert found["tint"].tolist() == [[0, 1, 0], [0, 0, 1]]
    assert found["valid"].tolist() == [[0, 1], [1, 0]]
    assert arrays({"pair": {"1": (1, True)}})["pair"][0, 0].tolist() == [0, 0, 0, 1]
    assert arrays({"tint": "light blue"})["tint"].tolist() == [[0, 0, 1]]


def test_indices_and_what_is_left_out() -> None:
    found = arrays([{"pair": {"1": "(1,true)"}}, {"pair": {"2": "(0,false)", "1": None}}, {"pair": None}, {}])
    nothing = np.isnan(found["pair"]).all(-1).tolist()
    assert nothing == [[False, True], [True, False], [True, True], [True, True]]
    assert found["pair"][0, 0].tolist() == [0, 0, 0, 1]
    assert found["pair"][1, 1].tolist() == [1, 0, 0, 0]
    assert arrays({"pair": {1: (1, False), (2,): (0, True)}})["pair"].tolist() == [[[0, 0, 1, 0], [0, 1, 0, 0]]]


def test_distributions() -> None:
    found = arrays({"tint": {"red": 1, "green": 0.25}, "valid": {"true": 1.0, "false": 1}})
    assert found["tint"].tolist() == [[1, 0.25, 0]]
    assert found["valid"].tolist() == [[1, 1]]


def test_percepts_have_targets_and_what_no_query_needs_is_left_out() -> None:
    assert set(arrays({"lamp": {"1": "red"}, "other": True})) == {"lamp"}


def test_tensors_are_taken_as_they_are() -> None:
    tensor = torch.eye(3, dtype=torch.float64)
    assert arrays({"tint": tensor})["tint"] is tensor
    assert not is_written_out({"tint": [[1, 0, 0]], "valid": np.ones((1, 2))})
    assert is_written_out({"tint": None})
    assert is_written_out([{"tint": "red"}])


def test_names() -> None:
    assert target_names([{"b": 1, "a": 2}, {"c": 3, 4: 5}, 7]) == ("b", "a", "c")
    assert target_names({"a": 1}) == ("a",)
    assert target_names(3) == ()


@pytest.mark.parametrize(
    ("targets", "found"),
    [
        ({"tin": "red"}, ("E531", "the program has no concept or percept 'tin'", "sample 0")),
        ([{}, {"pair": {"3": "(0,true)"}}], ("E566", "pair has no index '3'", "sample 1, pair")),
        ({"tint": "blue"}, ("E567", "'blue' is no value of colour", "sample 0, tint")),
        ({"tint": 7}, ("E567", "7 is no value of colour", "sample 0, tint")),
        ({"tint": {"blue": 1}}, ("E567", "'blue' is no value of colour", "sample 0, tint")),
        ({"pair": {"1": "(2,true)"}}, ("E567", "'(2,true)' is no value of (0..1, bool)", "sample 0, pair(1)")),
        ({"pair": {"1": "(0,true)", 1: "(0,true)"}}, ("E568", "there are two targets for pair(1)", "sample 0")),
        ({"valid": {"true": 1, True: 1}}, ("E568", "the value true is given twice", "sample 0, valid")),
        ({"tint": {"red": 0.5}}, ("E534", "the largest degree of this target is 0.5", "sample 0, tint")),
        ({"tint": {}}, ("E534", "the largest degree of this target is 0", "sample 0, tint")),
        ({"tint": {"red": 2}}, ("E533", "the degree of red is 2, which is not between 0 and 1", "sample 0, tint")),
        (
            {"tint": {"red": float("nan")}},
            ("E533", "the degree of red is nan, which is not between 0 and 1", "sample 0, tint"),
        ),
        ({"tint": {"red": "1"}}, ("E533", "the degree of red is '1', which is no number", "sample 0, tint")),
        ({"tint": {"red": True}}, ("E533", "the degree of red is True, which is no number", "sample 0, tint")),
        ({"valid": 1}, ("E569", "1 is no target", "sample 0, valid")),
        ({"valid": 0.7}, ("E569", "0.7 is no target", "sample 0, valid")),
        ([{"tint": ["red"]}], ("E569", "['red'] is no target", "sample 0, tint")),
        ({"pair": "(0,true)"}, ("E569", "pair has an index, and its target is '(0,true)'", "sample 0, pair")),
        ([3], ("E569", "a sample is a mapping from concepts, not 3", "sample 0")),
        ("red", ("E569", "targets are a mapping from concepts or a list of such, not 'red'", "targets")),
    ],
)
def test_what_is_wrong_is_told_with_its_sample(targets: object, found: tuple[str, str, str]) -> None:
    assert codes(targets) == [found]


def test_samples_are_counted() -> None:
    assert codes([{}], 3) == [("E532", "there are targets for 1 sample, and evidence for 3", "targets")]
    assert arrays([{}, {}], 2) == {}


@pytest.mark.parametrize("dtype", [np.int64, bool, np.complex128, np.str_])
def test_arrays_hold_decimal_numbers(dtype: type) -> None:
    (found,) = codes({"tint": np.zeros((2, 3), dtype), "valid": np.eye(2)})
    assert found[0] == "E532"
    assert found[2] == "targets for tint"
    assert arrays({"tint": np.zeros((2, 3), np.float32)})


def test_many_faults_are_summed_up() -> None:
    found = codes([{"tint": "blue"}] * 20)
    assert len(found) == 5
    assert found[-1][1].endswith("(and 15 more like this)")


def test_the_nearest_names_are_offered() -> None:
    with pytest.raises(NesyError, match="the nearest known name is 'valid'"):
        target_arrays(MODEL, {"vaild": True})
    with pytest.raises(NesyError, match="the nearest known name is 'green'"):
        target_arrays(MODEL, {"tint": "gren"})


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 3)
    | st.floats()
    | st.sampled_from(["red", "1", "(1,true)", "true", ""]),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(["red", "1", "true", "9"]), part),
    max_leaves=5,
)


@given(st.lists(st.dictionaries(st.sampled_from(["tint", "pair", "valid", "lamp", "x"]), anything), max_size=3))
def test_whatever_is_given_is_read_or_told(targets: list[object]) -> None:
    for array in read_or_told(targets).values():
        rows = array.reshape(-1, array.shape[-1])
        known = rows[~np.isnan(rows).all(-1)]
        assert ((known >= 0) & (known <= 1)).all()
        assert not len(known) or (np.abs(known.max(-1) - 1) <= 1e-6).all()


def read_or_told(targets: object) -> dict[str, Any]:
    known = {"E531", "E533", "E534", "E566", "E567", "E568", "E569"}
    try:
        return arrays(targets)
    except NesyError as error:
        codes = {entry.code for entry in error.diagnostics}
    assert codes <= known
    return {}


# ----- files


def told(path: Path, content: bytes) -> tuple[str, str]:
    path.write_bytes(content)
    with pytest.raises(NesyError) as caught:
        read_targets(str(path))
    (found,) = caught.value.diagnostics
    assert "evidence" not in f"{found.message} {found.hint}"
    assert "percept" not in f"{found.message} {found.hint}"
    assert found.place.startswith(str(path))
    return found.code, found.message


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"tint": "red"}\n{"tint": null}\n')
    assert read_targets(str(path)) == [{"tint": "red"}, {"tint": None}]
    np.savez(tmp_path / "t.npz", tint=np.eye(3))
    assert arrays(read_targets(str(tmp_path / "t.npz")), 3)["tint"].tolist() == np.eye(3).tolist()


def test_standard_input_is_called_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"[{")))
    with pytest.raises(NesyError) as caught:
        read_targets("-")
    assert caught.value.diagnostics[0].place == "<stdin>:1:3"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    with pytest.raises(NesyError, match="E415"):
        read_targets(str(path))
    assert told(path, b"{") == ("E416", "this is not JSON: Expecting property name enclosed in double quotes")
    assert told(path, b"3") == ("E569", "the file holds 3, which are no targets")
    assert told(path, b'{"tint": {"red": 1, "red": 0}}')[0] == "E568"
    assert told(path, b"\xff\xfe")[0] == "E416"
    assert told(path, b"PK12")[0] == "E417"
    assert told(path, b"[" * 100_000)[0] == "E416"
