"""Adaptive tempered sequential Monte Carlo (Del Moral, Doucet, Jasra 2006), for evidence that is rare under the prior.

A population of traces from the prior is led to the posterior over a ladder: first the events are let hold ever more
exactly (the violation is at most ε, with ε falling), then the likelihood is raised from power 0 to 1. Each rung keeps
about half of the population (effectively), resamples systematically, and moves every variable by Metropolis-Hastings.
The product of what each rung keeps estimates the evidence without bias; islands that are resampled by themselves give
its error.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from math import inf, log

import torch
from torch import Generator, Tensor

from nesy.dsl.diagnostics import Diagnostic
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.islands import ISLANDS, joined, resampled
from nesy.solvers.probabilistic.inference.moves import Mover, Population, Target
from nesy.solvers.probabilistic.inference.results import Inferred
from nesy.solvers.probabilistic.vectorised.codes import FLOAT
from nesy.solvers.probabilistic.vectorised.executor import Executor, Readings

TRACES = 625
"""The traces of each island."""
KEPT = 0.5
"""The share of the population, in effective traces, that a rung keeps."""
SWEEPS = 3
"""Rounds of moves after each rung: random walks and fresh draws in turn."""
LAST = 12
"""Rounds of moves at the end."""
MOST_RUNGS = 200
LARGEST_ERROR = 0.5
"""A standard error of the log evidence above which there is no answer."""
FEWEST_MOVED = 0.01
"""A share of accepted proposals below which the islands are stuck."""


@dataclass(frozen=True)
class Tempered:
    """Populations side by side: traces ``[islands · traces]``, the log evidence of each island, ``[islands]``.

    ``rungs`` is the length of the ladder, which the islands share; ``accepted`` the share of moves accepted at the end;
    ``stuck`` says why the posterior was not reached, empty if it was.
    """

    population: Population
    log_evidence: Tensor
    rungs: int
    accepted: float
    stuck: str = ""


@dataclass
class _Ladder:
    """The way from the prior to the posterior."""

    mover: Mover
    islands: int
    traces: int
    generator: Generator
    deadline: float
    population: Population
    target: Target
    log_evidence: Tensor
    rungs: int = 0
    accepted: float = 1.0

    def climb(self) -> str:
        """Go all the way; why it was not possible, or nothing."""
        if self.mover.executor.events:
            while self.target.slack > 0:
                if stuck := self._late() or self._let_hold():
                    return stuck
        while self.target.power < 1:
            if stuck := self._late() or self._raise():
                return stuck
        self._move(LAST)
        return "hardly any proposal is accepted" if self.accepted < FEWEST_MOVED else ""

    def _late(self) -> str:
        if time.perf_counter() > self.deadline:
            return LATE
        return "the ladder is too long" if self.rungs >= MOST_RUNGS else ""

    def _let_hold(self) -> str:
        """Let the events hold more exactly: half of the traces stay."""
        violated = self.mover.violated(self.population, self.target.scales)
        slack = float(torch.quantile(violated, KEPT, interpolation="lower"))
        if slack >= self.target.slack:
            # many traces lie at the bound itself: the next lower violation is the new one
            below = violated[violated < self.target.slack]
            if not len(below):
                return "no trace makes all that is known hold"
            slack = float(below.max())
        within = (violated <= slack).to(FLOAT)
        self.target = replace(self.target, slack=slack)
        return self._step(within.log())

    def _raise(self) -> str:
        """Raise the power of the likelihood as far as the population bears it."""
        likelihood = self.mover.likelihood(self.population)
        power = _next_power(likelihood, self.target.power)
        if power - self.target.power < 1e-9:
            return "no power of the likelihood keeps enough traces"
        change = (power - self.target.power) * likelihood
        self.target = replace(self.target, power=power)
        return self._step(change)

    def _step(self, change: Tensor) -> str:
        """Reweigh by ``change``, resample each island, move."""
        rows = change.reshape(self.islands, self.traces)
        gained = rows.logsumexp(1) - log(self.traces)
        self.log_evidence = self.log_evidence + gained
        if not bool((self.log_evidence > -inf).any()):
            return "no trace is left"
        # an island that is lost counts for nothing from here on
        rows = torch.where((gained > -inf)[:, None], rows, 0.0)
        places = resampled(rows.softmax(1), self.generator)
        self.population = self.mover.chosen(self.population, places)
        self._move(SWEEPS)
        self.rungs += 1
        return ""

    def _move(self, sweeps: int) -> None:
        shares = [
            self.mover.sweep(self.population, self.target, self.generator, fresh=number % 3 == 2)
            for number in range(sweeps)
        ]
        self.accepted = sum(shares) / len(shares)


def run(
    executor: Executor,
    traces: int,
    generator: Generator,
    *,
    islands: int = ISLANDS,
    deadline: float = inf,
    readings: Readings | None = None,
) -> Tempered:
    """Several populations led from the prior to the posterior over one ladder, each resampled by itself."""
    mover = Mover(executor, readings)
    count = islands * traces
    state, _ = executor.draw(count, generator, readings)
    population = mover.population([tensor.expand(count, -1) if len(tensor) > 1 else tensor for tensor in state])
    target = Target(0.0, inf, _scales(population))
    start = torch.zeros(islands, dtype=FLOAT)
    ladder = _Ladder(mover, islands, traces, generator, deadline, population, target, start)
    stuck = ladder.climb()
    return Tempered(ladder.population, ladder.log_evidence, ladder.rungs, ladder.accepted, stuck)


def _scales(population: Population) -> tuple[float, ...]:
    """For each event how large its violation is where it fails, so that events count alike."""
    found = []
    for violation in population.violations.values():
        failed = violation[violation > 0]
        found.append(max(float(failed.mean()), 1e-9) if len(failed) else 1.0)
    return tuple(found)


def _next_power(likelihood: Tensor, power: float) -> float:
    """The greatest power at which the population keeps enough effective traces, by bisection."""

    def effective(other: float) -> float:
        change = (other - power) * likelihood
        return float((2 * change.logsumexp(0) - (2 * change).logsumexp(0)).exp())

    wanted = KEPT * len(likelihood)
    if effective(1.0) >= wanted:
        return 1.0
    low, high = power, 1.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle) >= wanted else (low, middle)
    return low


def infer(
    executor: Executor,
    generator: Generator,
    *,
    samples: int | None = None,
    deadline: float = inf,
    readings: Readings | None = None,
) -> Inferred:
    """Posteriors from independent islands; status ``unknown`` where they disagree or are stuck.

    ``samples`` is the number of traces of all islands together.
    """
    traces = TRACES if samples is None else max(samples // ISLANDS, 50)
    found = run(executor, traces, generator, deadline=deadline, readings=readings)
    diagnostics: dict[str, object] = {
        "islands": ISLANDS,
        "traces": ISLANDS * traces,
        "rungs": found.rungs,
        "accepted": round(found.accepted, 3),
    }
    if found.stuck:
        remark = Diagnostic("W599", f"no posterior: {found.stuck}", hint=_HINT)
        status = Status.TIMEOUT if found.stuck == LATE else Status.UNKNOWN
        return Inferred("smc", False, status, (), None, inf, diagnostics, (remark,))
    shape = (ISLANDS, traces)
    columns = [column.reshape(shape) for column in executor.asked(found.population.state, ISLANDS * traces)]
    even = torch.full(shape, 1 / traces, dtype=FLOAT)
    said = joined(executor, columns, even, found.log_evidence, generator)
    if said.error > LARGEST_ERROR:
        message = f"the islands disagree about the evidence: the standard error of its logarithm is {said.error:.2f}"
        remark = Diagnostic("W599", message, hint=_HINT)
        return Inferred("smc", False, Status.UNKNOWN, (), said.log_evidence, said.error, diagnostics, (remark,))
    return Inferred("smc", False, Status.ESTIMATED, said.posteriors, said.log_evidence, said.error, diagnostics)


LATE = "the time is up"
_HINT = "give it more time (--time-limit) or samples (--samples), or soften what is known"
