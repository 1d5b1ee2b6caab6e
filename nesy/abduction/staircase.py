"""What each conflict costs: the most that can be covered, for every bound on inconsistency at once.

Pred*(δ) is a staircase: it rises at finitely many bounds. Up to about thirty pairs one search finds all of its steps;
beyond that, and with scenes, the problem is solved again and again, each time with one violation less than the last
answer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nesy.abduction.clock import Clock, Progress
from nesy.abduction.limits import object_limit
from nesy.abduction.problem import AbductionProblem, Pair
from nesy.abduction.standing import standing_predictions
from nesy.abduction.validation import check_options, check_problem, check_solver
from nesy.solvers.answer import Status

SMALLER = 1e-6
"""Rates of coverage that differ by less than this share count as one step, beyond what one search can hold."""


@dataclass(frozen=True, slots=True)
class Step:
    """From the bound ``rate`` on, ``covered`` objects can have a label, by accepting these pairs (empty with scenes).

    ``violations`` are what the rate counts. ``bound``: no hypothesis with at most this rate covers more.
    """

    rate: float
    violations: int
    covered: int
    accepted: Mapping[Pair, float]
    bound: int


@dataclass(frozen=True)
class Staircase:
    """The steps from the lowest bound up; ``complete`` tells whether all are there and proved, up to the bound
    ``most``."""

    steps: tuple[Step, ...]
    most: float
    complete: bool
    seconds: float

    def covered(self, bound: float) -> int:
        """The most objects known to be covered under this bound; 0 where not even the first step is within it."""
        place = bisect_right([step.rate for step in self.steps], bound + 1e-12)
        return self.steps[place - 1].covered if place else 0

    def prices(self) -> tuple[float, ...]:
        """For each step but the first: the objects gained over the step before, for each violation more."""
        return tuple(
            (after.covered - before.covered) / max(1, after.violations - before.violations)
            for before, after in zip(self.steps[:-1], self.steps[1:], strict=True)
        )


def staircase(
    problem: AbductionProblem,
    *,
    most: float = 1.0,
    solver: str | None = None,
    seed: int = 0,
    time_limit: float | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Staircase:
    """All steps of Pred*(δ) for δ from 0 to ``most``; the bound of the problem itself does not count.

    With scenes the steps are those of the coverage. After ``time_limit`` seconds or Ctrl-C the steps found so far
    stand, each with a bound. Required pairs make the first step higher than 0.

    Raises NesyError: E580, E581, E582 as :func:`~.solve.solve`.
    """
    clock = Clock(time_limit)
    check_options("auto", ("auto",), time_limit, seed, workers)
    check_solver(solver)
    problem = replace(problem, bound=most)
    check_problem(problem)
    found = None if problem.scenes is not None else _at_once(problem, clock, seed, progress)
    if found is not None:
        return found
    return _one_by_one(problem, clock, solver, seed, workers, progress)


def _at_once(problem: AbductionProblem, clock: Clock, seed: int, progress: Progress | None) -> Staircase | None:
    """All steps by one search; None where there are too many hypotheses for that."""
    from nesy.abduction.branching import search_size
    from nesy.abduction.objects import TREE, Run
    from nesy.abduction.sweeping import sweep_all

    run = Run.of(problem, clock, seed, 1, "", progress)
    if search_size(run.choices) > TREE:
        return None
    swept = sweep_all(run.choices, run.limit, clock=clock)
    if swept is None:
        return None
    steps = [
        Step(run.limit.rate(violations, covered), violations, covered, run.accepted(options), run.bound)
        for violations, covered, options in swept.steps
    ]
    if swept.complete:
        steps = [replace(step, bound=step.covered) for step in steps]
    kept = _rising(sorted(steps, key=lambda step: (step.rate, -step.covered)), most=problem.bound)
    return Staircase(tuple(kept), problem.bound, swept.complete, clock.seconds)


def _rising(steps: Sequence[Step], most: float) -> Iterator[Step]:
    """The steps that cover more than all with a lower rate."""
    highest = -1
    for step in steps:
        if step.covered > highest and step.rate <= most + 1e-12:
            highest = step.covered
            yield step


def _one_by_one(
    problem: AbductionProblem, clock: Clock, solver: str | None, seed: int, workers: int, progress: Progress | None
) -> Staircase:
    """One solution after the other, from the highest bound down."""
    from nesy.abduction.solve import solve

    most, steps, complete = problem.bound, [], False
    total = _total(problem)
    while not clock.over:
        answer = solve(problem, solver=solver, seed=seed, time_limit=clock.left, workers=workers, progress=progress)
        if answer.status is Status.INFEASIBLE:
            complete = True
        if answer.status not in (Status.OPTIMAL, Status.FEASIBLE):
            break
        divisor = answer.covered if total is None else total
        violations = round(answer.rate * divisor)
        accepted = {} if problem.scenes is not None else answer.accepted
        steps.append(Step(answer.rate, violations, answer.covered, accepted, answer.bound))
        if violations == 0:
            complete = answer.status is Status.OPTIMAL
        if violations == 0 or answer.interrupted:
            break
        below = answer.rate * (1 - SMALLER) if total is None else (violations - 1) / total
        problem = replace(problem, bound=below)
    complete &= all(step.covered == step.bound for step in steps)
    return Staircase(tuple(_rising(steps[::-1], most)), most, complete, clock.seconds)


def _total(problem: AbductionProblem) -> int | None:
    """What rates divide by; None where that is the number of covered objects."""
    if problem.scenes is None:
        return None if problem.denominator == "covered" else max(1, object_limit(problem).total)
    from nesy.abduction.scene_constraints import scene_limit
    from nesy.abduction.scene_options import budgets_of

    return max(1, scene_limit(problem, standing_predictions(problem, budgets_of(problem)[0])).total)
