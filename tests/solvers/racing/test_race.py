"""Races: the outcomes of their solvers, and no process that outlives them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nesy.dsl.diagnostics import NesyError
from nesy.solvers.answer import Status
from nesy.solvers.backend import Options
from nesy.solvers.logic.choice import Structure, racers
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Mode, Outcome, StableModel, Task, cheapest
from nesy.solvers.racing.race import Race
from tests.solvers.integer.test_linear_solvers import hard_program
from tests.solvers.logic.programs import program_of, stable_models

pytestmark = pytest.mark.slow

CLINGO = ("clingo", "clingo-bb")
"""Quick to start, so most tests take these."""

CONFLICT = "percept x(1..3) : 1..3.\n:- x(I) = V, x(J) = V, I < J.\n:~ x(1) = 2. [1@1]\nquery x(_)."


@contextmanager
def race(program: LogicProgram, names: tuple[str, str] = CLINGO) -> Iterator[Race]:
    made = Race(names, program, Options())
    try:
        yield made
    finally:
        numbers = [worker.number for worker in made._workers]
        made.close()
        assert not any(map(runs, numbers))


def runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def costs(program: LogicProgram) -> list[tuple[int, int]]:
    atoms = [atom for row in program.values[0] for atom in row if atom]
    return [(atom, place * place % 7) for place, atom in enumerate(atoms) if place * place % 7]


@pytest.mark.parametrize("names", [CLINGO, ("cpsat", "cbc")])
def test_outcomes_are_those_of_brute_force(names: tuple[str, str]) -> None:
    program = program_of(CONFLICT)
    task = Task(costs(program))
    wanted = stable_models(program, task)
    with race(program, names) as solver:
        for _ in range(3):
            outcome = solver.solve(task)
            assert outcome.status is Status.OPTIMAL
            assert tuple(cost for _, cost in sorted(outcome.models[0].costs.items(), reverse=True)) == wanted[0][0]
            assert outcome.solver in names
            assert outcome.remark == f"{outcome.solver} was the first to prove an optimum"
        three = cheapest(solver, Task(costs(program), models=3))
        assert [sum(model.costs.values()) for model in three.models] == [sum(entry[0]) for entry in wanted[:3]]
        everything = solver.solve(Task(mode=Mode.MODELS, models=0))
        assert {model.atoms for model in everything.models} == {model for _, model in stable_models(program, Task())}
        excluded = solver.solve(Task(excluded=[atom for atom, _ in costs(program)]))
        assert excluded.status is Status.INFEASIBLE


def test_a_worker_that_is_killed_is_replaced() -> None:
    program = program_of(CONFLICT)
    with race(program) as solver:
        killed = solver._workers[0]
        first = killed.number
        os.kill(first, signal.SIGKILL)
        while killed.alive:
            time.sleep(0.01)
        outcome = solver.solve(Task(costs(program)))
        assert outcome.status is Status.OPTIMAL
        solver.solve(Task(costs(program)))
        assert first not in [worker.number for worker in solver._workers]
        assert len(solver._workers) == 2


def test_the_time_limit_holds_and_nothing_is_left() -> None:
    program = hard_program()
    paid = [(atom, place % 7 + 1) for place, row in enumerate(program.values[0]) for atom in row if atom]
    with race(program) as solver:
        started = time.perf_counter()
        outcome = solver.solve(Task(paid, time_limit=0.3))
        assert time.perf_counter() - started < 60
        assert outcome.status in (Status.TIMEOUT, Status.UNKNOWN, Status.FEASIBLE)
        assert solver.solve(Task(paid, time_limit=0.1)).status in (Status.TIMEOUT, Status.UNKNOWN, Status.FEASIBLE)


def test_control_c_gives_the_best_so_far() -> None:
    program = hard_program()
    paid = [(atom, place % 7 + 1) for place, row in enumerate(program.values[0]) for atom in row if atom]
    with race(program) as solver:
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        outcome = solver.solve(Task(paid))
        assert outcome.interrupted
        assert outcome.status in (Status.UNKNOWN, Status.FEASIBLE)
        assert solver.solve(Task(paid, time_limit=0.1)).status is not Status.INFEASIBLE


def test_a_wrong_model_does_not_win(monkeypatch: pytest.MonkeyPatch) -> None:
    program = program_of(CONFLICT)
    with race(program) as solver:
        wrong = Outcome(Status.OPTIMAL, (StableModel(frozenset(), {}),))
        assert not solver._trusted(wrong)
        calls: list[Outcome] = []

        def only_the_second(outcome: Outcome) -> bool:
            calls.append(outcome)
            return len(calls) > 1

        monkeypatch.setattr(solver, "_trusted", only_the_second)
        outcome = solver.solve(Task(costs(program)))
        assert len(calls) == 2
        assert "is none" in outcome.remark


def test_what_a_solver_refuses_is_said() -> None:
    program = program_of("percept x : 1..3.\nquery x.")
    first = next(atom for row in program.values[0] for atom in row if atom)
    with race(program) as solver, pytest.raises(NesyError) as caught:
        solver.solve(Task([(first, 2**40)]))
    assert {entry.code for entry in caught.value.diagnostics} == {"E553"}


def test_a_solver_that_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ortools").mkdir()
    (tmp_path / "ortools" / "__init__.py").write_text("raise ImportError('no ortools here')")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(NesyError) as caught:
        Race(("clingo", "cpsat"), program_of(CONFLICT), Options())
    assert [entry.code for entry in caught.value.diagnostics] == ["E552"]
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    with pytest.raises(NesyError) as caught:
        Race(CLINGO, program_of(CONFLICT), Options())
    assert [entry.code for entry in caught.value.diagnostics] == ["E541"]


SCRIPT = """
import os, sys, time
from nesy.solvers.backend import Options
from nesy.solvers.racing.race import Race
from nesy.solvers.logic.tasks import Task
from tests.solvers.integer.test_linear_solvers import hard_program
program = hard_program()
solver = Race({names!r}, program, Options())
print(*[worker.number for worker in solver._workers], flush=True)
if {busy}:
    solver.solve(Task([(atom, 1) for row in program.values[0] for atom in row if atom]))
"""


@pytest.mark.parametrize(("names", "busy", "end"), [(CLINGO, False, None), (("cpsat", "cbc"), True, signal.SIGKILL)])
def test_no_process_outlives_the_engine(names: tuple[str, str], busy: bool, end: signal.Signals | None) -> None:
    """Neither when the interpreter ends in good order without ``close``, nor when it is killed in the middle."""
    code = SCRIPT.format(names=names, busy=busy)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    numbers = [int(number) for number in process.stdout.readline().split()]
    if end is not None:
        time.sleep(1.0)
        children = [child for number in numbers for child in children_of(number)]
        process.send_signal(end)
        numbers += children
    process.wait(60)
    process.stdout.close()
    until = time.perf_counter() + 30
    while any(map(runs, numbers)) and time.perf_counter() < until:
        time.sleep(0.1)
    assert len(numbers) >= 2
    assert not any(map(runs, numbers))


def children_of(number: int) -> list[int]:
    """The processes that a worker has started (CBC), where the system tells."""
    listed = Path(f"/proc/{number}/task/{number}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def test_pairs_follow_from_the_structure() -> None:
    assert racers(Structure(recursive=False, linear=True, readings=True, levels=1)) == ("cpsat", "cbc")
    assert racers(Structure(recursive=True, linear=True, readings=True, levels=1)) == ("clingo", "cpsat")
    assert racers(Structure(recursive=False, linear=True, readings=True, levels=3)) == ("clingo", "cpsat")
    assert racers(Structure(recursive=True, linear=False, readings=True, levels=1)) == CLINGO
