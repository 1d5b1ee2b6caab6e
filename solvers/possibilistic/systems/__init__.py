"""Min–max systems: from equations G □ x = d between degrees to the closest solvable system and its lowest solution.

In: matrices and right-hand sides as tensors in [0, 1], or the sign table and the premise degrees of a set of rules
(:class:`RuleSystem`), whose matrix is never made. Out: the Chebyshev distance ∇ of the right-hand side from the
closest one that has a solution, the share of each equation in it, and the lowest solution of that closest system.
Leading dimensions are a batch of systems of one shape. Nothing here knows of programs, samples' meaning or
thresholds.

Lost: of all approximate solutions only the lowest is given; right-hand sides between the lowest and the highest
approximation are not.
"""

from nesy.solvers.possibilistic.systems.chebyshev import chebyshev_distance, row_distances
from nesy.solvers.possibilistic.systems.rule_layout import RuleSystem
from nesy.solvers.possibilistic.systems.solutions import (
    is_consistent,
    lowest_approximate_solution,
    lowest_approximation,
    min_max,
)

__all__ = [
    "RuleSystem",
    "chebyshev_distance",
    "is_consistent",
    "lowest_approximate_solution",
    "lowest_approximation",
    "min_max",
    "row_distances",
]
