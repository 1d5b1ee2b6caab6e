"""How much an experiment is expected to tell: bounds on the expected information gain, in nats.

EIG(x) = E log p(y | θ, x) − log p(y | x). The prior contrastive estimator (A. Foster and others, AISTATS 2020) puts the
θ that y was drawn with among the contrasts, which makes it a lower bound; nested Monte Carlo leaves it out, which makes
it an upper bound. Both meet as contrasts grow, so the gap says how far off an estimate may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import torch
from torch import Generator, Tensor

from nesy.solvers.probabilistic.inference.weighting import systematic
from nesy.solvers.probabilistic.model.graph import ModelGraph
from nesy.solvers.probabilistic.vectorised.executor import Executor, Site

OUTER, INNER = 1000, 2000
CHUNK = 2_000_000


@dataclass(frozen=True)
class Gain:
    """Bounds on the expected information gain of a design, with their standard errors."""

    lower: float
    lower_error: float
    upper: float
    upper_error: float

    @property
    def middle(self) -> float:
        """Half way between the bounds."""
        return (self.lower + self.upper) / 2


def expected_gain(graph: ModelGraph, outcome: str, *, seed: int, outer: int = OUTER, inner: int = INNER) -> Gain:
    """Bounds for observing the node ``outcome``, given the conditions that the graph already has."""
    generator = Generator().manual_seed(seed)
    executor = Executor(graph)
    site = _site(executor, outcome)
    number = executor.sites.index(site)
    truths = _states(executor, outer, generator)
    contrasts = _states(executor, inner, generator)
    values = truths[number]
    own = executor.density(site, truths, values).expand(outer, -1)[:, _member(site, outcome)]
    others = _densities(executor, site, contrasts, values[:, _member(site, outcome)], _member(site, outcome), inner)
    total = others.logsumexp(1)
    lower = own - (torch.logaddexp(total, own) - log(inner + 1))
    upper = own - (total - log(inner))
    return Gain(*_mean(lower), *_mean(upper))


def _mean(terms: Tensor) -> tuple[float, float]:
    kept = terms[torch.isfinite(terms)]
    return float(kept.mean()), float(kept.std() / len(kept) ** 0.5)


def _site(executor: Executor, outcome: str) -> Site:
    return next(site for site in executor.sites if outcome in site.block.labels)


def _member(site: Site, outcome: str) -> int:
    return site.block.labels.index(outcome)


def _states(executor: Executor, count: int, generator: Generator) -> list[Tensor]:
    """States of the posterior given the conditions: weighted draws, resampled where anything is known."""
    state, weight = executor.draw(50 * count if executor.graph.conditions else count, generator)
    if not executor.graph.conditions:
        return list(state)
    possible = executor.holds(state) & torch.isfinite(weight)
    logs = torch.where(possible.expand_as(weight), weight, -torch.inf)
    places = systematic(logs.softmax(0), count, generator)
    return [part[places] if len(part) > 1 else part for part in state]


def _densities(
    executor: Executor, site: Site, contrasts: Sequence[Tensor], values: Tensor, member: int, inner: int
) -> Tensor:
    """log p(yᵢ | θⱼ) ``[outer, inner]``, in pieces that fit into memory."""
    rows = max(1, CHUNK // inner)
    found = []
    for part in values.split(rows):
        wide = [each.repeat(len(part), 1) if len(each) > 1 else each for each in contrasts]
        asked = part.repeat_interleave(inner)[:, None].expand(-1, site.block.size)
        density = executor.density(site, wide, asked)[:, member]
        found.append(density.expand(len(part) * inner).reshape(len(part), inner))
    return torch.cat(found)
