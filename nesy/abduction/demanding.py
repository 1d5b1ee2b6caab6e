"""What required pairs cost at least, and which of them cannot be had together."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, product

import numpy as np

from nesy.abduction.hypothesis import Demands
from nesy.abduction.incidence import Incidence, incidence
from nesy.abduction.limits import Limit
from nesy.abduction.problem import AbductionProblem, Pair
from nesy.abduction.search import valued
from nesy.abduction.signatures import compress

COMBINATIONS = 1024
"""Combinations of budgets that are tried one by one; more are left to an integer program."""


def unmet(problem: AbductionProblem, limit: Limit, *, solver: str = "cpsat", seed: int = 0) -> Demands:
    """Why the required pairs of ``problem`` break ``limit`` whatever else is accepted.

    The conflict is found by leaving out one demand after the other: what is missing from a minimal set makes the rest
    fit under the bound.
    """
    least = least_rate(problem, problem.required, limit, solver=solver, seed=seed)
    conflict = list(dict.fromkeys(problem.required))
    for pair in tuple(conflict):
        rest = tuple(other for other in conflict if other != pair)
        if not _fits(least_rate(problem, rest, limit, solver=solver, seed=seed), limit):
            conflict.remove(pair)
    return Demands(least, tuple(conflict))


def _fits(rate: float, limit: Limit) -> bool:
    return rate <= limit.bound + 1e-12


def least_rate(
    problem: AbductionProblem, required: tuple[Pair, ...], limit: Limit, *, solver: str = "cpsat", seed: int = 0
) -> float:
    """The smallest rate of inconsistency of a hypothesis that accepts the pairs in ``required``; 0 without any."""
    if not required:
        return 0.0
    problem = replace(problem, required=required)
    if limit.denominator != "covered":
        models, classes = zip(*required, strict=True)
        keep = np.zeros(problem.incompatible.shape[0] * problem.flagged.shape[2], np.bool_)
        keep[np.array(models) * problem.incompatible.shape[0] + np.array(classes)] = True
        others = np.argwhere(~keep.reshape(-1, problem.incompatible.shape[0])).tolist()
        # violations only grow with what is accepted, so that nothing else is
        problem = replace(problem, forbidden=tuple((model, label) for model, label in others))
    choices = incidence(problem, compress(problem))
    if limit.denominator == "covered":
        return _least_quotient(choices, limit, solver, seed)
    return limit.rate(_fewest_violations(choices, limit, solver, seed), 0)


def _fewest_violations(choices: Incidence, limit: Limit, solver: str, seed: int) -> int:
    ranges = [range(low, high) for low, high in zip(choices.first[:-1], choices.first[1:], strict=True)]
    combinations = list(islice(product(*ranges), COMBINATIONS + 1))
    if len(combinations) <= COMBINATIONS:
        return min(valued(choices, limit, np.array(options, np.int64)).violations for options in combinations)
    return _minimised(choices, limit, 1, 0, solver, seed)[0]


def _least_quotient(choices: Incidence, limit: Limit, solver: str, seed: int) -> float:
    """min violations / covered by Dinkelbach's method: minimise q · violations − p · covered for the quotient p/q so
    far."""
    violations, covered = _minimised(choices, limit, 1, 0, solver, seed)
    while violations and covered:
        better, more = _minimised(choices, limit, covered, violations, solver, seed)
        if better * covered >= violations * more:
            break
        violations, covered = better, more
    return violations / covered if covered else 0.0


def _minimised(choices: Incidence, limit: Limit, q: int, p: int, solver: str, seed: int) -> tuple[int, int]:
    """Violations and coverage of a choice with the smallest q · violations − p · covered."""
    from nesy.abduction.integer import lower, options_of, solve_program

    counted = replace(limit, bound=1.0)
    lowered = lower(choices, counted)
    costs = {v: q * weight for v, weight in lowered.violated.items()}
    costs |= {n: p * weight for n, weight in lowered.uncovered.items() if p}
    options = options_of(choices, solve_program(lowered.program, costs, solver=solver, seed=seed))
    assert options is not None, "with the bound 1 every choice is allowed"
    best = valued(choices, counted, options)
    return best.violations, best.covered
