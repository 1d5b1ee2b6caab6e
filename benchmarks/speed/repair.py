"""Speed of the logical back ends: `python benchmarks/speed/repair.py [--json FILE] [--quick] [--only NAME]`.

The most plausible consistent readings of visual Sudoku (9×9 with cells misread with confidence and blanks, 16×16 and
25×25), of printed sums and of maps (:mod:`repair_families`). For each solver the median and the worst time of an
instance, the share that was proved optimal, in all and within a second, and the share of instances that come out fully
right; beside it models written by hand for CP-SAT and clingo, on the same costs in the same process. CPU seconds of one
thread, evidence to answer, all checks of models included.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import repair_families as families
from searching import Family, Row, measured, show

Plan = tuple[Callable[[], Family], dict[str, int]]
"""A family, and how many instances each solver gets."""

OTHERS = ("cbc", "highs", "scip", "clingo", "clingo by hand")
ALL = {"cpsat": 40, "CP-SAT by hand": 40} | dict.fromkeys(OTHERS, 6)
LARGE = {"cpsat": 10, "CP-SAT by hand": 10} | dict.fromkeys(OTHERS, 3)
HUGE = {"cpsat": 5, "CP-SAT by hand": 5, "highs": 1, "clingo": 1, "clingo by hand": 1}
QUICK = {"cpsat": 5, "CP-SAT by hand": 5}
KINDS = ((0.0, 0), (0.03, 0), (0.05, 0), (0.15, 0), (0.0, 20), (0.0, 45), (0.05, 20))
"""Share of misread cells, number of blanks."""


def plans() -> Iterator[Plan]:
    """What is measured."""
    for misread, blanks in KINDS:
        yield (lambda m=misread, b=blanks: families.sudoku(9, m, b, 40)), ALL
    yield (lambda: families.sudoku(16, 0.05, 0, 10)), LARGE
    yield (lambda: families.sudoku(25, 0.05, 0, 5)), HUGE
    yield (lambda: families.addition(10, 0.1, 40)), ALL
    yield (lambda: families.addition(100, 0.1, 10)), LARGE
    yield (lambda: families.colouring(50, 0.15, 40)), ALL
    yield (lambda: families.colouring(500, 0.15, 10)), LARGE


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--quick", action="store_true", help="few instances, CP-SAT only")
    parser.add_argument("--only", default="", help="families whose name begins like this")
    parser.add_argument("--seconds", type=float, default=2.0, help="time limit of an instance")
    options = parser.parse_args()
    measured(families.sudoku(4, 0.1, 0, 1), {"cpsat": 1, "clingo": 1}, options.seconds)  # imports
    rows: list[Row] = []
    for make, counts in plans():
        family = make()
        if family.name.startswith(options.only):
            rows += measured(family, QUICK if options.quick else counts, options.seconds)
            if options.json:
                write(rows, options.json)  # after each family: a long run that is cut short leaves what it has
    show(rows)


def write(rows: list[Row], path: Path) -> None:
    data = {"python": platform.python_version(), "machine": platform.platform(), "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
