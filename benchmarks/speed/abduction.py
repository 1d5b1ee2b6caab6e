"""Speed of abduction: `python benchmarks/speed/abduction.py [--json FILE] [--quick] [--seconds LIMIT] [--only PART]`.

Objects: N objects read by F models of C classes, solved by ``auto``; when the optimum was found, when it was proved,
how far the heuristics are from it; `objects` are those of up to 30 pairs of a model and a class, `wide` those of more.
Plain: such problems as an integer program with rows for each object, without merging signatures. Scenes: objects that
have different labels, and denials on top. Start: what compiling costs once, and a second process.

Each problem is solved in a process of its own, after a small one that warms it (`abduction_runs.py`); which problems
there are, and which cells of the grid are left out, says `abduction_grid.py`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from abduction_grid import (
    BOUNDS,
    DENIALS,
    EPSILONS,
    PLAIN,
    SCENE_BOUNDS,
    SCENES,
    pair_cells,
    seeds_of,
    wide_cells,
)
from abduction_plain import SOLVERS, plain_row
from abduction_runs import ObjectRow, objects_row, scene_row, start_rows
from abduction_tables import show

PARTS = ("start", "objects", "wide", "plain", "scenes")


def alone(work: Callable[..., Any], *arguments: Any) -> Any:
    """The result of ``work`` in a process of its own."""
    print(work.__name__, *arguments, "…", file=sys.stderr, flush=True)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(work, *arguments).result()


def measure(part: str, quick: bool, limit: float) -> list[Any]:
    """All rows of a part."""
    match part:
        case "start":
            return list(start_rows())
        case "objects":
            return object_rows(quick, limit)
        case "wide":
            return [alone(objects_row, size, bound, 1, limit) for size, bound in wide_cells(quick)]
        case "plain":
            cells = PLAIN[:1] if quick else PLAIN
            kinds = [*((solver, False) for solver in SOLVERS), (SOLVERS[0], True)]
            return [alone(plain_row, size, bound, 1, limit, *kind) for size, bound in cells for kind in kinds]
        case _:
            return scene_rows(quick, limit)


def object_rows(quick: bool, limit: float) -> list[ObjectRow]:
    """Up to 30 pairs, and with several budgets for each."""
    rows = [
        alone(objects_row, size, bound, seed, limit)
        for size, bound in pair_cells(quick)
        for seed in seeds_of(size[0], quick)
    ]
    return rows + [
        alone(objects_row, (1_000, 6, 4), bound, 1, limit, EPSILONS) for bound in BOUNDS[: 1 if quick else 3]
    ]


def scene_rows(quick: bool, limit: float) -> list[Any]:
    """Scenes by their size, and by the number of denials."""
    count, denied = (1_000, 100) if quick else (10_000, 1_000)
    sizes, denials = (SCENES[:1], DENIALS[:1]) if quick else (SCENES, DENIALS)
    rows = [alone(scene_row, count, size, 0, bound, limit) for size in sizes for bound in SCENE_BOUNDS]
    return rows + [alone(scene_row, denied, 9, number, 0.0, 10 * limit) for number in denials]


def run(parts: Sequence[str], quick: bool, limit: float) -> dict[str, list[Any]]:
    """The rows of the named parts."""
    return {part: measure(part, quick, limit) for part in PARTS if part in parts}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--quick", action="store_true", help="few and small problems")
    parser.add_argument("--seconds", type=float, default=8.0, help="time limit of a problem")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part only; may be given several times")
    options = parser.parse_args()
    data = run(options.only or PARTS, options.quick, options.seconds)
    show(data)
    if options.json:
        found = {
            "python": platform.python_version(),
            "machine": platform.platform(),
            **{part: [asdict(row) for row in rows] for part, rows in data.items()},
        }
        options.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
