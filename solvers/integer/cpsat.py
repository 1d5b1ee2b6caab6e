"""CP-SAT of OR-tools: the model is built once; a task clones it, shuts out values and sets the objective."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from nesy.solvers.answer import Status
from nesy.solvers.integer.integer_program import IntegerProgram
from nesy.solvers.integer.interruption import interruptible
from nesy.solvers.integer.levels import Levels, Step, undecided
from nesy.solvers.logic.objective import Objective
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Outcome, Task, shown_atoms

LARGEST = 2**53
"""CP-SAT adds up in 64 bits, but tells costs and bounds in floating point, where integers up to this are exact."""


class CpSat:
    """Solves tasks over ``program``, given as the integer program ``lowered``.

    ``workers`` threads search; with one worker and a seed the result is the same each time.
    """

    name = "cpsat"

    def __init__(self, program: LogicProgram, lowered: IntegerProgram, *, seed: int = 0, workers: int = 1) -> None:
        self._program = program
        self._seed = seed
        self._workers = workers
        self._model = _build(lowered)
        self._shown = shown_atoms(program)

    def solve(self, task: Task) -> Outcome:
        """The outcome of ``task``: one optimal model, or models whatever they cost."""
        objective = Objective.of(self._program, task)
        objective.check(LARGEST, self.name)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = self._workers
        # the relaxation of sets of which at most one holds is what proves optima of readings' costs
        solver.parameters.linearization_level = 2
        solver.parameters.random_seed = self._seed
        solver.parameters.catch_sigint_signal = False
        session = _Session(_copied(self._model.proto), solver, self._program.size)
        session.shut_out(task.excluded)
        return Levels(session, task, objective, task.projected or self._shown).outcome()


class _Session:
    """A copy of the model with what one task adds to it.

    It is changed as plain data: CP-SAT's expressions, one object for each variable, take longer than some searches.
    A literal is the place of its variable from 0 on, its negation −place − 1.
    """

    def __init__(self, proto: Any, solver: cp_model.CpSolver, size: int) -> None:
        self.proto = proto
        self._solver = solver
        self._size = size

    def shut_out(self, atoms: Sequence[int]) -> None:
        """``atoms`` are false."""
        for atom in atoms:
            self._clause([-atom])

    def minimise(self, terms: Mapping[int, int], start: frozenset[int] | None, seconds: float | None) -> Step:
        objective = self.proto.objective
        objective.vars.clear()
        objective.coeffs.clear()
        objective.vars.extend([number - 1 for number in terms])
        objective.coeffs.extend(list(terms.values()))
        objective.scaling_factor = 1.0
        if not terms:
            self.proto.clear_objective()
        if start is not None:
            self._hint(start)
        if seconds is not None:
            self._solver.parameters.max_time_in_seconds = seconds
        solve = partial(self._solver.solve, self)  # type: ignore[arg-type]  # of a model it reads `proto` alone
        status, interrupted = interruptible(solve, self._solver.stop_search)
        if status == cp_model.INFEASIBLE:
            return Step(Status.INFEASIBLE)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return undecided(seconds, interrupted=interrupted)
        values = np.array(list(self._solver.response_proto.solution))[: self._size]
        atoms = frozenset((np.flatnonzero(values) + 1).tolist())
        bound = round(self._solver.best_objective_bound) if terms else 0
        proved = Status.OPTIMAL if status == cp_model.OPTIMAL else Status.FEASIBLE
        return Step(proved, atoms, bound, interrupted)

    def hold(self, terms: Mapping[int, int], most: int) -> None:
        if terms:
            row = self.proto.constraints.add().linear
            row.vars.extend([number - 1 for number in terms])
            row.coeffs.extend(list(terms.values()))
            row.domain.extend([cp_model.INT_MIN, most])

    def forbid(self, atoms: frozenset[int], over: Sequence[int]) -> None:
        self._clause([-atom if atom in atoms else atom for atom in over])

    def _clause(self, literals: Iterable[int]) -> None:
        places = [literal - 1 if literal > 0 else literal for literal in literals]
        self.proto.constraints.add().bool_or.literals.extend(places)

    def _hint(self, atoms: frozenset[int]) -> None:
        hint = self.proto.solution_hint
        hint.vars.clear()
        hint.values.clear()
        hint.vars.extend(list(range(self._size)))
        hint.values.extend([int(atom in atoms) for atom in range(1, self._size + 1)])


def _copied(proto: Any) -> Any:
    copy = type(proto)()
    copy.copy_from(proto)
    return copy


def _build(lowered: IntegerProgram) -> cp_model.CpModel:
    model = cp_model.CpModel()
    variables = [
        model.new_int_var(0, lowered.ranges[number], "") if number in lowered.ranges else model.new_bool_var("")
        for number in range(1, lowered.size + 1)
    ]

    def pick(numbers: Iterable[int]) -> list[cp_model.LiteralT]:
        return [variables[number - 1] if number > 0 else ~variables[-number - 1] for number in numbers]

    for clause in lowered.clauses:
        model.add_bool_or(pick(clause))
    for group in lowered.at_most_one:
        model.add_at_most_one(pick(group))
    for group in lowered.exactly_one:
        model.add_exactly_one(pick(group))
    for row in lowered.linear:
        weights = [weight for weight, _ in row.terms]
        total = cp_model.LinearExpr.weighted_sum(pick(number for _, number in row.terms), weights)
        low = cp_model.INT_MIN if row.low is None else row.low
        high = cp_model.INT_MAX if row.high is None else row.high
        model.add_linear_constraint(total, low, high)
    return model
