"""What each model has contributed to a hypothesis, pair by pair, and why the rest was overruled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.hypothesis import Hypothesis
from nesy.abduction.problem import AbductionProblem
from nesy.dsl.diagnostics import counted


@dataclass(frozen=True, slots=True)
class PairContribution:
    """What became of the predictions of one class by one model.

    ``epsilon`` is the accepted recall budget, None where the pair is not accepted. Of ``predictions``, ``flagged`` are
    flagged by the error rules (of the accepted budget; of the least where none is), ``kept`` stand in the hypothesis,
    ``labels`` gave an object its label. Of a pair that is not accepted, ``gain`` objects without a label would get one,
    and ``conflicts`` objects would keep labels that contradict one another.
    """

    model: int
    label: int
    epsilon: float | None
    predictions: int
    flagged: int
    kept: int
    labels: int
    gain: int = 0
    conflicts: int = 0

    @property
    def price(self) -> str:
        """What accepting the pair would bring and cost; empty where it is accepted."""
        if self.epsilon is not None:
            return ""
        return f"+{counted(self.gain, 'label')}, {counted(self.conflicts, 'conflict')}".replace("+no", "no")


@dataclass(frozen=True, slots=True)
class ModelContribution:
    """The same for a whole model: ``rejected`` predictions are unflagged ones of pairs that are not accepted,
    ``overruled`` ones stand, but another model gave the label."""

    model: int
    predictions: int
    flagged: int
    rejected: int
    kept: int
    labels: int
    overruled: int


def pair_contributions(problem: AbductionProblem, hypothesis: Hypothesis) -> tuple[PairContribution, ...]:
    """One entry for each pair that predicts something, by model, then class."""
    predictions = problem.predictions
    present = _present(problem, hypothesis.candidates)
    found = []
    for model in range(len(predictions.models)):
        for label in range(len(predictions.classes)):
            rows = predictions.labels[:, model] == label
            if rows.any():
                found.append(_pair(problem, hypothesis, present, (model, label), rows))
    return tuple(found)


def _pair(
    problem: AbductionProblem,
    hypothesis: Hypothesis,
    present: NDArray[np.bool_],
    pair: tuple[int, int],
    rows: NDArray[np.bool_],
) -> PairContribution:
    model, label = pair
    epsilon = hypothesis.accepted.get(pair)
    place = 0 if epsilon is None else problem.epsilons.index(epsilon)
    flagged = problem.flagged[place, :, model] & rows
    kept = hypothesis.candidates[:, model] & rows
    gave = (hypothesis.support == model) & rows
    gain = conflicts = 0
    if epsilon is None:
        left = rows & ~flagged
        gain = int((left & (hypothesis.labels < 0)).sum())
        conflicts = int((left & (present[:, problem.incompatible[label]]).any(axis=1)).sum())
    counts = [int(part.sum()) for part in (rows, flagged, kept, gave)]
    return PairContribution(model, label, epsilon, counts[0], counts[1], counts[2], counts[3], gain, conflicts)


def _present(problem: AbductionProblem, candidates: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The labels that each object keeps, [N, C]."""
    labels = problem.predictions.labels
    found = np.zeros((len(labels), len(problem.predictions.classes)), dtype=np.bool_)
    rows, models = np.nonzero(candidates)
    found[rows, labels[rows, models]] = True
    return found


def model_contributions(pairs: Sequence[PairContribution], models: int) -> tuple[ModelContribution, ...]:
    """The pairs of each model, added up."""
    found = []
    for model in range(models):
        own = [pair for pair in pairs if pair.model == model]
        kept, labels = sum(pair.kept for pair in own), sum(pair.labels for pair in own)
        rejected = sum(pair.predictions - pair.flagged for pair in own if pair.epsilon is None)
        counts = (sum(pair.predictions for pair in own), sum(pair.flagged for pair in own))
        found.append(ModelContribution(model, *counts, rejected, kept, labels, kept - labels))
    return tuple(found)
