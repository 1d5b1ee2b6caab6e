"""One problem of abduction each, for `abduction.py`: what runs in a process of its own, and what it has measured.

CPU seconds of that process and of the programs that it starts, so that other work on the machine counts little; memory
is what the peak rises by.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

Size = tuple[int, int, int]
"""Objects, models, classes."""


def cpu() -> float:
    """CPU seconds of this process and of the programs that it has started and waited for."""
    spent = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in spent)


def peak() -> float:
    """The most memory that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def warm() -> None:
    """Have everything compiled, or read from disk."""
    from readings import object_problem

    from nesy.abduction.solve import solve

    solve(object_problem(500, 4, 3, 0, bound=0.1))
    solve(object_problem(500, 4, 3, 0, bound=0.1, epsilons=(0.0, 0.1)), "branch")


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
    pairs: int
    compress: float
    within: float
    found: float
    seconds: float
    status: str
    covered: int
    most: int
    paper: float
    annealed: float
    memory: float
    method: str

    @property
    def proved(self) -> bool:
        return self.status == "optimal"

    @property
    def gap(self) -> float:
        """How far the bound lies above what was found, as a share of the bound."""
        return 1 - self.covered / max(1, self.most)


def objects_row(size: Size, bound: float, seed: int, limit: float, epsilons: tuple[float, ...] = (0.0,)) -> ObjectRow:
    """Solve one problem by ``auto``, and look at when each coverage was reached."""
    from readings import object_problem

    from nesy.abduction.signatures import compress
    from nesy.abduction.solve import solve

    warm()
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
    most, statistics = max(1, answer.bound), answer.statistics
    return ObjectRow(
        *size,
        len(epsilons),
        bound,
        seed,
        int(str(statistics["signatures"])),
        int(str(statistics["pairs"])),
        compressed,
        next((when for when, covered in reached if covered >= 0.99 * answer.covered), seconds),
        next((when for when, covered in reached if covered == answer.covered), seconds),
        seconds,
        str(answer.status),
        answer.covered,
        answer.bound,
        paper / most,
        annealed / most,
        peak() - before,
        answer.method,
    )


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
    most: int
    programs: int
    memory: float


def scene_row(scenes: int, size: int, denials: int, bound: float, limit: float) -> SceneRow:
    """Solve one batch of scenes."""
    from readings import denied, scene_problem

    from nesy.abduction.solve import solve

    problem = scene_problem(scenes, size, 4, 1, bound=bound)
    solve(scene_problem(20, 4, 4, 0, bound=0.1))
    if denials:
        problem = denied(problem, denials, 1)
        solve(denied(scene_problem(5, 4, 4, 0, bound=0.1), 2, 1))
    before, started = peak(), cpu()
    answer = solve(problem, time_limit=limit)
    seconds, memory = cpu() - started, peak() - before
    base = None
    if not denials and not bound:
        started = cpu()
        one_by_one(problem, size)
        base = cpu() - started
    programs = int(str(answer.statistics["components"])) - int(str(answer.statistics["assignments"]))
    most, status = answer.bound, str(answer.status)
    return SceneRow(scenes, size, denials, bound, seconds, base, status, answer.covered, most, programs, memory)


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


@dataclass(frozen=True)
class StartRow:
    """CPU seconds in a new process: importing, the first answer and the second, for 1,000 objects × 6 × 4."""

    code: str
    importing: float
    first: float
    second: float


def start_rows() -> list[StartRow]:
    """A process that has to compile, and one after it that finds the compiled code on disk."""
    script = (
        "import time, sys; sys.path.insert(0, sys.argv[1]); from readings import object_problem\n"
        "p = object_problem(1000, 6, 4, 0, bound=0.02); a = time.process_time()\n"
        "from nesy.abduction.solve import solve; b = time.process_time(); solve(p); c = time.process_time()\n"
        "solve(p); d = time.process_time(); print(b - a, c - b, d - c)"
    )
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for code in ("to be compiled", "on disk"):
            done = subprocess.run(
                [sys.executable, "-c", script, str(HERE)],
                env={**os.environ, "NUMBA_CACHE_DIR": folder},
                capture_output=True,
                text=True,
                check=True,
            )
            found.append(StartRow(code, *map(float, done.stdout.split())))
    return found
