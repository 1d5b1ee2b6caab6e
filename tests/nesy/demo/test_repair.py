"""``nesy demo mnist-sudoku --solve``, with toy images."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from nesy.cli.app import app
from nesy.demo import eyes
from nesy.demo.eyes import Eyes
from nesy.demo.repair import repair_scene
from nesy.perception.adapters import ModelPerceiver, function_perceiver
from nesy.perception.generators import is_valid
from nesy.perception.protocol import Perceiver
from tests.nesy.demo.toy_eyes import toy_eyes


def doubting(*, confused: int | None = None) -> Perceiver:
    """A toy reader that holds every digit for possible; it may take one for the next."""
    sure = toy_eyes(confused=confused).perceiver
    assert isinstance(sure, ModelPerceiver)
    forward = sure.forward
    return function_perceiver(
        lambda pixels: 0.9 * torch.as_tensor(forward(pixels)) + 0.01,
        classes=sure.classes,
        image_shape=sure.image_shape,
        name="doubting",
    )


@pytest.fixture(autouse=True)
def _toys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The weak reader takes every 3 for a 4."""

    def weak_reader(_: Eyes, folder: object, seed: int) -> Perceiver:
        return doubting(confused=3)

    monkeypatch.setattr(eyes, "open_eyes", lambda *_: toy_eyes())
    monkeypatch.setattr(eyes, "weak_reader", weak_reader)


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["demo", "mnist-sudoku", "--solve", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_a_misread_digit_is_repaired_everywhere() -> None:
    weak = doubting(confused=3)
    scene = repair_scene(toy_eyes(), [weak], size=4, blanks=0, count=3, seed=5, command="")
    for solution in scene.solutions:
        assert solution.grid is not None
        assert is_valid(solution.grid)
        assert solution.status == "optimal"
        assert [repair.became for repair in solution.repairs] == [3] * 4
        assert solution.cost == pytest.approx(sum(repair.cost for repair in solution.repairs), abs=0.01)


def test_readers_are_compared_and_blanks_are_filled() -> None:
    both = [doubting(confused=3), doubting()]
    scene = repair_scene(toy_eyes(), both, size=4, blanks=3, count=4, seed=1, command="")
    weak, strong = scene.shares
    assert (weak.alone, strong.alone) == (0, 4)
    assert strong.digits == 1.0
    assert strong.reasoned >= weak.reasoned
    for solution in scene.solutions:
        assert solution.blank.sum() == 3
        assert solution.grid is not None
        assert is_valid(solution.grid)


def test_what_a_repair_says_holds() -> None:
    weak = doubting(confused=3)
    (solution,) = repair_scene(toy_eyes(), [weak], size=4, blanks=0, count=1, seed=2, command="").solutions
    assert solution.grid is not None
    for repair in solution.repairs:
        places = [tuple(int(x) - 1 for x in cell[5:-1].split(",")) for cell in repair.against]
        assert all(solution.grid[place] == repair.read for place in places)
        assert repair.probability > 0.8


def test_the_command(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    status, output, errors = run("--size", "4", "--count", "2", "--blanks", "2", "--report", str(report))
    assert (status, errors) == (0, "")
    assert "as read" in output
    assert "as found" in output
    assert "with the rules" in output
    page = report.read_text(encoding="utf-8")
    assert "Which Sudoku is this?" in page
    assert page.count("<img") == 2 * 14


def test_as_json() -> None:
    status, output, _ = run("--size", "4", "--count", "2", "--json")
    assert status == 0
    *puzzles, last = map(json.loads, output.splitlines())
    assert [one["instance"] for one in puzzles] == [0, 1]
    command = "nesy demo mnist-sudoku --data toy --size 4 --solve --count 2 --seed 0"
    assert puzzles[0]["provenance"]["command"] == command
    assert len(last["shares"]) == 2


@pytest.mark.parametrize("arguments", [("--corrupt", "1"), ("--size", "4", "--blanks", "17")])
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert run(*arguments)[0] == 2
    assert CliRunner().invoke(app, ["demo", "mnist-sudoku", "--blanks", "3"]).exit_code == 2
