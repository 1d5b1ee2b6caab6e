"""The expected information gain in closed form, for linear Gaussian and for finite models, in nats."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor

from nesy.solvers.probabilistic.inference.quadrature import compile_nested
from nesy.solvers.probabilistic.model.graph import Equation, ModelGraph, unobserved
from nesy.solvers.probabilistic.vectorised.codes import FLOAT
from nesy.solvers.probabilistic.vectorised.executor import Executor

MOST = 1 << 20
"""States of a finite model."""


def closed_gain(graph: ModelGraph, outcomes: Sequence[str]) -> float | None:
    """The expected information gain of observing ``outcomes`` together; None for models without a closed form.

    θ are the variables that the outcomes' distributions are computed from.
    """
    parents = tuple(parent for label in outcomes for parent in graph.by_label[label].parents)
    sources = [label for label in graph.sources_of(parents) if label not in graph.observed]
    sizes = [None if v.domain is None else len(v.domain.values) for v in unobserved(graph)]
    if None not in sizes:
        small = prod(size for size in sizes if size is not None) <= MOST
        return _finite(graph, outcomes, sources) if small else None
    return _gaussian(graph, outcomes, sources)


def _gaussian(graph: ModelGraph, outcomes: Sequence[str], sources: Sequence[str]) -> float | None:
    """½ log det Cov(y) − ½ log det Cov(y | θ)."""
    nested = compile_nested(graph)
    if nested is None or nested.parts.outer or nested.combinations > 1:
        return None
    _, _, gaussian = nested.rows(torch.zeros((1, 0), dtype=FLOAT))
    labels = nested.conditioner.inner
    if not {*outcomes, *sources} <= {*labels}:
        return None
    y, theta = ([labels.index(label) for label in sorted(group)] for group in (outcomes, sources))
    covariance = gaussian.covariance[0]
    whole, cross = covariance[y][:, y], covariance[theta][:, y]
    given = whole - cross.mT @ torch.linalg.solve(covariance[theta][:, theta], cross)
    return float(0.5 * (torch.logdet(whole) - torch.logdet(given)))


def _finite(graph: ModelGraph, outcomes: Sequence[str], sources: Sequence[str]) -> float | None:
    """Σ P(θ, y) log P(θ, y) / (P(θ) P(y)), over all states."""
    if any(isinstance(condition, Equation) for condition in graph.conditions):
        return None
    variables = list(unobserved(graph))
    executor = Executor(graph)
    values = [executor.codes.domain(v.domain) for v in variables if v.domain is not None]
    grid = torch.meshgrid(*values, indexing="ij")
    columns = {variable.label: part.reshape(-1) for variable, part in zip(variables, grid, strict=True)}
    free = [torch.stack([columns[label] for label in executor.sites[n].block.labels], 1) for n in executor.free]
    table = executor.joint(executor.complete(free)).softmax(0).reshape(grid[0].shape)
    axes = [[place for place, v in enumerate(variables) if v.label in group] for group in (outcomes, sources)]
    rest = [place for place in range(len(variables)) if place not in axes[0] + axes[1]]
    joint = table.sum(rest, keepdim=True) if rest else table
    return float(_entropy(joint.sum(axes[0])) + _entropy(joint.sum(axes[1])) - _entropy(joint)) if axes[1] else 0.0


def _entropy(table: Tensor) -> Tensor:
    return -torch.xlogy(table, table).sum()
