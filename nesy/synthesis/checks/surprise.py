"""What was observed and hardly was to be expected: each condition by itself, far out in its prior predictive."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nesy.solvers.probabilistic.model.expressions import Expression, Reference
from nesy.solvers.probabilistic.model.graph import Condition, Equation, Event, Factor, ModelGraph, Observation
from nesy.solvers.probabilistic.vectorised.executor import Executor

DRAWS = 10_000
LARGEST = 4_000_000
"""So many numbers are drawn at most."""
FAR = 1e-3
"""A share of the prior predictive up to which something is surprising."""


@dataclass(frozen=True, slots=True)
class Surprising:
    """A condition and the share of the prior predictive in which it holds, or that lies at least as far out."""

    condition: str
    share: float

    @property
    def text(self) -> str:
        """In words."""
        share = f"about {self.share:.1g}" if self.share > 0 else "next to nothing"
        return f"{self.condition} was hardly to be expected: before anything is known, its probability is {share}"


def surprising(graph: ModelGraph, prior: Executor) -> tuple[Surprising, ...]:
    """The conditions that are far out in the prior predictive, by draws of ``prior``, the graph without any (seed 0).

    For a number that is known, twice the share on the side of the median where it lies; for a value of a finite type
    and for an event its share. Soft evidence has none.
    """
    conditions = [entry for entry in graph.conditions if not isinstance(entry, Factor)]
    if not conditions:
        return ()
    draws = max(1_000, min(DRAWS, LARGEST // max(1, len(graph.nodes))))
    state, _ = prior.draw(draws, torch.Generator().manual_seed(0))
    found = []
    for condition in conditions:
        values = prior.function(_expression(condition))(state)[:, 0]
        share = _share(condition, values, prior)
        if share <= FAR:
            found.append(Surprising(condition.text, share))
    return tuple(found)


def _expression(condition: Condition) -> Expression:
    return Reference(condition.label) if isinstance(condition, Observation) else condition.expression


def _share(condition: Condition, values: Tensor, executor: Executor) -> float:
    match condition:
        case Event():
            return float(values.double().mean())
        case Observation(label, value) if executor.graph.kind(label) != "number":
            return float((values == executor.codes.tensor([value])).double().mean())
        case Observation(_, value) | Equation(_, value):
            assert isinstance(value, int | float)
            below, above = (values <= value).double().mean(), (values >= value).double().mean()
            return min(1.0, 2 * float(torch.minimum(below, above)))
        case _:
            return 1.0
