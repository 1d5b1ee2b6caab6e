"""Scenes made by hand, for the tests that draw them."""

from __future__ import annotations

import numpy as np

from nesy.demo.scene import (
    AdditionScene,
    Degrees,
    Finding,
    Provenance,
    Puzzle,
    Seen,
    SudokuScene,
    Sum,
    Timing,
)
from nesy.dsl.span import Span
from nesy.perception.generators import conflicts
from nesy.solvers.explanation import Alternative, Explanation, Reading, Step

RULES = """% <script>alert("rules")</script>
percept cell(row, col) : digit.
valid iff all pair(_,_,_,_) in {(X,Y) : X != Y}.
"""

PROVENANCE = Provenance(
    command='nesy demo mnist-sudoku --report "<b>.html"',
    version="0.1.0",
    seed=3,
    data="digits",
    data_reason="<i>bundled</i> with scikit-learn",
    network="quick & small",
    accuracy="98.7 % on 360 test images",
    rule_file="sudoku.nesy",
    rules=RULES,
)

TIMING = Timing(perceive=0.0213, compile=0.34, infer=0.0009, images=16, instances=1)


def explanation(query: str, value: str, degree: float) -> Explanation:
    """An explanation with one step, one reading and an alternative."""
    step = Step(
        f"Π({query} = {value})",
        degree,
        "the <weakest> premise decides",
        Span("sudoku.nesy", 3, 1, 3, 49),
        "valid iff all pair(_,_,_,_) in {(X,Y) : X != Y}.",
        (("X", 1), ("Y", 2)),
    )
    reading = Reading("cell(1,2)", "cell(1,2) != 3", degree, 0.75)
    return Explanation(
        0, query, value, "possibility", degree, (step,), (reading,), Alternative("true", 0.25, (step,), (reading,))
    )


def seen(label: str, ink: np.ndarray, truth: int, *, best: tuple[int, float] | None = None) -> Seen:
    """A reading, right and sure unless ``best`` says otherwise."""
    return Seen(label, ink, truth, best or (truth, 0.99), (truth % 4 + 1, 0.01))


GRID = np.array([[1, 2, 3, 4], [3, 4, 1, 2], [2, 1, 4, 3], [4, 3, 2, 1]])


def sudoku_scene(corruptions: tuple[int, ...] = (1,)) -> SudokuScene:
    """4×4 puzzles whose cell (1,2) is unsure and misread; 1 stands for a puzzle with cell (4,4) corrupted."""
    puzzles = []
    ink = np.random.default_rng(0).integers(0, 255, (4, 4, 8, 8)).astype(np.uint8)
    for corruption in corruptions:
        truth = GRID.copy()
        truth[3, 3] += corruption
        read = truth.copy()
        read[0, 1] = 3
        cells = tuple(
            seen(
                f"cell({row + 1},{column + 1})",
                ink[row, column],
                int(truth[row, column]),
                best=(3, 0.75) if (row, column) == (0, 1) else None,
            )
            for row in range(4)
            for column in range(4)
        )
        finding = Finding(
            "valid",
            "false",
            "false" if corruption else "true",
            (Degrees("true", 0.25, 0.0), Degrees("false", 1.0, 0.75)),
            (explanation("valid", "false", 1.0),),
        )
        puzzles.append(Puzzle(cells, conflicts(read), truth != GRID, finding))
    return SudokuScene(tuple(puzzles), TIMING, PROVENANCE)


def addition_scene() -> AdditionScene:
    """7 + 5 = 12, read as 7 + 6 = 13."""
    ink = np.full((8, 8), 200, dtype=np.uint8)
    cells = (seen("a(1,1)", ink, 7), seen("a(2,1)", ink, 5, best=(6, 0.6)))
    leading = Finding("leading", "1", "1", (Degrees("0", 0.1, 0.0), Degrees("1", 1.0, 0.9)), ())
    digit = Finding(
        "y(1)", "3", "2", (Degrees("2", 0.4, 0.0), Degrees("3", 1.0, 0.6)), (explanation("y(1)", "3", 1.0),)
    )
    return AdditionScene((Sum(cells, (leading, digit)),), TIMING, PROVENANCE)
