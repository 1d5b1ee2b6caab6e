"""The answer to a problem of abduction, which is also its certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from numpy import bool_, int64
from numpy.typing import NDArray

from nesy.abduction.problem import Pair
from nesy.solvers.answer import Status


@dataclass(frozen=True, slots=True)
class Violation:
    """A constraint between objects that does not hold: ``witnesses`` are predictions, (object, model), that break it.

    ``constraint`` names it: ``all different``, or the origin of the constraint.
    """

    scene: int
    constraint: str
    witnesses: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Exhaustion:
    """How a branch and bound has come to its end; the same problem gives the same tree, node by node.

    ``order`` are the pairs in the order of branching, ``start`` the coverage of the first incumbent, ``trail`` the
    later ones, each with the node (counted from 1) at which it was found; ``complete`` tells whether nothing was left
    open.
    """

    order: tuple[Pair, ...]
    start: int
    trail: tuple[tuple[int, int], ...]
    nodes: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Demands:
    """Why a problem has no hypothesis: ``least`` is the smallest rate that the required pairs leave reachable.

    ``conflict`` is a minimal set of required pairs that cannot be accepted together under the bound.
    """

    least: float
    conflict: tuple[Pair, ...]


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """The accepted pairs with their recall budgets, and what follows from them.

    - ``candidates`` [N, F]: the predictions that stand: their pair is accepted, and the error rules of its budget do
      not flag them. With scenes: all that the budgets leave.
    - ``labels`` [N]: the label after the tie-breaker, −1 where there is none; ``support`` [N]: the model that gave it.
    - ``covered``: number of objects with a label; ``bound``: no hypothesis covers more; ``gap``: (bound − covered) /
      bound, 0 where the optimum is proved.
    - ``inconsistent`` [K, 3]: objects with incompatible candidates, each with two models that contradict one another
      (empty with scenes); ``violations``: constraints between objects that do not hold.
    - ``rate``: inconsistency, by the denominator of the problem.
    - ``confidence``: with scenes, the sum of the confidences of the labels, which is the second objective, and
      ``confidence_bound`` what it can be at most at this coverage (None where this was not proved).
    """

    status: Status
    method: str
    accepted: Mapping[Pair, float]
    candidates: NDArray[bool_]
    labels: NDArray[int64]
    support: NDArray[int64]
    covered: int
    inconsistent: NDArray[int64]
    violations: tuple[Violation, ...]
    rate: float
    bound: int
    gap: float
    seconds: float
    digest: str
    confidence: float | None = None
    confidence_bound: float | None = None
    exhaustion: Exhaustion | None = None
    demands: Demands | None = None
    interrupted: bool = False
    statistics: Mapping[str, object] = field(default_factory=dict)
