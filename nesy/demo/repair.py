"""The Sudoku demonstration with a solver: what the network misreads, the rules repair; blanks they fill in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from nesy.demo.eyes import Eyes
from nesy.demo.results import rule_text, seen_images, timed
from nesy.demo.scene import Provenance, Seen, Timing
from nesy.dsl import parse
from nesy.engine import Engine
from nesy.perception.evidence import to_evidence
from nesy.perception.generators import blank_cells, block_size, conflicts, sudoku_puzzles
from nesy.perception.protocol import Perceiver
from nesy.program import make_program
from nesy.solvers.answer import Answer

RULES = "sudoku_solve.nesy"

Grid = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Repair:
    """A cell whose reading does not stand: what was read, what it became, what that costs in nats, and what is against
    the reading: the cells of the found grid that hold this digit already."""

    label: str
    read: int
    probability: float
    became: int
    cost: float
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """One puzzle before and after. ``grid`` is None where there is no solution; ``blank`` marks cells without image."""

    cells: tuple[Seen, ...]
    read: Grid
    blank: NDArray[np.bool_]
    conflicts: NDArray[np.bool_]
    grid: Grid | None
    truth: Grid
    status: str
    cost: float
    repairs: tuple[Repair, ...]

    @property
    def right(self) -> bool:
        """Whether the grid that was found is the one that the images show."""
        return self.grid is not None and bool((self.grid == self.truth).all())


@dataclass(frozen=True, slots=True)
class Share:
    """How many of ``count`` grids a reader gets fully right by itself, and how many together with the rules.

    By itself a reader is right if it reads all cells right that have an image; the rules also have to fill in the rest.
    """

    reader: str
    digits: float
    alone: int
    reasoned: int
    count: int
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class RepairScene:
    """Everything that the demonstration has to show."""

    solutions: tuple[Solution, ...]
    shares: tuple[Share, ...]
    reader: str
    solver: str
    timing: Timing
    provenance: Provenance


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Puzzles as drawn: images ``[batch, n, n, height, width]``, what they show, and which cells are blank."""

    images: NDArray[np.uint8]
    grids: Grid
    blank: NDArray[np.bool_]


def draw(eyes: Eyes, *, size: int, blanks: int, count: int, seed: int) -> Drawn:
    """``count`` valid puzzles, each with ``blanks`` cells of which nothing is seen.

    The other cells determine the grid, unless there are so many blanks that none can be found of which this is true.
    """
    drawn = sudoku_puzzles(eyes.images.images, eyes.images.labels, size=size, corruptions=(0,) * count, seed=seed)
    generator = np.random.default_rng([seed, blanks])
    blank = np.stack([blank_cells(grid, blanks, generator) for grid in drawn.grids])
    return Drawn(drawn.images, drawn.grids, blank)


def evidence_of(reader: Perceiver, drawn: Drawn) -> torch.Tensor:
    """What ``reader`` sees, ``[batch, n, n, value]``; blank cells may be anything."""
    size = drawn.grids.shape[-1]
    evidence = to_evidence(reader, drawn.images, tuple(range(1, size + 1)), classes="domain")
    evidence[torch.from_numpy(drawn.blank)] = 1 / size
    return evidence


def repair_scene(
    eyes: Eyes, readers: Sequence[Perceiver], *, size: int, blanks: int, count: int, seed: int, command: str
) -> RepairScene:
    """Read and repair ``count`` puzzles with the first of ``readers``; with several, compare them on all puzzles."""
    from nesy import __version__

    drawn = draw(eyes, size=size, blanks=blanks, count=count, seed=seed)
    rules = rule_text(RULES)
    constants = {"n": size, "b": block_size(size)}
    engine, compiling = timed(lambda: make_program(rules, parse(rules, RULES), constants).compile("asp"))
    runs = [_run(engine, reader, drawn) for reader in readers]
    first = runs[0]
    timing = Timing(first.perceiving, compiling, first.solving, int((~drawn.blank).sum()), count)
    solver = str(first.answer.statistics["solver"])
    origin = Provenance(command, __version__, seed, eyes.data, eyes.reason, eyes.network, eyes.accuracy, RULES, rules)
    shares = tuple(_share(reader, run) for reader, run in zip(readers, runs, strict=True))
    return RepairScene(first.solutions, shares, readers[0].name, solver, timing, origin)


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    answer: Answer
    solutions: tuple[Solution, ...]
    perceiving: float
    solving: float


def _run(engine: Engine, reader: Perceiver, drawn: Drawn) -> _Run:
    evidence, perceiving = timed(lambda: evidence_of(reader, drawn))
    answer, solving = timed(lambda: engine.infer({"cell": evidence}))
    found = tuple(_solution(drawn, evidence.numpy(), answer, instance) for instance in range(len(drawn.grids)))
    return _Run(answer, found, perceiving, solving)


def _solution(drawn: Drawn, evidence: NDArray[np.float64], answer: Answer, instance: int) -> Solution:
    size = drawn.grids.shape[-1]
    values = tuple(range(1, size + 1))
    rows, blank = evidence[instance], drawn.blank[instance]
    cells = seen_images("cell", drawn.images[instance], drawn.grids[instance], rows, values)
    read = rows.argmax(-1) + 1
    choice = answer["cell"].choice
    assert choice is not None
    certificate = answer.certificates[instance]
    grid = None if certificate is None else choice[instance].numpy() + 1
    marked = conflicts(np.where(blank, 0, read)) & ~blank
    repairs = () if grid is None else tuple(_repairs(cells, read, grid, blank, rows))
    cost = 0.0 if certificate is None else certificate.cost
    return Solution(
        cells, read, blank, marked, grid, drawn.grids[instance], str(answer.status[instance]), cost, repairs
    )


def _repairs(
    cells: tuple[Seen, ...], read: Grid, grid: Grid, blank: NDArray[np.bool_], rows: NDArray[np.float64]
) -> list[Repair]:
    found = []
    for row, column in np.argwhere((grid != read) & ~blank):
        probabilities = rows[row, column]
        was, now = int(read[row, column]), int(grid[row, column])
        seen = cells[row * len(grid) + column]
        cost = float(np.log(probabilities[was - 1]) - np.log(probabilities[now - 1]))
        against = tuple(f"cell({r},{c})" for r, c in _rivals(grid, int(row), int(column), was))
        found.append(Repair(seen.label, was, float(probabilities[was - 1]), now, cost, against))
    return found


def _rivals(grid: Grid, row: int, column: int, digit: int) -> list[tuple[int, int]]:
    """The cells, counted from 1, that share a row, column or block with a cell and hold ``digit``."""
    side = block_size(len(grid))
    found = []
    for r, c in np.argwhere(grid == digit):
        same_block = r // side == row // side and c // side == column // side
        if (r, c) != (row, column) and (r == row or c == column or same_block):
            found.append((int(r) + 1, int(c) + 1))
    return found


def _share(reader: Perceiver, run: _Run) -> Share:
    solutions = run.solutions
    shown = sum(int((~entry.blank).sum()) for entry in solutions)
    digits = sum(int(((entry.read == entry.truth) & ~entry.blank).sum()) for entry in solutions)
    alone = sum(bool(((entry.read == entry.truth) | entry.blank).all()) for entry in solutions)
    reasoned = sum(entry.right for entry in solutions)
    return Share(reader.name, digits / max(shown, 1), alone, reasoned, len(solutions), run.solving)
