"""CBC, which PuLP brings: a program of its own that reads the LP text, of which a task changes only the objective."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.answer import Status
from nesy.solvers.integer.floating import LARGEST, forbidding, integer_bound
from nesy.solvers.integer.integer_program import IntegerProgram, Linear
from nesy.solvers.integer.levels import Levels, Step, undecided
from nesy.solvers.integer.lp_format import (
    constraint_lines,
    declaration_lines,
    numbered,
    objective_lines,
    used_variables,
)
from nesy.solvers.integer.packages import cbc_path
from nesy.solvers.logic.objective import Objective
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Outcome, Task, shown_atoms

PATIENCE = 5.0
"""Seconds that CBC has to write down what it has found once it is asked to stop."""

_BOUND = re.compile(r"Lower bound:\s+(\S+)")


class Cbc:
    """Solves tasks over ``program``, given as the integer program ``lowered``; ``seed`` fixes what is left open."""

    name = "cbc"

    def __init__(self, program: LogicProgram, lowered: IntegerProgram, *, seed: int = 0) -> None:
        self._path = cbc_path()
        self._program = program
        self._lowered = lowered
        self._seed = seed
        self._shown = shown_atoms(program)
        rows = lowered.rows()
        self._used = frozenset(used_variables(rows))
        self._rows = "\n".join(constraint_lines(rows, numbered))

    def solve(self, task: Task) -> Outcome:
        """The outcome of ``task``: one optimal model, or models whatever they cost."""
        objective = Objective.of(self._program, task)
        objective.check(LARGEST, self.name)
        with TemporaryDirectory(prefix="nesy-cbc-") as folder:
            session = _Session(self, Path(folder), task.excluded)
            return Levels(session, task, objective, task.projected or self._shown).outcome()

    def text(self, terms: Mapping[int, int], added: Sequence[Linear]) -> str:
        """The LP text with an objective and further rows."""
        used = self._used | used_variables(added, terms)
        return "\n".join(
            [
                *objective_lines(terms, numbered),
                "Subject To",
                self._rows,
                *constraint_lines(added, numbered, "t"),
                *declaration_lines(self._lowered, used, numbered),
                "",
            ]
        )

    def command(self, model: Path, solution: Path, seconds: float | None) -> list[str]:
        """How to call CBC."""
        limit = [] if seconds is None else ["-timeMode", "elapsed", "-sec", f"{seconds:.3f}"]
        seeds = ["-randomSeed", str(self._seed), "-randomCbcSeed", str(self._seed)] if self._seed else []
        return [self._path, str(model), *limit, *seeds, "-solve", "-solution", str(solution)]

    @property
    def size(self) -> int:
        """Number of atoms."""
        return self._program.size


class _Session:
    """What one task adds to the model."""

    def __init__(self, solver: Cbc, folder: Path, excluded: Sequence[int]) -> None:
        self._solver = solver
        self._folder = folder
        self._added = [Linear(((1, atom),), 0, 0) for atom in excluded]

    def minimise(self, terms: Mapping[int, int], start: frozenset[int] | None, seconds: float | None) -> Step:
        del start  # CBC takes none from an LP text
        model, solution = self._folder / "model.lp", self._folder / "solution.txt"
        model.write_text(self._solver.text(terms, self._added), encoding="ascii")
        solution.unlink(missing_ok=True)
        log, interrupted = _run(self._solver.command(model, solution, seconds))
        if not solution.exists():
            if interrupted:
                return undecided(seconds, interrupted=True)
            raise NesyError(_failure(log))
        lines = solution.read_text(encoding="ascii", errors="replace").splitlines()
        said = lines[0] if lines else ""
        if "nfeasible" in said.split(" - ")[0]:
            return Step(Status.INFEASIBLE)
        optimal = said.startswith("Optimal")
        if not optimal and (not said.startswith("Stopped") or "no integer solution" in said or len(lines) == 1):
            return undecided(seconds, interrupted=interrupted)
        atoms = _true_atoms(lines[1:], self._solver.size)
        if optimal:
            return Step(Status.OPTIMAL, atoms, sum(w for number, w in terms.items() if number in atoms), interrupted)
        bound = _BOUND.search(log)
        proved = None if bound is None else integer_bound(float(bound[1]), terms)
        return Step(Status.FEASIBLE, atoms, proved, interrupted)

    def hold(self, terms: Mapping[int, int], most: int) -> None:
        if terms:
            self._added.append(Linear(tuple((weight, number) for number, weight in terms.items()), None, most))

    def forbid(self, atoms: frozenset[int], over: Sequence[int]) -> None:
        self._added.append(forbidding(atoms, over))


def _true_atoms(lines: Sequence[str], size: int) -> frozenset[int]:
    """The atoms among the variables that a solution file gives a value, ``     3 x12   1   0``."""
    found = set()
    for line in lines:
        fields = line.replace("**", "").split()
        if len(fields) >= 3 and float(fields[2]) > 0.5:
            number = int(fields[1][1:])
            if number <= size:
                found.add(number)
    return frozenset(found)


def _run(command: Sequence[str]) -> tuple[str, bool]:
    """What CBC prints, and whether Ctrl-C has cut it short; it then has a moment to write its best solution."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    interrupted = False
    try:
        output, _ = process.communicate()
    except KeyboardInterrupt:
        interrupted = True
        process.send_signal(signal.SIGINT)
        try:
            output, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            output = b""
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return output.decode("utf-8", "replace"), interrupted


def _failure(log: str) -> Diagnostic:
    last = next((line for line in reversed(log.splitlines()) if line.strip()), "it said nothing")
    message = f"CBC ended without a solution file: {last.strip()}"
    return Diagnostic("E552", message, hint="take another solver, such as --solver cpsat", place="option solver")
