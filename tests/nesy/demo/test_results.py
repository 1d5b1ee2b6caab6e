"""The demonstrations from images to findings, on toy images that are read by a function."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nesy.demo.addition import addition_scene
from nesy.demo.scene import AdditionScene, SudokuScene
from nesy.demo.sudoku import sudoku_scene
from nesy.demo.summary import addition_json, sudoku_json
from nesy.perception.generators import conflicts
from tests.nesy.demo.toy_eyes import DOUBT, toy_eyes


@pytest.fixture(scope="module")
def puzzles() -> SudokuScene:
    return sudoku_scene(toy_eyes(), size=4, corruptions=(0, 1, None), seed=1, command="nesy demo mnist-sudoku")


@pytest.fixture(scope="module")
def sums() -> AdditionScene:
    return addition_scene(toy_eyes(), digits=3, count=4, seed=1, command="nesy demo mnist-addition")


def test_puzzles_are_judged_rightly(puzzles: SudokuScene) -> None:
    assert [puzzle.finding.value for puzzle in puzzles.puzzles] == ["true", "false", "false"]
    assert all(puzzle.finding.right for puzzle in puzzles.puzzles)
    assert [int(puzzle.changed.sum()) for puzzle in puzzles.puzzles[:2]] == [0, 1]


def test_degrees_of_a_valid_puzzle(puzzles: SudokuScene) -> None:
    # Antipignistic: a reading with the probabilities 1 − d and d has the possibilities 1 and 2d. Two readings
    # collide at best at degree 2d, where one of them is taken for its neighbour.
    true = puzzles.puzzles[0].finding.of("true")
    assert true.possibility == 1
    assert true.necessity == pytest.approx(1 - 2 * DOUBT)


def test_readings_and_marks(puzzles: SudokuScene) -> None:
    for puzzle in puzzles.puzzles:
        read = np.array([seen.best[0] for seen in puzzle.cells]).reshape(4, 4)
        assert (puzzle.conflicts == conflicts(read)).all()
        assert not any(seen.misread or seen.unsure for seen in puzzle.cells)
        assert puzzle.cells[6].label == "cell(2,3)"
        assert puzzle.cells[6].ink[0, 0] == 20 * puzzle.cells[6].truth


def test_reasons_name_clashing_cells(puzzles: SudokuScene) -> None:
    for puzzle in puzzles.puzzles[1:]:
        explanations = puzzle.finding.explanations
        assert explanations
        assert {explanation.value for explanation in explanations} == {"false"}
        lines = {step.span.line for explanation in explanations for step in explanation.steps if step.span}
        rules = puzzles.provenance.rules.splitlines()
        assert any(rules[line - 1].startswith("valid iff") for line in lines)


def test_sums_are_right(sums: AdditionScene) -> None:
    for one in sums.sums:
        digits = [seen.best[0] for seen in one.cells]
        first, second = (int("".join(map(str, digits[start : start + 3]))) for start in (0, 3))
        assert int("".join(finding.value or "?" for finding in one.findings)) == first + second
        assert one.right
        assert one.weakest.necessity == min(finding.necessity for finding in one.findings)


@pytest.mark.parametrize("digits", [1, 2, 12])
def test_any_number_of_digits(digits: int) -> None:
    scene = addition_scene(toy_eyes(), digits=digits, count=2, seed=0, command="")
    assert [one.right for one in scene.sums] == [True, True]


@pytest.mark.slow
def test_a_misread_digit_shows() -> None:
    (one,) = addition_scene(toy_eyes(confused=4), digits=30, count=1, seed=3, command="").sums
    assert any(seen.misread for seen in one.cells)
    assert not one.right


def test_the_summary_is_plain_data(puzzles: SudokuScene, sums: AdditionScene) -> None:
    first, second, _ = map(json.loads, map(json.dumps, sudoku_json(puzzles)))
    assert first["instance"] == 0
    assert first["readings"] == first["truth"]
    assert first["answers"]["valid"]["value"] == "true"
    assert len(second["corrupted"]) == 1
    assert second["provenance"]["data_reason"] == "made for tests"
    assert second["timing"]["instances"] == 3
    one = json.loads(json.dumps(addition_json(sums)))[0]
    assert one["right"]
    assert len(one["readings"]) == 2
    assert set(one["answers"]) == {"leading", "y(1)", "y(2)", "y(3)"}
    assert [query for query, answer in one["answers"].items() if answer["explanations"]] == [sums.sums[0].weakest.query]
