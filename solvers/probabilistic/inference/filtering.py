"""Answers by a particle filter: rounds with ever more particles, until the islands agree.

What resampling does to trajectories is part of the spread between islands, so that the effective draws of an early
state are few where most trajectories stem from few particles.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import inf

from torch import Generator

from nesy.dsl.diagnostics import Diagnostic
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.islands import ISLANDS, Joined, joined
from nesy.solvers.probabilistic.inference.particles import LATE, Filter, Filtered, run
from nesy.solvers.probabilistic.inference.results import Inferred
from nesy.solvers.probabilistic.vectorised.executor import Readings

FIRST, MORE, ROUNDS = 1_000, 4, 4
"""Particles of each island in the first round, the factor from one round to the next, and the most rounds."""
ROOM = 1 << 27
"""The most values that the particles of a round may have together."""
WANTED, GOOD = 1_000.0, 0.1
"""Effective draws of the worst known query, and a standard error of the log evidence, that are enough."""
LEAST, LARGEST_ERROR = 400.0, 0.5
"""Effective draws below which, and a standard error of the log evidence above which, there is no answer."""


@dataclass(frozen=True)
class _Round:
    """What the islands of one round found, and say together."""

    particles: int
    found: Filtered
    said: Joined

    @property
    def enough(self) -> bool:
        return self.said.error <= GOOD and self.said.effective >= WANTED

    @property
    def trusted(self) -> bool:
        return self.said.error <= LARGEST_ERROR and self.said.effective >= LEAST


def infer(
    model: Filter,
    generator: Generator,
    *,
    samples: int | None = None,
    deadline: float = inf,
    readings: Readings | None = None,
) -> Inferred:
    """Posteriors by a particle filter; status ``unknown`` where the islands disagree or trajectories are too few.

    ``samples`` is the number of particles of all islands together; without it, rounds go on while it helps.
    """
    most = max(ROOM // (len(model.graph.nodes) * ISLANDS), 100)
    particles = min(FIRST, most) if samples is None else max(samples // ISLANDS, 10)
    best: _Round | None = None
    for _ in range(ROUNDS):
        started = time.perf_counter()
        found = run(model, particles, generator, islands=ISLANDS, deadline=deadline, readings=readings)
        if found.stuck:
            # a round that was broken off leaves the one before it
            return _refused(found, particles, found.stuck) if best is None else _answer(best)
        said = joined(model.executor, found.values, found.weights.exp(), found.log_evidence, generator)
        best = _Round(particles, found, said)
        after = time.perf_counter()
        late = after + MORE * (after - started) > deadline
        if samples is not None or best.enough or late or particles * MORE > most:
            break
        particles *= MORE
    assert best is not None
    return _answer(best)


def _answer(last: _Round) -> Inferred:
    said = last.said
    if last.trusted:
        diagnostics = _diagnostics(last.found, last.particles, said.effective)
        return Inferred("filter", False, Status.ESTIMATED, said.posteriors, said.log_evidence, said.error, diagnostics)
    if said.error > LARGEST_ERROR:
        why = f"the islands disagree about the evidence: the standard error of its logarithm is {said.error:.2f}"
    else:
        why = f"too few different trajectories are left: {said.effective:.0f} effective draws of {said.query}"
    return _refused(last.found, last.particles, why, said)


def _refused(found: Filtered, particles: int, why: str, said: Joined | None = None) -> Inferred:
    hint = "give it more particles (--samples) or time (--time-limit), or another --method"
    remark = Diagnostic("W599", f"no posterior from the filter: {why}", hint=hint)
    status = Status.TIMEOUT if why == LATE else Status.UNKNOWN
    evidence, error, effective = (None, inf, 0.0) if said is None else (said.log_evidence, said.error, said.effective)
    diagnostics = _diagnostics(found, particles, effective)
    return Inferred("filter", False, status, (), evidence, error, diagnostics, (remark,))


def _diagnostics(found: Filtered, particles: int, effective: float) -> dict[str, object]:
    return {
        "islands": ISLANDS,
        "particles": ISLANDS * particles,
        "resampled": found.resampled,
        "ancestors": found.ancestors,
        "effective": round(effective, 1),
    }
