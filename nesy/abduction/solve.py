"""Solving problems of abduction: one call for all methods, one certificate from all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from nesy.abduction.clock import Clock, Progress
from nesy.abduction.digest import digest
from nesy.abduction.hypothesis import Hypothesis
from nesy.abduction.problem import AbductionProblem
from nesy.abduction.standing import break_ties, contradictions, standing_predictions
from nesy.abduction.validation import check_options, check_problem, check_solver
from nesy.dsl.diagnostics import Diagnostic, NesyError

Method = Literal["auto", "ip", "search", "anneal", "asp", "branch"]

METHODS: tuple[Method, ...] = ("auto", "ip", "search", "anneal", "asp", "branch")


def solve(
    problem: AbductionProblem,
    method: Method = "auto",
    *,
    solver: str | None = None,
    seed: int = 0,
    time_limit: float | None = None,
    workers: int = 1,
    order: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> Hypothesis:
    """The hypothesis that covers most objects within the bound on inconsistency.

    ``method``: ``search`` is the paper's heuristic (``order``: the models in the order in which they are visited, first
    those named), ``anneal`` a stronger one; ``branch`` (branch and bound), ``ip`` (integer programming; ``solver``:
    ``cpsat``, ``cbc``, ``highs`` or ``scip``) and ``asp`` (clingo) prove the optimum, and ``auto`` takes them as they
    suit. With scenes, ``auto`` and ``ip`` solve assignments where that suffices and integer programs elsewhere,
    ``search`` labels greedily, and ``branch`` and ``anneal`` do not apply.

    Statuses, never exceptions: ``optimal``; ``feasible`` with ``bound`` and ``gap``, after ``time_limit`` seconds,
    Ctrl-C or from a heuristic; ``infeasible`` if the required pairs break the bound (``demands`` says how);
    ``timeout`` and ``unknown`` without any hypothesis. The same ``seed`` gives the same answer, unless time runs out
    or several ``workers`` (threads) race. ``progress`` is called with stage, coverage and bound.

    Raises NesyError: E580 and E581 for a problem that makes no sense, E582 for such options, E583 and E584 for a method
    that cannot take the problem.
    """
    clock = Clock(time_limit)
    check_options(method, METHODS, time_limit, seed, workers)
    check_problem(problem)
    check_solver(solver)
    _check_order(order, len(problem.predictions.models))
    if problem.scenes is not None:
        from nesy.abduction.scene_solving import Settings, solve_scenes

        return solve_scenes(problem, Settings(method, clock, solver, seed, workers, progress))
    return _solve_objects(problem, method, clock, solver, seed, workers, order, progress)


def _solve_objects(
    problem: AbductionProblem,
    method: Method,
    clock: Clock,
    solver: str | None,
    seed: int,
    workers: int,
    order: Sequence[int] | None,
    progress: Progress | None,
) -> Hypothesis:
    from nesy.abduction import objects

    run = objects.Run.of(problem, clock, seed, workers, solver, progress)
    try:
        match method:
            case "search":
                objects.search(run, order)
            case "anneal":
                objects.anneal(run)
            case "branch":
                objects.exact_branch(run)
            case "ip":
                objects.exact_integer(run)
            case "asp":
                objects.answer_sets(run)
            case "auto":
                objects.portfolio(run)
    except KeyboardInterrupt:
        run.interrupted = True
    demands = None
    if run.infeasible:
        from nesy.abduction.demanding import unmet

        demands = unmet(problem, run.limit, solver=solver or "cpsat", seed=seed)
    accepted = run.accepted()
    candidates = standing_predictions(problem, accepted)
    labels, support = break_ties(problem, candidates)
    covered = int(np.count_nonzero(support >= 0))
    bound = 0 if run.infeasible else max(run.bound, covered)
    return Hypothesis(
        status=run.status,
        method=method if run.stage in ("", method) else f"{method}: {run.stage}",
        accepted=accepted,
        candidates=candidates,
        labels=labels,
        support=support,
        covered=covered,
        inconsistent=contradictions(problem, candidates),
        violations=(),
        rate=run.limit.rate(0 if run.best is None else run.best.violations, covered),
        bound=bound,
        gap=(bound - covered) / bound if bound else 0.0,
        seconds=clock.seconds,
        digest=digest(problem),
        exhaustion=run.exhaustion,
        demands=demands,
        interrupted=run.interrupted,
        statistics=run.statistics,
    )


def _check_order(order: Sequence[int] | None, models: int) -> None:
    wrong = [model for model in order or () if not 0 <= model < models]
    if wrong or len(set(order or ())) < len(order or ()):
        message = f"order {list(order or ())} names a model twice or one that is not there"
        raise NesyError(Diagnostic("E582", message, hint=f"there are {models} models", place="option order"))
