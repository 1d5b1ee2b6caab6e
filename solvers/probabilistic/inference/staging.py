"""The order in which evidence comes: a model in stages, each with the variables that its evidence needs first.

    h(1) → h(2) → h(3)          stage 0: h(1), y(1)
     ↓      ↓      ↓            stage 1: h(2), y(2)
    y(1)   y(2)   y(3)          stage 2: h(3), y(3)

Evidence that depends on fewer unknown variables comes first. Any order is right; this one follows time where a model
has any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from nesy.solvers.probabilistic.model.graph import Condition, Definition, Equation, ModelGraph, Observation

FEWEST = 10
"""Stages from which on a model counts as sequential."""
LASTING = 0.25
"""A variable on which stages as far off as this share of all of them depend is no state but a parameter."""


@dataclass(frozen=True)
class Schedule:
    """The stages of a model.

    ``stages`` says to which one each node belongs; nodes that no evidence needs come after the last one, at ``count``.
    ``conditions`` are those of each stage. ``lasting`` are the unknown variables on which many later stages depend
    directly: parameters, in contrast to states that only the next ones depend on.
    """

    stages: Mapping[str, int]
    conditions: tuple[tuple[Condition, ...], ...]
    lasting: frozenset[str] = field(default=frozenset())

    @property
    def count(self) -> int:
        """The number of stages."""
        return len(self.conditions)

    @property
    def sequential(self) -> bool:
        """Whether evidence comes in so many steps, each with new unknown variables, that it is to be filtered."""
        return self.count >= FEWEST


def schedule(graph: ModelGraph) -> Schedule:
    """The stages of a graph. Equations are left out: no method that draws takes them."""
    conditions = _grouped(graph)
    stages = _stages(graph, conditions)
    return Schedule(stages, conditions, _lasting(graph, stages, conditions))


def _grouped(graph: ModelGraph) -> tuple[tuple[Condition, ...], ...]:
    """The conditions by the number of unknown variables that they depend on, together where nothing new comes in."""
    needed = _needed(graph)
    entries = [entry for entry in graph.conditions if not isinstance(entry, Equation)]
    masks = {id(entry): _union(needed, _asked(graph, entry)) for entry in entries}
    found: list[tuple[Condition, ...]] = []
    seen = 0
    for _, group in groupby(
        sorted(entries, key=lambda e: masks[id(e)].bit_count()), lambda e: masks[id(e)].bit_count()
    ):
        together = tuple(group)
        before = seen
        for entry in together:
            seen |= masks[id(entry)]
        if found and seen == before:
            found[-1] += together
        else:
            found.append(together)
    return tuple(found)


def _needed(graph: ModelGraph) -> dict[str, int]:
    """For each node the unknown variables that its value needs, itself included, as a set of bits."""
    found: dict[str, int] = {}
    for number, node in enumerate(graph.nodes):
        if node.label in graph.observed:
            found[node.label] = 0
        else:
            own = 0 if isinstance(node, Definition) else 1 << number
            found[node.label] = own | _union(found, node.parents)
    return found


def _union(found: Mapping[str, int], labels: Sequence[str]) -> int:
    together = 0
    for label in labels:
        together |= found[label]
    return together


def _asked(graph: ModelGraph, entry: Condition) -> tuple[str, ...]:
    """The nodes on whose values the weight of a condition depends."""
    return graph.by_label[entry.label].parents if isinstance(entry, Observation) else entry.parents


def _stages(graph: ModelGraph, conditions: Sequence[Sequence[Condition]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for stage, together in enumerate(conditions):
        for entry in together:
            if isinstance(entry, Observation):
                found[entry.label] = stage
            waiting = [*_asked(graph, entry)]
            while waiting:
                label = waiting.pop()
                if label not in found and label not in graph.observed:
                    found[label] = stage
                    waiting.extend(graph.edges[label])
    return {node.label: found.get(node.label, len(conditions)) for node in graph.nodes}


def last_uses(
    graph: ModelGraph, stages: Mapping[str, int], conditions: Sequence[Sequence[Condition]]
) -> dict[str, int]:
    """The last stage that depends on each node directly; its own stage where none does."""
    found = dict(stages)
    for node in graph.nodes:
        for parent in node.parents:
            found[parent] = max(found[parent], stages[node.label])
    for stage, together in enumerate(conditions):
        for entry in together:
            for label in _asked(graph, entry):
                found[label] = max(found[label], stage)
    return found


def _lasting(graph: ModelGraph, stages: Mapping[str, int], conditions: Sequence[Sequence[Condition]]) -> frozenset[str]:
    uses = last_uses(graph, stages, conditions)
    shortest = max(LASTING * len(conditions), 2)
    lasting: set[str] = set()
    for node in reversed(graph.nodes):
        until = min(uses[node.label], len(conditions) - 1)
        if until - stages[node.label] > shortest:
            lasting.add(node.label)
            if isinstance(node, Definition):
                # what is computed from parameters once lasts for them
                for parent in node.parents:
                    uses[parent] = max(uses[parent], until)
    return frozenset(v.label for v in graph.variables if v.label in lasting and v.label not in graph.observed)
