"""A model whose events sift the traces one after the other.

What an event needs is drawn only for the traces in which the events before it hold. Three matches that were won keep an
eighth of the traces, so most draws of the third match, and nearly all of what no match depends on, need not be made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

from nesy.solvers.probabilistic.model.graph import Event, ModelGraph
from nesy.solvers.probabilistic.vectorised.executor import Executor
from nesy.solvers.probabilistic.vectorised.templates import Function

MOST = 8
"""Steps with events. More of them would make the tensors of each too small to be worth an operation."""


@dataclass(frozen=True)
class Step:
    """The numbers of the blocks that are drawn, in order, and the events that their traces have to pass."""

    blocks: tuple[int, ...]
    events: tuple[Function, ...]


@dataclass(frozen=True)
class Sieve:
    """A graph with the steps in which its traces are drawn and sifted."""

    graph: ModelGraph

    @cached_property
    def executor(self) -> Executor:
        """The graph on tensors, in blocks that belong to one step each."""
        return Executor(self.graph, self._when)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All blocks and events; the last step has no event."""
        plates, events = self.executor.plates, self.events
        numbers: list[set[int]] = [set() for _ in range(len(events) + 1)]
        for label, (number, _) in plates.places.items():
            numbers[self._when[label]].add(number)
        functions = [tuple(self.executor.function(event.expression) for event in group) for group in events]
        return tuple(Step(tuple(sorted(n)), found) for n, found in zip(numbers, [*functions, ()], strict=True))

    @cached_property
    def events(self) -> Sequence[Sequence[Event]]:
        """The events in their order, those of one step together."""
        events = [entry for entry in self.graph.conditions if isinstance(entry, Event)]
        size = ceil(len(events) / MOST)
        return [events[start : start + size] for start in range(0, len(events), size or 1)]

    @cached_property
    def _when(self) -> dict[str, int]:
        """The step of each node, by label; what no event depends on comes last."""
        found: dict[str, int] = {}
        for number, events in enumerate(self.events):
            waiting = [label for event in events for label in event.parents]
            while waiting:
                label = waiting.pop()
                if label not in found:
                    found[label] = number
                    waiting += self.graph.by_label[label].parents
        return {node.label: found.get(node.label, len(self.events)) for node in self.graph.nodes}
