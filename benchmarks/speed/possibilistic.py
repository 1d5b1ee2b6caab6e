"""Speed of possibilistic inference: `python benchmarks/speed/possibilistic.py [--json FILE] [--quick]`.

Prints milliseconds an instance for Sudoku 4 and 9 and for sums of k-digit numbers, at several batch sizes, on one core,
beside a straightforward NumPy evaluation of M □ I of the same instances in the same process. Each program runs in
a process of its own, so that its peak memory can be told.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from nesy.solvers.answer import Answer
    from nesy.solvers.possibilistic import PossibilisticEngine

HERE = Path(__file__).resolve().parent
RULES = HERE / "rules"
BATCHES = (1, 100, 1_000, 10_000)
PROGRAMS: dict[str, tuple[str, dict[str, int]]] = {
    "sudoku 4×4": ("sudoku.nesy", {"m": 4, "b": 2}),
    "sudoku 9×9": ("sudoku.nesy", {"m": 9, "b": 3}),
    "addition k=1": ("addition.nesy", {"k": 1}),
    "addition k=2": ("addition.nesy", {"k": 2}),
    "addition k=4": ("addition.nesy", {"k": 4}),
    "addition k=15": ("addition.nesy", {"k": 15}),
    "addition k=100": ("addition.nesy", {"k": 100}),
}
GOALS = {
    ("sudoku 9×9", "arbitrary", 1): 1.0,
    ("sudoku 9×9", "arbitrary", 1_000): 0.15,
    ("addition k=100", "s = r = 0", 1_000): 0.1,
}
"""Milliseconds an instance that are aimed at."""


def measure(program: str, parameters: str, batches: list[int], device: str) -> dict[str, object]:
    """Compile one program and time it at each batch size; plain data."""
    import torch
    from baseline import Baseline

    from nesy.dsl import check, load
    from nesy.solvers.backend import Options
    from nesy.solvers.grounding import ground
    from nesy.solvers.possibilistic import compile_model

    torch.set_num_threads(1)
    random = np.random.default_rng(0)
    file, constants = PROGRAMS[program]
    started = time.perf_counter()
    model = ground(check(load(str(RULES / file)), constants))
    front = time.perf_counter() - started
    if parameters == "arbitrary":
        rules = [dataclasses.replace(rule, s=random.random() / 2, r=random.random() / 2) for rule in model.uncertain]
        model = dataclasses.replace(model, uncertain=tuple(rules))
    engine = compile_model(model, Options(device=device))
    slow, difference = 0.0, 0.0
    rows = []
    for batch in batches:
        logits = {a.name: random.normal(0, 3, (batch, *a.shape, len(a.domain))) for a in model.percepts}
        evidence = {name: torch.from_numpy(values).softmax(-1) for name, values in logits.items()}
        answer, times = timed(engine, evidence)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        if not slow:
            slow, difference = compare(Baseline(model), evidence, answer)
        best, median = min(times) / batch, float(np.median(times)) / batch
        row = {"batch": batch, "ms": best * 1e3, "median_ms": median * 1e3, "ratio": slow / best, "peak_mb": peak}
        rows.append({"program": program, "parameters": parameters} | row)
    return {
        "program": program,
        "parameters": parameters,
        "ground_rules": len(model.uncertain),
        "front_seconds": front,
        "compile_seconds": engine.compile_seconds,
        "operations": engine.plan.operations,
        "chunk": engine.chunk,
        "numpy_ms": slow * 1e3,
        "difference": difference,
        "rows": rows,
    }


def timed(engine: PossibilisticEngine, evidence: dict[str, Tensor]) -> tuple[Answer, list[float]]:
    """The answer, and the seconds of each of at least three runs (for about a second) after one that is not counted."""
    import torch

    answer = engine.infer(evidence)
    times: list[float] = []
    while len(times) < 3 or (sum(times) < 1.0 and len(times) < 200):
        started = time.perf_counter()
        answer = engine.infer(evidence)
        if engine.device.type != "cpu":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - started)
    return answer, times


def compare(baseline: Any, evidence: dict[str, Tensor], answer: Answer) -> tuple[float, float]:
    """Seconds of the NumPy evaluation of the first instance (best of three), and the largest difference of degrees."""
    one = {name: tensor[0].numpy() for name, tensor in evidence.items()}
    times = []
    for _ in range(3):
        started = time.perf_counter()
        degrees = baseline.evaluate(one)
        times.append(time.perf_counter() - started)
    difference = 0.0
    for query in baseline.model.queries:
        ours = answer[query.label].possibility
        assert ours is not None
        difference = max(difference, float(np.abs(ours[0].cpu().numpy() - degrees[query.attribute, query.index]).max()))
    return min(times), difference


def in_own_process(program: str, parameters: str, batches: list[int], device: str) -> dict[str, Any]:
    """:func:`measure` in a fresh process."""
    command = [sys.executable, __file__, "--worker", json.dumps([program, parameters, batches, device])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{program}: {done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def show(results: list[dict[str, Any]]) -> None:
    """The table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Possibilistic inference, one core, float64; best of several runs")
    for head in ("program", "parameters", "compile s", "batch", "ms/instance", "goal", "NumPy M □ I ms", "ratio"):
        table.add_column(head, justify="left" if head in ("program", "parameters") else "right")
    table.add_column("peak MB", justify="right")
    for result in results:
        for place, row in enumerate(result["rows"]):
            goal = GOALS.get((row["program"], row["parameters"], row["batch"]))
            table.add_row(
                row["program"] if place == 0 else "",
                row["parameters"] if place == 0 else "",
                f"{result['compile_seconds']:.2f}" if place == 0 else "",
                f"{row['batch']:,}",
                f"{row['ms']:.4f}",
                "" if goal is None else f"{'✓' if row['ms'] <= goal else '✗'} {goal:g}",
                f"{result['numpy_ms']:.2f}" if place == 0 else "",
                f"{row['ratio']:,.0f}×",
                f"{row['peak_mb']:,.0f}",
                end_section=place == len(result["rows"]) - 1,
            )
    console = Console(width=118)
    console.print(table)
    worst = max(float(result["difference"]) for result in results)
    console.print(f"largest difference from NumPy's degrees: {worst:.1e}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--quick", action="store_true", help="smaller batches and programs only")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        sys.path.insert(0, str(HERE))
        print(json.dumps(measure(*json.loads(options.worker))))
        return
    batches = [1, 100] if options.quick else list(BATCHES)
    chosen = [name for name in PROGRAMS if not options.quick or name in ("sudoku 4×4", "addition k=1", "addition k=4")]
    results = []
    for program in chosen:
        for parameters in ("s = r = 0", "arbitrary"):
            print(f"{program}, {parameters} …", file=sys.stderr)
            results.append(in_own_process(program, parameters, batches, options.device))
    show(results)
    if options.json:
        machine = {"python": platform.python_version(), "machine": platform.platform(), "results": results}
        options.json.write_text(json.dumps(machine, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
