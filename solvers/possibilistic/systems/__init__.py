"""Min–max systems: from equations G □ x = d between degrees to the closest solvable system and its lowest solution.

In: matrices and right-hand sides as tensors in [0, 1], whole or in chunks, or the sign table and the premise
degrees of a set of rules (:class:`RuleSystem`, solved by the functions of :mod:`rule_system`), whose matrix is
never made. Out: the Chebyshev distance ∇ of the right-hand side from the closest one that has a solution, what
each equation suffers of it, and the lowest solution of that closest system. Leading dimensions are a batch of
systems of one shape, solved as one tensor operation on the device of the data.

The systems, their distance and their lowest solutions are those of I. Baaj and P. Marquis, "Π-NeSy: A Possibilistic
Neuro-Symbolic Approach" (arXiv 2504.07055); how they are found in fewer operations is told where it is done.

Nothing here knows of programs, of where samples come from, or of thresholds. Lost: of all approximate solutions
only the lowest is given, and of the closest right-hand sides only the lowest that is attained.
"""

from nesy.solvers.possibilistic.systems.chebyshev import chebyshev_distance, row_distances
from nesy.solvers.possibilistic.systems.rule_layout import RuleSystem
from nesy.solvers.possibilistic.systems.solutions import (
    is_consistent,
    lowest_approximate_solution,
    lowest_approximation,
    min_max,
)
from nesy.solvers.possibilistic.systems.streaming import Solution, approximations, solve

__all__ = [
    "RuleSystem",
    "Solution",
    "approximations",
    "chebyshev_distance",
    "is_consistent",
    "lowest_approximate_solution",
    "lowest_approximation",
    "min_max",
    "row_distances",
    "solve",
]
