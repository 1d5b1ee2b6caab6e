"""Particle filtering of sequential models (Gordon, Salmond, Smith 1993), with moves (Gilks, Berzuini 2001).

Evidence comes in stages (:mod:`nesy.solvers.probabilistic.inference.staging`). Particles draw the variables that a
stage needs, are weighted by its evidence, and are resampled when few of them count; trajectories are traced back at the
end. Parameters on which all stages depend would be thinned out by this for good: they are moved by Metropolis-Hastings
after each resampling, given all that has been drawn so far. Islands of particles are resampled by themselves, so that
each gives an estimate of its own.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from math import inf, log

import torch
from torch import Generator, Tensor

from nesy.solvers.probabilistic.inference.islands import resampled
from nesy.solvers.probabilistic.inference.moves import Mover, Population, Target
from nesy.solvers.probabilistic.inference.staging import Schedule, last_uses, schedule
from nesy.solvers.probabilistic.model.graph import Event, Factor, ModelGraph
from nesy.solvers.probabilistic.vectorised.codes import FLOAT
from nesy.solvers.probabilistic.vectorised.executor import Executor, Readings
from nesy.solvers.probabilistic.vectorised.templates import State

KEPT = 0.5
"""The share of effective particles below which they are resampled."""
SWEEPS = 2
"""Rounds of moves of the parameters after each resampling."""
LATE = "the time is up"
LOST = "no particle makes all that is known hold"


@dataclass(frozen=True)
class Stage:
    """The blocks that a stage draws or takes in, its events and factors, and the blocks that later stages look at."""

    blocks: tuple[int, ...]
    events: tuple[int, ...]
    factors: tuple[int, ...]
    carried: tuple[int, ...]


@dataclass(frozen=True)
class Filter:
    """A model ready to be filtered."""

    graph: ModelGraph
    schedule: Schedule

    @cached_property
    def executor(self) -> Executor:
        """The graph on tensors, in blocks that belong to one stage each."""
        return Executor(self.graph, self.schedule.stages)

    @cached_property
    def lasting(self) -> frozenset[int]:
        """The blocks of parameters, which have to be moved."""
        return frozenset(self.executor.plates.places[label][0] for label in self.schedule.lasting)

    def _stage_of(self, number: int) -> int:
        return self.schedule.stages[self.executor.plates.blocks[number].labels[0]]

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """What happens in each stage."""
        events = [entry for entry in self.graph.conditions if isinstance(entry, Event)]
        factors = [entry for entry in self.graph.conditions if isinstance(entry, Factor)]
        uses = last_uses(self.graph, self.schedule.stages, self.schedule.conditions)
        until = [max(uses[label] for label in block.labels) for block in self.executor.plates.blocks]
        found: list[Stage] = []
        drawn: list[int] = []
        for stage, conditions in enumerate(self.schedule.conditions):
            known = {id(entry) for entry in conditions}
            blocks = tuple(n for n in range(len(self.executor.sites)) if self._stage_of(n) == stage)
            drawn += [n for n in blocks if self.executor.sites[n].observed is None]
            drawn = [n for n in drawn if self.lasting or until[n] > stage]
            found.append(
                Stage(
                    blocks,
                    tuple(place for place, entry in enumerate(events) if id(entry) in known),
                    tuple(place for place, entry in enumerate(factors) if id(entry) in known),
                    tuple(drawn),
                )
            )
        return tuple(found)

    @cached_property
    def afterwards(self) -> tuple[int, ...]:
        """The blocks that no evidence needs."""
        return tuple(n for n in range(len(self.executor.sites)) if self._stage_of(n) == self.schedule.count)

    @cached_property
    def wanted(self) -> frozenset[int]:
        """The blocks that are looked at in the end: by what is asked and by what is drawn afterwards."""
        labels = [label for entry in self.graph.estimands for label in entry.parents]
        for number in self.afterwards:
            labels += [label for member in self.executor.plates.blocks[number].members for label in member.parents]
        return frozenset(self.executor.plates.places[label][0] for label in labels)


def compile_filter(graph: ModelGraph) -> Filter:
    """A graph with its stages."""
    return Filter(graph, schedule(graph))


@dataclass(frozen=True)
class Filtered:
    """Islands of weighted trajectories.

    ``values`` of each estimand and log ``weights`` (summing to 1 in each island), ``[islands, particles]``; the log
    evidence of each island, ``[islands]``. ``ancestors`` is the smallest number of different particles, at the stage
    in which a variable was drawn that is asked about, from which the trajectories stem. ``stuck`` says why there are
    none.
    """

    values: tuple[Tensor, ...]
    weights: Tensor
    log_evidence: Tensor
    resampled: int
    accepted: float
    ancestors: int
    stuck: str = ""


@dataclass
class _Passage:
    """The way of all islands through the stages."""

    model: Filter
    islands: int
    particles: int
    generator: Generator
    deadline: float
    readings: Readings | None
    population: Population
    mover: Mover | None
    weights: Tensor
    log_evidence: Tensor
    resampled: int = 0
    accepted: float = 1.0
    history: list[tuple[dict[int, Tensor], Tensor | None]] = field(default_factory=list)
    """For each stage what the particles drew in it, and which of them were taken on (None: each one once)."""

    def through(self) -> str:
        """Go through all stages; why it was not possible, or nothing."""
        for stage in self.model.stages:
            if time.perf_counter() > self.deadline:
                return LATE
            self._weigh(self._draw(stage))
            if not bool((self.log_evidence > -inf).any()):
                return LOST
            drawn = {number: self.population.state[number] for number in stage.blocks if number in self.model.wanted}
            self.history.append((drawn, self._resample(stage) if self._thin() else None))
        return ""

    def _draw(self, stage: Stage) -> Tensor:
        """Draw what a stage needs; the log weight of its evidence, ``[traces]``."""
        executor, state, count = self.model.executor, self.population.state, self.weights.numel()
        gained = executor.fill(state, stage.blocks, count, self.generator, self.readings)
        for place in stage.factors:
            gained = gained + executor.factors[place](state)[:, 0]
        for place in stage.events:
            gained = torch.where(executor.events[place](state)[:, 0], gained, -inf)
        if self.mover is not None:
            self.mover.add(self.population, stage.blocks, stage.events, stage.factors)
        return gained.expand(count)

    def _weigh(self, gained: Tensor) -> None:
        weights = self.weights + torch.nan_to_num(gained.reshape(self.weights.shape), nan=-inf, neginf=-inf)
        increase = weights.logsumexp(1)
        self.log_evidence = self.log_evidence + increase
        # an island that is lost counts for nothing from here on
        even = torch.full_like(weights, -log(self.particles))
        self.weights = torch.where((increase > -inf)[:, None], weights - increase[:, None], even)

    def _thin(self) -> bool:
        effective = (-(2 * self.weights).logsumexp(1)).exp()
        return float(effective.mean()) < KEPT * self.particles

    def _resample(self, stage: Stage) -> Tensor:
        places = resampled(self.weights.exp(), self.generator)
        self.weights = torch.full_like(self.weights, -log(self.particles))
        self.resampled += 1
        if self.mover is None:
            state = self.population.state
            for number in stage.carried:
                if len(state[number]) > 1:
                    state[number] = state[number][places]
        else:
            self.population = self.mover.chosen(self.population, places)
            target = Target(1.0, 0.0, (1.0,) * len(self.model.executor.events))
            for _ in range(SWEEPS):
                self.accepted = self.mover.sweep(
                    self.population, target, self.generator, fresh=False, blocks=self.model.lasting
                )
        return places

    def traced(self) -> tuple[State, int]:
        """The state along each final particle's trajectory, and the smallest number of different ancestors in it."""
        count = self.weights.numel()
        state = list(self.population.state)
        places, fewest = torch.arange(count), count
        for drawn, taken in reversed(self.history):
            if taken is not None:
                places = taken[places]
            unknown = [number for number in drawn if self.model.executor.sites[number].observed is None]
            if unknown:
                fewest = min(fewest, int(torch.bincount(places).count_nonzero()))
            for number in unknown if self.mover is None else ():
                state[number] = drawn[number][places] if len(drawn[number]) > 1 else drawn[number]
        self.model.executor.fill(state, self.model.afterwards, count, self.generator, self.readings)
        return state, fewest


def run(
    model: Filter,
    particles: int,
    generator: Generator,
    *,
    islands: int,
    deadline: float = inf,
    readings: Readings | None = None,
) -> Filtered:
    """Islands of ``particles`` each, from the first stage to the last."""
    executor = model.executor
    # what is known may be looked at before its stage comes
    state = [
        empty if site.observed is None else site.observed
        for site, empty in zip(executor.sites, executor.blank(), strict=True)
    ]
    mover = Mover(executor, readings) if model.lasting else None
    even = torch.full((islands, particles), -log(particles), dtype=FLOAT)
    start = torch.zeros(islands, dtype=FLOAT)
    passage = _Passage(model, islands, particles, generator, deadline, readings, Population(state), mover, even, start)
    stuck = passage.through()
    if stuck:
        return Filtered((), passage.weights, passage.log_evidence, passage.resampled, passage.accepted, 0, stuck)
    found, ancestors = passage.traced()
    values = tuple(column.reshape(islands, particles) for column in executor.asked(found, islands * particles))
    return Filtered(values, passage.weights, passage.log_evidence, passage.resampled, passage.accepted, ancestors)
