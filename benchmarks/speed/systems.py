"""Speed of min–max systems and of learning: `python benchmarks/speed/systems.py [--json FILE] [--quick]`.

Times the Chebyshev distance of random systems of several sizes, beside a plain NumPy evaluation of its definition,
O(N² M), in the same process where this ends in reasonable time; and what learning a rule base asks of the systems of
its rules; and `engine.learn` from probabilities to parameters. One core, float64, CPU seconds. Each row runs in a
process of its own, so that its peak memory can be told.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

SIZES = ((500, 20), (2_000, 20), (5_000, 20), (1_000, 200), (100_000, 40), (1_000_000, 40))
QUICK = SIZES[:2]
PLAIN_LIMIT = 600_000_000
"""N² M up to which the plain evaluation is run."""

HERE = Path(__file__).resolve().parent

GOALS = {
    "∇ 5,000 × 20": 0.005,
    "∇ 1,000,000 × 40": 2.0,
    "learning Sudoku 9×9, 200 puzzles": 20.0,
    "learning Sudoku 9×9, 200 puzzles, thresholds searched": 20.0,
    "learning addition k = 1, 25,000 samples": 5.0,
    "learning addition k = 1, 25,000 samples, thresholds searched": 5.0,
}
"""CPU seconds that are aimed at."""


@dataclass(frozen=True)
class Row:
    """What one process measured: CPU seconds; ``memory`` in megabytes over those of the input."""

    name: str
    seconds: float
    memory: float
    input: float
    plain: float | None = None
    difference: float | None = None
    parts: dict[str, float] | None = None


def peak(*, anew: bool = False) -> float:
    """Megabytes of this process at their highest; from now on if ``anew``, where the system can do that (Linux)."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if anew:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    lines = status.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def best(call: Callable[[], object], at_least: float = 0.5) -> float:
    """CPU seconds of the fastest of at least three calls."""
    times: list[float] = []
    while len(times) < 3 or (sum(times) < at_least and len(times) < 200):
        started = time.process_time()
        call()
        times.append(time.process_time() - started)
    return min(times)


def plain_distance(matrix: np.ndarray, targets: np.ndarray) -> float:
    """∇ by its definition, vectorised over pairs of equations, column by column."""
    worst = 0.0
    for start in range(0, len(targets), 64):
        own = targets[start : start + 64, None]
        half = np.maximum(targets - own, 0) / 2
        least = np.full(len(own), np.inf)
        for column in matrix.T:
            forced = np.minimum(half, np.maximum(targets - column, 0)).max(1)
            least = np.minimum(least, np.maximum(forced, column[start : start + 64] - own[:, 0]))
        worst = max(worst, float(least.max()))
    return worst


def random_system(rows: int, columns: int, *, kind: str) -> Row:
    """The distance of one system: ``random``; the same ``streamed``, in chunks made anew each time they are read; or
    of the worst kind, where an equation with a lower right-hand side always has larger gaps: all ``steps``.
    """
    import torch

    from nesy.solvers.possibilistic.systems import chebyshev_distance, solve

    torch.set_num_threads(1)
    name = f"∇ {rows:,} × {columns}"
    if kind == "streamed":
        chebyshev_distance(torch.rand(100, columns).double(), torch.rand(100).double())
        source = Chunks(rows, columns)
        before = peak(anew=True)
        making = best(lambda: [None for _ in source], 0)
        started = time.process_time()
        solve(source)
        seconds = time.process_time() - started
        return Row(f"{name}, ∇ and x in chunks", seconds, peak() - before, 0.0, parts={"making the chunks": 2 * making})
    generator = torch.Generator().manual_seed(0)
    matrix = torch.rand(rows, columns, dtype=torch.float64, generator=generator)
    targets = torch.rand(rows, dtype=torch.float64, generator=generator)
    if kind == "steps":
        name += ", all steps"
        matrix.copy_((targets[:, None] - (1 - targets[:, None]) * matrix[0]).clamp_(0, 1))
    chebyshev_distance(matrix[:10], targets[:10])
    before = peak(anew=True)
    found = float(chebyshev_distance(matrix, targets))
    memory = peak() - before
    seconds = best(lambda: chebyshev_distance(matrix, targets))
    plain = difference = None
    if rows * rows * columns <= PLAIN_LIMIT:
        started = time.process_time()
        expected = plain_distance(matrix.numpy(), targets.numpy())
        plain, difference = time.process_time() - started, abs(expected - found)
    return Row(name, seconds, memory, matrix.nbytes / 2**20, plain, difference)


@dataclass(frozen=True)
class Chunks:
    """The equations of a random system, 50,000 at a time."""

    rows: int
    columns: int

    def __iter__(self) -> Iterator[tuple[object, object]]:
        import torch

        generator = torch.Generator().manual_seed(0)
        for start in range(0, self.rows, 50_000):
            count = min(50_000, self.rows - start)
            yield (
                torch.rand(count, self.columns, dtype=torch.float64, generator=generator),
                torch.rand(count, dtype=torch.float64, generator=generator),
            )


def rule_base(name: str, domain: int, batch: int, samples: int) -> Row:
    """Learning the rules "pair in {(v, _)} iff first = v" and "… {(_, v)} iff second = v", for ``batch`` pairs at once.

    2 % of the labels are wrong. Measured: the distances of all samples, and distance and lowest solution of those that
    are less than ½ away, with the labels as targets.
    """
    import torch

    from nesy.solvers.possibilistic.systems import RuleSystem, rule_system
    from nesy.solvers.possibilistic.transform import possibility

    torch.set_num_threads(1)
    random = np.random.default_rng(0)
    labels = random.integers(domain, size=(batch, samples, 2))
    logits = random.normal(0, 1, (batch, samples, 2, domain))
    np.put_along_axis(logits, labels[..., None], random.normal(12, 3, (batch, samples, 2, 1)), 3)
    read = torch.from_numpy(logits).softmax(3).movedim(3, 0).contiguous()
    possible = possibility(read, "antipignistic", "symmetric").movedim(0, 3)
    others = possible[..., None, :].masked_fill(torch.eye(domain, dtype=torch.bool), 0).amax(4)
    wrong = random.random(labels.shape) < 0.02
    labels = np.where(wrong, random.integers(domain, size=labels.shape), labels)
    cells = np.stack(np.divmod(np.arange(domain**2), domain), 1)
    signs = (cells[:, None, :] == np.arange(domain)[:, None]).reshape(len(cells), -1)
    system = RuleSystem(
        torch.from_numpy(signs),
        possible.transpose(2, 3).flatten(2).contiguous(),
        others.transpose(2, 3).flatten(2).contiguous(),
        torch.from_numpy(np.eye(domain**2)[labels[..., 0] * domain + labels[..., 1]]),
        torch.arange(2 * signs.shape[1]),
    )
    size = sum(tensor.nbytes for tensor in (system.possible, system.excluded, system.targets)) / 2**20
    del logits, read, possible, others
    before, parts, started = peak(anew=True), {}, time.process_time()

    def timed(part: str, call: Callable[[], torch.Tensor]) -> torch.Tensor:
        begun = time.process_time()
        value = call()
        parts[part] = time.process_time() - begun
        return value

    alone = timed("∇ of each sample", lambda: rule_system.sample_distances(system))
    keep = alone < 0.5
    distance = timed("∇ of those kept", lambda: rule_system.distance(system, keep=keep))
    timed("lowest solution", lambda: rule_system.lowest_solution(system, distance, keep=keep))
    seconds = time.process_time() - started
    return Row(f"{name}, {batch} × {samples:,}", seconds, peak() - before, size, parts=parts)


def learning(name: str, file: str, constants: dict[str, int], samples: int, *, searched: bool) -> Row:
    """All uncertain rules of a program learned from true readings, 1 % of which the network has wrong.

    ``searched``: thresholds by validation data, a fifth as many samples or half as many puzzles; otherwise ½ for all.
    """
    import torch

    from nesy.dsl import check, load
    from nesy.solvers.backend import Options
    from nesy.solvers.grounding import ground
    from nesy.solvers.possibilistic import compile_model
    from nesy.solvers.possibilistic.learning.options import LearningOptions

    torch.set_num_threads(1)
    random = np.random.default_rng(0)
    make = sudoku_data if file == "sudoku.nesy" else addition_data
    evidence, targets = make(samples, random)
    validation = make(samples // (2 if file == "sudoku.nesy" else 5), random) if searched else None
    before, started = peak(anew=True), time.process_time()
    engine = compile_model(ground(check(load(str(HERE / "rules" / file)), constants)), Options())
    compiled = time.process_time() - started
    options = LearningOptions(every=True, threshold="validation" if searched else 0.5)
    engine.learn(evidence, targets, options, validation=validation)
    seconds = time.process_time() - started
    size = sum(tensor.nbytes for part in (evidence, targets) for tensor in part.values()) / 2**20
    parts = {"compiling": compiled, "learning": seconds - compiled}
    return Row(name + ", thresholds searched" * searched, seconds, peak() - before, size, parts=parts)


Data = dict[str, "torch.Tensor"]
"""Evidence or targets."""


def sudoku_data(puzzles: int, random: np.random.Generator) -> tuple[Data, Data]:
    """Readings and truths of puzzles, half of them with one wrong digit."""
    place = np.arange(9)
    grid = (3 * (place % 3) + place // 3)[:, None] + place
    labels = np.stack([random.permutation(9)[grid % 9] for _ in range(puzzles)])
    for wrong in labels[puzzles // 2 :]:
        row, column = random.integers(9, size=2)
        wrong[row, column] = (wrong[row, column] + random.integers(1, 9)) % 9
    valid = (np.arange(puzzles) < puzzles // 2).astype(int)
    return {"cell": readings(labels, 9, random)}, {"cell": certain(labels, 9), "valid": certain(valid, 2)}


def addition_data(samples: int, random: np.random.Generator) -> tuple[Data, Data]:
    """Readings of two digits, and the digits and sums."""
    labels = random.integers(10, size=(samples, 2))
    total = np.stack(np.divmod(labels.sum(1), 10), 1)
    return {"a": readings(labels, 10, random)}, {"a": certain(labels, 10), "y": certain(total, 10)}


def readings(labels: np.ndarray, values: int, random: np.random.Generator) -> torch.Tensor:
    """Probabilities as a good network gives them, for 1 % of the ``labels`` of another value."""
    import torch

    seen = np.where(random.random(labels.shape) < 0.01, random.integers(values, size=labels.shape), labels)
    logits = random.normal(0, 1, (*labels.shape, values))
    np.put_along_axis(logits, seen[..., None], random.normal(12, 3, (*labels.shape, 1)), -1)
    return torch.from_numpy(logits).softmax(-1)


def certain(labels: np.ndarray, values: int) -> torch.Tensor:
    """The possibility distributions of known values."""
    import torch

    return torch.from_numpy(np.eye(values)[labels])


def jobs(*, quick: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """The function of each row and its arguments."""
    for rows, columns in QUICK if quick else SIZES:
        yield "random_system", {"rows": rows, "columns": columns, "kind": "random"}
    rows = 100_000 if quick else 1_000_000
    yield "random_system", {"rows": rows, "columns": 40, "kind": "streamed"}
    yield "random_system", {"rows": rows // 10, "columns": 40, "kind": "steps"}
    batch, samples = (20, 1_000) if quick else (810, 25_000)
    yield "rule_base", {"name": "rules of Sudoku 9×9", "domain": 9, "batch": batch, "samples": 200}
    yield "rule_base", {"name": "rules of addition k = 1", "domain": 10, "batch": 1, "samples": samples}
    puzzles, sums = (20, 1_000) if quick else (200, 25_000)
    sudoku = {"name": f"learning Sudoku 9×9, {puzzles} puzzles", "file": "sudoku.nesy", "samples": puzzles}
    addition = {"name": f"learning addition k = 1, {sums:,} samples", "file": "addition.nesy", "samples": sums}
    for searched in (False, True):
        yield "learning", {**sudoku, "constants": {"m": 9, "b": 3}, "searched": searched}
        yield "learning", {**addition, "constants": {"k": 1}, "searched": searched}


def in_own_process(function: str, arguments: dict[str, object]) -> Row:
    """One row, measured in a fresh process with one thread."""
    command = [sys.executable, __file__, "--worker", json.dumps([function, arguments])]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(f"{function} {arguments}: {done.stderr}")
    return Row(**json.loads(done.stdout.splitlines()[-1]))


def growth(rows: dict[tuple[int, int], float]) -> dict[str, float]:
    """The exponents of N between systems with equally many columns."""
    exponents = {}
    for (few, columns), less in rows.items():
        for (many, same), more in rows.items():
            if columns == same and few < many and not any(few < n < many for n, m in rows if m == columns):
                exponents[f"{few:,} → {many:,} × {columns}"] = math.log(more / less) / math.log(many / few)
    return exponents


def show(rows: list[Row], exponents: dict[str, float]) -> None:
    """The tables."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Min–max systems, one core, float64")
    for head in ("system", "CPU seconds", "goal", "memory MB", "input MB", "plain O(N² M)", "ratio", "difference"):
        table.add_column(head, justify="left" if head == "system" else "right")
    for row in rows:
        goal = GOALS.get(row.name)
        table.add_row(
            row.name,
            f"{row.seconds:.4g}",
            "" if goal is None else f"{'✓' if row.seconds <= goal else '✗'} {goal:g}",
            f"{row.memory:,.0f}",
            f"{row.input:,.0f}",
            "" if row.plain is None else f"{row.plain:.3g}",
            "" if row.plain is None else f"{row.plain / row.seconds:,.0f}×",
            "" if row.difference is None else f"{row.difference:.0e}",
        )
        for part, seconds in (row.parts or {}).items():
            table.add_row(f"    {part}", f"{seconds:.3g}")
    console = Console(width=118)
    console.print(table)
    for steps, exponent in exponents.items():
        console.print(f"growth {steps}: N^{exponent:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--quick", action="store_true", help="small systems only")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        function, arguments = json.loads(options.worker)
        known = {"random_system": random_system, "rule_base": rule_base, "learning": learning}
        print(json.dumps(asdict(known[function](**arguments))))
        return
    rows: list[Row] = []
    sizes: dict[tuple[int, int], float] = {}
    for function, arguments in jobs(quick=options.quick):
        print(f"{function} {arguments} …", file=sys.stderr)
        rows.append(in_own_process(function, arguments))
        if arguments.get("kind") == "random":
            sizes[arguments["rows"], arguments["columns"]] = rows[-1].seconds
    exponents = growth(sizes)
    show(rows, exponents)
    if options.json:
        machine = {"python": platform.python_version(), "machine": platform.platform()}
        results = {**machine, "rows": [asdict(row) for row in rows], "growth": exponents}
        options.json.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
