"""Speed of abduction: `python benchmarks/speed/abduction.py [--json FILE] [--quick] [--seconds LIMIT] [--only PART]`.

Objects: N objects read by F models of C classes, solved by ``auto``; when the optimum was found, when it was proved,
how far the heuristics are from it. Plain: the same problems as an integer program with rows for each object, without
merging signatures, by HiGHS of SciPy, CBC and CP-SAT. Scenes: objects that have different labels, and denials on top.
Start: what compiling costs once, and a second process.

Each problem is solved in a process of its own, after a small one that warms it; CPU seconds of that process and of the
programs that it starts, so that other work on the machine counts little. Memory is what the peak rises by.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

BOUNDS = (0.02, 0.1, 0.2)
SIZES = ((1_000, 6, 4), (10_000, 6, 4), (100_000, 6, 4), (1_000_000, 6, 4), (1_000, 3, 10), (100_000, 3, 10))
LARGE = ((1_000, 6, 10), (10_000, 10, 10), (100_000, 10, 16), (1_000, 3, 100), (100_000, 6, 100))
SCENES = (4, 9, 16)
DENIALS = (1, 10, 100)


def cpu() -> float:
    """CPU seconds of this process and of the programs that it has started and waited for."""
    spent = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in spent)


def peak() -> float:
    """The most memory that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# ----- what runs in a process of its own


@dataclass(frozen=True)
class ObjectRow:
    """One problem without scenes; seconds of CPU time. ``paper`` and ``annealed``: coverage as a share of the bound."""

    objects: int
    models: int
    classes: int
    epsilons: int
    bound: float
    seed: int
    signatures: int
    compress: float
    found: float
    within: float
    seconds: float
    whole: float
    status: str
    covered: int
    gap: float
    paper: float
    annealed: float
    memory: float
    method: str


def objects_row(
    size: tuple[int, int, int], bound: float, seed: int, limit: float, epsilons: tuple[float, ...] = (0.0,)
) -> ObjectRow:
    """Solve one problem, and look at when each coverage was reached."""
    from readings import object_problem

    from nesy.abduction.signatures import compress
    from nesy.abduction.solve import solve

    solve(object_problem(500, 4, 3, 0, bound=0.1))
    problem = object_problem(*size, seed, bound=bound, epsilons=epsilons)
    started = cpu()
    compress(problem)
    compressed = cpu() - started
    paper, annealed = solve(problem, "search").covered, solve(problem, "anneal").covered
    before, started = peak(), cpu()
    reached: list[tuple[float, int]] = []
    answer = solve(
        problem, time_limit=limit, progress=lambda _, covered, __: reached.append((cpu() - started, covered))
    )
    seconds = cpu() - started
    most = max(1, answer.bound)
    return ObjectRow(
        *size,
        len(epsilons),
        bound,
        seed,
        int(str(answer.statistics["signatures"])),
        compressed,
        next((when for when, covered in reached if covered == answer.covered), seconds),
        next((when for when, covered in reached if covered >= 0.99 * answer.covered), seconds),
        seconds,
        answer.seconds,
        str(answer.status),
        answer.covered,
        answer.gap,
        paper / most,
        annealed / most,
        peak() - before,
        answer.method,
    )


@dataclass(frozen=True)
class PlainRow:
    """One solver on the integer program with rows for each object, or for each signature (``merged``)."""

    objects: int
    bound: float
    seed: int
    solver: str
    merged: bool
    seconds: float
    status: str
    covered: int | None


def plain_row(size: tuple[int, int, int], bound: float, seed: int, limit: float, solver: str, merged: bool) -> PlainRow:
    """Build and solve the integer program."""
    from readings import object_problem

    from nesy.abduction.incidence import incidence
    from nesy.abduction.integer import lower, solve_program
    from nesy.abduction.limits import object_limit
    from nesy.abduction.signatures import compress

    problem = object_problem(*size, seed, bound=bound)
    compress(object_problem(500, 4, 3, 0, bound=0.1))
    started = cpu()
    lowered = lower(incidence(problem, compress(problem, merge=merged)), object_limit(problem))
    total = sum(lowered.uncovered.values())
    if solver == "scipy":
        cost, status = by_scipy(lowered, limit)
    else:
        outcome = solve_program(lowered.program, lowered.uncovered, solver=solver, time_limit=limit)
        status = str(outcome.status)
        cost = (
            None if not outcome.models else sum(w for n, w in lowered.uncovered.items() if n in outcome.models[0].atoms)
        )
    return PlainRow(
        size[0], bound, seed, solver, merged, cpu() - started, status, None if cost is None else total - cost
    )


def by_scipy(lowered: Any, limit: float) -> tuple[int | None, str]:
    """HiGHS of SciPy on an integer program."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    rows = lowered.program.rows()
    place = [index for index, row in enumerate(rows) for _ in row.terms]
    column = [number - 1 for row in rows for _, number in row.terms]
    weight = [factor for row in rows for factor, _ in row.terms]
    size = lowered.program.size
    matrix = csr_array((weight, (place, column)), shape=(len(rows), size))
    low = [-np.inf if row.low is None else row.low for row in rows]
    high = [np.inf if row.high is None else row.high for row in rows]
    cost = np.zeros(size)
    for number, value in lowered.uncovered.items():
        cost[number - 1] = value
    done = milp(
        cost,
        integrality=np.ones(size),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, low, high),
        options={"time_limit": limit, "mip_rel_gap": 0.0},
    )
    return (None if done.x is None else round(done.fun)), "optimal" if done.status == 0 else "feasible"


@dataclass(frozen=True)
class SceneRow:
    """Scenes of ``size`` objects with different labels, and so many denials in each; CPU seconds.

    ``base``: the assignments one by one by SciPy's ``linear_sum_assignment``, building the matrices included.
    """

    scenes: int
    size: int
    denials: int
    bound: float
    seconds: float
    base: float | None
    status: str
    covered: int
    objects: int
    programs: int


def scene_row(scenes: int, size: int, denials: int, bound: float, limit: float) -> SceneRow:
    """Solve one batch of scenes."""
    from readings import denied, scene_problem

    from nesy.abduction.solve import solve

    problem = scene_problem(scenes, size, 4, 1, bound=bound)
    solve(scene_problem(20, 4, 4, 0, bound=0.1))
    if denials:
        problem = denied(problem, denials, 1)
        solve(denied(scene_problem(5, 4, 4, 0, bound=0.1), 2, 1))
    started = cpu()
    answer = solve(problem, time_limit=limit)
    seconds = cpu() - started
    base = None
    if not denials:
        started = cpu()
        one_by_one(problem, size)
        base = cpu() - started
    programs = int(str(answer.statistics["components"])) - int(str(answer.statistics["assignments"]))
    return SceneRow(
        scenes, size, denials, bound, seconds, base, str(answer.status), answer.covered, scenes * size, programs
    )


def one_by_one(problem: Any, size: int) -> None:
    """The usual loop: a matrix of scores for each scene, and SciPy's assignment."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    labels, confidence = problem.predictions.labels, problem.predictions.confidence
    classes = len(problem.predictions.classes)
    for low in range(0, len(labels), size):
        scores = np.zeros((size, classes + size))
        for item in range(size):
            for label, sure in zip(labels[low + item], confidence[low + item], strict=True):
                if label >= 0:
                    scores[item, label] = max(scores[item, label], 2 * size + sure)
        linear_sum_assignment(scores, maximize=True)


def start_rows() -> dict[str, float]:
    """CPU seconds of importing and of the first and second answer, in a process without and with compiled code on
    disk."""
    script = (
        "import time, sys; sys.path.insert(0, sys.argv[1]); a = time.process_time()\n"
        "from readings import object_problem\nfrom nesy.abduction.solve import solve\n"
        "p = object_problem(1000, 6, 4, 0, bound=0.02); b = time.process_time(); solve(p); c = time.process_time()\n"
        "solve(p); d = time.process_time(); print(b - a, c - b, d - c)"
    )
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("compiling", "from disk"):
            done = subprocess.run(
                [sys.executable, "-c", script, str(HERE)],
                env={**os.environ, "NUMBA_CACHE_DIR": folder},
                capture_output=True,
                text=True,
                check=True,
            )
            _, found[name], found["warm"] = map(float, done.stdout.split())
    return found


# ----- measuring and showing


def alone(work: Callable[..., Any], *arguments: Any) -> Any:
    """The result of ``work`` in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(work, *arguments).result()


def note(*words: object) -> None:
    print(*words, "…", file=sys.stderr, flush=True)


def measure(parts: Sequence[str], quick: bool, limit: float) -> dict[str, Any]:
    """All rows of the named parts."""
    data: dict[str, Any] = {}
    seeds = (1,) if quick else (1, 2, 3)
    if "start" in parts:
        note("start")
        data["start"] = start_rows()
    if "objects" in parts:
        data["objects"] = []
        sizes = SIZES[:2] if quick else (*SIZES, *LARGE)
        for size in sizes:
            for bound in (0.02, 0.1) if size in LARGE else BOUNDS:
                for seed in seeds[:1] if size in LARGE or size[0] == 1_000_000 else seeds:
                    note(*size, bound, seed)
                    data["objects"].append(alone(objects_row, size, bound, seed, limit))
        for bound in () if quick else BOUNDS:
            note("three budgets", bound)
            data["objects"].append(alone(objects_row, (1_000, 6, 4), bound, 1, limit, (0.0, 0.02, 0.1)))
    if "plain" in parts:
        data["plain"] = []
        for size in ((1_000, 6, 4),) if quick else ((1_000, 6, 4), (10_000, 6, 4)):
            for bound in (0.02,) if quick else (0.02, 0.2):
                for solver in ("scipy", "cbc", "cpsat"):
                    for merged in (False, True):
                        note("plain", size, bound, solver, "merged" if merged else "")
                        data["plain"].append(alone(plain_row, size, bound, 1, limit, solver, merged))
    if "scenes" in parts:
        data["scenes"] = []
        for size in SCENES[:1] if quick else SCENES:
            for bound in (0.0, 0.1):
                note("scenes", size, bound)
                data["scenes"].append(alone(scene_row, 1_000 if quick else 10_000, size, 0, bound, limit))
        for denials in DENIALS[:1] if quick else DENIALS:
            note("denials", denials)
            data["scenes"].append(alone(scene_row, 100 if quick else 1_000, 9, denials, 0.0, 10 * limit))
    return data


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:,.0f}" if seconds >= 0.01 else f"{seconds * 1e3:.1f}"


def show(data: dict[str, Any]) -> None:
    """Print tables; median of the seeds and (worst)."""
    from statistics import median

    from rich.console import Console
    from rich.table import Table

    console = Console(width=150)

    def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        made = Table(title=title)
        for head in heads:
            made.add_column(head, justify="right")
        for row in rows:
            made.add_row(*row)
        console.print(made)

    if "start" in data:
        table(
            "First answer in a process, CPU ms", [*data["start"]], [[milliseconds(s) for s in data["start"].values()]]
        )
    if "objects" in data:
        groups: dict[Any, list[ObjectRow]] = {}
        for row in data["objects"]:
            groups.setdefault((row.objects, row.models, row.classes, row.epsilons, row.bound), []).append(row)
        lines = []
        for (objects, models, classes, epsilons, bound), rows in groups.items():
            spread = [row.seconds for row in rows]
            lines.append(
                [
                    f"{objects:,} × {models} × {classes}" + (f", {epsilons} ε" if epsilons > 1 else ""),
                    f"{bound:g}",
                    f"{rows[0].signatures:,}",
                    milliseconds(median(row.compress for row in rows)),
                    milliseconds(median(row.within for row in rows)),
                    milliseconds(median(row.found for row in rows)),
                    f"{milliseconds(median(spread))} ({milliseconds(max(spread))})",
                    f"{sum(row.status == 'optimal' for row in rows)}/{len(rows)}",
                    f"{max(row.gap for row in rows):.1%}",
                    f"{1 - min(row.paper for row in rows):.1%}",
                    f"{1 - min(row.annealed for row in rows):.1%}",
                    f"{max(row.memory for row in rows):.0f}",
                ]
            )
        heads = ["N × F × C", "δ", "signatures", "compress", "to 1 %", "found", "proved (worst)", "proved", "gap"]
        table("Objects, CPU ms", [*heads, "paper's search", "annealed", "MB"], lines)
        proved = [row for row in data["objects"] if row.status == "optimal"]
        for name in ("paper", "annealed"):
            near = sum(getattr(row, name) >= 0.98 for row in proved)
            console.print(f"{name}: within 2 % of the optimum on {near} of {len(proved)} proved problems")
    if "plain" in data:
        lines = [
            [
                f"{row.objects:,}",
                f"{row.bound:g}",
                row.solver,
                "signatures" if row.merged else "objects",
                milliseconds(row.seconds),
                row.status,
                f"{row.covered}",
            ]
            for row in data["plain"]
        ]
        table(
            "Integer program, 6 models × 4 classes, CPU ms",
            ["N", "δ", "solver", "rows for", "ms", "", "covered"],
            lines,
        )
    if "scenes" in data:
        lines = [
            [
                f"{row.scenes:,} × {row.size}",
                str(row.denials),
                f"{row.bound:g}",
                milliseconds(row.seconds),
                "" if row.base is None else milliseconds(row.base),
                "" if row.base is None else f"{row.base / row.seconds:.1f}×",
                str(row.programs),
                row.status,
                f"{row.covered / row.objects:.1%}",
            ]
            for row in data["scenes"]
        ]
        heads = ["scenes", "denials", "δ", "ms", "SciPy loop", "ratio", "programs", "", "covered"]
        table("Scenes of different objects, CPU ms", heads, lines)


def main() -> None:
    parts = ("start", "objects", "plain", "scenes")
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--quick", action="store_true", help="few and small problems")
    parser.add_argument("--seconds", type=float, default=20.0, help="time limit of a problem")
    parser.add_argument("--only", choices=parts, action="append", help="this part only; may be given several times")
    options = parser.parse_args()
    data = measure(options.only or parts, options.quick, options.seconds)
    show(data)
    if options.json:
        plain = {part: rows if isinstance(rows, dict) else [asdict(row) for row in rows] for part, rows in data.items()}
        found = {"python": platform.python_version(), "machine": platform.platform(), **plain}
        options.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
