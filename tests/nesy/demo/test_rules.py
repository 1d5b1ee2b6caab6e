"""The rule files of the demonstrations are tidy and pass their own tests, for every size."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nesy.cli.app import app
from nesy.demo.results import rule_text

FOLDER = Path(str(files("nesy.demo").joinpath("rules")))


@pytest.mark.parametrize(
    ("file", "constants"),
    [
        pytest.param("sudoku.nesy", [], marks=pytest.mark.slow),
        ("sudoku.nesy", ["n=4", "b=2"]),
        ("addition.nesy", []),
        ("addition.nesy", ["k=1"]),
        ("addition.nesy", ["k=5"]),
    ],
)
def test_rules_pass_their_own_tests(file: str, constants: list[str]) -> None:
    options = [word for constant in constants for word in ("--const", constant)]
    result = CliRunner().invoke(app, ["test", str(FOLDER / file), *options])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("file", ["sudoku.nesy", "addition.nesy", "weather.nesy"])
def test_rules_are_tidy(file: str) -> None:
    assert rule_text(file) == (FOLDER / file).read_text(encoding="utf-8")
    for command in (["check"], ["fmt", "--check"]):
        result = CliRunner().invoke(app, [*command, str(FOLDER / file)])
        assert result.exit_code == 0, result.output
        assert "warning" not in result.output


def test_every_rule_file_is_here() -> None:
    names = ["addition.nesy", "sudoku.nesy", "sudoku_solve.nesy", "weather.nesy"]
    assert sorted(path.name for path in FOLDER.iterdir()) == names
