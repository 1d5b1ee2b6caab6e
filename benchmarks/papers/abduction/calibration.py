"""What a run learns before it sees a test set: error rules, precisions, the best single model, ε and δ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.papers.abduction.images import Batch, draw, in_source_weather
from benchmarks.papers.abduction.methods import METHODS, Case, Choice, Method
from benchmarks.papers.abduction.sets import held_out_mixes
from benchmarks.papers.abduction.settings import DELTAS, EACH, EPSILONS, SOURCE_IMAGES, Data, Regime
from benchmarks.papers.abduction.specialists import Specialist, read
from nesy.abduction.baselines.single import model_scores, precision_of
from nesy.abduction.error_rules import CueOptions, ErrorRuleLearner, ErrorRules
from nesy.abduction.metrics import score

CUES = CueOptions(families=("confidence", "margin", "metadata"))
"""Of one model and of the image alone: a specialist knows nothing about the others."""

Grid = Mapping[Choice, float]
"""What each choice gives: F1 relative to the best single model, − 1, mean over batches."""

_ONE = tuple(Choice(epsilon, delta) for epsilon in EPSILONS for delta in DELTAS)
_EACH = tuple(Choice(EACH, delta) for delta in DELTAS)
CELLS: Mapping[str, tuple[str, tuple[Choice, ...]]] = {
    "IP": ("annealed", _ONE),
    "IP, ε by pair": ("annealed", _EACH),
    "heuristic": ("heuristic", _EACH),
    "heuristic, one ε": ("heuristic", _ONE),
    "error rules": ("error rules", tuple(Choice(epsilon) for epsilon in EPSILONS)),
    "no error rules": ("no error rules", tuple(Choice(EPSILONS[0], delta) for delta in DELTAS)),
    "covered": ("covered", _EACH),
    "denials": ("denials", _EACH),
    "scenes": ("scenes", tuple(Choice(epsilon) for epsilon in (*EPSILONS, EACH))),
}
"""What is chosen: by which method, among which choices."""


@dataclass(frozen=True, eq=False)
class Known:
    """A batch with its truth."""

    case: Case
    truth: NDArray[np.int64]

    def f1(self, labels: NDArray[np.int64]) -> float:
        """Macro F1 of labels."""
        return score(labels, self.truth, len(self.case.predictions.classes)).f1

    def best(self) -> float:
        """F1 of the model that is best here."""
        return float(model_scores(self.case.predictions, self.truth).max())


@dataclass(frozen=True, eq=False)
class Calibration:
    """Everything that is known before a test set is seen.

    ``rules`` by budget, as in ``EPSILONS``; ``order`` the models by their mean F1 over the held-out mixes, the best
    first, ``precision`` [F, C] that of each model there; ``grids`` by method, and the ``choices`` that follow.
    """

    data: Data
    regime: Regime
    specialists: tuple[Specialist, ...]
    rules: tuple[ErrorRules, ...]
    order: tuple[int, ...]
    precision: NDArray[np.float64]
    grids: Mapping[str, Grid]
    choices: Mapping[str, Choice]

    def case(self, batch: Batch) -> Case:
        """A batch as the methods see it."""
        return _case(self.specialists, self.rules, batch, self.data, self.regime, self.order)


def calibrate(data: Data, regime: Regime, specialists: tuple[Specialist, ...], seed: int) -> Calibration:
    """Learn and choose, on held-out images only."""
    rules = learn_rules(specialists, data, regime, seed)
    mixes = held_out_mixes(data, regime, seed)
    unordered = [_case(specialists, rules, mix, data, regime, ()) for mix in mixes]
    means = np.mean(
        [model_scores(case.predictions, mix.truth) for case, mix in zip(unordered, mixes, strict=True)], axis=0
    )
    order = tuple(np.argsort(-means, kind="stable").tolist())
    held_out = [Known(replace(case, order=order), mix.truth) for case, mix in zip(unordered, mixes, strict=True)]
    grids = {name: grid_of(METHODS[method], held_out, cells) for name, (method, cells) in CELLS.items()}
    precisions = np.stack([precision_of(known.case.predictions, known.truth) for known in held_out])
    precision = np.nan_to_num(precisions).sum(0) / np.maximum((~np.isnan(precisions)).sum(0), 1)
    choices = {name: max(grid, key=grid.__getitem__) for name, grid in grids.items()}
    return Calibration(data, regime, specialists, rules, order, precision, grids, choices)


def learn_rules(specialists: tuple[Specialist, ...], data: Data, regime: Regime, seed: int) -> tuple[ErrorRules, ...]:
    """Error rules for each budget; those of a specialist from held-out images in its own weather."""
    found: list[list[ErrorRules]] = [[] for _ in EPSILONS]
    for place, specialist in enumerate(specialists):
        key = (seed, 20 + place)
        drawn = draw(data, "validation", SOURCE_IMAGES, np.random.default_rng(key))
        images = in_source_weather(drawn.images, specialist.weather, (*key, 1))
        predictions = read((specialist,), images, data, regime.threshold)
        grid = ErrorRuleLearner(cues=CUES).fit_grid(predictions, drawn.truth, EPSILONS)
        for budget, rules in zip(found, grid.values(), strict=True):
            budget.append(rules)
    return tuple(
        ErrorRules.of(budget[0].percept, [entry for rules in budget for entry in rules.learned]) for budget in found
    )


def grid_of(method: Method, batches: Sequence[Known], cells: Sequence[Choice]) -> Grid:
    """What each choice gives on the batches."""
    best = [known.best() for known in batches]
    return {
        cell: float(
            np.mean(
                [
                    known.f1(method(known.case, cell).labels) / reference - 1
                    for known, reference in zip(batches, best, strict=True)
                ]
            )
        )
        for cell in cells
    }


def _case(
    specialists: tuple[Specialist, ...],
    rules: tuple[ErrorRules, ...],
    batch: Batch,
    data: Data,
    regime: Regime,
    order: tuple[int, ...],
) -> Case:
    predictions = read(specialists, batch.images, data, regime.threshold)
    return Case(predictions, batch.scene, np.stack([budget.flag(predictions) for budget in rules]), order)
