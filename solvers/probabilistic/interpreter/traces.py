"""Traces: one value for each node. Drawing them from the prior, and their log joint density."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, log
from typing import TypeAlias

from numpy.random import Generator

from nesy.solvers.probabilistic.interpreter.densities import draw, log_density
from nesy.solvers.probabilistic.model.arithmetic import UndefinedError, evaluate, same
from nesy.solvers.probabilistic.model.distributions import PERCEPT
from nesy.solvers.probabilistic.model.expressions import Expression, Scalar
from nesy.solvers.probabilistic.model.graph import (
    Definition,
    Equation,
    Event,
    Factor,
    ModelGraph,
    Observation,
    RandomVariable,
)

Trace: TypeAlias = dict[str, Scalar]
Readings: TypeAlias = Mapping[str, tuple[float, ...]]
"""The probabilities of each percept's values, by label."""


def sample(graph: ModelGraph, generator: Generator, readings: Readings | None = None) -> Trace:
    """A trace drawn from the prior; observed variables have their observed values."""
    trace: Trace = {}
    for node in graph.nodes:
        if isinstance(node, Definition):
            trace[node.label] = evaluate(node.expression, trace)
        elif node.label in graph.observed:
            trace[node.label] = graph.observed[node.label]
        else:
            trace[node.label] = _drawn(node, trace, generator, readings or {})
    return trace


def log_joint(graph: ModelGraph, values: Mapping[str, Scalar], readings: Readings | None = None) -> float:
    """The log density of the random variables at ``values`` (those of definitions are computed), with all conditions.

    −∞ where an event fails or a variable lies outside of its support. Equations have no density of their own: a graph
    that holds one raises ValueError.
    """
    trace: Trace = {}
    found = 0.0
    for node in graph.nodes:
        if isinstance(node, Definition):
            trace[node.label] = evaluate(node.expression, trace)
        else:
            trace[node.label] = values[node.label]
            found += log_probability(node, trace, readings or {})
    for condition in graph.conditions:
        match condition:
            case Observation(label, value):
                found += 0.0 if same(trace[label], value) else -inf
            case Event(expression):
                found += 0.0 if evaluate(expression, trace) is True else -inf
            case Factor(expression):
                found += _number(evaluate(expression, trace))
            case Equation():
                raise ValueError(f"'{condition.text}' has no density by itself")
    return found


def log_probability(variable: RandomVariable, trace: Trace, readings: Readings) -> float:
    """The log density of a variable at its value in ``trace``, given its parents there."""
    value = trace[variable.label]
    name, arguments = variable.distribution.name, variable.distribution.arguments
    if name in ("categorical", PERCEPT):
        shares = _shares(variable, trace, readings)
        assert variable.domain is not None
        share = sum(share for item, share in zip(variable.domain.values, shares, strict=True) if same(item, value))
        return log(share / sum(shares)) if share > 0 else -inf
    return log_density(name, _number(value), [_number(evaluate(argument, trace)) for argument in arguments])


def _shares(variable: RandomVariable, trace: Trace, readings: Readings) -> list[float]:
    if variable.distribution.name == PERCEPT:
        return list(readings[variable.label])
    return [_number(evaluate(argument, trace)) for argument in variable.distribution.arguments]


def _drawn(variable: RandomVariable, trace: Trace, generator: Generator, readings: Readings) -> Scalar:
    name = variable.distribution.name
    if name in ("categorical", PERCEPT):
        assert variable.domain is not None
        shares = _shares(variable, trace, readings)
        total = sum(shares)
        return variable.domain.values[int(generator.choice(len(shares), p=[share / total for share in shares]))]
    arguments: tuple[Expression, ...] = variable.distribution.arguments
    number = draw(name, [_number(evaluate(argument, trace)) for argument in arguments], generator)
    if variable.domain is not None:
        return bool(number) if variable.domain.is_bool else int(number)
    return int(number) if variable.integer else number


def _number(value: Scalar) -> float:
    if isinstance(value, str | tuple):
        raise UndefinedError(f"'{value}' is not a number")
    return float(value)
