"""clingo and CP-SAT against brute force, on random programs with readings."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.dsl.diagnostics import NesyError
from nesy.solvers.answer import Status
from nesy.solvers.asp.clasp import Clasp
from nesy.solvers.integer.completion import complete
from nesy.solvers.integer.cpsat import CpSat
from nesy.solvers.logic.checker import Checker
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Mode, Solver, Task, cheapest, shown_atoms
from tests.effort import tries
from tests.solvers.logic.programs import program_of, stable_models, texts


def solvers(program: LogicProgram) -> list[Solver]:
    """clingo, and CP-SAT where the program can be completed."""
    try:
        return [Clasp(program), CpSat(program, complete(program))]
    except NesyError as error:
        codes = {entry.code for entry in error.diagnostics}
    assert codes <= {"E550", "E551"}
    return [Clasp(program)]


def shown(program: LogicProgram, models: list[frozenset[int]]) -> set[frozenset[int]]:
    over = frozenset(shown_atoms(program))
    return {model & over for model in models}


@settings(max_examples=tries(60), deadline=None)
@given(texts(), st.lists(st.integers(0, 5), min_size=6, max_size=6))
def test_optimum_and_models_equal_brute_force(text: str, costs: list[int]) -> None:
    program = program_of(text)
    atoms = [atom for row in program.values[0] for atom in row if atom]
    readings = [(atom, cost) for atom, cost in zip(atoms, costs, strict=False) if cost < 5]
    excluded = [atom for atom, cost in zip(atoms, costs, strict=False) if cost == 5]
    task = Task(readings, excluded)
    wanted = stable_models(program, task)
    for solver in solvers(program):
        outcome = solver.solve(task)
        if not wanted:
            assert outcome.status is Status.INFEASIBLE, solver.name
            continue
        assert outcome.status is Status.OPTIMAL, solver.name
        best = tuple(outcome.models[0].costs[level] for level in sorted(outcome.models[0].costs, reverse=True))
        assert best == wanted[0][0], solver.name
        assert outcome.models[0].atoms in [model for _, model in wanted], solver.name
        assert not list(Checker(program).faults(outcome.models[0].atoms)), solver.name
        everything = solver.solve(Task(readings, excluded, mode=Mode.MODELS, models=0))
        found = shown(program, [model.atoms for model in everything.models])
        assert found == shown(program, [model for _, model in wanted]), solver.name


@settings(max_examples=tries(40), deadline=None)
@given(texts(), st.lists(st.integers(0, 4), min_size=6, max_size=6))
def test_the_cheapest_models_come_in_order(text: str, costs: list[int]) -> None:
    program = program_of(text)
    atoms = [atom for row in program.values[0] for atom in row if atom]
    task = Task([(atom, cost) for atom, cost in zip(atoms, costs, strict=False) if cost], models=4)
    wanted = stable_models(program, task)
    distinct = shown(program, [model for _, model in wanted])
    for solver in solvers(program):
        outcome = cheapest(solver, task)
        found = [tuple(model.costs[level] for level in sorted(model.costs, reverse=True)) for model in outcome.models]
        assert len(found) == min(4, len(distinct)), solver.name
        assert found == sorted(found), solver.name
        if found:
            assert found[0] == wanted[0][0], solver.name


@settings(max_examples=tries(60), deadline=None)
@given(texts())
def test_brave_and_cautious_consequences(text: str) -> None:
    program = program_of(text)
    models = shown(program, [model for _, model in stable_models(program, Task())])
    solver = Clasp(program)
    for mode, combine in ((Mode.BRAVE, frozenset.union), (Mode.CAUTIOUS, frozenset.intersection)):
        outcome = solver.solve(Task(mode=mode))
        if models:
            assert outcome.consequences == combine(*models)
        else:
            assert outcome.status is Status.INFEASIBLE


@settings(max_examples=tries(60), deadline=None)
@given(texts(), st.randoms(use_true_random=False))
def test_the_checker_tells_stable_models_from_others(text: str, random: Random) -> None:
    program = program_of(text)
    stable = [model for _, model in stable_models(program, Task())]
    if not stable or any(len(rule.head) > 1 and not rule.choice for rule in program.rules):
        return
    model = random.choice(stable)
    assert not list(Checker(program).faults(model))
    heads = sorted({atom for rule in program.rules for atom in rule.head})
    other = model ^ {random.choice(heads)}
    assert bool(list(Checker(program).faults(other))) == (other not in stable)


@pytest.mark.parametrize("mode", list(Mode))
def test_no_search_begins_after_the_time_limit(mode: Mode) -> None:
    program = program_of("percept x(1..2) : 1..3.\nquery x(_).")
    for solver in solvers(program):
        if solver.name == "clingo" or mode in (Mode.OPTIMUM, Mode.MODELS):
            outcome = solver.solve(Task([(1, 2)], mode=mode, time_limit=0.0))
            assert outcome.status is Status.TIMEOUT, solver.name
            assert outcome.models == ()


@pytest.mark.parametrize("text", ["a :- count { 1 : a } > 0.\n{ b }.\nquery b."])
def test_recursion_through_aggregates_is_left_to_asp(text: str) -> None:
    program = program_of(text)
    assert len(Clasp(program).solve(Task(mode=Mode.MODELS, models=0)).models) == 2


@settings(max_examples=tries(30), deadline=None)
@given(texts(), st.lists(st.integers(0, 9), min_size=6, max_size=6))
def test_bounds_of_a_search_that_was_cut_short_are_sound(text: str, costs: list[int]) -> None:
    program = program_of(text)
    atoms = [atom for row in program.values[0] for atom in row if atom]
    task = Task(list(zip(atoms, costs, strict=False)))
    wanted = stable_models(program, task)
    outcome = Clasp(program, further=("--solve-limit=2,umax",)).solve(task)
    if outcome.status is Status.FEASIBLE:
        assert outcome.bound is not None
        levels = sorted(outcome.models[0].costs, reverse=True)
        bound = tuple(outcome.bound[level] for level in levels if level in outcome.bound)
        assert bound <= wanted[0][0][: len(bound)]


def test_recursion_through_aggregates_is_refused_at_its_place() -> None:
    program = program_of("percept x : 1..3.\na :- count { 1 : a; 2 : x = 1 } > 0, x != 3.\nquery a.")
    with pytest.raises(NesyError, match="'a' depends on itself through an aggregate") as caught:
        complete(program)
    assert [(entry.code, entry.span.line) for entry in caught.value.diagnostics] == [("E550", 2)]
