"""Instances a second on two cores: ``python benchmarks/speed/throughput.py [--json FILE] [--count N] [--processes N]``.

A batch of repairs (:mod:`repair_families`) is answered by one `engine.infer` in this process, then cut into equal parts
for processes that have compiled the same rule file, one thread each. Seconds by the clock from evidence to answer, so
run it on a machine that does nothing else; compiling is paid once before and told apart.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import repair_families as families
from numpy.typing import NDArray
from searching import RULES, Family

import nesy

Batch = dict[str, NDArray[np.float64]]
FAMILIES: dict[str, Callable[[int], Family]] = {
    "Sudoku 9×9, 5 % misread": partial(families.sudoku, 9, 0.05, 0),
    "Sudoku 9×9, 15 % misread": partial(families.sudoku, 9, 0.15, 0),
    "Sudoku 9×9, 45 blanks": partial(families.sudoku, 9, 0.0, 45),
    "sum of 10 digits": partial(families.addition, 10, 0.1),
    "map of 50 nodes": partial(families.colouring, 50, 0.15),
}

_engine: nesy.Engine


def compile_here(text: str, constants: dict[str, int]) -> None:
    """Compile for what this process will be asked."""
    global _engine
    _engine = nesy.load(text, constants=constants).compile("integer", solver="cpsat", workers=1)


def answered(batch: Batch) -> int:
    """How many instances of the batch are proved."""
    return sum(str(status) == "optimal" for status in _engine.infer(batch).status)


def measured(name: str, count: int, processes: int) -> dict[str, Any]:
    """One row."""
    family = FAMILIES[name](count)
    text = (RULES / family.rules).read_text(encoding="utf-8") + family.facts
    constants = dict(family.constants)
    batch = {
        percept: np.stack([instance.read[percept] for instance in family.instances])
        for percept in family.instances[0].read
    }
    started = time.perf_counter()
    compile_here(text, constants)
    row: dict[str, Any] = {"family": name, "instances": count, "compile s": time.perf_counter() - started}
    answered({percept: table[:1] for percept, table in batch.items()})
    started = time.perf_counter()
    row["proved"] = answered(batch)
    row["one process, per s"] = count / (time.perf_counter() - started)
    parts = [{percept: table[place::processes] for percept, table in batch.items()} for place in range(processes)]
    with ProcessPoolExecutor(processes, get_context("spawn"), compile_here, (text, constants)) as pool:
        list(pool.map(answered, parts))  # both have compiled
        started = time.perf_counter()
        assert sum(pool.map(answered, parts)) == row["proved"]
        row[f"{processes} processes, per s"] = count / (time.perf_counter() - started)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--count", type=int, default=100, help="instances of a batch")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    rows = []
    for name in FAMILIES:
        rows.append(measured(name, options.count, options.processes))
        print(
            ", ".join(
                f"{key} {value:.3g}" if isinstance(value, float) else f"{value}" for key, value in rows[-1].items()
            )
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
