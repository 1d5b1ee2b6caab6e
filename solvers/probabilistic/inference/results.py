"""What every method of inference returns: posteriors with their uncertainty, the evidence, diagnostics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from nesy.dsl.checked import Domain
from nesy.dsl.diagnostics import Diagnostic
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.model.graph import kind_of_domain
from nesy.solvers.probabilistic.vectorised.codes import Codes

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""The quantiles that answers report."""


@dataclass(frozen=True)
class Posterior:
    """The posterior of one estimand.

    ``probability``: of each value of its domain, ``[values]``. For numbers ``mean``, ``sd`` and ``quantiles`` at
    :data:`LEVELS`. ``draws`` are equally weighted samples, ``[draws]``, where the method has any: numbers, or places in
    the domain for truth values and names; those of all estimands belong together. ``error`` is the standard error of
    the mean (for truth values: of the probability), 0 where the result is exact.
    """

    probability: Tensor | None = None
    mean: float | None = None
    sd: float | None = None
    quantiles: tuple[float, ...] | None = None
    draws: Tensor | None = None
    error: float = 0.0
    heavy: bool = False
    """The tails are too heavy for what is NaN, the mean or ``sd``: it may not exist."""


@dataclass(frozen=True)
class Inferred:
    """The answer of one method for one instance.

    ``log_evidence`` is that of all conditions together, with its standard error; None where the method has none.
    ``diagnostics`` are numbers by name: effective sample size, R̂, acceptance; ``chains`` are statistics of each draw,
    ``[draw, chain]`` by ArviZ's names, where there are chains. ``remarks`` say what is doubtful; a
    status other than ``solved`` or ``estimated`` comes without posteriors.
    """

    method: str
    exact: bool
    status: Status
    posteriors: tuple[Posterior, ...] = ()
    log_evidence: float | None = None
    log_evidence_error: float = 0.0
    diagnostics: Mapping[str, object] = field(default_factory=dict)
    remarks: tuple[Diagnostic, ...] = ()
    chains: Mapping[str, Tensor] = field(default_factory=dict)


def weighted_quantiles(values: Tensor, weights: Tensor) -> tuple[float, ...]:
    """The quantiles at :data:`LEVELS` of weighted numbers; ``weights`` sum to 1."""
    order = torch.argsort(values)
    sums = weights[order].cumsum(0)
    places = torch.searchsorted(sums, torch.tensor(LEVELS, dtype=sums.dtype) * sums[-1])
    return tuple(values[order][places.clamp(max=len(values) - 1)].tolist())


def drawn(values: Tensor, domain: Domain | None, codes: Codes) -> Tensor:
    """Draws of an estimand, from its values: numbers as they are, truth values and names as places in the domain."""
    if domain is None or kind_of_domain(domain) == "number":
        return values
    return (values[:, None] == codes.domain(domain).to(values.dtype)).to(values.dtype).argmax(1).to(values.dtype)


def of_table(items: Tensor, probability: Tensor, *, numeric: bool) -> Posterior:
    """An exact posterior over finitely many values; ``items`` are their numbers."""
    if not numeric:
        return Posterior(probability)
    items, shares = items[probability > 0], probability[probability > 0]
    mean = float((items * shares).sum())
    spread = float(((items - mean) ** 2 * shares).sum())
    return Posterior(probability, mean, max(spread, 0.0) ** 0.5, weighted_quantiles(items, shares))
