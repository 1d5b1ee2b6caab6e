"""How much an experiment is expected to tell: bounds on the expected information gain, in nats.

EIG(x) = E log p(y | θ, x) − log p(y | x). The prior contrastive estimator (A. Foster and others, AISTATS 2020) puts the
θ that y was drawn with among the contrasts, which makes it a lower bound; nested Monte Carlo leaves it out, which makes
it an upper bound. Both meet as contrasts grow, so the gap says how far off an estimate may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import log

import torch
from torch import Generator, Tensor

from nesy.solvers.probabilistic.inference.weighting import systematic
from nesy.solvers.probabilistic.model.graph import ModelGraph
from nesy.solvers.probabilistic.vectorised.executor import Executor
from nesy.solvers.probabilistic.vectorised.templates import State

OUTER, INNER = 1000, 2000
DRAWN = 200
"""Draws from the prior for each state of the posterior."""


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


def expected_gains(
    graph: ModelGraph, designs: Sequence[Sequence[str]], *, seed: int, outer: int = OUTER, inner: int = INNER
) -> tuple[Gain, ...]:
    """Bounds for each design, given the conditions that the graph already has.

    A design is what is observed together: the labels of its outcomes, as many in each. Nothing may depend on them.
    All designs are judged on the same ``outer`` worlds and ``inner`` contrasts, so that chance favours none.
    """
    executor = Executor(graph)
    places = executor.plates.places
    blocks = sorted({places[label][0] for design in designs for label in design})
    starts = dict(zip(blocks, accumulate([0, *(executor.sites[n].block.size for n in blocks)]), strict=False))
    picked = torch.tensor([[starts[places[label][0]] + places[label][1] for label in design] for design in designs])
    generator = Generator().manual_seed(seed)
    truths = _states(executor, blocks, outer, generator)
    contrasts = _states(executor, blocks, inner, generator)
    executor.fill(truths, blocks, outer, generator)

    def density(state: State, values: Sequence[Tensor], rows: int) -> Tensor:
        """log p(y | θ) of the outcomes ``values`` by block, ``[rows, designs]``."""
        found = [
            executor.density(executor.sites[n], state, value).expand(rows, -1)
            for n, value in zip(blocks, values, strict=True)
        ]
        return torch.cat(found, 1)[:, picked].sum(-1)

    outcomes = [truths[n].expand(outer, -1) for n in blocks]
    own = density(truths, outcomes, outer)
    total = torch.stack(
        [density(contrasts, [each[[row]] for each in outcomes], inner).logsumexp(0) for row in range(outer)]
    )
    lower = own - (torch.logaddexp(total, own) - log(inner + 1))
    upper = own - (total - log(inner))
    return tuple(Gain(*_mean(lower[:, n]), *_mean(upper[:, n])) for n in range(len(designs)))


def _mean(terms: Tensor) -> tuple[float, float]:
    kept = terms[torch.isfinite(terms)]
    return float(kept.mean()), float(kept.std() / len(kept) ** 0.5)


def _states(executor: Executor, outcomes: Sequence[int], count: int, generator: Generator) -> State:
    """States of the posterior given the conditions, without the blocks ``outcomes``: weighted draws, resampled."""
    others = [number for number in range(len(executor.sites)) if number not in outcomes]
    drawn = DRAWN * count if executor.graph.conditions else count
    state = executor.blank()
    weight = executor.fill(state, others, drawn, generator)
    if not executor.graph.conditions:
        return state
    for function in executor.factors:
        weight = weight + function(state)[:, 0]
    logs = torch.where(executor.holds(state), weight, -torch.inf)
    places = systematic(logs.softmax(0), count, generator)
    return [part[places] if len(part) > 1 else part for part in state]
