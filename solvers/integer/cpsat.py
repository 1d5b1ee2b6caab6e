"""CP-SAT of OR-tools: the model is built once; a task clones it, shuts out values and sets the objective."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ortools.sat.python import cp_model

from nesy.solvers.answer import Status
from nesy.solvers.integer.integer_program import IntegerProgram
from nesy.solvers.logic.objective import Objective
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Mode, Outcome, StableModel, Task, shown_atoms

STATUS = {
    cp_model.OPTIMAL: Status.OPTIMAL,
    cp_model.FEASIBLE: Status.FEASIBLE,
    cp_model.INFEASIBLE: Status.INFEASIBLE,
}


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
        search = _Search(self, task)
        found = search.best() if task.mode is Mode.OPTIMUM and search.objective.levels else search.several()
        return replace(found, seconds=time.perf_counter() - search.started)


class _Search:
    """One task while it is solved."""

    def __init__(self, solver: CpSat, task: Task) -> None:
        self.started = time.perf_counter()
        self.task = task
        self.objective = Objective.of(solver._program, task)
        self._solver = cp_model.CpSolver()
        self._solver.parameters.num_workers = solver._workers
        # the relaxation of sets of which at most one holds is what proves optima of readings' costs
        self._solver.parameters.linearization_level = 2
        self._solver.parameters.random_seed = solver._seed
        self._size = solver._program.size
        self._over = task.projected or solver._shown
        self._model = solver._model.clone()
        for atom in task.excluded:
            self._model.add_bool_or([~self._variable(atom)])
        for known in task.forbidden:
            self._forbid(known)

    def best(self) -> Outcome:
        """Level by level: the best at one level is held while the next is minimised."""
        bound: dict[int, int] = {}
        best: frozenset[int] | None = None
        for level in self.objective.levels:
            terms, constant = self.objective.terms[level], self.objective.constants[level]
            if best is not None:
                self._hint(best)
            self._model.minimize(self._sum(terms))
            status, atoms = self._search()
            if atoms is None and best is None:
                return Outcome(status)
            if atoms is not None:
                best = atoms
                bound[level] = round(self._solver.best_objective_bound) + constant
            assert best is not None
            if status is not Status.OPTIMAL:
                return Outcome(Status.FEASIBLE, (self._stable_model(best),), bound)
            self._model.clear_objective()  # type: ignore[no-untyped-call]
            self._model.add(self._sum(terms) <= self.objective.value(level, best) - constant)
        assert best is not None
        return Outcome(Status.OPTIMAL, (self._stable_model(best),), bound)

    def several(self) -> Outcome:
        """Models one after the other, whatever they cost."""
        wanted = 1 if self.task.mode is Mode.OPTIMUM else self.task.models
        found: list[StableModel] = []
        status = Status.OPTIMAL
        while wanted == 0 or len(found) < wanted:
            status, atoms = self._search()
            if atoms is None:
                break
            found.append(self._stable_model(atoms))
            self._forbid(atoms)
        if not found:
            return Outcome(status)
        complete = status in (Status.OPTIMAL, Status.FEASIBLE, Status.INFEASIBLE)
        return Outcome(Status.OPTIMAL if complete else Status.FEASIBLE, tuple(found))

    def _search(self) -> tuple[Status, frozenset[int] | None]:
        """The status and the true atoms of the best solution; None where there is none yet."""
        if self.task.time_limit is not None:
            left = self.task.time_limit - (time.perf_counter() - self.started)
            self._solver.parameters.max_time_in_seconds = max(0.0, left)
        status = STATUS.get(self._solver.solve(self._model))
        if status is Status.INFEASIBLE:
            return status, None
        if status is None:
            return Status.UNKNOWN if self.task.time_limit is None else Status.TIMEOUT, None
        solution = self._solver.response_proto.solution
        return status, frozenset(atom for atom in range(1, self._size + 1) if solution[atom - 1])

    def _variable(self, number: int) -> cp_model.IntVar:
        return self._model.get_bool_var_from_proto_index(number - 1)

    def _sum(self, terms: Mapping[int, int]) -> cp_model.LinearExpr:
        variables = [self._variable(number) for number in terms]
        return cp_model.LinearExpr.weighted_sum(variables, list(terms.values()))

    def _hint(self, atoms: frozenset[int]) -> None:
        self._model.clear_hints()  # type: ignore[no-untyped-call]
        for atom in range(1, self._size + 1):
            self._model.add_hint(self._variable(atom), atom in atoms)

    def _forbid(self, atoms: frozenset[int]) -> None:
        """Shut out what agrees with a known model on the projected atoms."""
        self._model.add_bool_or([~self._variable(a) if a in atoms else self._variable(a) for a in self._over])

    def _stable_model(self, atoms: frozenset[int]) -> StableModel:
        return StableModel(atoms, {level: self.objective.value(level, atoms) for level in self.objective.levels})


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
