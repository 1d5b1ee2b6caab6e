"""CBC, HiGHS and SCIP against brute force and against CP-SAT; limits; Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
import time
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.dsl.diagnostics import NesyError
from nesy.solvers.answer import Status
from nesy.solvers.asp.clasp import Clasp
from nesy.solvers.backend import Options
from nesy.solvers.integer.interruption import interruptible
from nesy.solvers.integer.levels import Levels, Step
from nesy.solvers.integer.making import make_solver
from nesy.solvers.integer.mathopt import SLICE, _Session
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Mode, Solver, Task, cheapest
from tests.effort import tries
from tests.solvers.logic.programs import program_of, stable_models, texts

NAMES = ("cbc", "highs", "scip")


def solver(name: str, program: LogicProgram, **options: int) -> Solver | None:
    try:
        return make_solver(name, program, Options(**options))
    except NesyError as error:
        codes = {entry.code for entry in error.diagnostics}
    assert codes <= {"E550", "E551"}
    return None


def check_against_brute_force(name: str, text: str, costs: list[int]) -> None:
    program = program_of(text)
    found = solver(name, program)
    if found is None:
        return
    atoms = [atom for row in program.values[0] for atom in row if atom]
    paid = [(atom, cost) for atom, cost in zip(atoms, costs, strict=True) if cost < 5]
    task = Task(paid, [atom for atom, cost in zip(atoms, costs, strict=True) if cost == 5], models=3)
    wanted = stable_models(program, task)
    outcome = cheapest(found, task)
    if not wanted:
        assert outcome.status is Status.INFEASIBLE
        return
    assert outcome.status is Status.OPTIMAL
    assert outcome.bound == outcome.models[0].costs or not outcome.models[0].costs
    paid_by_level = [tuple(cost for _, cost in sorted(model.costs.items(), reverse=True)) for model in outcome.models]
    assert paid_by_level == sorted(paid_by_level)
    assert paid_by_level[0] == wanted[0][0]
    for model in outcome.models:
        assert model.atoms in [atoms for _, atoms in wanted]


costs_of_readings = st.lists(st.integers(0, 5), min_size=6, max_size=6)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=tries(12), deadline=None)
@given(texts(), costs_of_readings)
def test_cheapest_models_equal_brute_force(name: str, text: str, costs: list[int]) -> None:
    check_against_brute_force(name, text, costs)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=tries(100), deadline=None)
@given(texts(), costs_of_readings)
def test_cheapest_models_of_many_programs_equal_brute_force(name: str, text: str, costs: list[int]) -> None:
    check_against_brute_force(name, text, costs)


@pytest.mark.slow
def test_nothing_of_a_task_stays_behind() -> None:
    program = program_of("percept x(1..2) : 1..3.\nquery x(_).")
    first = next(atom for row in program.values[0] for atom in row if atom)
    for name in NAMES:
        found = solver(name, program)
        assert found is not None
        task = Task([(first, 7)], [first])
        before = cheapest(found, Task([(first, 7)], mode=Mode.MODELS, models=0))
        cheapest(found, task)
        after = cheapest(found, Task([(first, 7)], mode=Mode.MODELS, models=0))
        assert {model.atoms for model in before.models} == {model.atoms for model in after.models}
        assert len(after.models) == 9


# ----- limits

KNAPSACK = Random(5)


def hard_program() -> LogicProgram:
    """Many equations over many choices: far too much for a second."""
    lines = ["percept x(1..70) : bool."]
    for _ in range(6):
        weights = [KNAPSACK.randint(100, 999) for _ in range(70)]
        terms = "; ".join(f"{weight},{place} : x({place}) = true" for place, weight in enumerate(weights, 1))
        lines.append(f":- sum {{ {terms} }} != {sum(weights) // 2}.")
    return program_of("\n".join([*lines, "query x(_)."]))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cbc", "highs", "scip", "cpsat"])
def test_the_time_limit_holds(name: str) -> None:
    program = hard_program()
    found = solver(name, program)
    assert found is not None
    costs = [(atom, place % 7 + 1) for place, row in enumerate(program.values[0]) for atom in row if atom]
    outcome = found.solve(Task(costs, time_limit=0.5))  # it would take hours
    assert outcome.status in (Status.TIMEOUT, Status.FEASIBLE)
    assert bool(outcome.models) == (outcome.status is Status.FEASIBLE)
    assert found.solve(Task(costs, time_limit=0.0)).status is Status.TIMEOUT


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cbc", "highs", "cpsat"])
def test_control_c_ends_the_search_and_says_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = hard_program()
    found = solver(name, program)
    assert found is not None
    costs = [(atom, place % 7 + 1) for place, row in enumerate(program.values[0]) for atom in row if atom]
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    minimise = Levels._minimise

    def with_control_c(levels: Levels, *arguments: Any) -> Step:
        timer.start()  # not before, however long this machine takes to build the model
        return minimise(levels, *arguments)

    monkeypatch.setattr(Levels, "_minimise", with_control_c)
    outcome = found.solve(Task(costs, time_limit=3.0))  # solvers that are left to themselves go on until then
    assert outcome.interrupted
    assert outcome.status in (Status.UNKNOWN, Status.FEASIBLE)


def test_highs_and_scip_search_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    program = program_of("percept x(1..2) : 1..3.\nquery x(_).")
    found = make_solver("highs", program, Options())
    known = Step(Status.FEASIBLE, frozenset({1, 4}), 0)
    said: list[Step] = []
    asked: list[tuple[frozenset[int] | None, float]] = []

    def slices(_: object, terms: object, start: frozenset[int] | None, seconds: float) -> Step:
        asked.append((start, seconds))
        return said.pop(0)

    monkeypatch.setattr(_Session, "_slice", slices)
    said += [Step(Status.TIMEOUT), known, Step(Status.UNKNOWN, interrupted=True)]
    outcome = found.solve(Task([(1, 2)]))
    assert (outcome.status, outcome.interrupted, outcome.models[0].atoms) == (Status.FEASIBLE, True, {1, 4})
    assert asked == [(None, SLICE), (None, 2 * SLICE), ({1, 4}, 4 * SLICE)]
    said += [known, Step(Status.OPTIMAL, frozenset({2, 4}), 0)]
    assert found.solve(Task([(1, 2)])).status is Status.OPTIMAL
    said += [known, Step(Status.TIMEOUT)]
    assert found.solve(Task([(1, 2)], time_limit=1.5 * SLICE)).status is Status.FEASIBLE


def test_the_best_so_far_survives_control_c() -> None:
    stopped = threading.Event()

    def search() -> str:
        os.kill(os.getpid(), signal.SIGINT)
        stopped.wait()
        return "best so far"

    assert interruptible(search, stopped.set) == ("best so far", True)
    stopped.clear()

    def waited_for() -> str:
        time.sleep(0.1)  # by then the main thread waits
        return search()

    assert interruptible(waited_for, stopped.set) == ("best so far", True)
    assert interruptible(lambda: "done", None) == ("done", False)
    with pytest.raises(ZeroDivisionError):
        interruptible(lambda: 1 // 0, None)


def test_costs_beyond_the_numbers_of_a_solver_are_refused() -> None:
    program = program_of("percept x : 1..3.\nquery x.")
    first = next(atom for row in program.values[0] for atom in row if atom)
    for name, cost in (("cbc", 10**12), ("scip", 10**12), ("cpsat", 2**53), ("clingo", 2**31 - 1)):
        found: Solver | None = Clasp(program) if name == "clingo" else solver(name, program)
        assert found is not None
        assert found.solve(Task([(first, cost)])).status is Status.OPTIMAL
        with pytest.raises(NesyError) as caught:
            found.solve(Task([(first, cost + 1)]))
        assert [(entry.code, "--resolution" in (entry.hint or "")) for entry in caught.value.diagnostics] == [
            ("E553", True)
        ]
