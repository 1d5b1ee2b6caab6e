"""The public interface: load, ground, compile."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import torch

import nesy

ADDITION = """
type digit = 0..9.
const most = 18.
percept a(1..2) : digit.
concept y : 0..most.
y = U + V :- a(1) = U, a(2) = V.
query y.
"""


def test_everything_public_is_there() -> None:
    for name in nesy.__all__:
        assert getattr(nesy, name) is not None
    assert set(nesy.__all__) <= set(dir(nesy))
    assert nesy.__version__ == version("nesy")
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        _ = nesy.lod  # type: ignore[attr-defined]


def test_import_is_light() -> None:
    """What ``import nesy`` and a check load: none of the heavy packages."""
    script = """
import sys, nesy
heavy = {"torch", "clingo", "numpy", "typer", "rich", "lark", "sklearn"}
print(*sorted(heavy & set(sys.modules)), "|", len(sys.modules))
nesy.load("percept a : 1..3. query a.")
print(*sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    first, second = done.stdout.splitlines()
    assert first.startswith("|")
    assert int(first.split("|")[1]) < 120
    assert second == "lark"


def test_text_and_files_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sum.nesy"
    path.write_text(ADDITION, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for given in (path, str(path), "sum.nesy", Path("sum.nesy"), ADDITION):
        program = nesy.load(given)
        assert program.text == ADDITION
        assert program.checked.types["digit"].values == tuple(range(10))
    (tmp_path / "sum").write_text(ADDITION, encoding="utf-8")
    assert nesy.load("sum").text == ADDITION
    assert nesy.load("type t = 1..3. query t(1).").text.startswith("type")
    with pytest.raises(nesy.NesyError, match="E130"):
        nesy.load("missing.nesy")
    with pytest.raises(nesy.NesyError, match="E1"):
        nesy.load("missing")
    with pytest.raises(nesy.NesyError):
        nesy.load("x" * 100_000)


def test_text_includes_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("inner.nesy").write_text("percept a : 1..3.")
    assert list(nesy.load('include "inner.nesy". query a.').checked.attributes) == ["a"]
    with pytest.raises(nesy.NesyError, match="E133"):
        nesy.load('include "none.nesy". query a.')


def test_constants_override() -> None:
    assert len(nesy.load(ADDITION, constants={"most": 20}).checked.types["digit"]) == 10
    assert nesy.load(ADDITION, constants={"most": "20"}).checked.constants["most"] == 20
    with pytest.raises(nesy.NesyError, match="nost"):
        nesy.load(ADDITION, constants={"nost": 20})


def test_warnings_are_kept() -> None:
    program = nesy.load("type t = 1..3. percept a : 1..2. query a.")
    assert [warning.severity for warning in program.warnings] == [nesy.Severity.WARNING]


def test_compiled_programs_answer() -> None:
    engine = nesy.load(ADDITION).compile()
    evidence = torch.zeros(3, 2, 10)
    evidence[:, 0, 3] = evidence[:, 1, 5] = 1
    answer = engine.infer({"a": evidence})
    assert answer["y"].value == [8, 8, 8]
    assert engine.infer({"a": {"1": 3, "2": {"5": 0.75, "6": 0.25}}})["y"].value == [8]
    assert engine.infer([{"a": {1: 3, 2: 4}}, {"a": {1: 3, 2: 5}}])["y"].value == [7, 8]
    assert engine.infer({"a": evidence.tolist()})["y"].value == [8, 8, 8]
    assert "y" in engine.listing()
    assert set(engine.check({"a": evidence})) == {"a"}


def test_devices_and_dtypes_may_be_those_of_torch() -> None:
    evidence = {"a": {1: 3, 2: 5}}
    engine = nesy.load(ADDITION).compile(device=torch.device("cpu"), dtype=torch.float32)
    possibility = engine.infer(evidence)["y"].possibility
    assert possibility is not None
    assert (possibility.dtype, engine.options) == (torch.float32, nesy.load(ADDITION).compile(dtype="float32").options)
    with pytest.raises(nesy.NesyError, match="E440"):
        nesy.load(ADDITION).compile(device=torch.device("meta"))


def test_programs_without_percepts_need_no_evidence() -> None:
    engine = nesy.load(
        "edge(a, b). edge(b, c). path(X, Y) :- edge(X, Y). query path(a, c). query path(a, b)."
    ).compile()
    answer = engine.infer()
    assert (answer["path(a,c)"].value, answer["path(a,b)"].value) == ([False], [True])


def test_queries_can_be_replaced() -> None:
    program = nesy.load(ADDITION)
    for query in ("a(1)", "query a(1).", " a(1). "):
        assert [found.label for found in program.ground([query]).queries] == ["a(1)"]
    assert [found.label for found in program.ground(["a(_)", "y = 3"]).queries] == ["a(1)", "a(2)", "y = 3"]
    assert [found.label for found in program.ground("a(1)").queries] == ["a(1)"]
    engine = program.compile(queries=["y > 9"])
    assert engine.infer({"a": {1: 9, 2: 9}})["y > 9"].value == [True]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("z", "E201"),
        ("y = 30", "E207"),
        ("y. query a(1)", "E427"),
        ("y ==", "E1"),
        ("", "E427"),
        ("% x", "E1"),
        ("a(7)", "E2"),
    ],
)
def test_wrong_queries(query: str, code: str) -> None:
    with pytest.raises(nesy.NesyError, match=code):
        nesy.load(ADDITION).ground([query])


def test_back_ends_that_cannot_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(nesy.NesyError, match="E501"):
        nesy.load(ADDITION).compile("possibilistik")
    monkeypatch.setattr("nesy.solvers.backend.find_spec", lambda name: None)
    with pytest.raises(nesy.NesyError, match=r"E502.*\n.*pip install torch clingo"):
        nesy.load(ADDITION).compile("possibilistic")


def test_strict_refuses_what_would_be_left_out() -> None:
    program = nesy.load(ADDITION + ":- a(1) = 3, a(2) = 3.")
    assert [warning.code for warning in program.compile().warnings] == ["W515"]
    with pytest.raises(nesy.NesyError, match="E515"):
        program.compile(strict=True)
