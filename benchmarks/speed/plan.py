"""How good are plans? `python benchmarks/speed/plan.py [--json FILE] [--quick]`.

Holds `Program.plan` to what compiling and answering do: ground rules, CPU seconds, memory.
Each program is taken by a back end in a process of its own, which has answered another program before, so that imports
do not count. The constants of the cost models in `solvers/planning/` come from here.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from families import RULES, Family, colouring, configuration, network, queens, sudoku, timetable

WARM = "percept a : bool. percept b : bool. concept c : bool. c iff a and b. :- a, b. query c."


def programs() -> dict[str, tuple[tuple[str, ...], str, Mapping[str, object], Family | None]]:
    """Back ends, rule file as text, constants, and a family for evidence, by name."""
    both = ("possibilistic", "asp")
    pairs = (RULES / "sudoku.nesy").read_text(encoding="utf-8")
    carries = (RULES / "addition.nesy").read_text(encoding="utf-8")
    found: dict[str, tuple[tuple[str, ...], str, Mapping[str, object], Family | None]] = {
        "Sudoku 4×4, pairs": (("possibilistic",), pairs, {"m": 4, "b": 2}, None),
        "Sudoku 9×9, pairs": (("possibilistic",), pairs, {}, None),
        "Sudoku 16×16, pairs": (("possibilistic",), pairs, {"m": 16, "b": 4}, None),
        "addition, 15 digits": (("possibilistic",), carries, {"k": 15}, None),
        "addition, 100 digits": (("possibilistic",), carries, {"k": 100}, None),
    }
    for family in (sudoku(3), colouring(3, 60), colouring(3, 400), queens(3, 8), queens(3, 16), network(3, 30)):
        found[family.name] = (("asp",), family.text, {}, family)
    for family in (timetable(3, 14), timetable(3, 40), configuration(3, 80)):
        found[family.name] = (("asp",), family.text, {}, family)
    reachable = network(3, 60)
    found[reachable.name] = (both, reachable.text, {}, reachable)
    return found


def measure(name: str, backend: str) -> dict[str, Any]:
    """One program with one back end, in this process."""
    import torch

    import nesy
    from nesy.solvers.ground_model import GroundModel

    nesy.load(WARM).compile(backend).infer({"a": 0.5, "b": 0.5})
    _, text, constants, family = programs()[name]
    program = nesy.load(text, constants=constants)
    started = time.process_time()
    size = 100 if family is None else 1
    plan = program.plan(backend, batch=size)
    planning = time.process_time() - started
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    engine = program.compile(backend, **({} if backend == "possibilistic" else {"time_limit": 20.0}))
    compiling = time.process_time() - started
    model: GroundModel = engine.model
    if family is None:
        evidence = {
            attribute.name: torch.softmax(torch.rand(size, *attribute.shape, len(attribute.domain)).double() * 5, -1)
            for attribute in model.attributes
            if attribute.kind == "percept"
        }
        engine.infer(evidence)
        started = time.process_time()
        engine.infer(evidence)
        answering = (time.process_time() - started) / size
    else:
        seconds = []
        for instance in family.instances:
            started = time.process_time()
            engine.infer(instance)
            seconds.append(time.process_time() - started)
        answering = median(seconds)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    rules = (*model.rules, *model.uncertain) if backend == "possibilistic" else engine.solver.program.rules
    assert plan.cost is not None
    return {
        "name": name,
        "backend": backend,
        "planning": planning,
        "instances": plan.instances,
        "rules": len(rules),
        "tried": sum(row.tried for row in plan.rows),
        "parts": plan.parts,
        "compile": (plan.cost.compile_seconds.expected, compiling),
        "answer": (plan.cost.answer_seconds.expected / size, answering),
        "memory": (plan.cost.memory_mb.expected, grown),
    }


def main() -> None:
    """Measure and show a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--quick", action="store_true", help="the first program of each back end alone")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(*options.one)))
        return
    todo = [(name, backend) for name, (backends, *_) in programs().items() for backend in backends]
    if options.quick:
        todo = [next(entry for entry in todo if entry[1] == backend) for backend in ("possibilistic", "asp")]
    rows = []
    for name, backend in todo:
        print(f"{name}, {backend} …", file=sys.stderr)
        command = [sys.executable, __file__, "--one", name, backend]
        rows.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    sizes, measured = "plan ms | instances | ground rules", "compile s | planned | answer ms | planned | MB | planned"
    print(f"| program | back end | {sizes} | {measured} |\n| --- | --- |{' ---: |' * 9}")
    for row in rows:
        (compiling, compiled), (answering, answered), (memory, grown) = row["compile"], row["answer"], row["memory"]
        cells = [row["name"], row["backend"], f"{row['planning'] * 1e3:.0f}"]
        cells += [f"{row['instances']:,.0f}", f"{row['rules']:,}", f"{compiled:.2f}", f"{compiling:.2f}"]
        cells += [f"{answered * 1e3:.3g}", f"{answering * 1e3:.3g}", f"{grown:.0f}", f"{memory:.0f}"]
        print(f"| {' | '.join(cells)} |")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
