"""Which solver for which program? `python benchmarks/speed/choice.py [--json FILE] [--quick] [--seconds N]`.

Runs every solver on every family of programs in `families.py`: median and worst CPU time of an instance, the share that
was solved (proved optimal, or a model found where nothing is optimised). Programs are ground once; what is timed is
one solver on one instance. All models pass the checker, and proved optima must agree. The choice rule in
`solvers/logic/choice.py` is what this table says.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from families import Family, all_families

SOLVERS = ("clingo usc", "clingo bb", "cpsat", "cbc", "highs", "scip")


@dataclass(frozen=True)
class Row:
    """One solver on one family; CPU seconds, 0 … 1 for the share that was solved."""

    family: str
    recursive: bool
    levels: int
    rules: int
    solver: str
    instances: int
    median: float
    worst: float
    solved: float


def cpu() -> float:
    """CPU seconds of this process and of those that it has waited for (CBC runs in its own)."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime


def stretch() -> float:
    """Wall seconds of one CPU second at the moment: solvers measure their time limits by the clock on the wall."""
    wall, used = time.perf_counter(), time.process_time()
    while time.process_time() - used < 0.02:
        pass
    return max(1.0, (time.perf_counter() - wall) / 0.02)


def make(name: str, program: Any) -> Any:
    """A solver for a ground program."""
    from nesy.solvers.asp.clasp import Clasp
    from nesy.solvers.backend import Options
    from nesy.solvers.integer.making import make_solver

    if name.startswith("clingo"):
        return Clasp(program, strategy=name.split()[1])
    return make_solver(name, program, Options())


def tasks(family: Family) -> tuple[Any, list[Any]]:
    """The ground program and one task for each instance."""
    import torch

    import nesy
    from nesy.evidence_values import evidence_tensors
    from nesy.solvers.evidence import check_evidence
    from nesy.solvers.logic.costs import readings
    from nesy.solvers.logic.reading import ground_logic
    from nesy.solvers.logic.tasks import Mode, Task

    program = ground_logic(nesy.load(family.text).checked)
    raw = evidence_tensors(program.model, list(family.instances))
    checked = check_evidence(program.model, raw, device="cpu", dtype=torch.float64)
    costs = readings(program, checked, 1000)
    mode = Mode(family.mode)
    made = [Task(*costs.of(place), 1000, mode) for place in range(len(family.instances))]
    return program, made


def measure(family: Family, names: Sequence[str], limit: float) -> list[Row]:
    """All solvers on one family."""
    from nesy.solvers.answer import Status
    from nesy.solvers.logic.checker import Checker

    program, made = tasks(family)
    checker = Checker(program)
    proved: dict[int, Mapping[int, int]] = {}
    rows = []
    for name in names:
        print(f"{family.name}: {name} …", file=sys.stderr)
        solver = make(name, program)
        seconds, solved = [], 0
        for place, task in enumerate(made):
            limited = replace(task, time_limit=limit * stretch())
            started = cpu()
            outcome = solver.solve(limited)
            seconds.append(cpu() - started)
            for model in outcome.models:
                faults = [fault.text for fault in checker.faults(model.atoms)]
                assert not faults, (family.name, name, place, faults)
            if outcome.status in (Status.OPTIMAL, Status.INFEASIBLE):
                solved += 1
                costs = dict(outcome.models[0].costs) if outcome.models else {}
                if family.mode == "optimum":
                    assert proved.setdefault(place, costs) == costs, (family.name, name, place, proved[place], costs)
        rows.append(
            Row(
                family.name,
                bool(program.loops),
                len(program.levels),
                len(program.rules),
                name,
                len(made),
                median(seconds),
                max(seconds),
                solved / len(made),
            )
        )
    return rows


def show(rows: Sequence[Row], names: Sequence[str]) -> None:
    """A Markdown table: median (worst) CPU milliseconds, and the share solved where it is not all."""
    print("| family | recursive | levels | ground rules | " + " | ".join(names) + " |")
    print("| --- | --- | ---: | ---: |" + " ---: |" * len(names))
    for family in dict.fromkeys(row.family for row in rows):
        own = {row.solver: row for row in rows if row.family == family}
        first = next(iter(own.values()))
        best = min((row.median for row in own.values() if row.solved == max(r.solved for r in own.values())), default=0)
        cells = []
        for name in names:
            row = own[name]
            text = f"{row.median * 1e3:.0f} ({row.worst * 1e3:.0f})"
            text = f"**{text}**" if row.median == best else text
            cells.append(text if row.solved == 1 else f"{text} {row.solved:.0%}")
        recursive = "yes" if first.recursive else "no"
        print(f"| {family} | {recursive} | {first.levels} | {first.rules:,} | " + " | ".join(cells) + " |")


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--quick", action="store_true", help="two instances of each family, 1 second each")
    parser.add_argument("--seconds", type=float, default=2.0, help="time limit of an instance, about CPU seconds")
    parser.add_argument("--only", default="", help="families whose name contains this")
    parser.add_argument("--solvers", default=",".join(SOLVERS), help="solvers, separated by commas")
    options = parser.parse_args()
    limit = min(options.seconds, 1.0) if options.quick else options.seconds
    names = options.solvers.split(",")
    rows: list[Row] = []
    for family in all_families(2 if options.quick else 4):
        if options.only in family.name:
            rows += measure(family, names, limit)
    show(rows, names)
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
