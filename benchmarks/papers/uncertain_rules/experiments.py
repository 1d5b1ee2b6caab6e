"""The experiments: which rules, which cases, at which rates the rules fail, and what is measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import data
import numpy as np
from names import (
    ATTAINABLE,
    CLOSEST,
    EVERYBODY,
    FLIP_RATES,
    ONE_MISTAKE,
    SPECIFIC,
    THREE_MISTAKES,
    TRIAGE_SIZES,
)

RULES = Path(__file__).resolve().parent / "rules"

MISTAKES = {ONE_MISTAKE: {(4, 9): 0.2}, THREE_MISTAKES: {(4, 9): 0.2, (1, 7): 0.1, (3, 5): 0.3}}
IMAGES = {"digits": 360, "mnist": 2_000}
"""Training images; what is left of the images that the networks were not trained on is for testing."""


@dataclass(frozen=True)
class Setting:
    """One row of an experiment.

    ``make`` draws the training and the test cases from a seed. ``rates`` are the true rates of failure of each rule,
    (s: the conclusion holds although the premise fails, r: it fails although the premise holds), in the order of the
    ground rules; empty where they are measured on the test cases instead. ``outliers`` is the share of samples that
    trimming is told.
    """

    name: str
    make: Callable[[int], tuple[data.Cases, data.Cases]]
    rates: tuple[tuple[float, float], ...]
    outliers: float
    plotted: bool = False


@dataclass(frozen=True)
class Experiment:
    """A rule file, its concepts in the order in which they are scored, settings and methods."""

    name: str
    rules: Path
    concepts: tuple[str, ...]
    settings: tuple[Setting, ...]
    methods: tuple[str, ...] = EVERYBODY


def experiments() -> tuple[Experiment, ...]:
    """All of them."""
    return (_flipped(), _filed(), _triage(), _tumours())


def _digits(make: Callable[[str, int], data.Cases], name: str) -> Callable[[int], tuple[data.Cases, data.Cases]]:
    def cases(seed: int) -> tuple[data.Cases, data.Cases]:
        train, test = make(name, seed).split((IMAGES[name], -1), seed)
        return train, test

    return cases


def _flipped() -> Experiment:
    settings = []
    pairs: Sequence[tuple[float, float]] = [*((rate, rate) for rate in FLIP_RATES), (0.05, 0.25)]
    for name in IMAGES:
        for odd, even in pairs:

            def make(name: str, seed: int, odd: float = odd, even: float = even) -> data.Cases:
                return data.parity_cases(name, odd, even, seed)

            label = f"{odd:.0%}" if odd == even else f"odd {odd:.0%}, even {even:.0%}"
            settings.append(
                Setting(f"{name} | {label}", _digits(make, name), ((odd, even),), max(odd, even), label == "20%")
            )
    methods = (*EVERYBODY, ATTAINABLE, SPECIFIC)
    return Experiment("flipped", RULES / "parity.nesy", ("even",), tuple(settings), methods)


def _filed() -> Experiment:
    settings = []
    for name in IMAGES:
        for label, mistakes in MISTAKES.items():

            def make(name: str, seed: int, mistakes: dict[tuple[int, int], float] = mistakes) -> data.Cases:
                return data.filed_cases(name, mistakes, seed)

            rates = [[0.0, 0.0] for _ in range(10)]
            for (shown, filed), rate in mistakes.items():
                rates[shown][1] += rate
                rates[filed][0] = max(rates[filed][0], rate)
            found = tuple((s, r) for s, r in rates)
            settings.append(
                Setting(f"{name} | {label}", _digits(make, name), found, sum(mistakes.values()) / 10, len(mistakes) > 1)
            )
    methods = (*EVERYBODY, CLOSEST)
    return Experiment("filed", RULES / "labels.nesy", ("filed",), tuple(settings), methods)


def _triage() -> Experiment:
    settings = []
    for size in TRIAGE_SIZES:

        def make(seed: int, size: int = size) -> tuple[data.Cases, data.Cases]:
            train, test = data.triage_cases(size + 10_000, seed).split((size, -1), seed)
            return train, test

        settings.append(Setting(f"{size:,} patients", make, tuple(data.TRIAGE_RATES.values()), 0.15, size == 2_000))
    return Experiment("triage", RULES / "triage.nesy", tuple(data.TRIAGE_RATES), tuple(settings))


def _tumours() -> Experiment:
    def make(seed: int) -> tuple[data.Cases, data.Cases]:
        train, test = data.tumour_cases().split((285, -1), seed)
        return train, test

    return Experiment("tumours", RULES / "tumours.nesy", ("malignant",), (Setting("halves", make, (), 0.15, True),))


def tumour_rates(cases: data.Cases) -> list[list[float]]:
    """How often each rule of thumb fails among ``cases``: [P(malignant | not premise), P(benign | premise)].

    Each case counts as much as its reading is sure, |2p − 1|: near a threshold it is not the rule that fails.
    """
    malignant = cases.outcomes["malignant"] == 1
    found = []
    for above in cases.features.T:
        sure = np.abs(2 * above - 1)
        holds = above > 0.5
        despite = np.average(malignant[~holds], weights=sure[~holds])
        fails = np.average(~malignant[holds], weights=sure[holds])
        found.append([float(despite), float(fails)])
    return found


def rates_as_read(cases: data.Cases, decided: dict[str, np.ndarray]) -> list[list[float]]:
    """How often each rule fails for what is read: ``decided`` are the decisions of the rules with s = r = 0."""
    found = []
    for concept, values in decided.items():
        outcome = cases.outcomes[concept] == 1
        premise = values == 1
        found.append([float(outcome[~premise].mean()), float((~outcome[premise]).mean())])
    return found
