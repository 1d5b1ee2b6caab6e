"""``nesy abduce`` and ``nesy error-rules``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nesy.cli.app import app
from tests.nesy.abduction.test_abduce import PROGRAM, TABLE, TRUTH


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cars.nesy").write_text(PROGRAM)
    (tmp_path / "p.csv").write_text(TABLE)
    (tmp_path / "t.json").write_text(json.dumps({"label": TRUTH}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def test_the_report(folder: Path) -> None:
    status, output = run("abduce", "cars.nesy", "-e", "p.csv", "-d", "0.25", "--targets", "t.json")
    assert status == 0, output
    assert output.startswith("optimal: 4 of 4 objects have a label; inconsistency")
    assert "accept all + tie-breaker" in output
    assert "o3       bus" in output
    assert "W206" not in output


def test_json_holds_everything(folder: Path) -> None:
    status, output = run("abduce", "cars.nesy", "-e", "p.csv", "--targets", "t.json", "--explain", "o1", "--json")
    assert status == 0, output
    found = json.loads(output)
    assert found["status"] == "optimal"
    assert found["labels"]["o3"] == "bus"
    assert found["scores"]["m1"]["coverage"] == 0.75
    assert [entry["fate"] for entry in found["explanations"][0]["predictions"]][1] == "flagged"
    assert found["rules"][0]["origin"] == "cars.nesy:6"


def test_explanations_and_files(folder: Path) -> None:
    status, output = run("abduce", "cars.nesy", "-e", "p.csv", "--explain", "o1", "-o", "fused.json", "--distributions")
    assert status == 0, output
    assert "m2's bus (0.41) rejected: an error rule (confidence 0.41 < 0.6)" in output
    assert "cars.nesy:6: error label@m2(O)" in output
    assert set(json.loads((folder / "fused.json").read_text())["label"]) == set(TRUTH)


def test_the_staircase_says_what_each_bound_brings(folder: Path) -> None:
    status, output = run("abduce", "cars.nesy", "-e", "p.csv", "-d", "0", "--staircase", "--json")
    assert status == 0, output
    stairs = json.loads(output)["staircase"]
    assert stairs["complete"]
    for step in stairs["steps"]:
        status, single = run("abduce", "cars.nesy", "-e", "p.csv", "-d", str(step["inconsistency"]), "--json")
        assert json.loads(single)["covered"] == step["covered"]
    status, table = run("abduce", "cars.nesy", "-e", "p.csv", "-d", "0", "--staircase")
    assert f"{len(stairs['steps'])} step" in table


@pytest.mark.slow
def test_rules_are_learned_written_and_used(folder: Path) -> None:
    status, output = run("error-rules", "cars.nesy", "-e", "p.csv", "-t", "t.json", "--recall-budget", "0")
    assert status == 0, output
    assert output.startswith("% Error rules of 'label'")
    status, table = run("error-rules", "cars.nesy", "-e", "p.csv", "-t", "t.json", "-o", "rules.nesy", "--by-f1")
    assert status == 0, table
    assert "written to rules.nesy" in table
    status, measured = run("error-rules", "cars.nesy", "-e", "p.csv", "-t", "t.json", "--rules", "rules.nesy")
    assert (status, measured.splitlines()) == (0, table.splitlines()[:-1])
    status, output = run("abduce", "cars.nesy", "-e", "p.csv", "--error-rules", "0=rules.nesy", "--json")
    assert status == 0, output
    assert json.loads(output)["rules"][-1]["origin"].startswith("rules.nesy:")
    arguments = (
        "--held-out",
        "p.csv",
        "--held-out-targets",
        "t.json",
        "--recall-budget",
        "0",
        "--recall-budget",
        "0.1",
    )
    status, output = run("abduce", "cars.nesy", "-e", "p.csv", *arguments)
    assert status == 0, output
    assert "budget 0" in output
    status, output = run(
        *("error-rules", "cars.nesy", "-e", "p.csv", "-t", "t.json", "--cues", "none", "--conditions", "cars.nesy"),
        *("--test-evidence", "p.csv", "--test-targets", "t.json", "--json"),
    )
    assert status == 0, output
    assert json.loads(output)["tested"] == json.loads(output)["measured"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["-e", "p.csv", "--accept", "m1:car", "--accept", "m2:truck", "-d", "0"], 0, "least rate"),
        (["-e", "p.csv", "-d", "1.5"], 1, "E575"),
        (["-e", "nowhere.csv"], 1, "E415"),
        (["-e", "p.csv", "--accept", "m1:van"], 1, "E496"),
        (["-e", "p.csv", "--percept", "lable"], 1, "E579"),
        (["-e", "p.csv", "--scenes", "place"], 1, "E575"),
        (["-e", "p.csv", "--error-rules", "nowhere.nesy"], 1, "nowhere.nesy"),
        (["-e", "p.csv", "--explain", "o9"], 2, "o9"),
        (["-e", "p.csv", "--accept", "m1"], 2, "MODEL:CLASS"),
        (["-e", "p.csv", "--held-out", "p.csv"], 2, "--held-out-targets"),
        (["-e", "p.csv", "--distributions"], 2, "--distributions"),
        (["-e", "p.csv", "--error-rules", "0=a", "--error-rules", "0=b"], 2, "two files"),
        ([], 2, "--evidence"),
        (["-e", "-", "--targets", "-"], 2, "standard input"),
    ],
)
def test_what_is_wrong_is_told(folder: Path, arguments: list[str], status: int, words: str) -> None:
    found, output = run("abduce", "cars.nesy", *arguments)
    assert (found, words in output) == (status, True), output


def test_standard_input_may_be_the_program(folder: Path) -> None:
    result = CliRunner().invoke(app, ["abduce", "-", "-e", "p.csv", "--json"], input=PROGRAM)
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["rules"][0]["origin"] == "<stdin>:6"
