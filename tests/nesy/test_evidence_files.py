"""Evidence files: what is read, and what each damage is told."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest

from nesy.dsl.diagnostics import NesyError
from nesy.evidence_files import read_evidence


def refused(path: Path, content: bytes | None) -> str:
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NesyError) as caught:
        read_evidence(str(path))
    (found,) = caught.value.diagnostics
    return f"{found.code} {found.place.removeprefix(str(path.parent))}: {found.message}"


def test_npz(tmp_path: Path) -> None:
    np.savez(tmp_path / "e.npz", cell=np.eye(3), lamp=np.ones(2))
    found = read_evidence(str(tmp_path / "e.npz"))
    assert isinstance(found, dict)
    assert sorted(found) == ["cell", "lamp"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("e.json", '{"a": 1}', {"a": 1}),
        ("e.json", '\ufeff[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]),
        ("e.jsonl", '{"a": 1}\n\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        ("e.txt", '{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        ("one.jsonl", '{"a": 1}\n', [{"a": 1}]),
    ],
)
def test_json_and_json_lines(tmp_path: Path, name: str, text: str, expected: object) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert read_evidence(str(path)) == expected


def test_standard_input_takes_every_form(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, a=np.ones(2))
    for content, kind in ((buffer.getvalue(), dict), (b'{"a": 1}\n{"a": 2}', list)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert isinstance(read_evidence("-"), kind)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "E416 /e.json: there is nothing in it, not even {}"),
        (b" \n\n", "E416 /e.json: there is nothing in it, not even {}"),
        (b'{"a": }', "E416 /e.json:1:7: this is not JSON: Expecting value"),
        (b'{"a": 1}\n{"a": }', "E416 /e.json:2:7: this is not JSON: Expecting value"),
        (b'{"a": {"x": 1, "x": 0}}', "E413 /e.json: the key 'x' is given twice in one object"),
        (b"17", "E414 /e.json: the file holds 17, which is no evidence"),
        (b'"red"', 'E414 /e.json: the file holds "red", which is no evidence'),
        (b"[" * 100_000, "E416 /e.json: the JSON is nested too deeply"),
    ],
)
def test_damaged_json(tmp_path: Path, content: bytes, expected: str) -> None:
    assert refused(tmp_path / "e.json", content) == expected


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert (
        refused(tmp_path / "none.json", None) == "E415 /none.json: the file cannot be read: No such file or directory"
    )
    assert refused(tmp_path, None).startswith("E415")
    assert (
        refused(tmp_path / "e.json", b"{\xff\xfe\x00")
        == "E416 /e.json: the file is no text in UTF-8: byte 1 cannot be read"
    )
    with pytest.raises(NesyError, match="E415"):
        read_evidence("a\0b.json")


def test_damaged_npz(tmp_path: Path) -> None:
    path = tmp_path / "e.npz"
    np.savez_compressed(path, a=np.arange(2000.0))
    sound = path.read_bytes()
    assert refused(path, b"").startswith("E417")
    assert refused(path, b"nonsense").startswith("E417")
    assert refused(path, sound[: len(sound) // 2]).startswith("E417")
    middle = len(sound) // 2
    assert refused(path, sound[:middle] + bytes(40) + sound[middle + 40 :]).startswith("E417")


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "e.npz"
    np.savez(path, a=np.array([{"x": 1}], dtype=object), allow_pickle=True)
    words = "E417 /e.npz: this is no sound npz file: "
    assert refused(path, None) == f"{words}the array 'a' holds Python objects instead of numbers"
    assert refused(path, b"PK nonsense") == f"{words}it is no archive of arrays, or a part of it is missing"
    buffer = io.BytesIO()
    np.save(buffer, np.ones(2))
    assert refused(path, buffer.getvalue()) == f"{words}it is a single array without a name"


def test_not_a_number_is_kept_for_who_knows_the_place(tmp_path: Path) -> None:
    path = tmp_path / "e.json"
    path.write_text('{"a": {"x": NaN, "y": -Infinity}}')
    assert str(read_evidence(str(path))) == "{'a': {'x': nan, 'y': -inf}}"
