"""Drawing a demonstration in the terminal: the readings, the verdict, the images that decide it, and the reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nesy.demo.png import Ink
from nesy.demo.scene import (
    AdditionScene,
    Finding,
    Provenance,
    Puzzle,
    Seen,
    SudokuScene,
    Sum,
    Timing,
    explanation_title,
    time_text,
)
from nesy.explanations import membership
from nesy.solvers.explanation import Explanation, Reading, Step, degree_text

CONFLICT, UNSURE, MISREAD = "bold red", "yellow", "magenta"

COLUMN = 7
"""Characters that a column of a sum takes."""

LONGEST_CHAIN = 6
"""Steps and readings of an explanation that are shown; the report has all of them."""


def print_sudoku(console: Console, scene: SudokuScene) -> None:
    """The puzzles side by side where there is room, then the reasons, then the times."""
    console.print(origin_lines(scene.provenance))
    console.print()
    console.print(Columns([_puzzle(puzzle) for puzzle in scene.puzzles], padding=(0, 4)))
    marks = _marks([seen for puzzle in scene.puzzles for seen in puzzle.cells])
    if any(puzzle.conflicts.any() for puzzle in scene.puzzles):
        marks.insert(0, Text.assemble(("!7", CONFLICT), " occurs again in its row, column or block"))
    _print_marks(console, marks)
    for number, puzzle in enumerate(scene.puzzles, 1):
        console.print()
        if len(scene.puzzles) > 1:
            console.print(Text(f"puzzle {number}", style="bold underline"))
        console.print(_reasons(puzzle.finding, {seen.label: seen for seen in puzzle.cells}, scene.provenance))
    console.print()
    console.print(times_line(scene.timing))


def print_addition(console: Console, scene: AdditionScene) -> None:
    """The sums as on paper, the reasons of the least certain digit of all, the times."""
    console.print(origin_lines(scene.provenance))
    console.print()
    console.print(Columns([_column_sum(one, console.width - 1) for one in scene.sums], padding=(1, 4)))
    _print_marks(console, _marks([seen for one in scene.sums for seen in one.cells]))
    number, least = min(enumerate(scene.sums, 1), key=lambda one: one[1].weakest.necessity)
    console.print()
    where = f" of sum {number}" if len(scene.sums) > 1 else ""
    console.print(Text.assemble("the least certain digit is ", (least.weakest.query, "bold"), where))
    console.print(_reasons(least.weakest, {seen.label: seen for seen in least.cells}, scene.provenance))
    console.print()
    right = sum(one.right for one in scene.sums)
    console.print(Text.assemble((f"{right} of {len(scene.sums)} sums right", "bold"), " · ", times_line(scene.timing)))


def origin_lines(provenance: Provenance) -> Text:
    return Text.assemble(
        ("images  ", "dim"), f"{provenance.data}\n", (f"        {provenance.data_reason}\n", "dim"),
        ("network ", "dim"), f"{provenance.network}, {provenance.accuracy}\n",
        ("rules   ", "dim"), f"{provenance.rule_file}   ", ("seed ", "dim"), str(provenance.seed),
    )  # fmt: skip


def times_line(timing: Timing) -> Text:
    each = timing.infer / max(timing.instances, 1)
    return Text(
        f"{timing.images} images read in {time_text(timing.perceive)}"
        f" · rules compiled once in {time_text(timing.compile)} · reasoning {time_text(each)} an instance",
        style="dim",
    )


# ----- Sudoku


def _puzzle(puzzle: Puzzle) -> RenderableType:
    return Group(_grid(puzzle), _verdict(puzzle), _made(puzzle), Text(), _deciding_images(puzzle))


def _grid(puzzle: Puzzle) -> Text:
    """The readings between the borders of the blocks, three columns of text for each cell."""
    size = puzzle.size
    side = round(size**0.5)
    bar = "━" * (3 * side)
    lines = [Text("┏" + "┳".join([bar] * side) + "┓", style="dim")]
    for row in range(size):
        if row and row % side == 0:
            lines.append(Text("┣" + "╋".join([bar] * side) + "┫", style="dim"))
        line = Text()
        for column in range(size):
            if column % side == 0:
                line.append("┃", style="dim")
            line.append_text(_reading(puzzle.cells[row * size + column], bool(puzzle.conflicts[row, column])))
        lines.append(line.append("┃", style="dim"))
    lines.append(Text("┗" + "┻".join([bar] * side) + "┛", style="dim"))
    return Text("\n").join(lines)


def _reading(seen: Seen, conflict: bool) -> Text:
    """A digit with its marks: ``!`` clashes, ``?`` unsure, ``*`` misread."""
    style = CONFLICT if conflict else MISREAD if seen.misread else UNSURE if seen.unsure else ""
    mark = ("*", MISREAD) if seen.misread else ("?", UNSURE) if seen.unsure else (" ", "")
    return Text.assemble(("!" if conflict else " ", CONFLICT), (str(seen.best[0]), style), mark)


def _verdict(puzzle: Puzzle) -> Text:
    said, style = {
        "true": ("valid", "bold green"),
        "false": ("not valid", "bold red"),
        None: ("undecided", "bold yellow"),
    }[puzzle.finding.value]
    true = puzzle.finding.of("true")
    return Text.assemble(
        (said, style), f"\nΠ(valid) = {degree_text(true.possibility)}   N(valid) = {degree_text(true.necessity)}"
    )


def _made(puzzle: Puzzle) -> Text:
    return Text(f"{'right' if puzzle.finding.right else 'wrong'}: {puzzle.made}", style="dim")


def _deciding_images(puzzle: Puzzle) -> RenderableType:
    """The images behind the first two readings of the most telling explanation, drawn with half blocks."""
    by_label = {seen.label: seen for seen in puzzle.cells}
    readings = puzzle.finding.reasons[0].readings if puzzle.finding.reasons else ()
    shown = {reading.percept: by_label[reading.percept] for reading in readings if reading.percept in by_label}
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_row(*(Group(_drawing(seen.ink), _caption(seen)) for seen in list(shown.values())[:2]))
    return table


def _caption(seen: Seen) -> Text:
    other = f" or {seen.second[0]}?" if seen.unsure else ""
    return Text(f"{seen.label} = {seen.best[0]}{other}", style="dim")


def _drawing(ink: Ink) -> Text:
    """An image as half blocks, 14 columns by 7 lines, two pixels in each character."""
    small = _resized(ink, 14) >= 96
    blocks = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
    pairs = zip(small[0::2], small[1::2], strict=True)
    lines = ["".join(blocks[bool(upper), bool(lower)] for upper, lower in zip(*pair, strict=True)) for pair in pairs]
    return Text("\n".join(lines))


def _resized(ink: Ink, size: int) -> Ink:
    """``ink`` averaged (or repeated) to ``size`` × ``size`` pixels."""
    height, width = ink.shape
    fine = np.repeat(np.repeat(ink.astype(np.float64), size, axis=0), size, axis=1)
    small: Ink = fine.reshape(size, height, size, width).mean(axis=(1, 3)).astype(np.uint8)
    return small


def _marks(cells: list[Seen]) -> list[Text]:
    marks = []
    if any(seen.unsure and not seen.misread for seen in cells):
        marks.append(Text.assemble(("7?", UNSURE), " probability below 0.9"))
    misread = [seen for seen in cells if seen.misread]
    if misread:
        named = ", ".join(f"{seen.label} shows {seen.truth}" for seen in misread[:3])
        more = f" and {len(misread) - 3} more" if len(misread) > 3 else ""
        marks.append(Text.assemble(("7*", MISREAD), f" misread: {named}{more}"))
    return marks


def _print_marks(console: Console, marks: list[Text]) -> None:
    if marks:
        console.print()
        console.print(Text("   ").join(marks))


# ----- addition


def _column_sum(one: Sum, width: int) -> RenderableType:
    """Two numbers, a line, the sum, and the necessity of each digit below it; as many columns as fit, then the next."""
    columns = max(1, width // COLUMN)
    count = one.digits + 1
    parts = [_columns(one, range(start, min(start + columns, count))) for start in range(0, count, columns)]
    for place in range(len(parts) - 1, 0, -1):
        parts.insert(place, Text())
    if not one.right:
        truth = "".join(finding.truth for finding in one.findings)
        parts.append(Text(f"wrong: the images show {truth}", style="red"))
    return Group(*parts)


def _columns(one: Sum, places: range) -> Text:
    """Some columns of a sum: place 0 holds the sign, and below it the leading digit."""
    lines = []
    for start, sign in ((0, " "), (one.digits, "+")):
        line = Text()
        for place in places:
            shown = _reading(one.cells[start + place - 1], conflict=False) if place else Text(sign)
            shown.pad_right(COLUMN - len(shown))
            line.append_text(shown)
        lines.append(line)
    lines.append(Text("─" * (COLUMN * len(places)), style="dim"))
    findings = [one.findings[place] for place in places]
    digits = ((f" {found.value or '?':<{COLUMN - 1}}", _mood(found)) for found in findings)
    lines.append(Text.assemble(*digits))
    lines.append(Text("".join(f"{degree_text(found.necessity):<{COLUMN}}" for found in findings) + "N", style="dim"))
    return Text("\n").join(lines)


def _mood(found: Finding) -> str:
    return "bold green" if found.right else "bold red"


# ----- reasons


def _reasons(finding: Finding, seen: Mapping[str, Seen], provenance: Provenance) -> RenderableType:
    """The most telling explanation; the report has all of them."""
    return Group(*(part for found in finding.reasons[:1] for part in _reason(found, seen, provenance)))


def _reason(explanation: Explanation, seen: Mapping[str, Seen], provenance: Provenance) -> Iterator[RenderableType]:
    yield Text(f"{explanation_title(explanation)} {degree_text(explanation.degree)}", style="bold")
    lines = [_step(step, provenance) for step in explanation.steps[:LONGEST_CHAIN]]
    lines += _more(len(explanation.steps) - LONGEST_CHAIN, "steps")
    lines += [_deciding(reading, seen.get(reading.percept)) for reading in explanation.readings[:LONGEST_CHAIN]]
    lines += _more(len(explanation.readings) - LONGEST_CHAIN, "readings")
    other = explanation.alternative
    if other is not None:
        answer = (membership(explanation.query, other.value), "cyan")
        lines.append(Text.assemble("next best: ", answer, f" with {degree_text(other.degree)}"))
    yield from (Padding(line, (0, 0, 0, 2), expand=False) for line in lines)


def _more(count: int, what: str) -> list[Text]:
    return [Text(f"… {count} more {what}, see the report (--report FILE)", style="dim")] if count > 0 else []


def _deciding(reading: Reading, seen: Seen | None) -> Text:
    """A reading on which a degree rests, and what the network prefers if that is another value."""
    line = Text.assemble("decided by ", (reading.statement, "cyan"), f", degree {degree_text(reading.degree)}")
    if reading.probability is not None:
        line.append(f", probability {degree_text(reading.probability)}")
    if seen is not None and not reading.statement.endswith(f"= {seen.best[0]}"):
        line.append(f"; the network prefers {seen.best[0]} with {degree_text(seen.best[1])}", style="dim")
    return line


def _step(step: Step, provenance: Provenance) -> Text:
    line = Text.assemble((f"{step.statement} = {degree_text(step.degree)}", "cyan"), "  ", step.because)
    if step.source:
        place = f"{provenance.rule_file}:{step.span.line}" if step.span is not None else provenance.rule_file
        line.append(f"\n  {place}  {' '.join(step.source.split())}", style="dim")
    return line
