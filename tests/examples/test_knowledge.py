"""The knowledge bases that are installed: listed, tidy, checked; every vignette is understood and answered."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nesy.cli.app import app
from nesy.demo.olympics import installed_libraries, play, vignette, vignettes
from nesy.dsl import load, print_program
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.answer import Status
from nesy.synthesis.libraries import Library
from nesy.synthesis.reading import read_sentences
from nesy.synthesis.retrieval import choose_library
from nesy.synthesis.sentences import split_sentences
from tests.documents import check_page
from tests.repo.sources import ROOT

FOLDER = ROOT / "examples" / "knowledge"
FILES = sorted(FOLDER.glob("*.nesy"))
HOMES = {
    "biathlon": "contests",
    "buttons": "ab_tests",
    "canoe": "contests",
    "diving": "contests",
    "exams": "contests",
    "flu": "diagnosis",
    "growth": "regression",
    "machine": "reliability",
    "outbreak": "epidemics",
    "quiz": "item_response",
    "stock": "time_series",
    "tug_of_war": "contests",
}
"""The knowledge base that each vignette needs."""


@pytest.fixture(scope="module")
def libraries() -> tuple[Library, ...]:
    return installed_libraries()


def test_all_are_listed_and_installed(libraries: tuple[Library, ...]) -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [library.name for library in libraries] == [path.stem for path in FILES]
    assert all(f"`{path.name}`" in page for path in FILES)
    assert sorted(vignettes()) == sorted(HOMES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_are_tidy(path: Path) -> None:
    program = load(path)
    assert print_program(program) == path.read_text(encoding="utf-8")
    result = CliRunner().invoke(app, ["check", str(path)])
    assert (result.exit_code, "warning" in result.output) == (0, False), result.output


@pytest.mark.parametrize("name", sorted(HOMES))
def test_vignettes_are_understood_by_their_library(name: str, libraries: tuple[Library, ...]) -> None:
    text = vignette(name)
    sentences = split_sentences(text)
    library, reading, _ = choose_library(text, [(entry, read_sentences(sentences, entry)) for entry in libraries])
    assert library.name == HOMES[name]
    assert len(reading.unused) <= 1
    questions = [entry for entry in reading.understood if entry.sentence.question]
    assert len(questions) == sum(sentence.question for sentence in sentences)


@pytest.mark.parametrize("name", ["flu", "outbreak"])
def test_finite_vignettes_are_answered_exactly(name: str) -> None:
    found = play(name, seed=0)
    assert found.answers.status is Status.SOLVED
    assert all(entry.posterior.probability is not None for entry in found.answers.queries)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(HOMES) - {"flu", "outbreak"}))
def test_the_other_vignettes_are_answered(name: str) -> None:
    found = play(name, seed=0)
    assert found.answers.queries
    assert all(entry.posterior.error < 0.1 * (entry.posterior.sd or 1.0) for entry in found.answers.queries)


def test_an_unknown_vignette() -> None:
    with pytest.raises(NesyError) as caught:
        vignette("tug_of_ware")
    assert caught.value.diagnostics[0].code == "E624"


@pytest.mark.slow
def test_the_page_shows_what_happens(tmp_path: Path) -> None:
    shutil.copytree(FOLDER.parent, tmp_path / "examples")
    assert check_page(FOLDER / "README.md", tmp_path) == []
