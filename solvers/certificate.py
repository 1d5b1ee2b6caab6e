"""What an answer of the logical back ends carries with it, so that it need not be believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nesy.solvers.ground_model import Origin


@dataclass(frozen=True, slots=True)
class Violation:
    """A soft constraint that a model breaks: ``count`` ground instances, ``cost`` in all at ``level``."""

    origin: Origin
    count: int
    level: int
    cost: float


@dataclass(frozen=True, slots=True)
class Certificate:
    """The model of one instance, checked without a solver.

    ``costs`` are what the model pays by level (level 0 in nats), recomputed from the ground program; ``bounds`` the
    lower bounds that the solver has proved, None where it proved none. ``faults`` say what the check has found wrong:
    empty, unless a solver or the lowering has a defect.
    """

    costs: Mapping[int, float]
    bounds: Mapping[int, float | None]
    violated: tuple[Violation, ...]
    faults: tuple[str, ...] = ()

    @property
    def cost(self) -> float:
        """What is paid at level 0: the readings of the percepts, in nats."""
        return self.costs.get(0, 0.0)

    @property
    def gap(self) -> float | None:
        """How far the cost may be above the optimum, as a share of the cost, at the most important undecided level."""
        for level in sorted(self.costs, reverse=True):
            bound, cost = self.bounds.get(level), self.costs[level]
            if bound is None:
                return None
            if bound < cost:
                return (cost - bound) / max(abs(cost), 1e-9)
        return 0.0

    def to_json(self) -> dict[str, object]:
        """Plain data, as ``--json`` prints it."""
        found: dict[str, object] = {"checked": not self.faults, "cost": self.cost}
        if set(self.costs) - {0}:
            found["costs"] = {str(level): cost for level, cost in sorted(self.costs.items(), reverse=True)}
        gap = self.gap
        if gap != 0.0:
            found["bound"] = self.bounds.get(0)
            found["gap"] = gap
        if self.violated:
            found["violated"] = [
                {
                    "file": entry.origin.span.file,
                    "line": entry.origin.span.line,
                    "statement": entry.origin.statement,
                    "count": entry.count,
                    "level": entry.level,
                    "cost": entry.cost,
                }
                for entry in self.violated
            ]
        if self.faults:
            found["faults"] = list(self.faults)
        return found
