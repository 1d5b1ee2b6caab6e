"""CP-SAT of OR-tools: the model is built once; a task clones it, shuts out values and sets the objective."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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
        session = _Session(self._model.clone(), solver, self._program.size)
        for atom in task.excluded:
            session.shut_out(atom)
        return Levels(session, task, objective, task.projected or self._shown).outcome()


class _Session:
    """A copy of the model with what one task adds to it."""

    def __init__(self, model: cp_model.CpModel, solver: cp_model.CpSolver, size: int) -> None:
        self._model = model
        self._solver = solver
        self._size = size

    def shut_out(self, atom: int) -> None:
        """``atom`` is false."""
        self._model.add_bool_or([~self._variable(atom)])

    def minimise(self, terms: Mapping[int, int], start: frozenset[int] | None, seconds: float | None) -> Step:
        self._model.clear_objective()  # type: ignore[no-untyped-call]
        if terms:
            self._model.minimize(self._sum(terms))
        if start is not None:
            self._hint(start)
        if seconds is not None:
            self._solver.parameters.max_time_in_seconds = seconds
        status, interrupted = interruptible(lambda: self._solver.solve(self._model), self._solver.stop_search)
        if status == cp_model.INFEASIBLE:
            return Step(Status.INFEASIBLE)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return undecided(seconds, interrupted=interrupted)
        solution = self._solver.response_proto.solution
        atoms = frozenset(atom for atom in range(1, self._size + 1) if solution[atom - 1])
        bound = round(self._solver.best_objective_bound) if terms else 0
        proved = Status.OPTIMAL if status == cp_model.OPTIMAL else Status.FEASIBLE
        return Step(proved, atoms, bound, interrupted)

    def hold(self, terms: Mapping[int, int], most: int) -> None:
        if terms:
            self._model.add(self._sum(terms) <= most)

    def forbid(self, atoms: frozenset[int], over: Sequence[int]) -> None:
        self._model.add_bool_or([~self._variable(a) if a in atoms else self._variable(a) for a in over])

    def _variable(self, number: int) -> cp_model.IntVar:
        return self._model.get_bool_var_from_proto_index(number - 1)

    def _sum(self, terms: Mapping[int, int]) -> cp_model.LinearExpr:
        variables = [self._variable(number) for number in terms]
        return cp_model.LinearExpr.weighted_sum(variables, list(terms.values()))

    def _hint(self, atoms: frozenset[int]) -> None:
        self._model.clear_hints()  # type: ignore[no-untyped-call]
        for atom in range(1, self._size + 1):
            self._model.add_hint(self._variable(atom), atom in atoms)


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
