"""How good labels are: F1, accuracy, coverage, inconsistency, and whether one method beats another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy import bool_, float64, int64
from numpy.typing import NDArray

Labels: TypeAlias = NDArray[int64]
"""``[N]``: places in the classes, −1 for an object without a label, or one that shows none of the classes."""

Measure: TypeAlias = Literal["f1", "accuracy"]

_REPLICATES = 200
"""Bootstrap replicates that are computed at a time, to bound memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Labels against the truth.

    - ``precision``, ``recall`` [C]: NaN where a class is never given, or never true; ``class_f1`` [C] is
      2 TP / (2 TP + FP + FN), NaN for a class that is neither.
    - ``f1``: mean of ``class_f1`` over the classes that it has a value for. An object without a label is a miss of
      its class (a false negative), a label of an object that shows none of the classes a false positive.
    - ``accuracy``: share of the N objects whose label is the true one, no label being right for none of the classes.
    - ``coverage``: share of the objects that have a label.
    """

    f1: float
    accuracy: float
    coverage: float
    precision: NDArray[float64]
    recall: NDArray[float64]
    class_f1: NDArray[float64]


def score(labels: Labels, truth: Labels, classes: int) -> Scores:
    """The scores of ``labels`` [N] where ``truth`` [N] is right; of no objects all are NaN."""
    hits, given, true = (marks.sum(0, dtype=np.float64) for marks in _marks(labels, truth, classes))
    with np.errstate(divide="ignore", invalid="ignore"):
        precision, recall, class_f1 = hits / given, hits / true, 2 * hits / (given + true)
    return Scores(
        _mean(class_f1[given + true > 0]), _mean(labels == truth), _mean(labels >= 0), precision, recall, class_f1
    )


def contradictions(
    labels: NDArray[int64], kept: NDArray[bool_], incompatible: NDArray[bool_] | None = None
) -> NDArray[bool_]:
    """The objects [N] that keep two incompatible labels; ``labels`` and ``kept`` [N, F].

    ``incompatible`` [C, C] tells which labels contradict one another; by default all different ones do.
    """
    classes = int(labels.max(initial=-1)) + 1 if incompatible is None else len(incompatible)
    against = ~np.eye(classes, dtype=np.bool_) if incompatible is None else incompatible
    present = np.zeros((len(labels), classes), dtype=np.bool_)
    for column, stands in zip(labels.T, (kept & (labels >= 0)).T, strict=True):
        present[np.flatnonzero(stands), column[stands]] = True
    clashing = present & (present.astype(np.int64) @ against.astype(np.int64) > 0)
    return np.asarray(clashing.any(1))


def repetitions(labels: Labels, scene: Labels) -> NDArray[bool_]:
    """The scenes [S] in which two objects have the same label; ``scene`` [N] counts from 0."""
    scenes, classes = int(scene.max(initial=-1)) + 1, int(labels.max(initial=-1)) + 1
    given = labels >= 0
    counts = np.bincount(scene[given] * classes + labels[given], minlength=scenes * classes)
    return np.asarray((counts.reshape(scenes, classes) > 1).any(1))


class Record(NamedTuple):
    """On how many test sets a method was better, as good, worse."""

    won: int
    tied: int
    lost: int


def record(first: Sequence[float], second: Sequence[float]) -> Record:
    """How ``first`` fares against ``second``, set by set; differences below 1e-9 are ties."""
    differences = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    won, lost = int((differences > 1e-9).sum()), int((differences < -1e-9).sum())
    return Record(won, len(differences) - won - lost, lost)


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What two methods say about one test set, and the truth; each [N]."""

    first: Labels
    second: Labels
    truth: Labels


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much the first method is better, averaged over the sets: the value, its bootstrap interval ``low`` …
    ``high``, and the share of replicates in which it is better (a tie counts one half)."""

    value: float
    low: float
    high: float
    better: float


def paired_bootstrap(
    trials: Sequence[Trial],
    classes: int,
    *,
    measure: Measure = "f1",
    relative: bool = False,
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Difference:
    """Whether the first method is better than the second on the same objects (Efron, Tibshirani, 1993, ch. 13).

    The objects of each set are drawn anew with replacement, the same ones for both methods; the interval holds the
    middle ``level`` of the mean differences of all replicates. ``relative`` takes first / second − 1 in place of the
    difference; a second method that is never right in some replicate makes that infinite.
    """
    generator = np.random.default_rng(seed)
    values, drawn = [], []
    for trial in trials:
        count = len(trial.truth)
        parts = [
            generator.multinomial(count, np.full(count, 1 / count), size=min(_REPLICATES, replicates - start))
            for start in range(0, replicates, _REPLICATES)
        ]
        weights = np.concatenate([np.ones((1, count), dtype=np.int64), *parts]).astype(np.float64)
        first, second = (
            _weighted(labels, trial.truth, weights, classes, measure) for labels in (trial.first, trial.second)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            found = first / second - 1 if relative else first - second
        values.append(found[0])
        drawn.append(found[1:])
    means = np.mean(drawn, axis=0)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2]).tolist()
    better = float(((means > 0) + 0.5 * (means == 0)).mean())
    return Difference(float(np.mean(values)), low, high, better)


def _weighted(
    labels: Labels, truth: Labels, weights: NDArray[float64], classes: int, measure: Measure
) -> NDArray[float64]:
    """The measure with each object counted as often as ``weights`` [R, N] say; [R]."""
    if measure == "accuracy":
        share: NDArray[float64] = weights @ (labels == truth) / weights.sum(1)
        return share
    hits, given, true = (weights @ marks for marks in _marks(labels, truth, classes))
    with np.errstate(invalid="ignore"):
        class_f1 = 2 * hits / (given + true)
    present = given + true > 0
    mean: NDArray[float64] = np.where(present, class_f1, 0).sum(1) / present.sum(1)
    return mean


def _marks(labels: Labels, truth: Labels, classes: int) -> tuple[NDArray[bool_], NDArray[bool_], NDArray[bool_]]:
    """[N, C] each: rightly given, given, true."""
    places = np.arange(classes)
    given, true = labels[:, None] == places, truth[:, None] == places
    return given & true, given, true


def _mean(values: NDArray[bool_] | NDArray[float64]) -> float:
    return float(values.mean()) if values.size else float("nan")
