"""Values as numbers: truth values are booleans, numbers are themselves, names get a number each."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import torch
from torch import Tensor

from nesy.dsl.checked import Domain
from nesy.solvers.probabilistic.model.expressions import Constant, Expression, Lookup, Scalar, kind_of_value, walk
from nesy.solvers.probabilistic.model.graph import ModelGraph, Observation, RandomVariable, kind_of_domain

FLOAT = torch.float64


class Codes:
    """The codes of one graph's names."""

    def __init__(self, graph: ModelGraph) -> None:
        self._graph = graph

    @cached_property
    def _numbers(self) -> dict[Scalar, float]:
        found: dict[Scalar, float] = {}
        for value in self._values():
            if kind_of_value(value) == "symbol":
                found.setdefault(value, float(len(found)))
        return found

    def _values(self) -> Iterable[Scalar]:
        graph = self._graph
        for node in graph.nodes:
            if isinstance(node, RandomVariable) and node.domain is not None:
                yield from node.domain.values
            expressions = node.distribution.arguments if isinstance(node, RandomVariable) else (node.expression,)
            for expression in expressions:
                yield from _constants(expression)
        for condition in graph.conditions:
            if isinstance(condition, Observation):
                yield condition.value
            else:
                yield from _constants(condition.expression)
        for estimand in graph.estimands:
            yield from _constants(estimand.expression)
            if estimand.domain is not None:
                yield from estimand.domain.values

    def code(self, value: Scalar) -> bool | float:
        """The code of a value."""
        if isinstance(value, bool):
            return value
        return float(value) if isinstance(value, int | float) else self._numbers[value]

    def tensor(self, values: Iterable[Scalar]) -> Tensor:
        """The codes of values of one kind, bool or float64."""
        codes = [self.code(value) for value in values]
        dtype = torch.bool if codes and isinstance(codes[0], bool) else FLOAT
        return torch.tensor(codes, dtype=dtype)

    def domain(self, domain: Domain) -> Tensor:
        """The codes of a domain's values in order."""
        return self.tensor(domain.values)

    def places(self, values: Tensor, domain: Domain) -> Tensor:
        """The places on the value axis of coded values, long; a value outside gives an arbitrary place."""
        if domain.is_bool:
            return values.long()
        codes = self.domain(domain)
        order = torch.argsort(codes)
        found = torch.searchsorted(codes[order], values.contiguous()).clamp(max=len(codes) - 1)
        return order[found]

    def scalar(self, code: float, domain: Domain | None, *, integer: bool = False) -> Scalar:
        """The value that a code stands for."""
        if domain is None:
            return int(code) if integer else float(code)
        if domain.is_bool:
            return bool(code)
        if kind_of_domain(domain) == "number":
            return int(code)
        return next(value for value in domain.values if self.code(value) == code)


def _constants(expression: Expression) -> Iterable[Scalar]:
    for part in walk(expression):
        if isinstance(part, Constant):
            yield part.value
        elif isinstance(part, Lookup):
            yield from (value for value, _ in part.cases)
