"""Folders that hold a run: read back equal, and refused where they are not whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nesy.dsl.diagnostics import NesyError
from nesy.synthesis import Settings, Synthesis, library_of, synthesise
from nesy.synthesis.artefacts.folders import load_run, save
from nesy.synthesis.artefacts.recording import recorded

KNOWLEDGE = """
type person.
random flu(P) : bool ~ bernoulli(0.1) for person(P).
random fever(P) : bool ~ bernoulli(if flu(P) then 0.8 else 0.2) for person(P).
random fever(P) : bool ~ bernoulli(if flu(P) then 0.6 else 0.01) for person(P) [variant strict = 0.25].
phrase "{P} has a fever" means person(P), observe fever(P).
phrase "{P} has no fever" means person(P), observe not fever(P).
phrase "does {P} have the flu" means person(P), query flu(P).
"""
TEXT = "Ann has a fever. She sleeps. Does Ann have the flu?"


def run(text: str = TEXT) -> Synthesis:
    return synthesise([library_of(KNOWLEDGE, "illness")], text, Settings(seed=3))


@pytest.fixture(scope="module")
def found() -> Synthesis:
    return run()


@pytest.mark.parametrize("text", [TEXT, "Ann has a fever. Ann has no fever. Does Ann have the flu?"])
def test_a_saved_run_is_read_back(text: str, tmp_path: Path) -> None:
    made = run(text)
    save(made, tmp_path)
    saved = load_run(tmp_path)
    assert saved.stages == recorded(made)
    assert saved.altered == ()
    assert saved.manifest.settings == made.settings
    assert saved.manifest.question == text
    assert list(saved.manifest.knowledge) == ["illness"]
    assert {"nesy", "python", "torch"} <= set(saved.manifest.versions)


def test_a_file_that_was_changed_is_noticed(found: Synthesis, tmp_path: Path) -> None:
    save(found, tmp_path)
    (tmp_path / "model.nesy").write_text("% mine\n")
    assert load_run(tmp_path).altered == ("model.nesy",)


def broken(folder: Path, name: str, change: dict[str, object]) -> str:
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(NesyError) as caught:
        load_run(folder)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E625"
    assert diagnostic.place == str(path)
    assert "'nesy synth'" in diagnostic.hint
    return diagnostic.message


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("7-score.json", {"decided": "yes"}, "decided: is 'yes'; expected is true or false"),
        ("8-answer.json", {"status": "solvd"}, "status: is 'solvd'; expected is one of solved, estimated"),
        ("3-graph.json", {"edges": [["a"]]}, "edges[0]: is a list of 1; expected is a list of 2"),
        ("manifest.json", {"format": "x"}, "the format is 'x', not 'nesy synthesis 1'"),
    ],
)
def test_what_is_no_artefact_is_refused(
    found: Synthesis, tmp_path: Path, name: str, change: dict[str, object], said: str
) -> None:
    save(found, tmp_path)
    assert broken(tmp_path, name, change).startswith(said)


def test_a_folder_that_is_not_whole(found: Synthesis, tmp_path: Path) -> None:
    save(found, tmp_path)
    (tmp_path / "6-infer.json").write_text("[")
    with pytest.raises(NesyError, match="is no JSON"):
        load_run(tmp_path)
    (tmp_path / "6-infer.json").unlink()
    with pytest.raises(NesyError, match="cannot be read"):
        load_run(tmp_path)
