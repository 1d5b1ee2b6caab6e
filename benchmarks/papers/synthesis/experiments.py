"""Experiments chosen by expected information, against experiments chosen at random, in worlds that are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.papers.synthesis.design import Gain, expected_gains
from benchmarks.papers.synthesis.environments import Environment, Seen
from nesy.solvers.probabilistic.inference.choose import Chosen

POLICIES = ("gain", "random")
ASKED = 10
"""Outcomes that have to be predicted."""


@dataclass(frozen=True)
class Effort:
    """How many designs are looked at in each step, and with how many worlds and contrasts their gains are estimated.

    ``judging`` are those with which a choice is judged: apart from those it was made with.
    """

    candidates: int
    choosing: tuple[int, int]
    judging: tuple[int, int]


@dataclass(frozen=True)
class Step:
    """One experiment: its design, the gain of that and of the best candidate, both as they were judged afterwards."""

    design: float
    gain: Gain
    best: float

    @property
    def regret(self) -> float:
        """EIG regret: the best candidate's gain minus that of the chosen design, in nats."""
        return self.best - self.gain.middle


@dataclass(frozen=True)
class Exploration:
    """The experiments in one world, and the error of the predictions after so many of them."""

    steps: tuple[Step, ...]
    errors: dict[int, float]


def explore(
    environment: Environment, *, chosen_by: str, truth: int, budgets: Sequence[int], effort: Effort
) -> Exploration:
    """Experiments in the world ``truth``; predictions are asked for after each number of them in ``budgets``."""
    seen: list[Seen] = []
    steps: list[Step] = []
    errors = {0: prediction_error(environment, seen, truth)} if 0 in budgets else {}
    for number in range(1, max(budgets) + 1):
        designs = environment.designs(effort.candidates, 1000 * truth + number)
        graph = environment.graph(seen, designs)
        labels = [(environment.outcome(design),) for design in designs]
        outer, inner = effort.judging
        judged = expected_gains(graph, labels, seed=2 * number, outer=outer, inner=inner)
        place = 0
        if chosen_by == "gain":
            outer, inner = effort.choosing
            gains = expected_gains(graph, labels, seed=2 * number + 1, outer=outer, inner=inner)
            place = max(range(len(designs)), key=lambda each: gains[each].middle)
        seen.append(environment.run(truth, designs[place], number))
        steps.append(Step(designs[place], judged[place], max(gain.middle for gain in judged)))
        if number in budgets:
            errors[number] = prediction_error(environment, seen, truth)
    return Exploration(tuple(steps), errors)


def prediction_error(environment: Environment, seen: Sequence[Seen], truth: int) -> float:
    """The squared error of predicted means, over the variance of the prior's predictive distribution, on average."""
    designs = environment.designs(ASKED, 100_000 + truth)
    after, before = (_predicted(environment, known, designs) for known in (seen, ()))
    outcomes = [environment.run(truth, design, 10_007 + place).outcome for place, design in enumerate(designs)]
    return fmean(
        (mean - float(outcome)) ** 2 / spread**2
        for (mean, _), (_, spread), outcome in zip(after, before, outcomes, strict=True)
    )


def _predicted(environment: Environment, seen: Sequence[Seen], designs: Sequence[float]) -> list[tuple[float, float]]:
    """The mean and the deviation of the outcome of each design."""
    (found,) = Chosen(environment.graph(seen, designs), {}).infer({}, 1, seed=1, time_limit=None)
    moments = []
    for posterior in found.posteriors:
        if posterior.mean is None:
            assert posterior.probability is not None
            chance = float(posterior.probability[1])
            moments.append((chance, (chance * (1 - chance)) ** 0.5))
        else:
            assert posterior.sd is not None
            moments.append((posterior.mean, posterior.sd))
    return moments
