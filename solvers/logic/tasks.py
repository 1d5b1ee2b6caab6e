"""What a solver of logic programs is asked and what it answers, the same for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol, runtime_checkable

from nesy.solvers.answer import Status
from nesy.solvers.logic.program import LogicProgram


class Mode(StrEnum):
    """Which models are wanted."""

    OPTIMUM = "optimum"
    """The cheapest models, as many as asked for, in the order of their costs."""
    MODELS = "models"
    """Any models, whatever they cost."""
    BRAVE = "brave"
    """What holds in some model."""
    CAUTIOUS = "cautious"
    """What holds in every model."""
    DEGREES = "degrees"
    """No models, but how possible and how necessary the queries are; see :mod:`nesy.solvers.asp.degrees`."""


@dataclass(frozen=True, slots=True)
class Task:
    """One instance: a program's models under these ``readings``.

    ``readings`` are the costs of atoms at level 0, in addition to the program's penalties; ``excluded`` atoms are
    false. ``resolution`` units of the readings' costs are one nat. ``models`` bounds the number of models (0: all),
    ``time_limit`` the seconds.
    """

    readings: Sequence[tuple[int, int]] = ()
    excluded: Sequence[int] = ()
    resolution: int = 1
    mode: Mode = Mode.OPTIMUM
    models: int = 1
    time_limit: float | None = None
    projected: Sequence[int] = ()
    """Models that agree on these atoms count as one; none: on all atoms of attributes and relations."""
    forbidden: tuple[frozenset[int], ...] = ()
    """Models that are known already."""
    start: frozenset[int] | None = None
    """The true atoms of a model from which a solver that can may start."""


@dataclass(frozen=True, slots=True)
class StableModel:
    """The true atoms, and what they cost by level, as the solver says."""

    atoms: frozenset[int]
    costs: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task. ``bound`` is the proven lower bound of the cost by level, where there is one.

    ``interrupted`` tells that somebody stopped the solver; what it had found by then is here. Of a race, ``solver`` is
    the one whose outcome this is and ``remark`` says why.
    """

    status: Status
    models: tuple[StableModel, ...] = ()
    bound: Mapping[int, int] | None = None
    consequences: frozenset[int] | None = None
    seconds: float = 0.0
    interrupted: bool = False
    solver: str = ""
    remark: str = ""


class Solver(Protocol):
    """Solves tasks over one program. Under ``Mode.OPTIMUM`` it gives one model, see :func:`cheapest`."""

    @property
    def name(self) -> str: ...

    def solve(self, task: Task) -> Outcome: ...


@runtime_checkable
class Closing(Protocol):
    """A solver that holds something, such as processes, which can be let go before it is forgotten."""

    def close(self) -> None: ...


def cheapest(solver: Solver, task: Task) -> Outcome:
    """The ``task.models`` cheapest models in the order of their costs: one after the other, without those known.

    The bound is that of the first; the status is ``feasible`` where the time did not suffice for all.
    """
    first = solver.solve(task)
    if task.mode is not Mode.OPTIMUM or task.models == 1 or first.status is not Status.OPTIMAL:
        return first
    found, last, seconds = list(first.models), first, first.seconds
    while task.models == 0 or len(found) < task.models:
        left = None if task.time_limit is None else task.time_limit - seconds
        if left is not None and left <= 0:
            last = replace(last, status=Status.TIMEOUT)
            break
        known = tuple(model.atoms for model in found)
        last = solver.solve(replace(task, forbidden=known, time_limit=left))
        seconds += last.seconds
        if last.status is not Status.OPTIMAL:
            break
        found += last.models
    complete = last.status in (Status.OPTIMAL, Status.INFEASIBLE)
    status = Status.OPTIMAL if complete else Status.FEASIBLE
    return replace(first, status=status, models=tuple(found), seconds=seconds, interrupted=last.interrupted)


def shown_atoms(program: LogicProgram) -> tuple[int, ...]:
    """The atoms that a model is about: values of attributes and atoms of open relations."""
    values = {atom for table in program.values for row in table for atom in row if atom}
    return tuple(sorted(values.union(program.atoms)))
