"""Speed of the logical back ends: `python benchmarks/speed/repair.py [--json FILE] [--quick] [--seconds LIMIT]`.

Visual 9×9 Sudoku, as it is read by a network that errs: cells misread with confidence (0, 3, 5, 15 %), cells of which
nothing is seen (0, 20, 45). For each solver the median and the worst time of an instance, the share that was proved
optimal, and the share of grids that are fully right; beside it a CP-SAT model and a clingo program written by hand on
the same costs, in the same process. CPU seconds of one thread, evidence to answer, all checks of models included.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RULES = Path(__file__).resolve().parent / "rules" / "sudoku_repair.nesy"
KINDS = ((0.0, 0), (0.03, 0), (0.05, 0), (0.15, 0), (0.0, 20), (0.0, 45), (0.05, 20))
"""Share of misread cells, number of blanks."""

Batch = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """One solver on one kind of puzzle; seconds of CPU time."""

    misread: float
    blanks: int
    solver: str
    instances: int
    median: float
    worst: float
    proved: float
    right: float
    argmax: float


# ----- puzzles


def puzzles(misread: float, blanks: int, count: int, seed: int) -> tuple[NDArray[np.int64], Batch]:
    """Grids with values 0 … 8 ``[count, 9, 9]`` and how they are read, ``[count, 9, 9, 9]``.

    A cell that is read right has its digit 4 to 9 nats above the others, which are normal around 0. A cell that is
    misread has another digit 3 to 7 nats above them, its own somewhere in between.
    """
    from nesy.perception.generators.grids import complete_grid

    random = np.random.default_rng([seed, int(1000 * misread), blanks])
    grids = np.stack([complete_grid(9, random) for _ in range(count)]) - 1
    logits = random.normal(0, 1, (count, 9, 9, 9))
    for place in np.ndindex(grids.shape):
        own = grids[place]
        if random.random() < misread:
            other = random.choice([digit for digit in range(9) if digit != own])
            height = random.uniform(3, 7)
            logits[(*place, other)] += height
            logits[(*place, own)] += random.uniform(0.5, height)
        else:
            logits[(*place, own)] += random.uniform(4, 9)
    for grid in logits:
        for cell in random.permutation(81)[:blanks]:
            grid[cell // 9, cell % 9] = 0.0
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    return grids, weights / weights.sum(-1, keepdims=True)


# ----- solvers: from one instance's probabilities to a grid (or None) and whether it is proved optimal

Solve = Callable[[Batch], tuple[NDArray[np.int64] | None, bool]]


def nesy_solver(backend: str, solver: str, limit: float) -> Solve:
    """A compiled rule file."""
    import torch

    import nesy

    engine = nesy.load(RULES).compile(backend, solver=solver, time_limit=limit)

    def solve(probabilities: Batch) -> tuple[NDArray[np.int64] | None, bool]:
        answer = engine.infer({"cell": torch.from_numpy(probabilities[None])})
        choice = answer["cell"].choice
        assert choice is not None
        found = choice[0].numpy()
        return (None if (found < 0).any() else found), str(answer.status[0]) == "optimal"

    return solve


def costs(probabilities: Batch) -> NDArray[np.int64]:
    """−log p relative to the best of each cell, in thousandths of a nat."""
    logs = np.log(probabilities)
    return np.rint((logs.max(-1, keepdims=True) - logs) * 1000).astype(np.int64)


def hand_cpsat(limit: float) -> Solve:
    """The usual 0/1 model: each cell one digit, each digit once in each row, column and block."""
    from ortools.sat.python import cp_model

    base = cp_model.CpModel()
    at = [[[base.new_bool_var("") for _ in range(9)] for _ in range(9)] for _ in range(9)]
    for first in range(9):
        for second in range(9):
            base.add_exactly_one(at[first][second])
            base.add_exactly_one(at[first][column][second] for column in range(9))
            base.add_exactly_one(at[row][first][second] for row in range(9))
            top, left = first // 3 * 3, first % 3 * 3
            base.add_exactly_one(at[top + k // 3][left + k % 3][second] for k in range(9))

    def solve(probabilities: Batch) -> tuple[NDArray[np.int64] | None, bool]:
        model = base.clone()
        flat = [model.get_bool_var_from_proto_index(place) for place in range(729)]
        model.minimize(cp_model.LinearExpr.weighted_sum(flat, costs(probabilities).reshape(-1).tolist()))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.linearization_level = 2
        solver.parameters.max_time_in_seconds = limit
        status = solver.solve(model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None, False
        true = np.array([solver.boolean_value(literal) for literal in flat]).reshape(9, 9, 9)
        return true.argmax(-1), status == cp_model.OPTIMAL

    return solve


HAND_WRITTEN = """
{ cell(R,C,V) : V = 0..8 } = 1 :- R = 0..8, C = 0..8.
:- cell(R,C,V), cell(R,D,V), C < D.
:- cell(R,C,V), cell(S,C,V), R < S.
:- cell(R,C,V), cell(S,D,V), R < S, C != D, R/3 = S/3, C/3 = D/3.
:~ cost(R,C,V,W), cell(R,C,V). [W,R,C]
"""


def hand_clingo(limit: float) -> Solve:
    """The program that one would write, grounded for each instance with its costs as facts."""
    import clingo

    def solve(probabilities: Batch) -> tuple[NDArray[np.int64] | None, bool]:
        control = clingo.Control(["--opt-strategy=usc,stratify"], logger=lambda *_: None)
        table = costs(probabilities)
        facts = [f"cost({r},{c},{v},{table[r, c, v]})." for r, c, v in np.ndindex(9, 9, 9) if table[r, c, v]]
        control.add("base", [], HAND_WRITTEN + "".join(facts))
        control.ground([("base", [])])
        found: list[NDArray[np.int64]] = []

        def keep(model: clingo.Model) -> None:
            grid = np.full((9, 9), -1)
            for symbol in model.symbols(atoms=True):
                if symbol.name == "cell":
                    row, column, value = (argument.number for argument in symbol.arguments)
                    grid[row, column] = value
            found.append(grid)

        with control.solve(on_model=keep, async_=True) as handle:
            if not handle.wait(limit):
                handle.cancel()
            proved = bool(handle.get().exhausted)
        return (found[-1] if found else None), proved

    return solve


# ----- measuring


def measure(name: str, solve: Solve, grids: NDArray[np.int64], batch: Batch, kind: tuple[float, int]) -> Row:
    solve(batch[0])  # warm
    seconds, proved, right = [], 0, 0
    for grid, probabilities in zip(grids, batch, strict=True):
        started = time.process_time()
        found, is_proved = solve(probabilities)
        seconds.append(time.process_time() - started)
        proved += is_proved
        right += found is not None and bool((found == grid).all())
    count = len(grids)
    alone = float((batch.argmax(-1) == grids).all((1, 2)).mean())
    return Row(*kind, name, count, float(np.median(seconds)), max(seconds), proved / count, right / count, alone)


def show(rows: list[Row]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Visual 9×9 Sudoku: the most plausible grid, CPU milliseconds an instance, one thread")
    for head in ("misread", "blanks", "solver", "median", "worst", "to by hand", "proved", "right", "argmax right"):
        table.add_column(head, justify="left" if head == "solver" else "right")
    by_hand = {(row.misread, row.blanks, row.solver): row.median for row in rows}
    previous = None
    for row in rows:
        kind = (row.misread, row.blanks)
        other = "CP-SAT by hand" if row.solver in ("cpsat", "cbc") else "clingo by hand"
        base = by_hand.get((*kind, other)) if "hand" not in row.solver else None
        if previous not in (None, kind):
            table.add_section()
        table.add_row(
            "" if previous == kind else f"{row.misread:.0%}",
            "" if previous == kind else str(row.blanks),
            row.solver,
            f"{row.median * 1e3:.0f}",
            f"{row.worst * 1e3:.0f}",
            "" if base is None else f"{row.median / base:.2f}×",
            f"{row.proved:.0%}",
            f"{row.right:.0%}",
            "" if previous == kind else f"{row.argmax:.0%}",
        )
        previous = kind
    Console(width=110).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--quick", action="store_true", help="few instances, CP-SAT only")
    parser.add_argument("--seconds", type=float, default=2.0, help="time limit of an instance")
    options = parser.parse_args()
    limit = options.seconds
    solvers = {"cpsat": nesy_solver("integer", "cpsat", limit), "CP-SAT by hand": hand_cpsat(limit)}
    if not options.quick:
        solvers["clingo"] = nesy_solver("asp", "clingo", limit)
        solvers["clingo by hand"] = hand_clingo(limit)
    rows = []
    for kind in KINDS[:2] if options.quick else KINDS:
        for name, solve in solvers.items():
            count = 5 if options.quick else 10 if "clingo" in name else 50
            print(f"{kind[0]:.0%} misread, {kind[1]} blanks: {name} …", file=sys.stderr)
            grids, batch = puzzles(*kind, count, seed=1)
            rows.append(measure(name, solve, grids, batch, kind))
    show(rows)
    if options.json:
        data = {"python": platform.python_version(), "machine": platform.platform(), "rows": [asdict(r) for r in rows]}
        options.json.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
