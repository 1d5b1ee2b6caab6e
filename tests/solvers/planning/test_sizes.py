"""Sizes of statements against the ground programs of the examples."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import nesy
from nesy.solvers.backend import Options
from nesy.solvers.logic.program import Rule
from nesy.solvers.logic.reading import ground_logic
from nesy.solvers.planning.planner import plan
from tests.repo.sources import ROOT

FOREIGN = ("random ", "define ", "include ")

FILES = sorted(
    path
    for path in (ROOT / "examples").glob("*/*.nesy")
    if not any(line.startswith(FOREIGN) for line in path.read_text(encoding="utf-8").splitlines())
)
"""The programs of which gringo grounds all, and nothing but what nesy has read."""


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_exact_sizes_are_those_of_the_ground_program(file: Path) -> None:
    """gringo leaves instances out that can never apply, so that there may be fewer, but never more."""
    checked = nesy.load(file).checked
    found = plan("asp", checked, None, Options(), quick=True)
    program = ground_logic(checked)
    counts = Counter(
        program.origins[rule.origin].span for rule in program.rules if isinstance(rule, Rule) and rule.origin >= 0
    )
    counts += Counter({p: len(set(q)) for p, q in _penalties(program).items()})
    kinds = ("constraint", "soft constraint")
    rows = [row for row in found.rows if row.kind in kinds]
    for row in rows:
        actual = counts[row.span]
        assert row.accuracy == "exact"
        if row.instances:
            assert actual <= row.instances, row
            assert actual >= row.instances / 3 or row.instances - actual < 6, row


def _penalties(program: object) -> dict[object, list[object]]:
    found: dict[object, list[object]] = {}
    for penalty in program.penalties:  # type: ignore[attr-defined]
        if penalty.origin >= 0:
            span = program.origins[penalty.origin].span  # type: ignore[attr-defined]
            found.setdefault(span, []).append(penalty.literal)
    return found


@pytest.mark.slow
def test_sudoku_is_counted() -> None:
    found = nesy.load(ROOT / "examples" / "sudoku9" / "sudoku9.nesy").plan("possibilistic")
    by_line = {row.span.line: (row.instances, row.parts, row.accuracy) for row in found.rows}
    assert by_line[5] == (81, 729, "exact")
    assert [by_line[line][0] for line in (7, 8, 9)] == [324, 324, 162]
    assert by_line[15] == (7290, 0, "exact")
    assert by_line[17] == (1, 810, "exact")
    model = nesy.load(ROOT / "examples" / "sudoku9" / "sudoku9.nesy").ground()
    assert len(model.uncertain) == sum(by_line[line][0] for line in (15, 16, 17))


def test_parts_of_aggregates_choices_and_sets() -> None:
    text = """
    type item = 1..6.
    relation weight(item, 1..9).
    weight(1, 4). weight(2, 5). weight(3, 6).
    percept a(1..2) : 0..9.
    concept y : 0..18.
    { take(I) : item(I) }.
    :- sum { W, I : take(I), weight(I, W) } > 9.
    y = T iff a(1) in {V : V < T}.
    minimize { W, I : take(I), weight(I, W) }.
    query y.
    """
    rows = {row.kind: row for row in nesy.load(text).plan("asp").rows}
    assert (rows["choice"].instances, rows["choice"].parts) == (1, 6)
    assert (rows["constraint"].instances, rows["constraint"].parts) == (1, 3)
    assert rows["optimisation"].instances == 3
    possibilistic = {row.kind: row for row in nesy.load(text).plan("possibilistic").rows}
    assert possibilistic["uncertain rule"].instances == 19
    assert possibilistic["uncertain rule"].parts == sum(min(t, 10) for t in range(19))
