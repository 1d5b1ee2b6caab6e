"""How much inconsistency a problem allows, and in what it is counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from nesy.abduction.problem import AbductionProblem, Denominator

DUST = 1e-9
"""A bound such as 0.29 is meant as it is written, though 0.29 · 100 is a little less than 29 in floating point."""

FINEST = 10**6
"""Largest denominator of a bound for solvers that take integers."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The violations that ``bound`` allows: ``bound`` · ``total``, or ``bound`` · covered objects (``covered``)."""

    denominator: Denominator
    bound: float
    total: int

    @property
    def by_pairs(self) -> bool:
        """Whether each incompatible pair of classes on an object counts, and not the object once."""
        return self.denominator == "denials"

    @property
    def slope(self) -> float:
        """Violations that each covered object allows."""
        return self.bound if self.denominator == "covered" else 0.0

    @property
    def constant(self) -> float:
        """Violations that are allowed whatever is covered, with :data:`DUST`."""
        if self.denominator == "covered":
            return DUST
        return math.floor(self.bound * self.total * (1 + 1e-12) + DUST) + DUST

    def allowed(self, covered: int) -> int:
        """The greatest number of violations beside ``covered`` objects with a label."""
        return math.floor(self.constant + self.slope * covered)

    @property
    def fraction(self) -> Fraction:
        """``bound`` as a fraction of small numbers: what was meant by 0.1; never more than the bound allows."""
        near = Fraction(self.bound).limit_denominator(FINEST)
        if abs(near - Fraction(self.bound)) < DUST / FINEST:
            return near
        return Fraction(math.floor(self.bound * FINEST), FINEST)

    def rate(self, violations: int, covered: int) -> float:
        """The rate of inconsistency; 0 where there is nothing to divide by."""
        total = covered if self.denominator == "covered" else self.total
        return violations / total if total else 0.0


def object_limit(problem: AbductionProblem) -> Limit:
    """The limit of a problem without scenes."""
    objects = len(problem.predictions.objects)
    denials = objects * int(np.count_nonzero(np.triu(problem.incompatible, 1)))
    return Limit(problem.denominator, problem.bound, denials if problem.denominator == "denials" else objects)
