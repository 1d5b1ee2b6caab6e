"""Posteriors of finite models whose tables would be too large: many variables at once are drawn given the others.

The blocks are exact (:mod:`~.blocks`): what is estimated is only how the variables that were held would have varied.
Probabilities are averages of conditional ones, which vary less than draws. There is no evidence.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

import numpy as np
import torch
from torch import Generator, Tensor

from nesy.dsl.diagnostics import Diagnostic
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.blocks import Block, Factor, Numbers, Places, blocks
from nesy.solvers.probabilistic.inference.convergence import effective, effective_mean, rhat
from nesy.solvers.probabilistic.inference.finite import Asked
from nesy.solvers.probabilistic.inference.lowering import Lowering, TooLargeError
from nesy.solvers.probabilistic.inference.results import Inferred, Posterior, drawn, of_table
from nesy.solvers.probabilistic.model.graph import Equation, Event, ModelGraph, kind_of_domain, unobserved
from nesy.solvers.probabilistic.vectorised.codes import FLOAT, Codes
from nesy.solvers.probabilistic.vectorised.executor import Executor, Readings

CHAINS = 64
MOST_ENTRIES = 1 << 9
"""Entries of a block's tables for each chain."""
TRIED = 10
"""Draws from the prior among which a chain looks for a start that is possible."""
ROUND = 20
MOST, MOST_STEPS = 2_000, 600_000
"""Sweeps between looks at the diagnostics, and in all; variables that are drawn in all, once for all chains."""
LARGEST_RHAT = 1.02
LEAST_EFFECTIVE = 400.0
WANTED = 1_000.0
"""Diagnostics as for Markov chains of numbers."""


@dataclass(frozen=True)
class Blocked:
    """A finite model as tables for blocks."""

    executor: Executor
    lowering: Lowering
    asked: tuple[Asked, ...]
    probes: tuple[int, ...]

    @property
    def graph(self) -> ModelGraph:
        """The model."""
        return self.executor.graph

    def factors(self, readings: Readings | None) -> list[Factor]:
        """All tables, those of readings among them."""
        network = self.lowering.network()
        found = [Factor(each.scope, each.values.numpy()) for each in network.tables]
        labels = {
            (v.family, self.lowering.rows[v.label]): v.label
            for v in self.graph.variables
            if v.label in self.lowering.rows
        }
        for given in network.inputs:
            assert readings is not None
            found.append(Factor(given.scope, readings[labels[given.name, given.row]].to(FLOAT).numpy()))
        return found

    def starts(self, generator: Generator, readings: Readings | None, count: int) -> Places:
        """Values of all variables of the network, ``[variables, count]``: random ones from the prior, others 0."""
        state, _ = self.executor.draw(count, generator, readings)
        found = np.zeros((len(self.lowering.cards), count), dtype=np.int64)
        for variable in unobserved(self.graph):
            block, place = self.executor.plates.places[variable.label]
            assert variable.domain is not None
            values = state[block].expand(count, -1)[:, place]
            found[self.lowering.numbers[variable.label]] = self.executor.codes.places(values, variable.domain).numpy()
        return found


def compile_blocked(graph: ModelGraph, rows: Mapping[str, int]) -> Blocked | None:
    """A finite model for sweeps; None where some unobserved variable is not finite, or where an event or an equation
    is known: what is impossible may cut the states into parts between which no sweep leads."""
    return None if any(isinstance(entry, Event) for entry in graph.conditions) else lowered(graph, rows)


def lowered(graph: ModelGraph, rows: Mapping[str, int]) -> Blocked | None:
    """A finite model as tables; None where some unobserved variable is not finite, or an equation is known."""
    if any(variable.domain is None for variable in unobserved(graph)):
        return None
    if any(isinstance(entry, Equation) for entry in graph.conditions):
        return None
    codes = Codes(graph)
    lowering = Lowering(graph, codes, rows=rows)
    try:
        lowering.run()
        asked = [(estimand, *lowering.asked(estimand.expression)) for estimand in graph.estimands]
    except TooLargeError:
        return None
    probes = tuple(dict.fromkeys(number for _, number, _ in asked if number is not None))
    found = tuple(
        Asked(estimand, None if number is None else probes.index(number), torch.as_tensor(items, dtype=FLOAT))
        for estimand, number, items in asked
    )
    return Blocked(Executor(graph), lowering, found, probes)


def infer(
    blocked: Blocked,
    generator: Generator,
    *,
    samples: int | None = None,
    deadline: float = inf,
    readings: Readings | None = None,
) -> Inferred:
    """Posteriors by sweeps; status ``unknown`` where R̂ or effective sizes speak against them.

    With ``samples``, so many states of all chains together, rounded up; otherwise as many as it takes. Before the
    states that count, as many are left out.
    """
    factors = blocked.factors(readings)
    own = frozenset(blocked.lowering.numbers.values())
    made = blocks(blocked.lowering.cards, factors, own, MOST_ENTRIES)
    if made is None:
        return _refused(Status.UNKNOWN, {}, "functions of the finite variables are too wide for blocks")
    random = np.random.default_rng(int(torch.randint(1 << 62, (1,), generator=generator)))
    values = _started(made, blocked.starts(generator, readings, CHAINS * TRIED), random)
    if values is None:
        return _refused(Status.UNKNOWN, {}, "what is known is impossible at the draws of the prior where chains start")
    sweeps = _Sweeps(made, blocked.probes, values, random, deadline)
    if samples is not None:
        sweeps.run(2 * -(-samples // CHAINS))
    else:
        most = min(MOST, MOST_STEPS // sum(len(block.buckets) for block in made))
        sweeps.run(4 * ROUND)
        while sweeps.done < most and not sweeps.late and not sweeps.mixed(WANTED):
            sweeps.run(ROUND)
    return _answered(blocked, sweeps, made)


def _started(made: list[Block], values: Places, random: np.random.Generator) -> Places | None:
    """For each chain the values of one draw from the prior under which the rest is possible."""
    _, weights = made[0].draw(values, random, ())
    possible = (weights > -inf).reshape(CHAINS, TRIED)
    if not possible.any(1).all():
        return None
    return values[:, np.arange(CHAINS) * TRIED + possible.argmax(1)].copy()


class _Sweeps:
    """Chains on their way: ``states`` are the probes' places, ``shares`` their conditional probabilities.

    Of all sweeps ``done``, the later half is kept.
    """

    def __init__(
        self, made: list[Block], probes: tuple[int, ...], values: Places, random: np.random.Generator, deadline: float
    ) -> None:
        self.made, self.probes, self.values = made, probes, values
        self.random, self.deadline = random, deadline
        self.done = 0
        self.states: list[Tensor] = []
        self.shares: list[list[Tensor]] = []

    @property
    def late(self) -> bool:
        return time.perf_counter() > self.deadline

    def run(self, sweeps: int) -> None:
        """Further sweeps over all blocks, until the time is up."""
        for _ in range(sweeps):
            if self.late:
                break
            noted: dict[int, Numbers] = {}
            for block in self.made:
                noted |= block.draw(self.values, self.random, self.probes)[0]
            self.states.append(torch.as_tensor(self.values[list(self.probes)]))
            self.shares.append([torch.as_tensor(noted[probe]) for probe in self.probes])
            self.done += 1
        kept = -(-self.done // 2)
        self.states, self.shares = self.states[-kept:], self.shares[-kept:]

    def table(self, probe: int) -> Tensor:
        """The conditional probabilities of a probe, ``[sweeps, chains, card]``."""
        return torch.stack([shares[probe] for shares in self.shares])

    def likeliest(self) -> list[Tensor]:
        """For each probe those of its likeliest value, ``[sweeps, chains]``."""
        tables = [self.table(probe) for probe in range(len(self.probes))]
        return [table[..., int(table.mean((0, 1)).argmax())] for table in tables]

    def diagnostics(self) -> tuple[float, float]:
        """The greatest R̂ and the smallest effective size."""
        if len(self.states) < ROUND // 2:
            return inf, 0.0
        columns = self.likeliest()
        return max(map(rhat, columns), default=1.0), min(map(effective, columns), default=inf)

    def mixed(self, least: float) -> bool:
        """Whether the diagnostics are good."""
        worst, smallest = self.diagnostics()
        return worst <= LARGEST_RHAT and smallest >= least


def _refused(status: Status, diagnostics: dict[str, object], message: str) -> Inferred:
    hint = "give it more samples (--samples) or time, or leave --method out"
    return Inferred("gibbs", False, status, (), None, 0.0, diagnostics, (Diagnostic("W599", message, hint=hint),))


def _answered(blocked: Blocked, sweeps: _Sweeps, made: list[Block]) -> Inferred:
    worst, least = sweeps.diagnostics()
    diagnostics: dict[str, object] = {
        "chains": CHAINS,
        "draws": len(sweeps.states) * CHAINS,
        "effective": round(least, 1) if least < inf else len(sweeps.states) * CHAINS,
        "rhat": round(worst, 4),
        "blocks": len(made),
        "held": min(len(blocked.lowering.cards) - len(block.buckets) for block in made),
    }
    if worst > LARGEST_RHAT or least < LEAST_EFFECTIVE:
        if sweeps.late:
            return _refused(Status.TIMEOUT, diagnostics, "the time is up before the chains have mixed")
        message = f"the chains have not mixed: R̂ = {worst:.3f}" if worst > LARGEST_RHAT else ""
        return _refused(Status.UNKNOWN, diagnostics, message or f"only {least:.0f} effective draws")
    posteriors = tuple(_posterior(asked, blocked, sweeps) for asked in blocked.asked)
    return Inferred("gibbs", False, Status.ESTIMATED, posteriors, None, 0.0, diagnostics)


def _posterior(asked: Asked, blocked: Blocked, sweeps: _Sweeps) -> Posterior:
    """The posterior of one estimand; the error is that of its likeliest value, or of its mean."""
    count = len(sweeps.states) * CHAINS
    table = torch.ones(len(sweeps.states), CHAINS, 1, dtype=FLOAT)
    places = torch.zeros(count, dtype=torch.long)
    if asked.probe is not None:
        table = sweeps.table(asked.probe)
        places = torch.stack([state[asked.probe] for state in sweeps.states]).reshape(-1)
    shares = table.mean((0, 1))
    domain, items = asked.estimand.domain, asked.items
    values = items[places]
    if domain is None or kind_of_domain(domain) == "number":
        series = (table * items).sum(-1)
    else:
        series = table[..., int(shares.argmax())]
    error = float(series.std(correction=0)) / max(effective_mean(series), 1.0) ** 0.5
    if domain is None:
        found = of_table(items, shares, numeric=True)
        return Posterior(None, found.mean, found.sd, found.quantiles, values, error)
    codes = blocked.executor.codes.domain(domain).to(FLOAT)
    probability = torch.zeros(len(domain), dtype=FLOAT)
    probability.index_add_(0, (codes[None] - items[:, None]).abs().argmin(1), shares)
    found = of_table(codes, probability, numeric=kind_of_domain(domain) == "number")
    own = drawn(values, domain, blocked.executor.codes)
    return Posterior(found.probability, found.mean, found.sd, found.quantiles, own, error)
