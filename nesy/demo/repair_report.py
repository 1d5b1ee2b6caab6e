"""The report about repaired puzzles: the images with their readings, the grid that was found, and every repair."""

from __future__ import annotations

from nesy.demo.markup import Markup, tag
from nesy.demo.repair import RepairScene, Share, Solution
from nesy.demo.report import page, section
from nesy.demo.report_parts import cell, classes, legend
from nesy.dsl.diagnostics import counted

SECTIONS = 4
"""Puzzles that are shown in full."""


def repair_report(scene: RepairScene) -> str:
    """The page."""
    lede = (
        f"A weak reader ({scene.reader}) has looked at the cells. The rules of Sudoku, a few lines, find the most "
        "plausible grid that is one: what was misread is repaired, blanks are filled in."
    )
    sections = [_solution(entry, number) for number, entry in enumerate(scene.solutions[:SECTIONS], 1)]
    if len(scene.shares) > 1:
        sections.append(section("What reasoning adds", _shares(scene.shares)))
    shown = [
        seen
        for entry in scene.solutions[:SECTIONS]
        for seen, blank in zip(entry.cells, entry.blank.reshape(-1), strict=True)
        if not blank
    ]
    return page("Which Sudoku is this?", lede, sections, (), tuple(shown), scene.timing, scene.provenance)


def _solution(solution: Solution, number: int) -> Markup:
    right = solution.right
    said = "Found" if solution.grid is not None else "No grid"
    truth = "It is what the images show." if right else "The images show another grid."
    verdict = tag(
        "div",
        tag("p", said, class_=f"verdict {'good' if right else 'bad'}"),
        tag("p", truth if solution.grid is not None else f"The solver says: {solution.status}.", class_="truth"),
        tag("p", _summary(solution), class_="because"),
    )
    grids = tag("div", tag("figure", _before(solution), _marks(), style="margin:0"), _after(solution), class_="spread")
    return section(f"Puzzle {number}", verdict, grids, _repairs(solution))


def _summary(solution: Solution) -> str:
    parts = [f"{counted(len(solution.repairs), 'reading')} repaired"]
    if solution.blank.any():
        parts.append(f"{counted(int(solution.blank.sum()), 'blank')} filled in")
    return f"{', '.join(parts)}; cost {solution.cost:.2f} nats; {solution.status}."


def _marks() -> Markup:
    return legend(
        ("conflict", "same reading twice in a row, column or block"),
        ("unsure", "reading with probability below 0.9"),
        ("misread", "misread"),
    )


def _before(solution: Solution) -> Markup:
    size = len(solution.read)

    def content(row: int, column: int) -> Markup:
        if solution.blank[row, column]:
            return tag("span", class_="seen")
        return cell(solution.cells[row * size + column], conflict=bool(solution.conflicts[row, column]))

    cells = [[content(row, column) for column in range(size)] for row in range(size)]
    return _table(cells, f"the {size} × {size} images with their readings", "sudoku")


def _after(solution: Solution) -> Markup | None:
    grid = solution.grid
    if grid is None:
        return None
    cells = []
    for row in range(len(grid)):
        line = []
        for column in range(len(grid)):
            filled = bool(solution.blank[row, column])
            mended = not filled and bool(grid[row, column] != solution.read[row, column])
            line.append(tag("b", str(int(grid[row, column])), class_=classes(mended=mended, filled=filled)))
        cells.append(line)
    return _table(cells, "the grid that was found; repaired cells are green, filled ones blue", "sudoku found")


def _table(cells: list[list[Markup]], label: str, names: str) -> Markup:
    size = len(cells)
    side = round(size**0.5)
    rows = [
        tag(
            "tr",
            *(tag("td", entry, class_=classes(**{"edge-right": _edge(c, side, size)})) for c, entry in enumerate(line)),
            class_=classes(**{"edge-bottom": _edge(r, side, size)}),
        )
        for r, line in enumerate(cells)
    ]
    return tag("table", tag("tbody", *rows), class_=names, aria_label=label)


def _edge(place: int, side: int, size: int) -> bool:
    return (place + 1) % side == 0 and place + 1 < size


def _repairs(solution: Solution) -> Markup | None:
    if not solution.repairs:
        return None
    head = tag("tr", *(tag("th", name, scope="col") for name in ("cell", "read", "is", "cost, nats", "against it")))
    rows = [
        tag(
            "tr",
            tag("td", repair.label),
            tag("td", f"{repair.read} ({repair.probability:.2f})"),
            tag("td", str(repair.became)),
            tag("td", f"{repair.cost:.2f}"),
            tag("td", f"{repair.read} stands in {', '.join(repair.against)}" if repair.against else "other cells"),
        )
        for repair in solution.repairs
    ]
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="all")
    return tag("div", table, class_="scroll", style="margin-top:1.4rem")


def _shares(shares: tuple[Share, ...]) -> Markup:
    names = ("reader", "digits right", "grids right by reading", "grids right with the rules")
    head = tag("tr", *(tag("th", name, scope="col") for name in names))
    rows = [
        tag(
            "tr",
            tag("td", share.reader),
            tag("td", f"{share.digits:.1%}"),
            tag("td", f"{share.alone} of {share.count}"),
            tag("td", f"{share.reasoned} of {share.count}"),
        )
        for share in shares
    ]
    return tag("div", tag("table", tag("thead", head), tag("tbody", *rows), class_="all"), class_="scroll")
