"""What CBC, HiGHS and SCIP have in common: they calculate with floating point, and solutions come back rounded."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from nesy.solvers.integer.integer_program import Linear, at_least_one

LARGEST = 10**12
"""Sums of costs up to this leave the solvers' relative tolerances (about 1e-9 for sums, 1e-6 for values) some room."""

TOLERANCE = 1e-6
"""Relative error of a bound."""


def integer_bound(bound: float, terms: Mapping[int, int]) -> int | None:
    """A proven lower bound of an integer cost: rounded up, with the solver's tolerance; None where there is none."""
    if not math.isfinite(bound):
        return None
    lowest = sum(weight for weight in terms.values() if weight < 0)
    return max(lowest, math.ceil(bound - TOLERANCE * max(1.0, abs(bound))))


def forbidding(atoms: frozenset[int], over: Sequence[int]) -> Linear:
    """The row that shuts out what agrees with ``atoms`` on all of ``over``."""
    return at_least_one(tuple(-atom if atom in atoms else atom for atom in over))
