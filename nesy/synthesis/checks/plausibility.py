"""Whether what a model says before anything is known agrees with the scales that its glosses claim.

A variance that was written where a standard deviation belongs, or a mean in another unit, checks like any other
number; a prior that lies mostly outside of the scale of its own gloss does not go unnoticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from nesy.dsl.knowledge import Gloss
from nesy.solvers.probabilistic.model.graph import ModelGraph
from nesy.solvers.probabilistic.vectorised.executor import Executor

DRAWS = 2_000
LEAST = 0.5
"""A share of the prior within the scale below which one of the two must be wrong."""


@dataclass(frozen=True, slots=True)
class Implausible:
    """A name, its scale, and the share of its prior that lies there."""

    name: str
    scale: tuple[float, float]
    share: float

    @property
    def text(self) -> str:
        """In words."""
        low, high = self.scale
        return (
            f"before anything is known, {self.name} lies on its scale, {low:g} to {high:g}, "
            f"with probability {self.share:.2f} only"
        )


def implausible(graph: ModelGraph, glosses: Mapping[str, Gloss], prior: Executor) -> tuple[Implausible, ...]:
    """The names whose prior lies mostly outside of the scale of their gloss.

    ``prior`` runs the graph without its conditions.
    """
    limits = {name: gloss.limits for name, gloss in glosses.items() if gloss.limits is not None}
    if not any(node.family in limits for node in graph.nodes):
        return ()
    state, _ = prior.draw(DRAWS, torch.Generator().manual_seed(0))
    families = {node.label: node.family for node in graph.nodes if node.kind == "number"}
    inside: dict[str, list[float]] = {}
    for site, values in zip(prior.sites, state, strict=True):
        for place, label in enumerate(site.block.labels):
            scale = limits.get(families.get(label, ""))
            if scale is not None:
                column = values[:, place if values.shape[1] > 1 else 0]
                share = ((column >= scale[0]) & (column <= scale[1])).double().mean()
                inside.setdefault(families[label], []).append(float(share))
    shares = {name: sum(found) / len(found) for name, found in inside.items()}
    return tuple(
        Implausible(name, scale, shares[name])
        for name, scale in limits.items()
        if scale is not None and shares.get(name, 1.0) < LEAST
    )
