"""Learning error rules from held-out predictions with known labels, for each model and class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.error_rules.cues import Condition, CueOptions, cues_for, reading, term_of
from nesy.abduction.error_rules.flagging import flags_of
from nesy.abduction.error_rules.greedy import Choice, Cues, by_ratio, distinct, under_budget
from nesy.abduction.error_rules.rules import ErrorRules, Learned
from nesy.abduction.error_rules.surroundings import Surroundings, alone
from nesy.abduction.predictions import Predictions
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.statements import ErrorRule
from nesy.dsl.syntax import Comparison

GRID = (0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
"""The recall budgets among which abduction chooses if nothing else is said."""


@dataclass(frozen=True, slots=True)
class ErrorRuleLearner:
    """Learns error rules: ``ErrorRuleLearner(budget=0.02).fit(predictions, truth)``.

    ``budget`` is the recall that the rules of a class may cost on the data that they are learned from, in [0, 1]; None
    chooses them by the F1 of telling wrong predictions from right ones. ``cues`` are the conditions that are tried,
    each only if it holds of at least ``support`` predictions of the class: what was seen once or twice may be chance.
    """

    budget: float | None = 0.02
    cues: CueOptions = field(default_factory=CueOptions)
    support: int = 1

    def __post_init__(self) -> None:
        if self.budget is not None and not 0 <= self.budget <= 1:
            message = f"the recall budget is {self.budget:g}"
            raise NesyError(Diagnostic("E575", message, hint="give a number between 0 and 1", place="recall budget"))
        if self.support < 1:
            message = f"the least support of a condition is {self.support}"
            raise NesyError(Diagnostic("E575", message, hint="give a number of predictions from 1 on", place="support"))

    def fit(self, predictions: Predictions | Surroundings, truth: NDArray[np.int64]) -> ErrorRules:
        """The rules; ``truth`` [N] are places in the classes, −1 for an object of none of them.

        Raises :class:`NesyError`: E578 for a truth of another size, E573 for a model whose name no rule can hold.
        """
        return self.fit_grid(predictions, truth, [self.budget])[self.budget]

    def fit_grid(
        self, predictions: Predictions | Surroundings, truth: NDArray[np.int64], budgets: Sequence[float | None] = GRID
    ) -> dict[float | None, ErrorRules]:
        """The rules for each of ``budgets``; cues are evaluated once."""
        surroundings = alone(predictions) if isinstance(predictions, Predictions) else predictions
        check_truth(surroundings.predictions, truth)
        found: dict[float | None, list[Learned]] = {budget: [] for budget in budgets}
        for model in range(len(surroundings.predictions.models)):
            for label in range(len(surroundings.predictions.classes)):
                case = _Case(surroundings, truth, model, label, self.cues, self.support)
                for budget in found:
                    found[budget].append(case.learn(budget))
        return {budget: ErrorRules.of(surroundings.percept, learned) for budget, learned in found.items()}


class _Case:
    """The predictions of one class by one model."""

    def __init__(
        self,
        surroundings: Surroundings,
        truth: NDArray[np.int64],
        model: int,
        label: int,
        options: CueOptions,
        support: int,
    ) -> None:
        predictions = surroundings.predictions
        rows = predictions.labels[:, model] == label
        self._model, self._label = predictions.models[model], predictions.classes[label]
        self._wrong = truth[rows] != label
        self._members = int((truth == label).sum())
        self._conditions: list[Condition] = []
        self._masks: Cues = np.zeros((0, len(self._wrong)), dtype=np.bool_)
        self._reading = reading(surroundings, self._model)
        if self._wrong.any():
            found = [*cues_for(surroundings, model, label, options), *options.written(self._reading)]
            self._evaluate(surroundings, rows, found, support)

    def _evaluate(
        self, surroundings: Surroundings, rows: NDArray[np.bool_], conditions: list[Condition], support: int
    ) -> None:
        flagged = flags_of([ErrorRule(self._reading, condition) for condition in conditions], surroundings)
        masks = np.zeros((len(conditions), len(rows)), dtype=np.bool_)
        for mask, objects in zip(masks, flagged, strict=True):
            mask[objects] = True
        masks = masks[:, rows]
        kept = [place for place in distinct(masks) if np.count_nonzero(masks[place]) >= support]
        self._conditions = [conditions[place] for place in kept]
        self._masks = masks[kept]

    def learn(self, budget: float | None) -> Learned:
        """The cues that are chosen, as conditions of rules."""
        if budget is None:
            choice = by_ratio(self._masks, self._wrong)
        else:
            choice = under_budget(self._masks, self._wrong, self._members, budget)
        statements = tuple(self._rule(self._conditions[cue]) for cue in choice.cues)
        return Learned(self._model, self._label, budget, statements, *self._counts(choice))

    def _rule(self, condition: Condition) -> ErrorRule:
        """``error label@m1(O) :- label@m1(O) = bus, …``"""
        own = Comparison("=", self._reading, term_of(self._label))
        return ErrorRule(self._reading, (own, *(formula for formula in condition if formula != own)))

    def _counts(self, choice: Choice) -> tuple[int, int, int, int, int]:
        return len(self._wrong), int(self._wrong.sum()), self._members, choice.wrong, choice.right


def check_truth(predictions: Predictions, truth: NDArray[np.int64]) -> None:
    """E578 unless ``truth`` is one place in the classes (or −1) for each object."""
    size, classes = len(predictions.objects), len(predictions.classes)
    if truth.shape != (size,):
        message = f"the truth has the shape {list(truth.shape)}, and there are {size} objects"
        raise NesyError(Diagnostic("E578", message, hint="give one class for each object", place="truth"))
    outside = np.flatnonzero((truth < -1) | (truth >= classes))
    if len(outside):
        place = int(outside[0])
        message = f"the truth of {predictions.objects[place]} is {int(truth[place])}"
        hint = f"classes are numbered from 0 to {classes - 1}; -1 stands for none of them"
        raise NesyError(Diagnostic("E578", message, hint=hint, place=f"truth[{place}]"))
