"""What the terminal shows, at a fixed width and without colours."""

from __future__ import annotations

import dataclasses
import io

from rich.console import Console

from nesy.demo.scene import Sum
from nesy.demo.terminal import print_addition, print_sudoku
from tests.nesy.demo.scenes import addition_scene, sudoku_scene


def drawn(width: int = 100) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, width=width, no_color=True), file


def test_a_puzzle() -> None:
    console, file = drawn()
    print_sudoku(console, sudoku_scene((1,)))
    lines = [line.rstrip() for line in file.getvalue().splitlines()]
    grid = lines.index("┏━━━━━━┳━━━━━━┓")
    assert lines[grid : grid + 11] == [
        "┏━━━━━━┳━━━━━━┓",
        "┃ 1 !3*┃!3  4 ┃",
        "┃!3  4 ┃ 1 !2 ┃",
        "┣━━━━━━╋━━━━━━┫",
        "┃ 2  1 ┃ 4  3 ┃",
        "┃ 4 !3 ┃!2 !2 ┃",
        "┗━━━━━━┻━━━━━━┛",
        "not valid",
        "Π(valid) = 0.250   N(valid) = 0",
        "right: 1 corrupted cell, cell(4,4)",
        "",
    ]
    text = "\n".join(lines)
    assert "sudoku.nesy:3  valid iff all pair(_,_,_,_) in {(X,Y) : X != Y}." in text
    assert "why Π(not valid) is 1" in text
    assert "next best: valid with 0.250" in text
    assert "16 images read in 21 ms · rules compiled once in 340 ms · reasoning 0.9 ms an instance" in text
    assert "misread: cell(1,2) shows" in text


def test_a_puzzle_in_a_narrow_terminal() -> None:
    console, file = drawn(40)
    print_sudoku(console, sudoku_scene((0, 1)))
    assert max(map(len, file.getvalue().splitlines())) <= 40


def test_a_sum() -> None:
    console, file = drawn()
    print_addition(console, addition_scene())
    lines = [line.rstrip() for line in file.getvalue().splitlines()]
    start = lines.index("        7")
    assert lines[start : start + 6] == [
        "        7",
        "+       6*",
        "──────────────",
        " 1      3",
        "0.900  0.600  N",
        "wrong: the images show 12",
    ]
    assert "the least certain digit is y(1)" in lines


def test_a_long_sum_goes_on_below() -> None:
    console, file = drawn(20)
    scene = addition_scene()
    (one,) = scene.sums
    longer = Sum((one.cells[0],) * 3 + (one.cells[1],) * 3, one.findings[:1] + one.findings[1:] * 3)
    print_addition(console, dataclasses.replace(scene, sums=(longer, longer)))
    lines = [line.rstrip() for line in file.getvalue().splitlines()]
    assert max(map(len, lines)) <= 20
    assert lines.count(" 1      3") == 2
    assert lines.count(" 3      3") == 2
    assert "sum 1" in " ".join(lines)
