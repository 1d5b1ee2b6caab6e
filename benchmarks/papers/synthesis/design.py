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

from nesy.solvers.probabilistic.inference.quadrature import compile_nested
from nesy.solvers.probabilistic.inference.weighting import systematic
from nesy.solvers.probabilistic.model.graph import ModelGraph
from nesy.solvers.probabilistic.vectorised.codes import FLOAT
from nesy.solvers.probabilistic.vectorised.executor import Executor

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


def expected_gain(
    graph: ModelGraph, outcomes: Sequence[str], *, seed: int, outer: int = OUTER, inner: int = INNER
) -> Gain:
    """Bounds for observing the nodes ``outcomes`` together, given the conditions that the graph already has."""
    generator = Generator().manual_seed(seed)
    executor = Executor(graph)
    seen = [_member(executor, label) for label in outcomes]
    truths = _states(executor, outer, generator)
    contrasts = _states(executor, inner, generator)
    own = _density(executor, seen, truths, outer)
    others = _densities(executor, seen, contrasts, truths, inner)
    total = others.logsumexp(1)
    lower = own - (torch.logaddexp(total, own) - log(inner + 1))
    upper = own - (total - log(inner))
    return Gain(*_mean(lower), *_mean(upper))


def closed_gain(graph: ModelGraph, outcomes: Sequence[str]) -> float | None:
    """The expected information gain of a linear Gaussian model, ½ log det Cov(y) − ½ log det Cov(y | θ), in nats.

    None for other models. θ are the variables that the means of the outcomes are computed from.
    """
    nested = compile_nested(graph)
    if nested is None or nested.parts.outer or nested.combinations > 1:
        return None
    _, _, gaussian = nested.rows(torch.zeros((1, 0), dtype=FLOAT))
    labels = nested.conditioner.inner
    sources = sorted(graph.sources_of(tuple(p for label in outcomes for p in graph.by_label[label].parents)))
    if not {*outcomes, *sources} <= {*labels}:
        return None
    y, theta = ([labels.index(label) for label in group] for group in (outcomes, sources))
    covariance = gaussian.covariance[0]
    whole, cross = covariance[y][:, y], covariance[theta][:, y]
    given = whole - cross.mT @ torch.linalg.solve(covariance[theta][:, theta], cross)
    return float(0.5 * (torch.logdet(whole) - torch.logdet(given)))


Member = tuple[int, int]
"""The number of a site and the place of a variable in it."""


def _mean(terms: Tensor) -> tuple[float, float]:
    kept = terms[torch.isfinite(terms)]
    return float(kept.mean()), float(kept.std() / len(kept) ** 0.5)


def _member(executor: Executor, label: str) -> Member:
    number = next(n for n, site in enumerate(executor.sites) if label in site.block.labels)
    return number, executor.sites[number].block.labels.index(label)


def _states(executor: Executor, count: int, generator: Generator) -> list[Tensor]:
    """States of the posterior given the conditions: weighted draws, resampled where anything is known."""
    state, weight = executor.draw(50 * count if executor.graph.conditions else count, generator)
    if not executor.graph.conditions:
        return list(state)
    possible = executor.holds(state) & torch.isfinite(weight)
    logs = torch.where(possible.expand_as(weight), weight, -torch.inf)
    places = systematic(logs.softmax(0), count, generator)
    return [part[places] if len(part) > 1 else part for part in state]


def _density(executor: Executor, seen: Sequence[Member], state: Sequence[Tensor], count: int) -> Tensor:
    """log p(y | θ) of the outcomes in ``state``, ``[count]``."""
    found = torch.zeros(count, dtype=FLOAT)
    for number, place in seen:
        site = executor.sites[number]
        density = executor.density(site, state, state[number])
        found = found + density.expand(count, site.block.size)[:, place]
    return found


def _densities(
    executor: Executor, seen: Sequence[Member], contrasts: Sequence[Tensor], truths: Sequence[Tensor], inner: int
) -> Tensor:
    """log p(yᵢ | θⱼ) ``[outer, inner]``, in pieces that fit into memory."""
    outer = max(len(truths[number]) for number, _ in seen)
    rows = max(1, CHUNK // inner)
    found = []
    for start in range(0, outer, rows):
        count = min(rows, outer - start)
        wide = [each.repeat(count, 1) if len(each) > 1 else each for each in contrasts]
        for number, place in seen:
            if wide[number].shape[0] == 1:
                wide[number] = wide[number].expand(count * inner, -1).clone()
            wide[number][:, place] = truths[number][start : start + count, place].repeat_interleave(inner)
        found.append(_density(executor, seen, wide, count * inner).reshape(count, inner))
    return torch.cat(found)
