"""Experiments chosen by expected information, against experiments chosen at random, in worlds that are known."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from benchmarks.papers.synthesis.design import Gain, expected_gain
from benchmarks.papers.synthesis.environments import Environment, Seen
from nesy.solvers.probabilistic.inference.choose import Chosen


@dataclass(frozen=True)
class Step:
    """One experiment: the design, its gain, the best gain of all candidates, the error of a prediction after it."""

    design: float
    gain: Gain
    best: float
    error: float

    @property
    def regret(self) -> float:
        """EIG regret: the best candidate's gain minus that of the chosen design, in nats."""
        return max(0.0, self.best - self.gain.middle)


def explore(
    environment: Environment,
    *,
    chosen_by: str,
    truth: int,
    steps: int,
    candidates: int,
    seed: int,
    outer: int,
    inner: int,
) -> tuple[Step, ...]:
    """Run ``steps`` experiments in the world ``truth``; designs are among ``candidates`` random ones of each step."""
    seen: list[Seen] = []
    found: list[Step] = []
    for step in range(steps):
        designs = environment.designs(candidates, 1000 * seed + step)
        gains = []
        for design in designs:
            graph = environment.graph(seen, design)
            gains.append(expected_gain(graph, (environment.outcome_label(graph),), seed=step, outer=outer, inner=inner))
        place = 0 if chosen_by == "random" else max(range(candidates), key=lambda number: gains[number].middle)
        seen.append(environment.run(truth, designs[place], step + 1))
        best = max(gain.middle for gain in gains)
        error = prediction_error(environment, seen, truth, designs[-1])
        found.append(Step(designs[place], gains[place], best, error))
    return tuple(found)


def prediction_error(environment: Environment, seen: list[Seen], truth: int, design: float) -> float:
    """The squared error of the predicted mean of a new outcome, over that of the prior's predictive distribution."""
    outcome = environment.run(truth, design, 10_007).outcome
    graph = environment.graph(seen, design)
    (after,) = Chosen(graph, {}).infer({}, 1, seed=1, time_limit=None)
    (before,) = Chosen(environment.graph((), design), {}).infer({}, 1, seed=1, time_limit=None)
    means = []
    for inferred in (after, before):
        posterior = inferred.posteriors[0]
        if posterior.probability is not None and posterior.mean is None:
            means.append((float(posterior.probability[1]), 0.5))
        else:
            means.append((posterior.mean or 0.0, posterior.sd or 1.0))
    scale = means[1][1] ** 2
    return float(torch.tensor((means[0][0] - float(outcome)) ** 2 / scale))
