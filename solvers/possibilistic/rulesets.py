"""Lowering one rule set: from λ and ρ of its premises to the distribution of its concept.

Π_b(u) = min over the rules i of α_i where u ∈ Q_i and of β_i where not, with α_i = max(s_i, λ_i) and
β_i = max(r_i, ρ_i). Two structures are looked for, whatever the attributes are called:

* each conclusion restricts one component of a product domain: the distribution is the minimum of one small
  distribution for each component;
* cells: values with the same signs have the same degree, so there is one node for each cell. Its minimum over the
  α of its rules and the β of the others is shared between cells (for “one rule for each value” that is
  “all β but one”, in linear time).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from nesy.dsl.checked import Domain
from nesy.solvers.possibilistic.circuit import Circuit
from nesy.solvers.possibilistic.distributions import Cells, Distribution, Factored, Shapes, Values, coordinates
from nesy.solvers.possibilistic.partition import Partition, partition
from nesy.solvers.possibilistic.vectors import Vector


@dataclass(frozen=True, slots=True)
class Weighted:
    """What is left of a rule once its premise is lowered: its conclusion, the nodes of α and β."""

    conclusion: Values
    alpha: int
    beta: int


@dataclass(slots=True)
class Patterns:
    """Facts about domains and conclusions that many rule sets share, worked out once."""

    _cylinders: dict[tuple[int, Values], tuple[int, Values] | None] = field(default_factory=dict)
    _partitions: dict[tuple[int, tuple[Values, ...]], Partition] = field(default_factory=dict)
    _domains: list[Domain] = field(default_factory=list)

    def cylinder(self, domain: Domain, values: Values) -> tuple[int, Values] | None:
        """The one component of ``domain`` that ``values`` restricts, and to which of its values; None if several."""
        key = (id(domain), values)
        if key not in self._cylinders:
            self._domains.append(domain)  # keeps its id from being used again
            self._cylinders[key] = _cylinder(tuple(map(len, domain.components)), values)
        return self._cylinders[key]

    def partition(self, size: int, conclusions: tuple[Values, ...]) -> Partition:
        """The partition by ``conclusions``."""
        key = (size, conclusions)
        known = self._partitions.get(key)
        if known is None:
            known = self._partitions[key] = partition(size, conclusions)
        return known


def _cylinder(sizes: Values, values: Values) -> tuple[int, Values] | None:
    total = 1
    for size in sizes:
        total *= size
    places = [coordinates(value, sizes) for value in values]
    for component, size in enumerate(sizes):
        seen = sorted({entry[component] for entry in places})
        if len(seen) * (total // size) == len(values):
            return component, tuple(seen)
    return None


def components_of(patterns: Patterns, domain: Domain, conclusions: Sequence[Values]) -> list[tuple[int, Values]] | None:
    """For each conclusion the component that it restricts and how; None if the rule set does not factorise."""
    if len(domain.components) < 2:
        return None
    found = []
    for values in conclusions:
        restricted = patterns.cylinder(domain, values)
        if restricted is None:
            return None
        found.append(restricted)
    return found


def distribution(
    circuit: Circuit,
    shapes: Shapes,
    patterns: Patterns,
    domain: Domain,
    rules: Sequence[Weighted],
    group: Hashable,
    asked: tuple[Values, ...] = (),
) -> Distribution:
    """The distribution of a concept with ``domain`` under ``rules``; ``asked`` are the sets of interest."""
    restricted = components_of(patterns, domain, [rule.conclusion for rule in rules])
    if restricted is None:
        return _cells(circuit, patterns, len(domain), rules, (group, "cells"))
    factors = []
    for component, factor in enumerate(domain.components):
        mine = [
            Weighted(values, rule.alpha, rule.beta)
            for rule, (place, values) in zip(rules, restricted, strict=True)
            if place == component
        ]
        factors.append(_cells(circuit, patterns, len(factor), mine, (group, "factor", component)))
    return Factored(circuit, shapes, tuple(factors), group, asked)


def _cells(circuit: Circuit, patterns: Patterns, size: int, rules: Sequence[Weighted], group: Hashable) -> Cells:
    found = patterns.partition(size, tuple(rule.conclusion for rule in rules))
    alphas = Vector(circuit, [rule.alpha for rule in rules], (group, "α"))
    betas = Vector(circuit, [rule.beta for rule in rules], (group, "β"))
    nodes = []
    for cell, signs in enumerate(found.signs.tolist()):
        agreeing = [place for place, sign in enumerate(signs) if sign]
        others = [place for place, sign in enumerate(signs) if not sign]
        pair = alphas.minimum(agreeing), betas.minimum(others)
        nodes.append(circuit.minimum(pair, circuit.kind((group, "cell", cell))))
    return Cells(Vector(circuit, nodes, (group, "degrees")), found.cell_of)
