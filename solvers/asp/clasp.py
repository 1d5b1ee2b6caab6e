"""clasp, fed with the ground program through clingo's back end interface: nothing is grounded here.

Each task gets a fresh solver into which the ground program is copied, so that instances do not influence one another
and a batch gives the same answers in any order.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import clingo

from nesy.solvers.answer import Status
from nesy.solvers.asp.waiting import ready
from nesy.solvers.logic.objective import Objective
from nesy.solvers.logic.program import LogicProgram, Rule
from nesy.solvers.logic.tasks import Mode, Outcome, StableModel, Task, shown_atoms

LARGEST = 2**31 - 1
"""clasp holds weights in 32 bits."""

STRATEGIES = {"usc": "usc,stratify", "bb": "bb"}
"""How clasp comes to an optimum: from below by unsatisfiable cores, heavy weights first, or from above by branch and
bound."""


class Clasp:
    """Solves tasks over ``program`` by answer-set solving. ``seed`` fixes what clasp leaves to chance.

    ``strategy`` is one of :data:`STRATEGIES`; ``further`` are options of clasp's command line.
    """

    name = "clingo"

    def __init__(
        self, program: LogicProgram, *, seed: int = 0, strategy: str = "usc", further: Sequence[str] = ()
    ) -> None:
        self._program = program
        self._further = further
        self._seed = seed
        self._strategy = STRATEGIES[strategy]
        self._shown = shown_atoms(program)

    def solve(self, task: Task) -> Outcome:
        """The outcome of ``task``. Optimal models come one after the other, each better than the last."""
        started = time.perf_counter()
        objective = Objective.of(self._program, task)
        if task.mode is Mode.OPTIMUM:
            objective.check(LARGEST, self.name)
        search = _Search(self._program, task, objective, self._shown)
        arguments = ["--warn=none", f"--seed={self._seed}", *self._further, *self._arguments(task, objective)]
        control = clingo.Control(arguments, logger=lambda *_: None)
        atoms = search.copy_into(control)
        interrupted = search.run(control, atoms, started)
        if search.found and not search.exhausted:
            search.lower = [int(bound) for bound in control.statistics["summary"].get("lower", [])]
        return search.outcome(interrupted, time.perf_counter() - started)

    def _arguments(self, task: Task, objective: Objective) -> list[str]:
        match task.mode:
            case Mode.BRAVE:
                return ["--opt-mode=ignore", "--enum-mode=brave", "--models=0"]
            case Mode.CAUTIOUS:
                return ["--opt-mode=ignore", "--enum-mode=cautious", "--models=0"]
            case Mode.OPTIMUM if objective.levels:
                return ["--opt-mode=opt", f"--opt-strategy={self._strategy}", "--models=0"]
            case _:
                wanted = 1 if task.mode is Mode.OPTIMUM else task.models
                return ["--opt-mode=ignore", "--project", f"--models={wanted}"]


def copy_program(program: LogicProgram, backend: clingo.Backend) -> list[int]:
    """Add ``program``; the result maps its atoms to those of clingo."""
    atoms = [0, *(backend.add_atom() for _ in range(program.size))]

    def literals(body: Iterable[int]) -> list[int]:
        return [atoms[literal] if literal > 0 else -atoms[-literal] for literal in body]

    for rule in program.rules:
        head = [atoms[atom] for atom in rule.head]
        if isinstance(rule, Rule):
            backend.add_rule(head, literals(rule.body), rule.choice)
        else:
            weights = [weight for _, weight in rule.body]
            body = literals(literal for literal, _ in rule.body)
            backend.add_weight_rule(head, rule.lower, list(zip(body, weights, strict=True)), rule.choice)
    for table in program.values:
        for row in table:
            _exactly_one(backend, [atoms[atom] for atom in row if atom])
    return atoms


def _exactly_one(backend: clingo.Backend, row: list[int]) -> None:
    backend.add_rule([], [-atom for atom in row])
    if len(row) > 1:
        many = backend.add_atom()
        backend.add_weight_rule([many], 2, [(atom, 1) for atom in row])
        backend.add_rule([], [many])


@dataclass
class _Search:
    """One task while it is solved."""

    program: LogicProgram
    task: Task
    objective: Objective
    shown: tuple[int, ...]
    found: list[StableModel] = field(default_factory=list)
    consequences: frozenset[int] | None = None
    satisfiable: bool | None = None
    exhausted: bool = False
    lower: Sequence[int] = ()
    """What clasp knows of the least costs, level by level; core-guided search raises it step by step."""

    def copy_into(self, control: clingo.Control) -> list[int]:
        """Copy the program; the result maps its atoms to those of ``control``."""
        with control.backend() as backend:
            atoms = copy_program(self.program, backend)
            for atom in self.task.excluded:
                backend.add_rule([], [atoms[atom]])
            if self.task.mode is Mode.OPTIMUM:
                for level in self.objective.levels:
                    terms = self.objective.terms[level]
                    backend.add_minimize(level, [(atoms[atom], weight) for atom, weight in terms.items()])
            over = self.task.projected or self.shown
            for known in self.task.forbidden:
                backend.add_rule([], [atoms[atom] if atom in known else -atoms[atom] for atom in over])
            backend.add_project([atoms[atom] for atom in over])
        return atoms

    def run(self, control: clingo.Control, atoms: list[int], started: float) -> bool:
        """Search until done, out of time or interrupted; whether somebody interrupted."""
        limit = self.task.time_limit
        if limit is not None and time.perf_counter() - started >= limit:
            return False  # a search that is short enough might be done before anybody looks at the clock
        with control.solve(yield_=True, async_=True) as handle:
            try:
                while True:
                    handle.resume()
                    left = None if limit is None else limit - (time.perf_counter() - started)
                    if not ready(handle, left):
                        handle.cancel()
                        break
                    model = handle.model()
                    if model is None:
                        break
                    self._take(model, atoms)
            except KeyboardInterrupt:
                handle.cancel()
                return True
            result = handle.get()
            self.satisfiable, self.exhausted = result.satisfiable, result.exhausted
        return False

    def _take(self, model: clingo.Model, atoms: list[int]) -> None:
        true = frozenset(place for place in range(1, len(atoms)) if model.is_true(atoms[place]))
        if self.task.mode in (Mode.BRAVE, Mode.CAUTIOUS):
            self.consequences = true & frozenset(self.task.projected or self.shown)
            return
        costs = {level: self.objective.value(level, true) for level in self.objective.levels}
        self.found.append(StableModel(true, costs))

    def outcome(self, interrupted: bool, seconds: float) -> Outcome:
        if self.consequences is None and not self.found:
            if self.satisfiable is False:
                return Outcome(Status.INFEASIBLE, seconds=seconds)
            return Outcome(Status.UNKNOWN if interrupted else Status.TIMEOUT, seconds=seconds, interrupted=interrupted)
        if self.consequences is not None:
            status = Status.OPTIMAL if self.exhausted else Status.FEASIBLE
            return Outcome(status, consequences=self.consequences, seconds=seconds, interrupted=interrupted)
        if self.task.mode is Mode.MODELS or not self.objective.levels:
            wanted = 1 if self.task.mode is Mode.OPTIMUM else self.task.models
            enough = self.exhausted or len(self.found) == wanted
            return Outcome(
                Status.OPTIMAL if enough else Status.FEASIBLE, tuple(self.found), None, None, seconds, interrupted
            )
        best = self.found[-1]
        if not self.exhausted:
            return Outcome(Status.FEASIBLE, (best,), self._bounds(best), None, seconds, interrupted)
        return Outcome(Status.OPTIMAL, (best,), dict(best.costs), None, seconds, interrupted)

    def _bounds(self, best: StableModel) -> dict[int, int]:
        """Proven lower bounds; below a level that is undecided they say nothing."""
        found: dict[int, int] = {}
        for level, lower in zip(self.objective.levels, self.lower, strict=False):
            found[level] = lower + self.objective.constants[level]
            if found[level] < best.costs[level]:
                break
        return found
