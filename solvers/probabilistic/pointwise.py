"""How probable each observation was, in each draw from the posterior: what leave-one-out estimates are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from nesy.solvers.answer import Draws, Status
from nesy.solvers.probabilistic.answering import results
from nesy.solvers.probabilistic.inference.choose import Chosen
from nesy.solvers.probabilistic.inference.joining import assembled
from nesy.solvers.probabilistic.model.expressions import Reference, Scalar
from nesy.solvers.probabilistic.model.graph import Estimand, ModelGraph, Node, RandomVariable, unobserved
from nesy.solvers.probabilistic.vectorised.executor import Executor


def with_likelihood(
    chosen: Chosen, readings: Mapping[str, Tensor], *, seed: int, time_limit: float | None
) -> Draws | None:
    """Draws of a single instance's posterior with the log densities of what was observed by its value.

    The model is answered once more, by the same method, with the variables on which these depend among what is asked.
    None where the method has no draws of some of them, or no answer.
    """
    graph = chosen.graph
    wanted = graph.sources_of(tuple(graph.observed)) | {
        source for label in graph.observed for source in graph.sources[label]
    }
    asked = [
        Estimand(node.label, node.family, Reference(node.label), node.domain)
        for node in unobserved(graph)
        if node.label in wanted
    ]
    count = len(graph.estimands)
    wider = replace(graph, estimands=(*graph.estimands, *asked))
    whole = Chosen(wider, chosen.rows, chosen.method, chosen.samples, drawing=True)
    (found,) = whole.infer(readings, 1, seed=seed, time_limit=time_limit)
    if found.status not in (Status.SOLVED, Status.ESTIMATED) or any(e.draws is None for e in found.posteriors):
        return None
    draws = {
        estimand.label: entry.draws
        for estimand, entry in zip(asked, found.posteriors[count:], strict=True)
        if entry.draws is not None
    }
    own = replace(found, posteriors=found.posteriors[:count])
    size = next((len(entry.draws) for entry in found.posteriors if entry.draws is not None), 0)
    percepts = [variable for variable in graph.variables if variable.label in chosen.rows]
    given = {variable.label: readings[variable.family][0, chosen.rows[variable.label]] for variable in percepts}
    likelihood, observed = _observed(graph, draws, given, size)
    return Draws(results(graph, [own]), likelihood, observed, found.chains)


def _observed(
    graph: ModelGraph, draws: Mapping[str, Tensor], readings: Mapping[str, Tensor], count: int
) -> tuple[dict[str, tuple[tuple[str, ...], Tensor]], dict[str, tuple[float, ...]]]:
    """By family of observed variables: labels and log densities ``[label, count]``, and their values."""
    executor = Executor(graph)
    state = executor.complete(assembled(executor, draws, {}, count))
    rows: dict[str, list[tuple[str, Tensor, float]]] = {}
    for number, site in enumerate(executor.sites):
        if site.observed is None:
            continue
        size = site.block.size
        density = executor.density(site, state, state[number], readings).expand(count, size)
        for place, label in enumerate(site.block.labels):
            variable = graph.by_label[label]
            value = _number(variable, graph.observed[label])
            rows.setdefault(variable.family, []).append((label, density[:, place], value))
    likelihood = {
        family: (tuple(label for label, _, _ in found), torch.stack([column for _, column, _ in found]))
        for family, found in rows.items()
    }
    return likelihood, {family: tuple(value for _, _, value in found) for family, found in rows.items()}


def _number(node: Node, value: Scalar) -> float:
    """A value as draws hold it: numbers and truth values as they are, names as places in the domain."""
    if isinstance(value, int | float):
        return float(value)
    assert isinstance(node, RandomVariable)
    assert node.domain is not None
    place = node.domain.position(value)
    assert place is not None
    return float(place)
