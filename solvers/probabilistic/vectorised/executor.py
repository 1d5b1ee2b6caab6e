"""Running a model graph on tensors: draws from the prior, log densities, conditions, estimands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

import torch
from torch import Generator, Tensor

from nesy.solvers.probabilistic.model.distributions import PERCEPT
from nesy.solvers.probabilistic.model.expressions import Expression
from nesy.solvers.probabilistic.model.graph import Event, Factor, ModelGraph
from nesy.solvers.probabilistic.vectorised.codes import FLOAT, Codes
from nesy.solvers.probabilistic.vectorised.densities import log_density, log_share
from nesy.solvers.probabilistic.vectorised.drawing import draw, draw_places
from nesy.solvers.probabilistic.vectorised.plates import Block, Plates, plates, template_of
from nesy.solvers.probabilistic.vectorised.templates import Compiler, Function, Functions, State

Readings = Mapping[str, Tensor]
"""The probabilities of each percept's values, ``[values]``, by label."""


@dataclass(frozen=True)
class Site:
    """A block ready to run: its arguments (or its value, for definitions) in a state."""

    block: Block
    arguments: Functions
    observed: Tensor | None


class Executor:
    """Runs one graph. Conditions and estimands are compiled once; the state is a list of tensors, one for each block.

    ``free`` are the numbers of the blocks whose values are not known. Nodes of different ``stages`` are in different
    blocks.
    """

    def __init__(self, graph: ModelGraph, stages: Mapping[str, int] | None = None) -> None:
        self.graph = graph
        self.codes = Codes(graph)
        self.plates: Plates = plates(graph, stages=stages)
        compiler = Compiler(self.plates, self.codes)
        self.sites = [
            Site(
                block,
                compiler.together(block.templates),
                None if block.observed is None else self.codes.tensor(block.observed)[None],
            )
            for block in self.plates.blocks
        ]
        self.free = [
            number
            for number, block in enumerate(self.plates.blocks)
            if block.distribution is not None and block.observed is None
        ]
        self._compiler = compiler
        self.events = [self.function(entry.expression) for entry in graph.conditions if isinstance(entry, Event)]
        self.factors = [self.function(entry.expression) for entry in graph.conditions if isinstance(entry, Factor)]
        self._asked = compiler.together([template_of([entry.expression]) for entry in graph.estimands])

    def function(self, expression: Expression) -> Function:
        """An expression as a function of a whole state, ``[traces or 1, 1]``."""
        return self._compiler.compile(template_of([expression]))

    # ----- values

    def draw(self, traces: int, generator: Generator, readings: Readings | None = None) -> tuple[State, Tensor]:
        """States drawn from the prior, and the log density of what is observed in each, ``[traces]``.

        Events and factors are not counted.
        """
        state = self.blank()
        return state, self.fill(state, range(len(self.sites)), traces, generator, readings)

    def blank(self) -> State:
        """A state in which nothing has been drawn yet, for :meth:`fill`."""
        return [torch.empty(0, dtype=FLOAT)] * len(self.sites)

    def fill(
        self, state: State, numbers: Iterable[int], traces: int, generator: Generator, readings: Readings | None = None
    ) -> Tensor:
        """Draw the blocks with these numbers, in order, into ``state``; the log density of those that are observed."""
        weight = torch.zeros(1, dtype=FLOAT)
        for number in numbers:
            site = self.sites[number]
            if site.block.distribution is None:
                state[number] = self.defined(site, state)
            elif site.observed is not None:
                state[number] = site.observed
                weight = weight + self.density(site, state, site.observed, readings).sum(1)
            else:
                state[number] = self.drawn(site, state, traces, generator, readings)
        return weight.expand(traces)

    def drawn(
        self, site: Site, state: State, traces: int, generator: Generator, readings: Readings | None = None
    ) -> Tensor:
        """Values of one block given its parents in ``state``, ``[traces, members]``."""
        shape = (traces, site.block.size)
        name, domain = site.block.distribution, site.block.domain
        assert name is not None
        if name in ("categorical", PERCEPT):
            assert domain is not None
            places = draw_places(self._shares(site, state, readings), shape, generator)
            return self.codes.domain(domain).index_select(0, places.T.reshape(-1)).view(shape[::-1]).T
        found = draw(name, site.arguments(state), shape, generator)
        return found.to(FLOAT) if name == "bernoulli" and domain is not None and not domain.is_bool else found

    @staticmethod
    def defined(site: Site, state: State) -> Tensor:
        """The values of a block of definitions, ``[traces or 1, members]``."""
        return site.arguments(state)[0].expand(-1, site.block.size)

    def complete(self, free: Sequence[Tensor]) -> State:
        """The whole state, given the values of the free blocks."""
        state: State = []
        values = iter(free)
        for site in self.sites:
            if site.block.distribution is None:
                state.append(self.defined(site, state))
            else:
                state.append(next(values) if site.observed is None else site.observed)
        return state

    # ----- densities

    def density(self, site: Site, state: State, value: Tensor, readings: Readings | None = None) -> Tensor:
        """The log density of one block at ``value``, ``[traces or 1, members]``."""
        name, domain = site.block.distribution, site.block.domain
        assert name is not None
        if name in ("categorical", PERCEPT):
            assert domain is not None
            places = self.codes.places(value, domain)
            return log_share(places, self._shares(site, state, readings))
        return log_density(name, value, [_float(argument) for argument in site.arguments(state)])

    def _shares(self, site: Site, state: State, readings: Readings | None) -> list[Tensor]:
        if site.block.distribution == PERCEPT:
            assert readings is not None
            rows = torch.stack([readings[label] for label in site.block.labels]).to(FLOAT)
            return list(rows.T[:, None])
        return [_float(argument) for argument in site.arguments(state)]

    def prior(self, state: State, readings: Readings | None = None) -> Tensor:
        """The log density of the free blocks, ``[traces or 1]``."""
        return self._summed(self.free, state, readings)

    def likelihood(self, state: State, readings: Readings | None = None) -> Tensor:
        """The log density of the observed blocks with the factors, ``[traces or 1]``."""
        known = [number for number, site in enumerate(self.sites) if site.observed is not None]
        found = self._summed(known, state, readings)
        for function in self.factors:
            found = found + _float(function(state))[:, 0]
        return found

    def _summed(self, numbers: Sequence[int], state: State, readings: Readings | None) -> Tensor:
        found = torch.zeros(1, dtype=FLOAT)
        for number in numbers:
            site = self.sites[number]
            terms = self.density(site, state, state[number], readings)
            found = found + terms.expand(-1, site.block.size).sum(1)
        return found

    def holds(self, state: State) -> Tensor:
        """Whether all events hold, ``[traces or 1]``, bool."""
        found = torch.ones(1, dtype=torch.bool)
        for function in self.events:
            found = found & function(state)[:, 0]
        return found

    def joint(self, state: State, readings: Readings | None = None) -> Tensor:
        """The log joint density with all conditions, ``[traces or 1]``; −∞ where an event fails."""
        density = self.prior(state, readings) + self.likelihood(state, readings)
        return torch.where(self.holds(state), density, -inf)

    def asked(self, state: State, traces: int) -> list[Tensor]:
        """The values of the estimands, each ``[traces]``, as codes."""
        return [_float(value)[:, 0].expand(traces) for value in self._asked(state)]


def _float(tensor: Tensor) -> Tensor:
    return tensor.to(FLOAT) if tensor.dtype == torch.bool else tensor


def unconditioned(graph: ModelGraph) -> Executor:
    """Runs a graph without its conditions and estimands: what is observed is drawn as well."""
    return Executor(replace(graph, conditions=(), estimands=()))
