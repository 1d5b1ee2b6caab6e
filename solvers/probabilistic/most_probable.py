"""The most probable state of a finite model, given what is known."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.answer import Answer, Status
from nesy.solvers.probabilistic.answering import results
from nesy.solvers.probabilistic.inference.choose import Chosen
from nesy.solvers.probabilistic.inference.results import Inferred, Posterior
from nesy.solvers.probabilistic.vectorised.codes import FLOAT

METHOD = "elimination, most probable"


def check(chosen: Chosen) -> None:
    """Raises E596 for a model that is not finite, or too entangled for tables."""
    if chosen.finite is None and not chosen.conflict:
        message = "the most probable state is found in finite models only, and this one is not, or is too entangled"
        raise NesyError(Diagnostic("E596", message, hint="take --mode posterior", place="--mode"))


def most_probable(
    chosen: Chosen,
    readings: Mapping[str, Tensor],
    batch: int,
    warnings: tuple[Diagnostic, ...] = (),
    conflict: Diagnostic | None = None,
) -> Answer:
    """The value of each estimand in one most probable state, for a batch; its probability is among the details.

    All values belong to the same state, also where several are equally probable. ``conflict`` is what is said of
    instances in which what is known is impossible. Raises E596, see :func:`check`.
    """
    started = time.perf_counter()
    check(chosen)
    if chosen.conflict or chosen.finite is None:
        found = [Inferred("none", True, Status.INFEASIBLE)] * batch
        joint = [-torch.inf] * batch
    else:
        value, places = chosen.finite.most_probable(readings)
        evidence = chosen.finite.elimination.posteriors(readings)[0].expand(batch)
        joint = (value.expand(batch) - evidence).tolist()
        places = [each.expand(batch) for each in places]
        found = [_state(chosen, places, instance, joint[instance] > -torch.inf) for instance in range(batch)]
    answered = {
        name: replace(result, probability=None, sd=None, quantiles=None, levels=(), samples=None, error=None)
        for name, result in results(chosen.graph, found).items()
    }
    details: list[dict[str, object]] = [{"method": METHOD} for _ in found]
    for entry, log_probability in zip(details, joint, strict=True):
        if log_probability > -torch.inf:
            entry["log_probability"] = log_probability
        elif conflict is not None:
            entry["remarks"] = [conflict.message]
    statistics = {"seconds": time.perf_counter() - started, "method": [METHOD] * batch, "log_probability": joint}
    status = [entry.status for entry in found]
    remarks = warnings if conflict is None else (*warnings, conflict)
    return Answer("probabilistic", answered, status, statistics, remarks, details=details)


def _state(chosen: Chosen, places: Sequence[Tensor], instance: int, possible: bool) -> Inferred:
    if not possible:
        return Inferred("none", True, Status.INFEASIBLE)
    assert chosen.finite is not None
    posteriors = []
    for asked, place in zip(chosen.finite.asked, places, strict=True):
        item = asked.items[int(place[instance])]
        probability = None
        if asked.estimand.domain is not None:
            codes = chosen.finite.codes.domain(asked.estimand.domain).to(FLOAT)
            probability = torch.nn.functional.one_hot((codes - item).abs().argmin(), len(codes)).to(FLOAT)
        posteriors.append(Posterior(probability, mean=float(item)))
    return Inferred(METHOD, True, Status.SOLVED, tuple(posteriors))
