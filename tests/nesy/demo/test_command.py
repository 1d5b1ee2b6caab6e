"""``nesy demo`` from the command line, with toy images."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nesy.cli.app import app
from nesy.demo import eyes
from tests.nesy.demo.toy_eyes import toy_eyes


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["demo", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(autouse=True)
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Toy eyes instead of a data set and a trained network; notes what was asked for."""
    asked: list[tuple[object, ...]] = []

    def open_eyes(choice: object, folder: object, progress: object) -> eyes.Eyes:
        asked.append((choice, folder))
        return toy_eyes()

    monkeypatch.setattr(eyes, "open_eyes", open_eyes)
    return asked


@pytest.mark.slow
def test_a_valid_and_a_corrupted_puzzle(seen: list[tuple[object, ...]]) -> None:
    status, output, errors = run("mnist-sudoku", "--size", "4", "--data", "digits")
    assert (status, errors) == (0, "")
    assert seen == [("digits", None)]
    assert "right: drawn as a valid puzzle" in output
    assert "right: 1 corrupted cell" in output
    assert "why " in output
    assert "sudoku.nesy:" in output


def test_the_number_of_corrupted_cells() -> None:
    status, output, _ = run("mnist-sudoku", "--size", "4", "--corrupt", "3", "--json")
    assert status == 0
    (one,) = map(json.loads, output.splitlines())
    assert len(one["corrupted"]) == 3
    assert one["provenance"]["command"] == "nesy demo mnist-sudoku --data toy --size 4 --corrupt 3 --seed 0"


def test_sums_as_json() -> None:
    status, output, _ = run("mnist-addition", "--digits", "3", "--count", "2", "--seed", "4", "--json")
    assert status == 0
    found = [json.loads(line) for line in output.splitlines()]
    assert [one["digits"] for one in found] == [3, 3]
    assert all(one["right"] for one in found)


def test_sums_in_the_terminal() -> None:
    status, output, _ = run("mnist-addition", "--count", "1")
    assert status == 0
    assert "1 of 1 sums right" in output


@pytest.mark.parametrize("demonstration", [("mnist-sudoku", "--size", "4"), ("mnist-addition",)])
def test_a_report(demonstration: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    status, output, _ = run(*demonstration, "--report", str(path))
    assert status == 0
    assert f"the report is in {path}" in output.replace("\n", "")
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("mnist-sudoku", "--size", "4", "--corrupt", "17"), "E492"),
        (("mnist-sudoku", "--size", "4", "--report", "no/such/folder/report.html"), "E430"),
        (("mnist-addition", "--digits", "500"), "E491"),
    ],
)
def test_what_cannot_be_done_is_a_diagnostic(arguments: tuple[str, ...], code: str) -> None:
    status, _, errors = run(*arguments)
    assert status == 1
    assert code in errors


@pytest.mark.parametrize(
    "arguments",
    [
        ("mnist-sudoku", "--size", "5"),
        ("mnist-sudoku", "--corrupt", "-1"),
        ("mnist-addition", "--digits", "0"),
        ("abduction", "--objects", "11"),
        ("abduction", "--weather", "hail"),
        ("nim",),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert run(*arguments)[0] == 2


def test_an_interruption_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> eyes.Eyes:
        raise KeyboardInterrupt

    monkeypatch.setattr(eyes, "open_eyes", interrupted)
    status, output, errors = run("mnist-sudoku")
    assert status == 130
    assert "Traceback" not in output + errors


@pytest.mark.slow
def test_abduction_from_the_command_line(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    arguments = ("abduction", "--data", "digits", "--objects", "3", "--count", "4", "--seed", "2")
    status, output, errors = run(*arguments, "--report", str(report))
    assert (status, errors) == (0, "")
    assert "no scene has a digit twice" in output.replace("\n", " ")
    assert report.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    status, output, _ = run(*arguments, "--json")
    assert status == 0
    command = json.loads(output)["provenance"]["command"]
    assert command == "nesy demo abduction --data digits --weather mixed --objects 3 --count 4 --seed 2"


@pytest.mark.slow
def test_a_new_machine_without_data(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "NESY_DATA"}
    environment |= {"NESY_CACHE": str(tmp_path / "cache"), "PYTHONIOENCODING": "utf-8"}
    report = tmp_path / "report.html"
    done = subprocess.run(
        [sys.executable, "-m", "nesy.cli", "demo", "mnist-sudoku", "--report", str(report)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        cwd=tmp_path,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "the digits bundled with scikit-learn" in done.stdout
    assert "MNIST is not on this machine" in done.stdout
    assert report.stat().st_size > 50_000
