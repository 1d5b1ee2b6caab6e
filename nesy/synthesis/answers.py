"""What a question is answered with: each query's posterior, how it differs from the prior, and what moved it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from nesy.dsl.statements import Observe
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.results import Posterior
from nesy.solvers.probabilistic.model.graph import Estimand

BINS = 24


@dataclass(frozen=True, slots=True)
class Influence:
    """How far an observation moved a query: KL(with ‖ without it) in nats, see :func:`scoring.divergence`.

    ``sentence`` is its number in the text (−1: not from a sentence).
    """

    observation: Observe
    text: str
    sentence: int
    nats: float


@dataclass(frozen=True, slots=True)
class Clash:
    """A condition that cannot hold together with others, and the number of its sentence (−1: not from a sentence)."""

    text: str
    sentence: int


@dataclass(frozen=True)
class QueryAnswer:
    """The answer to one query. ``said`` is its gloss; ``unit`` and ``scale`` are those of the gloss."""

    estimand: Estimand
    said: str
    unit: str
    scale: tuple[float, float] | None
    posterior: Posterior
    prior: Posterior | None
    influences: tuple[Influence, ...]

    @property
    def label(self) -> str:
        """``strength(ann)``"""
        return self.estimand.label

    def histogram(self, bins: int = BINS) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
        """Edges (one more than bins) and shares of the posterior of a number; None for finite values.

        Each different draw stands for the interval half way to its neighbours, so that draws from the points of a grid
        make no pattern with the bins.
        """
        draws = self.posterior.draws
        if self.posterior.mean is None or self.posterior.sd is None or (self.posterior.probability is not None):
            return None
        if draws is None:
            levels = (torch.arange(2000, dtype=torch.float64) + 0.5) / 2000
            draws = self.posterior.mean + self.posterior.sd * torch.special.ndtri(levels)
        low, high = (
            float(value) for value in torch.quantile(draws[:100_000].double(), torch.tensor([0.002, 0.998]).double())
        )
        if high <= low:
            high = low + 1.0
        edges = np.linspace(low, high, bins + 1)
        values, counts = np.unique(draws.double().numpy(), return_counts=True)
        middles = (values[1:] + values[:-1]) / 2 if len(values) > 1 else values
        ends = np.concatenate([[2 * values[0] - middles[0]], middles, [2 * values[-1] - middles[-1]]])
        below = np.concatenate([[0.0], np.cumsum(counts) / counts.sum()])
        within = np.interp(edges[1:-1], ends, below) if len(values) > 1 else (edges[1:-1] > values[0]).astype(float)
        return tuple(edges.tolist()), tuple(np.diff(within, prepend=0.0, append=1.0).tolist())


@dataclass(frozen=True)
class Answers:
    """The answers to all queries. A status without answers says why there are none; ``remarks`` in words.

    ``conflict`` is a smallest set of conditions that cannot hold together, where the status is ``infeasible``.
    """

    status: Status
    queries: tuple[QueryAnswer, ...]
    remarks: tuple[str, ...] = ()
    conflict: tuple[Clash, ...] = ()

    def __getitem__(self, label: str) -> QueryAnswer:
        """The answer to the query called ``label``."""
        for entry in self.queries:
            if entry.label == label:
                return entry
        known = ", ".join(entry.label for entry in self.queries)
        raise KeyError(f"'{label}' was not asked; the queries are {known}")
