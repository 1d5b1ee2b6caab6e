"""The plain integer program of abduction, for `abduction.py`: a row for each object, as the paper has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from abduction_runs import Size, cpu, warm

SOLVERS = ("scipy", "cbc", "cpsat")
"""HiGHS as SciPy ships it, CBC and CP-SAT."""


@dataclass(frozen=True)
class PlainRow:
    """One solver on the integer program with rows for each object, or for each signature (``merged``); ``nesy`` is what
    ``auto`` takes for the same problem in the same process, and ``most`` its bound."""

    objects: int
    models: int
    classes: int
    bound: float
    seed: int
    solver: str
    merged: bool
    seconds: float
    status: str
    covered: int | None
    nesy: float
    nesy_status: str
    most: int


def plain_row(size: Size, bound: float, seed: int, limit: float, solver: str, merged: bool) -> PlainRow:
    """Build and solve the integer program."""
    from readings import object_problem

    from nesy.abduction.incidence import incidence
    from nesy.abduction.integer import lower, solve_program
    from nesy.abduction.limits import object_limit
    from nesy.abduction.signatures import compress
    from nesy.abduction.solve import solve

    warm()
    problem = object_problem(*size, seed, bound=bound)
    started = cpu()
    answer = solve(problem, time_limit=limit)
    own = cpu() - started
    started = cpu()
    lowered = lower(incidence(problem, compress(problem, merge=merged)), object_limit(problem))
    total = sum(lowered.uncovered.values())
    if solver == "scipy":
        cost, status = by_scipy(lowered, limit)
    else:
        outcome = solve_program(lowered.program, lowered.uncovered, solver=solver, time_limit=limit)
        status, cost = str(outcome.status), None
        if outcome.models:
            cost = sum(weight for n, weight in lowered.uncovered.items() if n in outcome.models[0].atoms)
    seconds, covered = cpu() - started, None if cost is None else total - cost
    own_status = str(answer.status)
    return PlainRow(*size, bound, seed, solver, merged, seconds, status, covered, own, own_status, answer.bound)


def by_scipy(lowered: Any, limit: float) -> tuple[int | None, str]:
    """HiGHS of SciPy on an integer program."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    rows = lowered.program.rows()
    place = [index for index, row in enumerate(rows) for _ in row.terms]
    column = [number - 1 for row in rows for _, number in row.terms]
    weight = [factor for row in rows for factor, _ in row.terms]
    size = lowered.program.size
    matrix = csr_array((weight, (place, column)), shape=(len(rows), size))
    low = [-np.inf if row.low is None else row.low for row in rows]
    high = [np.inf if row.high is None else row.high for row in rows]
    cost = np.zeros(size)
    for number, value in lowered.uncovered.items():
        cost[number - 1] = value
    done = milp(
        cost,
        integrality=np.ones(size),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, low, high),
        options={"time_limit": limit, "mip_rel_gap": 0.0},
    )
    return (None if done.x is None else round(done.fun)), "optimal" if done.status == 0 else "feasible"
