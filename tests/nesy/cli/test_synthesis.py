"""``nesy synth`` from the outside: what it prints, writes, and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nesy.cli.app import app
from tests.nesy.synthesis.fake_server import said, sentences, serving, status

KNOWLEDGE = """
type person.
random flu(P) : bool ~ bernoulli(0.1) for person(P).
random fever(P) : bool ~ bernoulli(if flu(P) then 0.8 else 0.2) for person(P).
phrase "{P} has a fever" means person(P), observe fever(P).
phrase "does {P} have the flu" means person(P), query flu(P).
"""
TEXT = "Ann has a fever. Ann is red and hot. Does Ann have the flu?"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "illness.nesy"
    path.write_text(KNOWLEDGE)
    return path


def synth(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(app, ["synth", *map(str, arguments)], input=text)


def test_the_answer_is_drawn(library: Path) -> None:
    result = synth(library, "--ask", TEXT)
    assert result.exit_code == 0, result.output
    assert "not used: Ann is red and hot" in result.output
    assert "true  30.8%" in result.output
    assert "moved by observe fever(ann)." in result.output


def test_a_contradiction_is_told_by_its_sentences(library: Path) -> None:
    library.write_text(KNOWLEDGE + 'phrase "{P} has no fever" means person(P), observe not fever(P).')
    result = synth(library, "--ask", "Ann has a fever. Ann has no fever. Does Ann have the flu?")
    assert "cannot hold together" in result.output
    assert "not fever(ann)   from “Ann has no fever”" in result.output


def test_json_is_one_object(library: Path) -> None:
    found = json.loads(synth(library, "--ask", "-", "--json", text=TEXT).output)
    assert found["status"] == "solved"
    assert found["answers"][0]["posterior"]["probability"]["true"] == pytest.approx(0.08 / 0.26)
    assert found["unused"] == ["Ann is red and hot"]


def test_all_stages_are_written(library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert synth(library, "--ask", TEXT, "--trace", "--program", "-o", folder).exit_code == 0
    assert (folder / "model.nesy").read_text().startswith("type person.")
    assert json.loads((folder / "1-parse.json").read_text())["unused"][0]["sentence"] == "Ann is red and hot"


@pytest.mark.slow
def test_saved_runs_are_compared(library: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    synth(library, "--ask", TEXT, "-o", one)
    synth(library, "--ask", TEXT, "-o", other)
    same = CliRunner().invoke(app, ["synth-diff", str(one), str(other)])
    assert (same.exit_code, same.output.splitlines()[-1]) == (0, "answer: the same")
    synth(library, "--ask", TEXT.replace("Ann has a fever. ", ""), "-o", other)
    (other / "graph.dot").write_text("")
    differ = CliRunner().invoke(app, ["synth-diff", str(one), str(other)])
    assert differ.exit_code == 1
    assert differ.output.startswith(f"changed since it was written: {other / 'graph.dot'}\ngiven: 1 difference\n")
    assert "parse: " in differ.output
    assert "which may follow" in differ.output
    found = json.loads(CliRunner().invoke(app, ["synth-diff", str(one), str(other), "--json"]).output)
    assert found["first"] == "parse"
    assert found["altered"] == {str(one): [], str(other): ["graph.dot"]}


def test_saved_runs_become_examples(library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    synth(library, "--ask", TEXT, "--seed", "4", "-o", folder)
    (line,) = CliRunner().invoke(app, ["synth-export", str(folder)]).output.splitlines()
    found = json.loads(line)
    assert (found["question"], found["knowledge"], found["seed"], found["status"]) == (TEXT, "illness", 4, "solved")
    assert found["program"] == (folder / "model.nesy").read_text()
    assert found["answers"][0]["posterior"]["probability"]["true"] == pytest.approx(0.08 / 0.26)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["synth-diff", str(tmp_path), str(tmp_path)])
    assert result.exit_code == 1
    assert "E625" in result.stderr
    assert "manifest.json" in result.stderr


def test_questions_in_files(library: Path, tmp_path: Path) -> None:
    (tmp_path / "q.nesy").write_text("person(ann). observe fever(ann). query flu(ann).")
    (tmp_path / "q.txt").write_text(TEXT)
    for name in ("q.nesy", "q.txt"):
        result = synth(library, "--question", tmp_path / name)
        assert "true  30.8%" in result.output, result.output


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["--ask", "Ann has a fever."], 1, "E620"),
        (["--question", "missing.txt"], 1, "E415"),
        ([], 2, "--ask"),
        (["--ask", "x", "--question", "y"], 2, "--ask"),
        (["--ask", TEXT, "--llm", "http://x"], 2, "--llm"),
        (["--ask", TEXT, "--replay", "missing.json"], 1, "E621"),
        (["--ask", TEXT, "--method", "exacct"], 1, "E523"),
        (["--ask", TEXT, "-o", __file__], 1, "E430"),
    ],
)
def test_refusals(library: Path, arguments: list[str], code: int, part: str) -> None:
    result = synth(library, *arguments)
    assert result.exit_code == code, result.output
    assert part in result.output + result.stderr


def test_a_question_that_is_not_in_the_rule_language(library: Path, tmp_path: Path) -> None:
    path = tmp_path / "q.nesy"
    path.write_text("random x : bool ~ bernoulli(0.5).\nquery flu(ann).")
    result = synth(library, "--question", path)
    assert result.exit_code == 1
    assert "E623" in result.stderr
    assert "random x" in result.stderr


def test_a_server_helps_and_its_failure_does_not_hurt(library: Path) -> None:
    with serving(said(*[sentences(s1=["observe fever(ann)."])] * 3)) as server:
        result = synth(library, "--ask", TEXT, "--llm", server.url, "--model", "m")
    assert result.exit_code == 0, result.output
    assert "not used" not in result.output
    with serving(status(401)) as server:
        result = synth(library, "--ask", TEXT, "--llm", server.url, "--model", "m")
    assert result.exit_code == 0
    assert "refused" in result.output
    assert "true  30.8%" in result.output


def test_recorded_replies_are_replayed(library: Path, tmp_path: Path) -> None:
    cassette = tmp_path / "cassette.json"
    with serving(said(*[sentences(s1=["observe fever(ann)."])] * 3)) as server:
        first = synth(library, "--ask", TEXT, "--llm", server.url, "--model", "m", "--record", cassette)
    again = synth(library, "--ask", TEXT, "--model", "m", "--replay", cassette)
    assert again.output == first.output
