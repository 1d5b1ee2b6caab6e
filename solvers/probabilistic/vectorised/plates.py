"""Plates: nodes that are computed alike, put side by side.

Members of a block belong to one family and do not depend on one another; their expressions differ in constants and in
the nodes they refer to only. So a block is one sample site, one plate, one tensor operation. Blocks come in
topological order.

    theta(1) ~ normal(mu, scale)        theta ~ normal(mu, scale)            plate of 8
    y(1) ~ normal(theta(1), 15), …      y ~ normal(each theta, each 15, …)   plate of 8
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, cast

from nesy.dsl.checked import Domain
from nesy.solvers.probabilistic.model.expressions import (
    Apply,
    Constant,
    Expression,
    Kind,
    Lookup,
    Reference,
    Scalar,
    kind_of_value,
)
from nesy.solvers.probabilistic.model.graph import Definition, ModelGraph, Node, RandomVariable


@dataclass(frozen=True, slots=True)
class Each:
    """For each member of a block an own constant, or an own node."""

    items: tuple[Constant, ...] | tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """An operator over templates."""

    operator: str
    arguments: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The template that belongs to the value of ``selector``."""

    selector: Template
    cases: tuple[tuple[Scalar, Template], ...]


Template: TypeAlias = Constant | Reference | Each | Applied | Chosen
"""What the expressions of a block's members have in common."""


@dataclass(frozen=True)
class Block:
    """Nodes that are computed alike. ``name`` is that of the family, numbered where a family has several blocks.

    ``distribution`` is None for definitions, whose only template is what they are computed by; ``observed`` are the
    members' known values, None if they are not known.
    """

    name: str
    family: str
    members: tuple[Node, ...]
    templates: tuple[Template, ...]
    distribution: str | None
    observed: tuple[Scalar, ...] | None = None

    @property
    def size(self) -> int:
        """Number of members."""
        return len(self.members)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the members, in order."""
        return tuple(member.label for member in self.members)

    @property
    def kind(self) -> Kind:
        """What the members yield."""
        return self.members[0].kind

    @property
    def domain(self) -> Domain | None:
        """The values of finite random variables."""
        first = self.members[0]
        return first.domain if isinstance(first, RandomVariable) else None


@dataclass(frozen=True)
class Plates:
    """The blocks of a graph in topological order."""

    graph: ModelGraph
    blocks: tuple[Block, ...]

    @cached_property
    def places(self) -> dict[str, tuple[int, int]]:
        """The block and the place in it of each node."""
        return {
            label: (number, place)
            for number, block in enumerate(self.blocks)
            for place, label in enumerate(block.labels)
        }


def plates(graph: ModelGraph, *, stages: Mapping[str, int] | None = None) -> Plates:
    """Group the nodes of a graph; those of different ``stages`` (by label) are never together."""
    levels: dict[str, int] = {}
    groups: dict[Hashable, list[Node]] = {}
    for node in graph.nodes:
        level = 1 + max((levels[parent] for parent in node.parents), default=-1)
        levels[node.label] = level
        known = node.label in graph.observed
        shape = _shape(node)
        stage = 0 if stages is None else stages[node.label]
        groups.setdefault((level, node.family, known, shape, stage), []).append(node)
    ordered = sorted(groups.values(), key=lambda group: levels[group[0].label])
    counts: dict[str, int] = {}
    for group in ordered:
        counts[group[0].family] = counts.get(group[0].family, 0) + 1
    seen: dict[str, int] = {}
    blocks = []
    for group in ordered:
        family = group[0].family
        seen[family] = seen.get(family, 0) + 1
        name = family if counts[family] == 1 else f"{family}_{seen[family]}"
        blocks.append(_block(name, group, graph))
    return Plates(graph, tuple(blocks))


def _block(name: str, group: list[Node], graph: ModelGraph) -> Block:
    first = group[0]
    distribution = first.distribution.name if isinstance(first, RandomVariable) else None
    columns = zip(*(_expressions(node) for node in group), strict=True)
    templates = tuple(template_of(column) for column in columns)
    known = tuple(graph.observed[node.label] for node in group) if first.label in graph.observed else None
    return Block(name, first.family, tuple(group), templates, distribution, known)


def _expressions(node: Node) -> tuple[Expression, ...]:
    return (node.expression,) if isinstance(node, Definition) else node.distribution.arguments


# ----- what expressions have in common


def _shape(node: Node) -> Hashable:
    """What the members of a block share."""
    parts = tuple(map(shape_of, _expressions(node)))
    if isinstance(node, Definition):
        return "definition", node.kind, parts
    domain = None if node.domain is None else (node.domain.name, node.domain.values)
    return node.distribution.name, domain, node.integer, parts


def shape_of(expression: Expression) -> Hashable:
    """An expression without its constants and the nodes it refers to."""
    match expression:
        case Constant(value):
            return kind_of_value(value)
        case Reference():
            return "node"
        case Apply(operator, arguments):
            return operator, tuple(map(shape_of, arguments))
        case Lookup(selector, cases):
            values = tuple((isinstance(value, bool), value) for value, _ in cases)
            return "of", shape_of(selector), values, tuple(shape_of(case) for _, case in cases)


def template_of(expressions: Iterable[Expression]) -> Template:
    """The common form of expressions of the same shape."""
    rows = tuple(expressions)
    first = rows[0]
    match first:
        case Constant() | Reference():
            if all(row == first for row in rows):
                return first
            # of one shape, so either constants or nodes
            return Each(cast("tuple[Constant, ...] | tuple[Reference, ...]", rows))
        case Apply(operator):
            return Applied(operator, _common([row.arguments for row in rows if isinstance(row, Apply)]))
        case Lookup():
            lookups = [row for row in rows if isinstance(row, Lookup)]
            cases = _common([tuple(case for _, case in row.cases) for row in lookups])
            values = [value for value, _ in first.cases]
            return Chosen(template_of(row.selector for row in lookups), tuple(zip(values, cases, strict=True)))


def _common(rows: Sequence[tuple[Expression, ...]]) -> tuple[Template, ...]:
    return tuple(template_of(column) for column in zip(*rows, strict=True))
