"""HiGHS and SCIP through MathOpt of OR-tools: the model is built once; what a task adds is taken back afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from ortools.math_opt.python import mathopt

from nesy.solvers.answer import Status
from nesy.solvers.integer.floating import LARGEST, forbidding, integer_bound
from nesy.solvers.integer.integer_program import IntegerProgram, Linear
from nesy.solvers.integer.interruption import interruptible
from nesy.solvers.integer.levels import Levels, Step, undecided
from nesy.solvers.logic.objective import Objective
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Outcome, Task, shown_atoms

SOLVERS = {"highs": mathopt.SolverType.HIGHS, "scip": mathopt.SolverType.GSCIP}

SLICE = 10.0
"""Seconds after which a search is begun anew from the best that it has found."""

GAP = 0.5
"""Costs are integers: a gap below 1 is a proof."""


class MathOpt:
    """Solves tasks over ``program``, given as the integer program ``lowered``; ``name`` is ``highs`` or ``scip``.

    Tasks take turns, because they share one model.
    """

    def __init__(self, name: str, program: LogicProgram, lowered: IntegerProgram, *, seed: int = 0) -> None:
        self.name = name
        self._program = program
        self._seed = seed
        self._shown = shown_atoms(program)
        self._model = mathopt.Model()
        self._variables = [
            self._model.add_integer_variable(lb=0, ub=lowered.ranges.get(number, 1))
            for number in range(1, lowered.size + 1)
        ]
        for row in lowered.rows():
            _add(self._model, self._variables, row)
        self._lock = threading.Lock()

    def solve(self, task: Task) -> Outcome:
        """The outcome of ``task``: one optimal model, or models whatever they cost."""
        objective = Objective.of(self._program, task)
        objective.check(LARGEST, self.name)
        with self._lock:
            session = _Session(self._model, self._variables, self._program.size, self._parameters(), SOLVERS[self.name])
            try:
                session.shut_out(task.excluded)
                return Levels(session, task, objective, task.projected or self._shown).outcome()
            finally:
                session.take_back()

    def _parameters(self) -> mathopt.SolveParameters:
        return mathopt.SolveParameters(
            random_seed=self._seed, relative_gap_tolerance=0.0, absolute_gap_tolerance=GAP, enable_output=False
        )


class _Session:
    """What one task adds to the shared model."""

    def __init__(
        self,
        model: mathopt.Model,
        variables: Sequence[mathopt.Variable],
        size: int,
        parameters: mathopt.SolveParameters,
        solver: mathopt.SolverType,
    ) -> None:
        self._model = model
        self._variables = variables
        self._size = size
        self._parameters = parameters
        self._solver = solver
        self._excluded: list[mathopt.Variable] = []
        self._added: list[mathopt.LinearConstraint] = []

    def shut_out(self, atoms: Iterable[int]) -> None:
        """``atoms`` are false."""
        for atom in atoms:
            variable = self._variables[atom - 1]
            variable.upper_bound = 0
            self._excluded.append(variable)

    def take_back(self) -> None:
        """Leave the model as it was."""
        for variable in self._excluded:
            variable.upper_bound = 1
        for row in self._added:
            self._model.delete_linear_constraint(row)

    def minimise(self, terms: Mapping[int, int], start: frozenset[int] | None, seconds: float | None) -> Step:
        """In slices of time that double: neither solver can be stopped, but Ctrl-C leaves what the last slice found."""
        self._model.minimize(mathopt.fast_sum(weight * self._variables[number - 1] for number, weight in terms.items()))
        best: Step | None = None
        length, left = SLICE, seconds
        while True:
            taken = length if left is None else min(length, left)
            step = self._slice(terms, start, taken)
            if step.status in (Status.OPTIMAL, Status.INFEASIBLE):
                return step
            if step.atoms is not None:
                best, start = step, step.atoms
            left = None if left is None else left - taken
            if step.interrupted or (left is not None and left <= 0):
                return step if best is None else replace(best, interrupted=step.interrupted)
            length *= 2

    def _slice(self, terms: Mapping[int, int], start: frozenset[int] | None, seconds: float) -> Step:
        self._parameters.time_limit = timedelta(seconds=seconds)
        hints = [] if start is None else [mathopt.SolutionHint(variable_values=self._values(start))]
        given = mathopt.ModelSolveParameters(solution_hints=hints)
        result, interrupted = interruptible(
            lambda: mathopt.solve(self._model, self._solver, params=self._parameters, model_params=given), None
        )
        if result is None:
            return undecided(seconds, interrupted=interrupted)
        reason = result.termination.reason
        if reason in (mathopt.TerminationReason.INFEASIBLE, mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED):
            return Step(Status.INFEASIBLE)
        if not result.has_primal_feasible_solution():
            return undecided(seconds, interrupted=interrupted)
        found = result.variable_values(self._variables[: self._size])
        atoms = frozenset(atom for atom, value in enumerate(found, 1) if value > 0.5)
        proved = Status.OPTIMAL if reason is mathopt.TerminationReason.OPTIMAL else Status.FEASIBLE
        if proved is Status.OPTIMAL:
            cost = sum(weight for number, weight in terms.items() if number in atoms)
            return Step(proved, atoms, cost, interrupted)
        return Step(proved, atoms, integer_bound(result.termination.objective_bounds.dual_bound, terms), interrupted)

    def hold(self, terms: Mapping[int, int], most: int) -> None:
        row = Linear(tuple((weight, number) for number, weight in terms.items()), None, most)
        if row.terms:
            self._added.append(_add(self._model, self._variables, row))

    def forbid(self, atoms: frozenset[int], over: Sequence[int]) -> None:
        self._added.append(_add(self._model, self._variables, forbidding(atoms, over)))

    def _values(self, atoms: frozenset[int]) -> dict[mathopt.Variable, float]:
        return {self._variables[atom - 1]: float(atom in atoms) for atom in range(1, self._size + 1)}


def _add(model: mathopt.Model, variables: Sequence[mathopt.Variable], row: Linear) -> mathopt.LinearConstraint:
    low = float("-inf") if row.low is None else row.low
    high = float("inf") if row.high is None else row.high
    added = model.add_linear_constraint(lb=low, ub=high)
    for weight, number in row.terms:
        added.set_coefficient(variables[number - 1], weight)
    return added
