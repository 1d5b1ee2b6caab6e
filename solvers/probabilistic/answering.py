"""Lifting: from the posteriors of estimands to the results of an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, nan

import torch
from torch import Tensor

from nesy.dsl.checked import Domain
from nesy.solvers.answer import Result
from nesy.solvers.grounding.symbols import order_key
from nesy.solvers.probabilistic.inference.results import LEVELS, Inferred, Posterior
from nesy.solvers.probabilistic.model.graph import Estimand, ModelGraph

DUST = 1e-9
"""Errors below this are rounding."""

REAL = Domain("real", ())
"""The domain of a result that is a number: it lists no values."""


def results(graph: ModelGraph, found: Sequence[Inferred]) -> dict[str, Result]:
    """One result for each family of estimands, ``[batch, *shape, …]``."""
    families: dict[str, list[int]] = {}
    for place, estimand in enumerate(graph.estimands):
        families.setdefault(estimand.family, []).append(place)
    return {
        family: _result(family, [graph.estimands[place] for place in places], places, found)
        for family, places in families.items()
    }


def _result(family: str, estimands: Sequence[Estimand], places: Sequence[int], found: Sequence[Inferred]) -> Result:
    labels = tuple(estimand.label for estimand in estimands)
    shape = () if len(labels) == 1 else (len(labels),)
    rows = [[entry.posteriors[place] if entry.posteriors else None for place in places] for entry in found]
    finite = all(estimand.domain is not None for estimand in estimands)
    domain = (
        common_domain([estimand.domain for estimand in estimands if estimand.domain is not None]) if finite else REAL
    )
    size = (len(found), *shape)
    probability = choice = None
    if finite:
        table = [[_probability(row, e, domain) for row, e in zip(line, estimands, strict=True)] for line in rows]
        probability = torch.stack([entry for line in table for entry in line]).reshape(*size, len(domain))
        best = probability.argmax(-1)
        choice = torch.where(probability.sum(-1) > 0, best, -1)
    numeric = not finite or is_numeric(domain)
    if not numeric:
        return Result(
            family,
            labels,
            shape,
            domain,
            probability=probability,
            choice=choice,
            samples=_samples(rows, size, estimands, domain),
            error=_error(rows, size),
        )
    return Result(
        family,
        labels,
        shape,
        domain,
        probability=probability,
        choice=choice,
        mean=_numbers(rows, size, "mean"),
        sd=_numbers(rows, size, "sd"),
        quantiles=_quantiles(rows, size),
        levels=LEVELS,
        samples=_samples(rows, size, estimands, None),
        error=_error(rows, size),
    )


def common_domain(domains: Sequence[Domain]) -> Domain:
    """One domain for all labels of a family."""
    if all(domain.values == domains[0].values for domain in domains):
        return domains[0]
    values = sorted({value for domain in domains for value in domain.values}, key=order_key)
    return Domain(domains[0].name, tuple(values))


def is_numeric(domain: Domain) -> bool:
    """Whether all values are whole numbers."""
    return all(isinstance(value, int) and not isinstance(value, bool) for value in domain.values)


def _probability(posterior: Posterior | None, estimand: Estimand, domain: Domain) -> Tensor:
    found = torch.zeros(len(domain), dtype=torch.float64)
    if posterior is not None and posterior.probability is not None and estimand.domain is not None:
        places = [domain.position(value) for value in estimand.domain.values]
        found[torch.tensor(places)] = posterior.probability.to(torch.float64)
    return found


Rows = Sequence[Sequence[Posterior | None]]


def _numbers(rows: Rows, size: tuple[int, ...], name: str) -> Tensor:
    values = [getattr(entry, name) if entry is not None else nan for line in rows for entry in line]
    return torch.tensor([nan if value is None else value for value in values], dtype=torch.float64).reshape(size)


def _error(rows: Rows, size: tuple[int, ...]) -> Tensor | None:
    if all(entry is None or entry.error < DUST for line in rows for entry in line):
        return None
    return _numbers(rows, size, "error")


def _quantiles(rows: Rows, size: tuple[int, ...]) -> Tensor:
    missing = (nan,) * len(LEVELS)
    values = [
        missing if entry is None or entry.quantiles is None else entry.quantiles for line in rows for entry in line
    ]
    return torch.tensor(values, dtype=torch.float64).reshape(*size, len(LEVELS))


def _samples(rows: Rows, size: tuple[int, ...], estimands: Sequence[Estimand], domain: Domain | None) -> Tensor | None:
    """Draws of all labels, where all have some; places in the common ``domain`` for what is no number."""
    draws = []
    for line in rows:
        for entry, estimand in zip(line, estimands, strict=True):
            if entry is None or entry.draws is None:
                return None
            found = entry.draws
            if domain is not None and estimand.domain is not None:
                places = torch.tensor([domain.position(value) for value in estimand.domain.values])
                found = places[found.long()].to(found.dtype)
            draws.append(found)
    return torch.stack(draws).reshape(*size, -1)


def details(found: Inferred) -> Mapping[str, object]:
    """What JSON says of an instance beside its answers."""
    data: dict[str, object] = {"method": found.method}
    if found.log_evidence is not None:
        data["log_evidence"] = found.log_evidence if isfinite(found.log_evidence) else None
        if found.log_evidence_error > DUST:
            data["log_evidence_error"] = found.log_evidence_error if isfinite(found.log_evidence_error) else None
    if found.diagnostics:
        data["diagnostics"] = dict(found.diagnostics)
    if found.remarks:
        data["remarks"] = [remark.message for remark in found.remarks]
    return data
