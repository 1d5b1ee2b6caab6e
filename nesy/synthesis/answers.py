"""What a question is answered with: each query's posterior, how it differs from the prior, and what moved it."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from nesy.dsl.statements import Observe
from nesy.dsl.values import format_value
from nesy.solvers.answer import Status, json_value
from nesy.solvers.probabilistic.inference.results import LEVELS, Posterior
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
        """Edges (one more than bins) and shares of the posterior of a number; None for finite values."""
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
        counts = torch.histc(draws.double().clamp(low, high), bins, low, high)
        edges = torch.linspace(low, high, bins + 1, dtype=torch.float64)
        return tuple(edges.tolist()), tuple((counts / counts.sum()).tolist())

    def to_json(self) -> dict[str, object]:
        """The answer as plain data, measures as in ``nesy run --json``."""
        found: dict[str, object] = {"query": self.label, "posterior": posterior_json(self.posterior, self.estimand)}
        if self.said:
            found["said"] = self.said
        if self.unit:
            found["unit"] = self.unit
        if self.scale is not None:
            found["scale"] = list(self.scale)
        if self.prior is not None:
            found["prior"] = posterior_json(self.prior, self.estimand)
        found["influences"] = [
            {"observation": entry.text, "sentence": entry.sentence, "nats": entry.nats} for entry in self.influences
        ]
        return found


def posterior_json(posterior: Posterior, estimand: Estimand) -> dict[str, object]:
    """A posterior as plain data."""
    found: dict[str, object] = {}
    if posterior.probability is not None and estimand.domain is not None:
        names = [format_value(value) for value in estimand.domain.values]
        found["probability"] = dict(zip(names, posterior.probability.tolist(), strict=True))
        found["value"] = json_value(estimand.domain.values[int(posterior.probability.argmax())])
    if posterior.mean is not None:
        found["mean"], found["sd"] = posterior.mean, posterior.sd
    if posterior.quantiles is not None:
        found["quantiles"] = {f"{level:g}": value for level, value in zip(LEVELS, posterior.quantiles, strict=True)}
    found["standard_error"] = posterior.error
    return found


@dataclass(frozen=True)
class Answers:
    """The answers to all queries. A status without answers says why there are none; ``remarks`` in words."""

    status: Status
    queries: tuple[QueryAnswer, ...]
    remarks: tuple[str, ...] = ()

    def __getitem__(self, label: str) -> QueryAnswer:
        """The answer to the query called ``label``."""
        for entry in self.queries:
            if entry.label == label:
                return entry
        known = ", ".join(entry.label for entry in self.queries)
        raise KeyError(f"'{label}' was not asked; the queries are {known}")
