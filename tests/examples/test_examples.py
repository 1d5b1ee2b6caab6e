"""Every folder of examples/ is complete, listed, tidy, and does what its page shows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nesy.cli.app import app
from tests.documents import blocks, check_page, commands
from tests.effort import heavy
from tests.repo.sources import ROOT

EXAMPLES = ROOT / "examples"
KNOWLEDGE = "knowledge"
"""Not a story but a library, see ``test_knowledge``."""
FOLDERS = sorted(
    path
    for path in EXAMPLES.iterdir()
    if path.is_dir() and not path.name.startswith((".", "__")) and path.name != KNOWLEDGE
)
each = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def backend(folder: Path) -> str:
    """The back end that an example is about: the first that its page names."""
    found = re.search(r"--with (\w+)", (folder / "README.md").read_text())
    assert found
    return found.group(1)


SEARCHED = [folder for folder in FOLDERS if backend(folder) != "probabilistic" and folder.name != "sudoku9"]
"""What back ends that search can take, without half a million ground rules, which take minutes."""


def has_evidence(folder: Path) -> bool:
    """Whether a network is to read anything."""
    return "percept " in (folder / f"{folder.name}.nesy").read_text()


def test_there_are_enough_and_all_are_listed() -> None:
    listed = re.findall(r"^\| \[(\w+)\]\((\w+)/README\.md\)", (EXAMPLES / "README.md").read_text(), re.MULTILINE)
    assert len(FOLDERS) >= 8
    assert sum(backend(folder) == "asp" for folder in FOLDERS) >= 6
    assert sorted(name for name, link in listed if name == link) == [folder.name for folder in FOLDERS]


@each
def test_a_folder_is_complete(folder: Path) -> None:
    names = sorted(path.name for path in folder.iterdir())
    rules = (folder / f"{folder.name}.nesy").read_text()
    learned_from = ["cases.jsonl", "truth.jsonl"] if "[learn" in rules else []
    fused_from = ["predictions.csv", "truth.csv"] if _fuses(rules) else []
    evidence = ["evidence.json"] if has_evidence(folder) else []
    included = re.findall(r'^include "([^"]+)"', rules, re.MULTILINE)
    assert names == sorted(["README.md", *evidence, f"{folder.name}.nesy", *learned_from, *fused_from, *included])
    assert rules.startswith("%"), "a rule file begins with its question"
    assert re.search(r"^query ", rules, re.MULTILINE)
    assert re.search(r"^expect ", rules, re.MULTILINE)


@each
def test_a_page_shows_the_run(folder: Path) -> None:
    shown = [command for block in blocks(folder / "README.md") for command in commands(block)]
    rules, evidence = f"examples/{folder.name}/{folder.name}.nesy", f"examples/{folder.name}/evidence.json"
    given = f" --evidence {evidence}" if has_evidence(folder) else ""
    assert f"nesy run {rules} --with {backend(folder)}{given}" in [command.command for command in shown]
    assert all(command.output.strip() for command in shown)


@each
def test_pages_of_learned_rules_show_learning(folder: Path) -> None:
    rules = folder / f"{folder.name}.nesy"
    shown = [command.command for block in blocks(folder / "README.md") for command in commands(block)]
    learning = [command for command in shown if command.startswith(f"nesy learn examples/{folder.name}/")]
    assert bool(learning) == ("[learn" in rules.read_text())


@each
def test_pages_of_several_sources_show_abduction(folder: Path) -> None:
    shown = [command.command for block in blocks(folder / "README.md") for command in commands(block)]
    fusing = [command for command in shown if command.startswith(f"nesy abduce examples/{folder.name}/")]
    assert bool(fusing) == _fuses((folder / f"{folder.name}.nesy").read_text())


@pytest.mark.parametrize(
    "folder", [path for path in FOLDERS if (path / "predictions.csv").exists()], ids=lambda path: path.name
)
def test_fused_evidence_is_what_abduction_writes(folder: Path, tmp_path: Path) -> None:
    rules = folder / f"{folder.name}.nesy"
    status, output = run("abduce", rules, "-e", folder / "predictions.csv", "-o", tmp_path / "evidence.json")
    assert status == 0, output
    assert (tmp_path / "evidence.json").read_text() == (folder / "evidence.json").read_text()


def _fuses(rules: str) -> bool:
    """Whether a percept has sources."""
    return re.search(r"^percept .* from \w", rules, re.MULTILINE) is not None


@each
def test_rules_are_tidy(folder: Path) -> None:
    rules = folder / f"{folder.name}.nesy"
    status, output = run("check", rules)
    assert status == 0, output
    assert "W" not in re.findall(r"\[([EW])\d\d\d\]", output), output
    status, output = run("fmt", "--check", rules)
    assert status == 0, output


@pytest.mark.parametrize("folder", heavy(FOLDERS, "sudoku9"))
def test_rules_pass_their_own_tests(folder: Path) -> None:
    status, output = run("test", folder / f"{folder.name}.nesy", "--with", backend(folder))
    assert status == 0, output


@pytest.mark.slow
@pytest.mark.parametrize("folder", SEARCHED, ids=lambda folder: folder.name)
def test_rules_pass_their_own_tests_by_search(folder: Path) -> None:
    status, output = run("test", folder / f"{folder.name}.nesy", "--with", "asp")
    assert status == 0, output


@pytest.mark.slow
@each
def test_pages_show_what_happens(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    assert not check_page(folder / "README.md", tmp_path)
