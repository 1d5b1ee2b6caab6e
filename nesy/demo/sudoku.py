"""The Sudoku demonstration: visual puzzles, read, judged and explained."""

from __future__ import annotations

from nesy.demo.eyes import Eyes
from nesy.demo.results import explained, finding, provenance, reason_about, seen_images
from nesy.demo.scene import Puzzle, SudokuScene
from nesy.perception.generators import block_size, conflicts, sudoku_puzzles

RULES = "sudoku.nesy"


def sudoku_scene(eyes: Eyes, *, size: int, corruptions: tuple[int | None, ...], seed: int, command: str) -> SudokuScene:
    """Draw one puzzle for each of ``corruptions`` and judge it.

    An entry of ``corruptions`` is a number of cells, or None for the benchmark's random corruption.
    """
    side = block_size(size)
    drawn = sudoku_puzzles(eyes.images.images, eyes.images.labels, size=size, corruptions=corruptions, seed=seed)
    values = tuple(range(1, size + 1))
    run = reason_about(eyes, drawn.images, percept="cell", values=values, file=RULES, constants={"n": size, "b": side})
    evidence = run.evidence.numpy()
    puzzles = []
    for instance in range(len(drawn)):
        cells = seen_images("cell", drawn.images[instance], drawn.grids[instance], evidence[instance], values)
        read = evidence[instance].argmax(axis=-1) + 1
        verdict = finding(run.answer, instance, "valid", bool(drawn.valid[instance]))
        reasoned = explained(verdict, run.answer, instance)
        puzzles.append(Puzzle(cells, conflicts(read), drawn.changed[instance], reasoned))
    return SudokuScene(tuple(puzzles), run.timing, provenance(eyes, run, command=command, seed=seed, file=RULES))
