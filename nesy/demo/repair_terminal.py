"""Drawing repaired puzzles in the terminal: the grid as read, the grid as found, and what changed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rich.columns import Columns
from rich.console import Console, Group
from rich.text import Text

from nesy.demo.repair import Repair, RepairScene, Share, Solution
from nesy.demo.scene import time_text
from nesy.demo.terminal import origin_lines, times_line
from nesy.dsl.diagnostics import counted

WRONG, MENDED, FILLED = "bold red", "bold green", "cyan"

LISTED = 12
"""Repairs that are listed; the report has all of them."""


def print_repair(console: Console, scene: RepairScene) -> None:
    """The first puzzles before and after; of a batch the shares of grids that are right."""
    console.print(origin_lines(scene.provenance))
    console.print(Text.assemble(("reader  ", "dim"), scene.reader, ("   solver ", "dim"), scene.solver))
    for solution in scene.solutions[:1]:
        console.print()
        console.print(Columns([_before(solution), _after(solution)], padding=(0, 6)))
        console.print()
        console.print(_verdict(solution))
        for repair in solution.repairs[:LISTED]:
            console.print(_line(repair))
        if len(solution.repairs) > LISTED:
            console.print(Text(f"… {len(solution.repairs) - LISTED} more, see the report (--report FILE)", style="dim"))
    console.print()
    if scene.solutions[1:] or scene.shares[1:]:
        for share in scene.shares:
            console.print(_share(share))
        console.print()
    console.print(times_line(scene.timing))


def _before(solution: Solution) -> Group:
    return Group(Text("as read", style="bold"), _grid(solution, solution.read, after=False))


def _after(solution: Solution) -> Group:
    title = Text("as found", style="bold")
    if solution.grid is None:
        return Group(title, Text(f"no grid: {solution.status}", style=WRONG))
    return Group(title, _grid(solution, solution.grid, after=True))


def _grid(solution: Solution, digits: NDArray[np.int64], *, after: bool) -> Text:
    size = len(digits)
    side = round(size**0.5)
    rule = "+".join(["-" * (2 * side + 1)] * side)
    lines = []
    for row in range(size):
        if row and row % side == 0:
            lines.append(Text(rule, style="dim"))
        line = Text(" ")
        for column in range(size):
            if column and column % side == 0:
                line.append("| ", style="dim")
            text, style = _digit(solution, row, column, int(digits[row, column]), after=after)
            line.append(text, style=style).append(" ")
        lines.append(line)
    return Text("\n").join(lines)


def _digit(solution: Solution, row: int, column: int, digit: int, *, after: bool) -> tuple[str, str]:
    if solution.blank[row, column]:
        return (str(digit), FILLED) if after else ("·", "dim")
    if not after:
        wrong = digit != solution.truth[row, column]
        return str(digit), WRONG if solution.conflicts[row, column] or wrong else ""
    return str(digit), MENDED if digit != solution.read[row, column] else ""


def _verdict(solution: Solution) -> Text:
    if solution.grid is None:
        return Text(f"no grid that is a Sudoku fits the readings ({solution.status})", style=WRONG)
    said = "this is what the images show" if solution.right else "the images show another grid"
    mended, filled = len(solution.repairs), int(solution.blank.sum())
    parts = [f"{counted(mended, 'reading')} repaired"] + ([f"{counted(filled, 'blank')} filled"] if filled else [])
    style = "bold green" if solution.right else "bold red"
    return Text.assemble((said, style), f": {', '.join(parts)}, cost {solution.cost:.2f} nats, {solution.status}")


def _line(repair: Repair) -> Text:
    reason = f"{repair.read} stands in {', '.join(repair.against)}" if repair.against else "another cell needs the rest"
    return Text.assemble(
        f"  {repair.label} read as ",
        (str(repair.read), WRONG),
        f" ({repair.probability:.2f}), is ",
        (str(repair.became), MENDED),
        f", cost {repair.cost:.2f}: ",
        (reason, "dim"),
    )


def _share(share: Share) -> Text:
    return Text.assemble(
        (f"{share.reader}: ", "bold"),
        f"{share.digits:.1%} of the digits read right; grids fully right by reading alone "
        f"{share.alone} of {share.count}, with the rules ",
        (f"{share.reasoned} of {share.count}", "bold"),
        (f"   {time_text(share.seconds / max(share.count, 1))} a grid", "dim"),
    )
