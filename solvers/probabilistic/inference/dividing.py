"""Which parts of a model have nothing to do with one another, given what is known.

Two unobserved variables belong together if one's distribution depends on the other, or if the distribution of an
observed variable, an event, an equation or a soft constraint speaks of both. Observed values cut: what lies on the two
sides of them is independent (d-separation in the moralised graph, Lauritzen 1996, ch. 3). The posterior is then the
product of those of the parts, and the evidence the product of theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from nesy.solvers.probabilistic.inference.affine import split
from nesy.solvers.probabilistic.model.expressions import Constant, Reference
from nesy.solvers.probabilistic.model.graph import (
    Condition,
    Definition,
    Estimand,
    ModelGraph,
    Node,
    Observation,
    RandomVariable,
    unobserved,
)

MOST_JOINED = 100
"""Normals that are conditioned on together: the cost grows with the third power of their number."""


@dataclass(frozen=True)
class Division:
    """A model and its independent components: for each the unobserved variables, none of which is in two of them.

    The last component has none: it holds what is known of observed variables alone.
    """

    graph: ModelGraph
    components: tuple[frozenset[str], ...]

    @cached_property
    def _component(self) -> dict[str, int]:
        return {label: number for number, labels in enumerate(self.components) for label in labels}

    def spanned(self, labels: tuple[str, ...]) -> frozenset[int]:
        """The components of which nodes speak."""
        sources = self.graph.sources_of(labels)
        return frozenset(self._component[label] for label in sources if label in self._component)

    @cached_property
    def asked(self) -> tuple[frozenset[int], ...]:
        """For each estimand the components of which it speaks."""
        return tuple(self.spanned(estimand.parents) for estimand in self.graph.estimands)

    @cached_property
    def _conditions(self) -> tuple[tuple[Condition, int], ...]:
        """Each condition with its component."""
        known = len(self.components) - 1
        found = []
        for condition in self.graph.conditions:
            node = self.graph.by_label[condition.label] if isinstance(condition, Observation) else condition
            found.append((condition, min(self.spanned(node.parents), default=known)))
        return tuple(found)

    def part(self, numbers: Collection[int], estimands: Sequence[Estimand]) -> ModelGraph:
        """The model of some components; what is observed elsewhere stands in it as a constant."""
        conditions = tuple(condition for condition, number in self._conditions if number in numbers)
        own = {condition.label for condition in conditions if isinstance(condition, Observation)}
        foreign = self.graph.observed.keys() - own
        needed: set[str] = set()
        waiting = [label for entry in (*conditions, *estimands) for label in entry.parents]
        waiting += [label for number in numbers for label in self.components[number]]
        while waiting:
            label = waiting.pop()
            if label not in needed:
                needed.add(label)
                if label not in foreign:
                    waiting.extend(self.graph.edges[label])
        nodes = tuple(
            self._settled(node) if node.label in foreign else node for node in self.graph.nodes if node.label in needed
        )
        return ModelGraph(nodes, conditions, tuple(estimands))

    def _settled(self, node: Node) -> Definition:
        value = Constant(self.graph.observed[node.label])
        return Definition(node.label, node.family, node.index, value, node.kind, node.unit, node.span)

    def free_sources(self, estimand: Estimand) -> tuple[Estimand, ...]:
        """The unobserved variables from which an estimand is computed, as estimands."""
        sources = self.graph.sources_of(estimand.parents)
        return tuple(
            Estimand(node.label, node.family, Reference(node.label), node.domain)
            for node in unobserved(self.graph)
            if node.label in sources
        )


def divide(graph: ModelGraph) -> Division:
    """The finest division of a model, whatever is asked of it."""
    free = {variable.label for variable in unobserved(graph)}
    leader = {label: label for label in free}

    def find(label: str) -> str:
        while leader[label] != label:
            leader[label] = label = leader[leader[label]]
        return label

    def join(labels: Iterable[str]) -> None:
        roots = [find(label) for label in labels if label in free]
        for root in roots[1:]:
            leader[find(root)] = find(roots[0])

    for variable in graph.variables:
        join((variable.label, *graph.sources[variable.label]))
    for condition in graph.conditions:
        if not isinstance(condition, Observation):
            join(graph.sources_of(condition.parents))
    groups: dict[str, list[str]] = {}
    for variable in unobserved(graph):
        groups.setdefault(find(variable.label), []).append(variable.label)
    return Division(graph, (*(frozenset(labels) for labels in groups.values()), frozenset()))


def gathered(division: Division) -> tuple[tuple[int, ...], ...]:
    """The components in groups that are best answered together: all finite ones, and normals without anything else.

    Elimination takes finite models apart by itself, and for a few normals one matrix is as good as many.
    """
    graph = division.graph
    known = len(division.components) - 1
    if known <= 1:
        return (tuple(range(known + 1)),)
    finite: list[int] = []
    normal: list[list[int]] = [[]]
    others: list[int] = []
    for number, labels in enumerate(division.components[:-1]):
        variables = [graph.by_label[label] for label in labels]
        discrete = sum(isinstance(node, RandomVariable) and node.domain is not None for node in variables)
        if discrete == len(labels):
            finite.append(number)
        elif not discrete and not split(division.part((number,), ())).outer:
            if sum(len(division.components[other]) for other in (*normal[-1], number)) > MOST_JOINED:
                normal.append([])
            normal[-1].append(number)
        else:
            others.append(number)
    groups = [tuple(finite), *map(tuple, normal), *((number,) for number in others)]
    groups = [group for group in groups if group]
    if not groups:
        return ((known,),)
    return ((*groups[0], known), *groups[1:])
