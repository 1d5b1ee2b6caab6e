"""A model with what was read put in: each percept becomes a random variable with known probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nesy.solvers.probabilistic.model.distributions import PERCEPT
from nesy.solvers.probabilistic.model.expressions import Constant
from nesy.solvers.probabilistic.model.graph import Distribution, ModelGraph, Node, RandomVariable


def with_readings(graph: ModelGraph, readings: Mapping[str, Sequence[float]]) -> ModelGraph:
    """``graph`` for one instance; ``readings`` are the probabilities of the values of each percept, by its label.

    A percept without a reading takes all its values with equal probability.
    """
    return replace(graph, nodes=tuple(_read(node, readings) for node in graph.nodes))


def _read(node: Node, readings: Mapping[str, Sequence[float]]) -> Node:
    if not isinstance(node, RandomVariable) or node.distribution.name != PERCEPT:
        return node
    assert node.domain is not None
    size = len(node.domain)
    shares = [Constant(float(share)) for share in readings.get(node.label, [1 / size] * size)]
    if node.domain.is_bool:
        return replace(node, distribution=Distribution("bernoulli", (shares[1],)))
    return replace(node, distribution=Distribution("categorical", tuple(shares)))
