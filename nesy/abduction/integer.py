"""The integer program of an abduction problem, over signatures, for the solvers of the back end ``integer``.

Variables: an option is accepted; a signature is not covered (``n``); it keeps a class that several options support
(``y``); it is inconsistent (``v``, with denials as denominator one for each incompatible pair of classes).

    minimise   Σ weight · n            n or some option of the signature
    y, if an option of the class is accepted;     v, if two incompatible classes are kept
    Σ weight · v ≤ limit,   or, in exact numbers for the bound p/q,   q Σ weight · v ≤ p Σ weight · (1 − n)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy import int64
from numpy.typing import NDArray

from nesy.abduction.incidence import Incidence
from nesy.abduction.limits import Limit
from nesy.solvers.answer import Status
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.integer.integer_program import IntegerProgram, Linear
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Outcome, Solver, Task


@dataclass
class Model:
    """An integer program in the making; variables are numbered from 1."""

    size: int = 0
    clauses: list[tuple[int, ...]] = field(default_factory=list)
    at_most_one: list[tuple[int, ...]] = field(default_factory=list)
    exactly_one: list[tuple[int, ...]] = field(default_factory=list)
    linear: list[Linear] = field(default_factory=list)

    def new(self) -> int:
        """A fresh 0/1 variable."""
        self.size += 1
        return self.size

    def program(self) -> IntegerProgram:
        """The program as frozen data."""
        groups = (tuple(self.clauses), tuple(self.at_most_one), tuple(self.exactly_one), tuple(self.linear))
        return IntegerProgram(self.size, *groups, ranges={}, names={})


def solve_program(
    program: IntegerProgram,
    costs: Mapping[int, int],
    *,
    solver: str,
    seed: int = 0,
    workers: int = 1,
    time_limit: float | None = None,
    start: frozenset[int] | None = None,
) -> Outcome:
    """Minimise Σ cost · variable; the true variables of the best solution are its model's atoms.

    Raises NesyError: E552 for a missing package, E553 for costs that are too large for the solver.
    """
    made = _make(solver, program, seed, workers)
    readings = tuple(costs.items()) or ((1, 0),)
    return made.solve(Task(readings=readings, time_limit=time_limit, start=start))


def _make(name: str, program: IntegerProgram, seed: int, workers: int) -> Solver:
    from nesy.solvers.integer.packages import load_ortools

    load_ortools()
    frame = _frame(program.size)
    if name == "cbc":
        from nesy.solvers.integer.cbc import Cbc

        return Cbc(frame, program, seed=seed)
    if name == "cpsat":
        from nesy.solvers.integer.cpsat import CpSat

        return CpSat(frame, program, seed=seed, workers=workers)
    from nesy.solvers.integer.mathopt import MathOpt

    return MathOpt(name, frame, program, seed=seed)


def _frame(size: int) -> LogicProgram:
    """The solvers tell models by the atoms of a logic program; here these are all variables, and there are no rules."""
    from nesy.dsl import check, parse

    nothing = GroundModel(check(parse("")), (), {}, (), (), (), ())
    return LogicProgram(nothing, size, (), (), (), tuple(range(1, size + 1)), {}, (), ())


@dataclass(frozen=True, eq=False)
class Lowered:
    """The integer program of an incidence; option o is variable o + 1."""

    program: IntegerProgram
    uncovered: Mapping[int, int]
    """Variables “this signature is not covered” with their weights."""
    violated: Mapping[int, int]
    """Variables of violations with their weights."""
    never: int
    """Weight of the signatures that no option covers."""


def lower(incidence: Incidence, limit: Limit | None) -> Lowered:
    """Rows and variables; without ``limit`` violations are only counted."""
    model = Model(size=incidence.epsilon.size)
    for pair, (low, high) in enumerate(zip(incidence.first[:-1], incidence.first[1:], strict=True)):
        options = tuple(range(int(low) + 1, int(high) + 1))
        if incidence.required[pair]:
            model.exactly_one.append(options)
        elif len(options) > 1:
            model.at_most_one.append(options)
    by_pairs = limit is not None and limit.by_pairs
    uncovered: dict[int, int] = {}
    violated: dict[int, int] = {}
    for row, classes in _by_signature(incidence).items():
        weight = int(incidence.weights[row])
        n = model.new()
        uncovered[n] = weight
        model.clauses.append((n, *(option for options in classes.values() for option in options)))
        kept = {slot: _any_of(model, options) for slot, options in classes.items()}
        apart = [(a, b) for a in kept for b in kept if a < b and incidence.opposed[row, a] >> b & 1]
        v = 0
        for place, (a, b) in enumerate(apart):
            if by_pairs or place == 0:
                v = model.new()
                violated[v] = weight
            model.clauses.append((v, -kept[a], -kept[b]))
    never = int(incidence.weights.sum()) - sum(uncovered.values())
    if limit is not None:
        model.linear.append(_budget(limit, uncovered, violated))
    return Lowered(model.program(), uncovered, violated, never)


def _by_signature(incidence: Incidence) -> dict[int, dict[int, list[int]]]:
    """signature → slot → variables of the options that keep it."""
    found: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for option in range(incidence.epsilon.size):
        places = slice(incidence.start[option], incidence.start[option + 1])
        for row, slot in zip(incidence.row[places].tolist(), incidence.slot[places].tolist(), strict=True):
            found[row][slot].append(option + 1)
    return dict(sorted(found.items()))


def _any_of(model: Model, options: Sequence[int]) -> int:
    """A variable that holds if one of ``options`` does."""
    if len(options) == 1:
        return options[0]
    y = model.new()
    model.clauses.extend((-option, y) for option in options)
    return y


def _budget(limit: Limit, uncovered: Mapping[int, int], violated: Mapping[int, int]) -> Linear:
    if limit.denominator != "covered":
        return Linear(tuple((weight, v) for v, weight in violated.items()), None, limit.allowed(0))
    bound = limit.fraction
    terms = [(bound.denominator * weight, v) for v, weight in violated.items()]
    terms += [(bound.numerator * weight, n) for n, weight in uncovered.items()]
    return Linear(tuple(terms), None, bound.numerator * sum(uncovered.values()))


@dataclass(frozen=True, eq=False)
class Optimum:
    """What a solver says: the options [P] of its best solution (None: it has none), and the bound on the coverage."""

    status: Status
    options: NDArray[int64] | None
    bound: int | None
    interrupted: bool


def optimise(
    incidence: Incidence,
    limit: Limit,
    *,
    solver: str,
    seed: int,
    workers: int,
    time_limit: float | None,
    start: NDArray[int64] | None,
) -> Optimum:
    """Maximise the coverage within ``limit``; ``start`` are options [P] from which a solver that can may start."""
    lowered = lower(incidence, limit)
    outcome = solve_program(
        lowered.program,
        lowered.uncovered,
        solver=solver,
        seed=seed,
        workers=workers,
        time_limit=time_limit,
        start=None if start is None else _solution(incidence, lowered, start),
    )
    total = sum(lowered.uncovered.values())
    bound = None if outcome.bound is None else total - max(0, outcome.bound.get(0, 0))
    options = options_of(incidence, outcome)
    return Optimum(outcome.status, options, bound, outcome.interrupted)


def options_of(incidence: Incidence, outcome: Outcome) -> NDArray[int64] | None:
    """The options [P] that hold in the model of an outcome."""
    if not outcome.models:
        return None
    options = np.full(len(incidence.pairs), -1, np.int64)
    for option in range(incidence.epsilon.size):
        if option + 1 in outcome.models[0].atoms:
            options[np.searchsorted(incidence.first, option, side="right") - 1] = option
    return options


def _solution(incidence: Incidence, lowered: Lowered, options: NDArray[int64]) -> frozenset[int]:
    """All variables that hold when these options are accepted: what a clause demands, in the order in which it was
    made."""
    true = {int(option) + 1 for option in options if option >= 0}
    count = incidence.epsilon.size
    for clause in lowered.program.clauses:
        made = next(literal for literal in clause if literal > count)
        others = (literal for literal in clause if literal != made)
        if not any((literal in true) if literal > 0 else (-literal not in true) for literal in others):
            true.add(made)
    return frozenset(true)
