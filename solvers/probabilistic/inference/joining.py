"""The answers of independent parts as one: posteriors side by side, evidence multiplied, errors added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

import torch
from torch import Tensor

from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.results import Inferred, Posterior, drawn
from nesy.solvers.probabilistic.inference.weighting import posterior
from nesy.solvers.probabilistic.model.expressions import Reference, Scalar
from nesy.solvers.probabilistic.model.graph import ModelGraph
from nesy.solvers.probabilistic.vectorised.codes import FLOAT, Codes
from nesy.solvers.probabilistic.vectorised.executor import Executor

DONE = (Status.SOLVED, Status.ESTIMATED)
KEPT = 4_000
"""Draws that an answer of several parts keeps, if each has as many."""


@dataclass(frozen=True)
class Answered:
    """One part's answer. ``places`` are those of its estimands in the whole model; posteriors beyond them are of
    variables from which estimands across parts are computed."""

    name: str
    places: tuple[int, ...]
    graph: ModelGraph
    found: Inferred

    @property
    def draws(self) -> dict[str, Tensor]:
        """Draws of unobserved variables, by label, that belong together."""
        pairs = zip(self.graph.estimands, self.found.posteriors, strict=False)
        return {
            estimand.expression.label: entry.draws
            for estimand, entry in pairs
            if isinstance(estimand.expression, Reference) and entry.draws is not None
        }


def evaluated(
    graph: ModelGraph, places: tuple[int, ...], whole: ModelGraph, found: Inferred, parts: Sequence[Answered]
) -> Answered:
    """The answer to estimands across parts. ``found`` is that of their common model ``whole``.

    Draws are computed from those of the parts, so that they belong together with these; where ``found`` is none, so are
    the posteriors.
    """
    draws = {label: each for part in parts for label, each in part.draws.items()}
    name = ", ".join(graph.estimands[place].label for place in places)
    count = min((KEPT, *(len(each) for each in draws.values())))
    needed = {label for place in places for label in graph.sources_of(graph.estimands[place].parents)}
    if not needed - graph.observed.keys() <= draws.keys():
        blank = tuple(replace(entry, draws=None) for entry in found.posteriors)
        return Answered(name, places, whole, replace(found, posteriors=blank))
    codes, columns = computed(graph, whole, parts, count)
    even, every = torch.full((count,), 1 / count, dtype=FLOAT), torch.arange(count)
    posteriors = []
    for number, (place, values) in enumerate(zip(places, columns, strict=True)):
        estimand = graph.estimands[place]
        if found.status in DONE:
            own = drawn(values, estimand.domain, codes)
            posteriors.append(replace(found.posteriors[number], draws=own))
        else:
            posteriors.append(posterior(estimand, values, even, codes, every))
    if found.status in DONE:
        return Answered(name, places, whole, replace(found, posteriors=tuple(posteriors)))
    independent = Inferred("draws of the parts", False, Status.ESTIMATED, tuple(posteriors))
    return Answered(name, places, whole, independent)


def computed(graph: ModelGraph, whole: ModelGraph, parts: Sequence[Answered], count: int) -> tuple[Codes, list[Tensor]]:
    """The values of the estimands of ``whole``, ``[count]`` each, from draws of the parts, with their codes."""
    draws = {label: each[:count] for part in parts for label, each in part.draws.items()}
    executor = Executor(replace(whole, conditions=()))
    state = executor.complete(assembled(executor, draws, graph.observed, count))
    return executor.codes, executor.asked(state, count)


def assembled(executor: Executor, draws: Mapping[str, Tensor], known: Mapping[str, Scalar], count: int) -> list[Tensor]:
    """The values of an executor's free blocks, ``[count, members]``, from draws of variables as posteriors hold them.

    Variables without draws have their ``known`` values, or 0 where nothing that is wanted depends on them.
    """
    free = []
    for number in executor.free:
        block = executor.sites[number].block
        columns = []
        for label in block.labels:
            if label not in draws:
                column = executor.codes.tensor([known.get(label, 0.0)]).expand(count)
            elif block.domain is not None and executor.graph.kind(label) != "number":
                column = executor.codes.domain(block.domain)[draws[label].long()]
            else:
                column = draws[label]
            columns.append(column.to(FLOAT))
        values = torch.stack(columns, 1)
        free.append(values != 0 if block.domain is not None and block.domain.is_bool else values)
    return free


def joined(graph: ModelGraph, parts: Sequence[Answered], across: Sequence[Answered]) -> Inferred:
    """One answer from those of all parts and of the estimands across them.

    Parts without estimands matter for the evidence alone: where one has no answer, there is none, with a remark.
    """
    every = (*parts, *across)
    asked = [entry for entry in every if entry.places]
    method = " + ".join(dict.fromkeys(entry.found.method for entry in every))
    diagnostics: dict[str, object] = {"parts": len(parts)}
    told = [entry.found.diagnostics.get("effective") for entry in asked]
    effective = [size for size in told if isinstance(size, int | float)]
    if effective:
        diagnostics["effective"] = min(effective)
    diagnostics["of"] = [
        {"queries": entry.name, "method": entry.found.method, **entry.found.diagnostics} for entry in every
    ]
    remarks = tuple(dict.fromkeys(remark for entry in every for remark in entry.found.remarks))
    if any(entry.found.status is Status.INFEASIBLE for entry in parts):
        return Inferred(method, True, Status.INFEASIBLE, (), -inf, 0.0, diagnostics, remarks)
    evidence, error = _evidence(parts)
    refused = [entry for entry in asked if entry.found.status not in DONE]
    if refused:
        status = Status.TIMEOUT if any(e.found.status is Status.TIMEOUT for e in refused) else Status.UNKNOWN
        return Inferred(method, False, status, (), evidence, error, diagnostics, remarks)
    found: list[Posterior] = [Posterior()] * len(graph.estimands)
    for entry in asked:
        for place, posterior_ in zip(entry.places, entry.found.posteriors, strict=False):
            found[place] = posterior_
    exact = all(entry.found.status is Status.SOLVED for entry in asked)
    status = Status.SOLVED if exact else Status.ESTIMATED
    return Inferred(method, exact, status, _even(found), evidence, error, diagnostics, remarks)


def _evidence(parts: Sequence[Answered]) -> tuple[float | None, float]:
    total, variance = 0.0, 0.0
    for entry in parts:
        if entry.found.log_evidence is None or entry.found.status not in DONE:
            return None, 0.0
        total += entry.found.log_evidence
        variance += entry.found.log_evidence_error**2
    return total, variance**0.5


def _even(posteriors: Sequence[Posterior]) -> tuple[Posterior, ...]:
    """The posteriors with as many draws each: those of different parts belong together in any order."""
    counts = {len(entry.draws) for entry in posteriors if entry.draws is not None}
    if len(counts) <= 1:
        return tuple(posteriors)
    least = min(counts)
    return tuple(
        entry if entry.draws is None else replace(entry, draws=entry.draws[_spread(len(entry.draws), least)])
        for entry in posteriors
    )


def _spread(count: int, kept: int) -> Tensor:
    """``kept`` places out of ``count``, evenly spread."""
    return torch.linspace(0, count - 1, kept, dtype=FLOAT).long()
