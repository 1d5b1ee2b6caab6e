"""A solver that is two: both search, the first proof counts, and without one the better model does.

The processes start with the engine and live as long as it does, so that a batch pays for them once.
"""

from __future__ import annotations

import queue
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.answer import Status
from nesy.solvers.backend import Options
from nesy.solvers.logic.checker import Checker
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Outcome, Task
from nesy.solvers.racing.combining import combined
from nesy.solvers.racing.messages import Done, FromWorker, Gone, Make, Ready, Refused, Solve, Stop
from nesy.solvers.racing.process import Process

if TYPE_CHECKING:
    from nesy.solvers.ground_model import GroundModel

STEP = 0.1
"""Seconds of one wait: Ctrl-C is noticed between two."""
START = 300.0
"""Seconds that a worker has to import its solver and to make it."""
GRACE = 5.0
"""Seconds beyond a time limit, or after Ctrl-C, in which a worker has to say what it has found."""


class Race:
    """Solves tasks over ``program`` by the solvers called ``names``, each in a process of its own."""

    name = "race"

    def __init__(self, names: Sequence[str], program: LogicProgram, options: Options) -> None:
        self.names = tuple(names)
        self._program = program
        self._checker = Checker(program)
        bare = _bare(program)
        self._making = [Make(name, bare, replace(options, solver=name)) for name in names]
        self._inbox: queue.SimpleQueue[tuple[Process, FromWorker]] = queue.SimpleQueue()
        self._workers: list[Process] = []
        self._number = 0
        self._finalizer = weakref.finalize(self, _close, self._workers)
        try:
            self._start(self._making)
        except BaseException:
            self.close()
            raise

    def solve(self, task: Task) -> Outcome:
        """The first outcome that proves something, else the better model of both with the better bound."""
        started = time.perf_counter()
        missing = {make.solver for make in self._making} - {worker.name for worker in self._workers if worker.alive}
        self._start([make for make in self._making if make.solver in missing])
        self._number += 1
        run = _Run(self._number, task, list(self._workers), self._trusted)
        for worker in self._workers:
            worker.send(Solve(self._number, task))
        until = None if task.time_limit is None else time.perf_counter() + task.time_limit + GRACE
        interrupted = False
        try:
            self._gather(run, until)
        except KeyboardInterrupt:
            interrupted = True
            self._stop(run)
            self._gather(run, time.perf_counter() + GRACE)
        finally:
            self._stop(run)
        if until is not None or interrupted:
            self._end([worker for worker in run.waiting if run.winner is None])
        return self._outcome(run, time.perf_counter() - started, interrupted)

    def close(self) -> None:
        """End the processes. The next task would start new ones."""
        _close(self._workers)

    # ----- workers

    def _start(self, making: Sequence[Make]) -> None:
        """Start workers and wait until they have made their solvers."""
        if not making:
            return
        self._end([worker for worker in self._workers if not worker.alive])
        started = [Process(make, self._hear) for make in making]
        self._workers += started
        waiting, problems = set(started), list[Diagnostic]()
        until = time.perf_counter() + START
        while waiting and time.perf_counter() < until:
            try:
                worker, message = self._inbox.get(timeout=STEP)
            except queue.Empty:
                continue
            if worker in waiting and isinstance(message, Ready | Refused | Gone):
                waiting.discard(worker)
                problems += message.diagnostics if isinstance(message, Refused) else ()
                problems += [_lost(worker.name)] if isinstance(message, Gone) else ()
        problems += [_lost(worker.name) for worker in waiting]
        if problems:
            self._end(started)
            raise NesyError(dict.fromkeys(problems))

    def _hear(self, worker: Process, message: FromWorker) -> None:
        self._inbox.put((worker, message))

    def _end(self, workers: Iterable[Process]) -> None:
        for worker in list(workers):
            worker.close()
            self._workers.remove(worker)

    def _stop(self, run: _Run) -> None:
        for worker in run.waiting:
            worker.send(Stop(run.number))

    # ----- one task

    def _gather(self, run: _Run, until: float | None) -> None:
        """Hear the workers until one has proved something, all have come back, or time is up."""
        while run.waiting and run.winner is None:
            try:
                run.hear(*self._inbox.get(timeout=STEP))
            except queue.Empty:
                if until is not None and time.perf_counter() > until:
                    return

    def _trusted(self, outcome: Outcome) -> bool:
        """Whether the models of an outcome pass the checker."""
        return all(next(self._checker.faults(model.atoms), None) is None for model in outcome.models)

    def _outcome(self, run: _Run, seconds: float, interrupted: bool) -> Outcome:
        if run.winner is not None:
            found = run.outcomes[run.winner]
            return replace(found, seconds=seconds, interrupted=interrupted, solver=run.winner, remark=run.remark())
        if run.outcomes:
            found = combined(run.outcomes, run.task.mode)
            remark = ", ".join(filter(None, (found.remark, run.remark())))
            return replace(found, seconds=seconds, interrupted=interrupted, remark=remark)
        if run.problems:
            raise NesyError(dict.fromkeys(run.problems))
        status = Status.UNKNOWN if interrupted or run.task.time_limit is None else Status.TIMEOUT
        return Outcome(status, seconds=seconds, interrupted=interrupted, remark=run.remark())


@dataclass
class _Run:
    """One task while both search."""

    number: int
    task: Task
    waiting: list[Process]
    trusted: Callable[[Outcome], bool]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)
    distrusted: list[str] = field(default_factory=list)
    winner: str | None = None

    def hear(self, worker: Process, message: FromWorker) -> None:
        """Take in what a worker says of this task."""
        match message:
            case Gone():
                self._leave(worker)
                self.problems.append(_lost(worker.name))
            case Refused(number, diagnostics) if number == self.number:
                self._leave(worker)
                self.problems += diagnostics
            case Done(number, outcome) if number == self.number:
                self._leave(worker)
                if not self.trusted(outcome):
                    self.distrusted.append(worker.name)
                    return
                self.outcomes[worker.name] = outcome
                if outcome.status in (Status.OPTIMAL, Status.INFEASIBLE):
                    self.winner = worker.name
            case _:
                pass  # of an earlier task

    def _leave(self, worker: Process) -> None:
        if worker in self.waiting:
            self.waiting.remove(worker)

    def remark(self) -> str:
        """Who won and why, who came back without a proof, whose model was wrong."""
        parts = []
        if self.winner is not None:
            found = self.outcomes[self.winner]
            what = "no model" if found.status is Status.INFEASIBLE else "an optimum"
            parts.append(f"{self.winner} was the first to prove {what}")
        parts += [f"the model of {name} is none" for name in self.distrusted]
        return ", ".join(parts)


def _bare(program: LogicProgram) -> LogicProgram:
    """What a solver looks at: without the checked program, which stays here."""
    return replace(program, model=cast("GroundModel", None), asked=())


def _lost(name: str) -> Diagnostic:
    message = f"the process of {name} has ended in the middle of a race"
    hint = "memory may have run out; take one solver, such as --solver cpsat"
    return Diagnostic("E541", message, hint=hint, place="option solver")


def _close(workers: list[Process]) -> None:
    while workers:
        workers.pop().close()
