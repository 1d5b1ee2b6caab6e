"""Bounds on the coverage where the whole tree is too large: that nothing covers more than some number.

A search that only asks for more than a number far above the best so far cuts most branches early, and is exhausted long
before the one that proves the optimum would be. With many models this gives better bounds than the relaxation of the
integer program, whose optimum believes every pair by half.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nesy.abduction.branching import Explored, branch
from nesy.abduction.clock import Clock
from nesy.abduction.incidence import Incidence
from nesy.abduction.limits import Limit
from nesy.abduction.search import Choice

STEPS = 20
"""Numbers between the bound and the best so far that are tried, from above."""


def lower_bound(
    incidence: Incidence,
    limit: Limit,
    *,
    covered: int,
    bound: int,
    clock: Clock,
    slices: int,
    report: Callable[[Choice], None],
) -> Explored | None:
    """The last search to be exhausted when ever less than the ``bound`` is asked for, down to what is ``covered``.

    All searches together spend at most ``slices`` slices of work, each more than the one before. None if the first one
    is not exhausted. ``report`` is told choices that cover more than what was asked for.
    """
    proved: Explored | None = None
    for middle in np.unique(np.linspace(covered, bound, STEPS, endpoint=False).astype(np.int64))[::-1].tolist():
        start = Choice(np.full(len(incidence.pairs), -1, np.int64), middle, 0)
        found = branch(incidence, limit, best=start, clock=clock, report=report, slices=slices)
        if found is None or not found.exhaustion.complete:
            break
        proved = found
        slices -= found.slices
        if found.bound > middle:  # something covers more, and nothing more than that
            break
    return proved
