"""Metropolis-Hastings moves on many traces at once, one variable (or a few) at a time.

What a variable does not influence is not computed anew: each group of variables knows the blocks, events and factors
that depend on it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from math import inf

import torch
from torch import Generator, Tensor

from nesy.solvers.probabilistic.inference.violations import violation
from nesy.solvers.probabilistic.model.graph import Event, Factor
from nesy.solvers.probabilistic.vectorised.codes import FLOAT
from nesy.solvers.probabilistic.vectorised.executor import Executor, Readings
from nesy.solvers.probabilistic.vectorised.templates import Function, State

MOST_SINGLE = 64
"""With more free variables than this, several of a block move at once."""
TOGETHER = 8
WANTED = 0.35
"""The share of random-walk proposals to be accepted."""


@dataclass
class Population:
    """Traces with the parts of their density: one tensor ``[traces]`` for each random block, factor and event.

    What has no part in it yet does not count: a population may know a beginning of the model alone.
    """

    state: State
    densities: dict[int, Tensor] = field(default_factory=dict)
    factors: dict[int, Tensor] = field(default_factory=dict)
    violations: dict[int, Tensor] = field(default_factory=dict)

    @property
    def traces(self) -> int:
        """Number of traces."""
        return max(len(tensor) for tensor in (*self.state, *self.violations.values(), *self.densities.values()))


@dataclass(frozen=True)
class Target:
    """A tempered posterior: prior · likelihood^β, where the scaled violations add up to at most ``slack``."""

    power: float = 0.0
    slack: float = inf
    scales: tuple[float, ...] = ()


@dataclass(frozen=True)
class Group:
    """Variables that move together: a block and places in it, and what depends on them."""

    block: int
    places: tuple[int, ...]
    definitions: tuple[int, ...]
    random: tuple[int, ...]
    events: tuple[int, ...]
    factors: tuple[int, ...]


@dataclass
class Mover:
    """Moves the traces of one model."""

    executor: Executor
    readings: Readings | None = None
    groups: list[Group] = field(init=False)
    steps: list[float] = field(init=False)

    def __post_init__(self) -> None:
        graph = self.executor.graph
        events = [entry for entry in graph.conditions if isinstance(entry, Event)]
        factors = [entry for entry in graph.conditions if isinstance(entry, Factor)]
        self._violations: list[Function] = [violation(self.executor, event.expression) for event in events]
        self._event_parents = [self._blocks(event.parents) for event in events]
        self._factor_parents = [self._blocks(factor.parents) for factor in factors]
        self.groups = self._grouped()
        self.steps = [1.0] * len(self.groups)

    def _blocks(self, labels: Sequence[str]) -> set[int]:
        return {self.executor.plates.places[label][0] for label in labels}

    def _grouped(self) -> list[Group]:
        sites = self.executor.sites
        total = sum(sites[number].block.size for number in self.executor.free)
        width = 1 if total <= MOST_SINGLE else TOGETHER
        parents = [self._blocks([p for member in site.block.members for p in member.parents]) for site in sites]
        found = []
        for number in self.executor.free:
            touched, definitions, random = {number}, [], [number]
            for other, site in enumerate(sites):
                if parents[other] & touched:
                    if site.block.distribution is None:
                        touched.add(other)
                        definitions.append(other)
                    else:
                        random.append(other)
            events = [place for place, blocks in enumerate(self._event_parents) if blocks & touched]
            factors = [place for place, blocks in enumerate(self._factor_parents) if blocks & touched]
            size = sites[number].block.size
            for start in range(0, size, width):
                places = tuple(range(start, min(start + width, size)))
                found.append(Group(number, places, tuple(definitions), tuple(random), tuple(events), tuple(factors)))
        return found

    # ----- populations

    def population(self, state: State) -> Population:
        """Traces with their densities."""
        found = Population(state)
        executor = self.executor
        self.add(found, range(len(executor.sites)), range(len(executor.events)), range(len(executor.factors)))
        return found

    def add(self, population: Population, blocks: Iterable[int], events: Iterable[int], factors: Iterable[int]) -> None:
        """Let blocks, events and factors, whose values the state has, count from now on."""
        state = population.state
        for number in blocks:
            if self.executor.sites[number].block.distribution is not None:
                population.densities[number] = self._density(state, number)
        for place in events:
            population.violations[place] = _column(self._violations[place](state))
        for place in factors:
            population.factors[place] = _column(self.executor.factors[place](state))

    def _density(self, state: State, number: int) -> Tensor:
        site = self.executor.sites[number]
        terms = self.executor.density(site, state, state[number], self.readings)
        return terms.expand(-1, site.block.size).sum(1)

    def likelihood(self, population: Population) -> Tensor:
        """The log density of the observed blocks with the factors, ``[traces]``."""
        known = [d for n, d in population.densities.items() if self.executor.sites[n].observed is not None]
        return _total([*known, *population.factors.values()], population.traces)

    def violated(self, population: Population, scales: Sequence[float]) -> Tensor:
        """The sum of the scaled violations, ``[traces]``."""
        return _total([each / scales[place] for place, each in population.violations.items()], population.traces)

    def chosen(self, population: Population, places: Tensor) -> Population:
        """The traces at ``places``."""

        def pick(tensor: Tensor) -> Tensor:
            return tensor[places] if len(tensor) > 1 else tensor

        return Population(
            [pick(tensor) for tensor in population.state],
            {number: pick(tensor) for number, tensor in population.densities.items()},
            {place: pick(tensor) for place, tensor in population.factors.items()},
            {place: pick(tensor) for place, tensor in population.violations.items()},
        )

    # ----- moves

    def sweep(
        self,
        population: Population,
        target: Target,
        generator: Generator,
        *,
        fresh: bool,
        blocks: Container[int] | None = None,
    ) -> float:
        """Move every group that counts once (of ``blocks`` alone, if given), in place; the share of accepted proposals.

        ``fresh``: proposals are draws given the parents; otherwise numbers take a step of a random walk.
        """
        accepted, moved = 0.0, 0
        for place, group in enumerate(self.groups):
            if group.block not in population.densities or not (blocks is None or group.block in blocks):
                continue
            moved += 1
            block = self.executor.sites[group.block].block
            number = block.domain is None
            walk = number and not fresh
            share = self._move(population, target, generator, group, self.steps[place] if walk else None)
            if walk:
                self.steps[place] = min(max(self.steps[place] * (1.0 + 0.8 * (share - WANTED)), 1e-3), 10.0)
            accepted += share
        return accepted / max(moved, 1)

    def _move(
        self, population: Population, target: Target, generator: Generator, group: Group, step: float | None
    ) -> float:
        executor, traces = self.executor, population.traces
        site = executor.sites[group.block]
        columns = torch.tensor(group.places)
        old = population.state[group.block].expand(traces, -1)
        proposed = old.clone()
        if step is None:
            proposed[:, columns] = executor.drawn(site, population.state, traces, generator, self.readings)[:, columns]
        else:
            spread = old[:, columns].std(0, correction=0) + 1e-9
            noise = torch.randn((traces, len(columns)), generator=generator, dtype=FLOAT) * step * spread
            whole = site.block.distribution in ("poisson", "binomial")
            proposed[:, columns] = old[:, columns] + (noise.round() if whole else noise)
        state = list(population.state)
        state[group.block] = proposed
        definitions = [number for number in group.definitions if len(state[number])]
        for number in definitions:
            state[number] = executor.defined(executor.sites[number], state)
        densities = {number: self._density(state, number) for number in group.random if number in population.densities}
        factors = {
            place: _column(executor.factors[place](state)) for place in group.factors if place in population.factors
        }
        violations = {
            place: _column(self._violations[place](state)) for place in group.events if place in population.violations
        }
        ratio = self._ratio(population, target, densities, factors)
        if step is None:
            # the draw's own density cancels that of the block
            ratio = ratio - (densities[group.block] - population.densities[group.block])
        if violations:
            changed = {**population.violations, **violations}
            total = _total([each / target.scales[place] for place, each in changed.items()], traces)
            ratio = torch.where(total <= target.slack, ratio, -inf)
        uniform = torch.rand(traces, generator=generator, dtype=FLOAT)
        accept = uniform.log() < torch.nan_to_num(ratio, nan=-inf)
        self._enter(population, accept, (group.block, *definitions), state, densities, factors, violations)
        return float(accept.to(FLOAT).mean())

    def _ratio(
        self,
        population: Population,
        target: Target,
        densities: dict[int, Tensor],
        factors: dict[int, Tensor],
    ) -> Tensor:
        found = torch.zeros(population.traces, dtype=FLOAT)
        for number, density in densities.items():
            difference = density - population.densities[number]
            power = 1.0 if self.executor.sites[number].observed is None else target.power
            found = found + (power * difference if power else 0.0)
        for place, factor in factors.items():
            difference = factor - population.factors[place]
            found = found + (target.power * difference if target.power else 0.0)
        return found

    def _enter(
        self,
        population: Population,
        accept: Tensor,
        changed: Iterable[int],
        state: State,
        densities: dict[int, Tensor],
        factors: dict[int, Tensor],
        violations: dict[int, Tensor],
    ) -> None:
        rows = accept[:, None]
        for number in changed:
            population.state[number] = torch.where(rows, state[number], population.state[number])
        for number, tensor in densities.items():
            population.densities[number] = torch.where(accept, tensor, population.densities[number])
        for place, tensor in factors.items():
            population.factors[place] = torch.where(accept, tensor, population.factors[place])
        for place, tensor in violations.items():
            population.violations[place] = torch.where(accept, tensor, population.violations[place])


def _column(tensor: Tensor) -> Tensor:
    return tensor[:, 0].to(FLOAT)


def _total(parts: Sequence[Tensor], traces: int) -> Tensor:
    found = torch.zeros(traces, dtype=FLOAT)
    for part in parts:
        found = found + part
    return found
