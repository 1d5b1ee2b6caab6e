"""The report of a demonstration: one HTML file with everything inside, readable without scripts and without network."""

from __future__ import annotations

from importlib.resources import files

from nesy.demo.markup import Content, Markup, join, tag
from nesy.demo.report_parts import (
    cell,
    classes,
    deciding_lines,
    degree_bars,
    legend,
    origin_facts,
    readings_table,
    reasons,
    rule_listing,
    timing_facts,
)
from nesy.demo.scene import AdditionScene, Finding, Provenance, Puzzle, Seen, SudokuScene, Sum, Timing
from nesy.dsl.diagnostics import counted
from nesy.solvers.explanation import degree_text

SHOWN_VALUES = 4
"""Values of a digit whose degrees are drawn, the most possible first."""


def sudoku_report(scene: SudokuScene) -> str:
    """The page about visual Sudoku puzzles."""
    size = scene.puzzles[0].size
    lede = (
        f"A neural network has read {size * size} images of handwritten digits in each puzzle. The rules of Sudoku, "
        "one short file, say how plausible it is that the grid is valid, and why."
    )
    sections = [_puzzle_section(puzzle, number, len(scene.puzzles)) for number, puzzle in enumerate(scene.puzzles, 1)]
    findings = tuple(puzzle.finding for puzzle in scene.puzzles)
    cells = tuple(seen for puzzle in scene.puzzles for seen in puzzle.cells)
    return page("Is this Sudoku valid?", lede, sections, findings, cells, scene.timing, scene.provenance)


def addition_report(scene: AdditionScene) -> str:
    """The page about sums of handwritten numbers."""
    digits = scene.sums[0].digits
    lede = (
        f"Two numbers of {counted(digits, 'handwritten digit')}, read by a neural network and "
        "added column by column by rules, with a degree for every digit of the sum."
    )
    sections = [_sum_section(one, number) for number, one in enumerate(scene.sums, 1)]
    findings = tuple(finding for one in scene.sums for finding in one.findings)
    cells = tuple(seen for one in scene.sums for seen in one.cells)
    return page("What is the sum?", lede, sections, findings, cells, scene.timing, scene.provenance)


def page(
    title: str,
    lede: str,
    sections: list[Markup],
    findings: tuple[Finding, ...],
    cells: tuple[Seen, ...],
    timing: Timing,
    provenance: Provenance,
) -> str:
    rules = section("The rules", rule_listing(provenance, deciding_lines(findings, provenance.rule_file)))
    origin = tag("footer", tag("h2", "Where this comes from"), origin_facts(provenance), readings_table(cells))
    return document(title, lede, timing_facts(timing), [*sections, rules], origin)


def document(title: str, lede: str, facts: Content, sections: list[Markup], footer: Markup) -> str:
    """A whole page with the style inside."""
    style = Markup(files("nesy.demo").joinpath("report.css").read_text(encoding="utf-8"))
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} – nesy"),
        tag("style", style),
    )
    header = tag(
        "header",
        tag("p", "nesy demonstration", class_="eyebrow"),
        tag("h1", title),
        tag("p", lede, class_="lede"),
        facts,
    )
    body = tag("body", header, tag("main", *sections), footer)
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def section(title: str, *contents: Content) -> Markup:
    return tag("section", tag("h2", title), *contents)


def _verdict(text: str, mood: str, truth: str) -> Markup:
    return join(tag("p", text, class_=f"verdict {mood}"), tag("p", truth, class_="truth"))


def _puzzle_section(puzzle: Puzzle, number: int, count: int) -> Markup:
    finding = puzzle.finding
    said = {"true": "Valid", "false": "Not valid", None: "Undecided"}[finding.value]
    mood = {"true": "good", "false": "bad", None: "open"}[finding.value]
    truth = f"{'Right' if finding.right else 'Wrong'}: {puzzle.made}."
    grid = tag("figure", _grid(puzzle), _grid_legend(puzzle), style="margin:0")
    degrees = degree_bars(sorted(finding.degrees, key=lambda entry: -entry.possibility))
    verdict = tag("div", _verdict(said, mood, truth), degrees, _counts(puzzle), _how_to_read(number))
    title = f"Puzzle {number}" if count > 1 else "The puzzle"
    return section(title, tag("div", grid, verdict, class_="spread"), reasons(finding, _by_label(puzzle.cells)))


def _counts(puzzle: Puzzle) -> Markup:
    misread = sum(seen.misread for seen in puzzle.cells)
    unsure = sum(seen.unsure for seen in puzzle.cells)
    clashing = int(puzzle.conflicts.sum())
    parts = [f"{clashing} of {puzzle.conflicts.size} readings clash" if clashing else "No two readings clash"]
    if unsure:
        parts.append(f"{unsure} {'reading is' if unsure == 1 else 'readings are'} unsure")
    if misread:
        parts.append(f"{misread} {'image was' if misread == 1 else 'images were'} misread")
    return tag("p", "; ".join(parts) + ".", class_="because")


def _how_to_read(number: int) -> Markup | None:
    """What the degrees mean, said once on a page."""
    if number > 1:
        return None
    meaning = "Possibility: how far nothing speaks against a value. Necessity: how far every other value is excluded."
    return tag("p", meaning, class_="because")


def _grid(puzzle: Puzzle) -> Markup:
    size = puzzle.size
    side = round(size**0.5)
    rows = []
    for row in range(size):
        cells = [
            tag(
                "td",
                cell(puzzle.cells[row * size + column], conflict=bool(puzzle.conflicts[row, column])),
                class_="edge-right" if (column + 1) % side == 0 and column + 1 < size else None,
            )
            for column in range(size)
        ]
        rows.append(tag("tr", *cells, class_="edge-bottom" if (row + 1) % side == 0 and row + 1 < size else None))
    return tag(
        "table", tag("tbody", *rows), class_="sudoku", aria_label=f"the {size} × {size} images with their readings"
    )


def _grid_legend(puzzle: Puzzle) -> Markup:
    present = {
        "conflict": (bool(puzzle.conflicts.any()), "same reading twice in a row, column or block"),
        "unsure": (any(seen.unsure for seen in puzzle.cells), "reading with probability below 0.9"),
        "misread": (any(seen.misread for seen in puzzle.cells), "the network has misread the image"),
    }
    return legend(*((name, meaning) for name, (there, meaning) in present.items() if there))


def _sum_section(one: Sum, number: int) -> Markup:
    weakest = one.weakest
    answer = "".join(finding.value or "?" for finding in one.findings)
    truth = "".join(finding.truth for finding in one.findings)
    said = f"The images show a sum of {truth.lstrip('0') or '0'}: {'right' if one.right else 'wrong'}."
    least = tag(
        "p", f"Least certain: {weakest.query}, with necessity {degree_text(weakest.necessity)}.", class_="because"
    )
    verdict = tag(
        "div",
        _verdict(answer.lstrip("0") or "0", "good" if one.right else "bad", said),
        least,
        degree_bars(sorted(weakest.degrees, key=lambda entry: -entry.possibility)[:SHOWN_VALUES]),
        _how_to_read(number),
    )
    beside = "spread" if one.digits <= 4 else None
    both = tag("div", _column_sum(one), verdict, class_=beside)
    return section(f"Sum {number}", both, reasons(weakest, _by_label(one.cells)))


def _column_sum(one: Sum) -> Markup:
    """The sum as on paper: in each column two images, a line, and a digit with its necessity; long sums wrap."""
    columns = [_column(tag("span"), tag("span", "+", class_="plus"), one.findings[0])]
    pairs = zip(one.cells[: one.digits], one.cells[one.digits :], one.findings[1:], strict=True)
    columns += [_column(cell(first), cell(second), found) for first, second, found in pairs]
    return tag("div", *columns, class_="sum")


def _column(first: Markup, second: Markup, finding: Finding) -> Markup:
    digit = tag(
        "span",
        tag("b", finding.value or "?"),
        tag("small", f"N {degree_text(finding.necessity)}"),
        class_=classes(digit=True, bad=not finding.right),
    )
    return tag("span", first, second, tag("span", digit, class_="rule"), class_="column")


def _by_label(cells: tuple[Seen, ...]) -> dict[str, Seen]:
    return {seen.label: seen for seen in cells}
