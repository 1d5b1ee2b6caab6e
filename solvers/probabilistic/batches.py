"""Answers of finite models over percepts for a whole batch at once, with gradients to the readings.

Probabilities, means and the evidence are tensors that hang together with the evidence, on its device; deviations and
quantiles are numbers without gradients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nesy.solvers.answer import Result
from nesy.solvers.probabilistic.answering import REAL, common_domain, is_numeric
from nesy.solvers.probabilistic.inference.finite import Asked, Finite
from nesy.solvers.probabilistic.inference.results import LEVELS
from nesy.solvers.probabilistic.model.graph import Estimand


@dataclass(frozen=True)
class Batch:
    """``log_evidence`` ``[batch]``, the results by family, and the labels that have no value in some world."""

    log_evidence: Tensor
    results: Mapping[str, Result]
    undefined: tuple[str, ...]


@dataclass(frozen=True)
class _Shares:
    """How likely each value of an estimand is: ``shares`` ``[batch, value]``, ``items`` ``[value]`` their numbers."""

    estimand: Estimand
    shares: Tensor
    items: Tensor


def answer_batch(finite: Finite, readings: Mapping[str, Tensor], batch: int) -> Batch:
    """The posteriors of all instances; ``readings`` are ``[batch, rows, values]`` by percept family."""
    total, tables = finite.elimination.posteriors(readings)
    total = total.expand(batch)
    found = [_shares(asked, tables, total) for asked in finite.asked]
    families: dict[str, list[_Shares]] = {}
    for entry in found:
        families.setdefault(entry.estimand.family, []).append(entry)
    results = {family: _result(finite, family, entries, total) for family, entries in families.items()}
    undefined = tuple(e.estimand.label for e in found if bool((e.shares[:, e.items.isnan()] > 0).any()))
    return Batch(total + finite.log_shift, results, undefined)


def _shares(asked: Asked, tables: Sequence[Tensor], total: Tensor) -> _Shares:
    raw = total.new_ones(1, 1) if asked.probe is None else tables[asked.probe].to(total.dtype)
    raw = raw.expand(len(total), -1) * (total.detach() > -torch.inf)[:, None]
    whole = raw.sum(1, keepdim=True)
    return _Shares(asked.estimand, raw / torch.where(whole > 0, whole, 1.0), asked.items.to(total))


def _result(finite: Finite, family: str, entries: Sequence[_Shares], total: Tensor) -> Result:
    labels = tuple(entry.estimand.label for entry in entries)
    shape = () if len(labels) == 1 else (len(labels),)
    listed = [entry.estimand.domain for entry in entries if entry.estimand.domain is not None]
    domain = common_domain(listed) if len(listed) == len(entries) else REAL
    size = (len(total), *shape)
    probability = choice = None
    if domain is not REAL:
        axis = finite.codes.domain(domain).to(total)
        probability = torch.stack([_spread(entry, axis) for entry in entries], 1).reshape(*size, len(domain))
        choice = torch.where(probability.detach().sum(-1) > 0, probability.detach().argmax(-1), -1)
    result = Result(family, labels, shape, domain, probability=probability, choice=choice)
    if domain is not REAL and not is_numeric(domain):
        return result
    possible = total.detach() > -torch.inf
    mean = torch.stack([torch.where(possible, _mean(entry), torch.nan) for entry in entries], 1)
    spread = torch.stack([_deviation(entry) for entry in entries], 1)
    places = torch.stack([_quantiles(entry) for entry in entries], 1)
    return Result(
        family,
        labels,
        shape,
        domain,
        probability=probability,
        choice=choice,
        mean=mean.reshape(size),
        sd=torch.where(possible[:, None], spread, torch.nan).reshape(size),
        quantiles=torch.where(possible[:, None, None], places, torch.nan).reshape(*size, len(LEVELS)),
        levels=LEVELS,
    )


def _spread(entry: _Shares, axis: Tensor) -> Tensor:
    """The shares on the axis of a domain; what has no value is left out."""
    known = ~entry.items.isnan()
    nearest = (entry.items[known, None] - axis[None]).abs().argmin(1)
    return entry.shares.new_zeros(len(entry.shares), len(axis)).index_add(1, nearest, entry.shares[:, known])


def _mean(entry: _Shares) -> Tensor:
    """Σ share · item; a value of probability 0 does not count, however large."""
    if bool(entry.items.isfinite().all()):
        return entry.shares @ entry.items
    return torch.where(entry.shares > 0, entry.shares * entry.items, 0.0).sum(1)


def _deviation(entry: _Shares) -> Tensor:
    shares, mean = entry.shares.detach(), _mean(entry).detach()
    squares = torch.where(shares > 0, (entry.items - mean[:, None]) ** 2 * shares, 0.0)
    return squares.sum(1).clamp(min=0).sqrt()


def _quantiles(entry: _Shares) -> Tensor:
    """At :data:`LEVELS`, ``[batch, level]``."""
    order = torch.argsort(entry.items)
    sums = entry.shares.detach()[:, order].cumsum(1)
    levels = torch.tensor(LEVELS, dtype=sums.dtype, device=sums.device)
    places = torch.searchsorted(sums.contiguous(), (levels * sums[:, -1:]).contiguous())
    return entry.items[order][places.clamp(max=len(order) - 1)]
