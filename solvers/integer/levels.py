"""What all integer programming solvers have in common: level by level, and one model after the other.

A solver offers a :class:`Session` for one instance, in which one linear function is minimised at a time.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from nesy.solvers.answer import Status
from nesy.solvers.logic.objective import Objective
from nesy.solvers.logic.tasks import Mode, Outcome, StableModel, Task


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one minimisation: true atoms of the best solution (None: none yet), and the proven lower bound."""

    status: Status
    atoms: frozenset[int] | None = None
    bound: int | None = None
    interrupted: bool = False


class Session(Protocol):
    """One instance inside a solver."""

    def minimise(self, terms: Mapping[int, int], start: frozenset[int] | None, seconds: float | None) -> Step:
        """Minimise Σ weight · variable for at most ``seconds``; ``start`` is a solution known already."""
        ...

    def hold(self, terms: Mapping[int, int], most: int) -> None:
        """From now on Σ weight · variable ≤ ``most``."""
        ...

    def forbid(self, atoms: frozenset[int], over: Sequence[int]) -> None:
        """From now on no solution agrees with ``atoms`` on all of ``over``."""
        ...


@dataclass
class Levels:
    """The search for one ``task`` in one ``session``; models count as different where they differ on ``over``."""

    session: Session
    task: Task
    objective: Objective
    over: Sequence[int]
    started: float = field(default_factory=time.perf_counter)

    def outcome(self) -> Outcome:
        """One optimal model, or models whatever they cost."""
        for known in self.task.forbidden:
            self.session.forbid(known, self.over)
        found = self._best() if self.task.mode is Mode.OPTIMUM and self.objective.levels else self._several()
        seconds = time.perf_counter() - self.started
        return Outcome(found.status, found.models, found.bound, None, seconds, found.interrupted)

    def _best(self) -> Outcome:
        """The best at one level is held while the next is minimised."""
        bounds: dict[int, int] = {}
        best: frozenset[int] | None = None
        for level in self.objective.levels:
            terms, constant = self.objective.terms[level], self.objective.constants[level]
            step = self._minimise(terms, self.task.start if best is None else best)
            if step.atoms is None and best is None:
                return Outcome(step.status, interrupted=step.interrupted)
            best = best if step.atoms is None else step.atoms
            assert best is not None
            if step.bound is not None:
                bounds[level] = step.bound + constant
            if step.status is not Status.OPTIMAL:
                return Outcome(Status.FEASIBLE, (self._model(best),), bounds, interrupted=step.interrupted)
            if level != self.objective.levels[-1]:
                self.session.hold(terms, self.objective.value(level, best) - constant)
        assert best is not None
        return Outcome(Status.OPTIMAL, (self._model(best),), bounds)

    def _several(self) -> Outcome:
        wanted = 1 if self.task.mode is Mode.OPTIMUM else self.task.models
        found: list[StableModel] = []
        step = Step(Status.OPTIMAL)
        while wanted == 0 or len(found) < wanted:
            step = self._minimise({}, None)
            if step.atoms is None:
                break
            found.append(self._model(step.atoms))
            self.session.forbid(step.atoms, self.over)
        if not found:
            return Outcome(step.status, interrupted=step.interrupted)
        complete = len(found) == wanted or step.status is Status.INFEASIBLE
        status = Status.OPTIMAL if complete else Status.FEASIBLE
        return Outcome(status, tuple(found), interrupted=step.interrupted)

    def _minimise(self, terms: Mapping[int, int], start: frozenset[int] | None) -> Step:
        left = None
        if self.task.time_limit is not None:
            left = self.task.time_limit - (time.perf_counter() - self.started)
            if left <= 0:
                return Step(Status.TIMEOUT)
        return self.session.minimise(terms, start, left)

    def _model(self, atoms: frozenset[int]) -> StableModel:
        return StableModel(atoms, {level: self.objective.value(level, atoms) for level in self.objective.levels})


def undecided(seconds: float | None, *, interrupted: bool) -> Step:
    """The step of a solver that came back without a solution."""
    return Step(Status.UNKNOWN if interrupted or seconds is None else Status.TIMEOUT, interrupted=interrupted)
