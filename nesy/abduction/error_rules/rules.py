"""Error rules as one object: where they flag, why, and as text of the language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.error_rules.flagging import flags_of
from nesy.abduction.error_rules.surroundings import Surroundings, alone
from nesy.abduction.predictions import Predictions
from nesy.abduction.problem import Reason
from nesy.dsl.printing.statement_printer import write_statement
from nesy.dsl.span import NOWHERE
from nesy.dsl.statements import ErrorRule
from nesy.dsl.values import Value


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of one class as one model predicts it.

    ``predictions`` of the class were held out, ``wrong`` of them are wrong; ``members`` objects belong to it. The
    rules flag ``caught`` wrong and ``lost`` right predictions. ``budget`` is the recall that they may cost, None where
    they were chosen by their F1.
    """

    model: str
    label: Value
    budget: float | None
    rules: tuple[ErrorRule, ...]
    predictions: int
    wrong: int
    members: int
    caught: int
    lost: int


@dataclass(frozen=True)
class ErrorRules:
    """Error rules for the readings of ``percept``.

    ``flag`` says which predictions they flag, ``explain`` by which rules; ``to_nesy`` writes them as statements that
    ``from_nesy`` and every rule file take. ``learned`` says what was known when they were learned; it is empty for
    rules that were read.
    """

    percept: str
    rules: tuple[ErrorRule, ...]
    learned: tuple[Learned, ...] = ()

    @classmethod
    def of(cls, percept: str, learned: Sequence[Learned]) -> ErrorRules:
        """The rules that were learned, in their order."""
        return cls(percept, tuple(rule for entry in learned for rule in entry.rules), tuple(learned))

    @classmethod
    def from_nesy(cls, text: str, file: str = "<text>") -> ErrorRules:
        """The error rules in a text; other statements are left alone. See :func:`~.reading.read_rules`."""
        from nesy.abduction.error_rules.reading import read_rules

        return read_rules(text, file)

    def to_nesy(self) -> str:
        """The rules as text of the language, each group below what was measured of it."""
        from nesy.abduction.error_rules.writing import write_rules

        return write_rules(self)

    def flag(self, predictions: Predictions | Surroundings) -> NDArray[np.bool_]:
        """Which predictions are flagged, [N, F]. Raises :class:`NesyError` as :func:`~.flagging.flags_of`."""
        surroundings = self._around(predictions)
        found = np.zeros(surroundings.predictions.labels.shape, dtype=np.bool_)
        for reason in self.reasons(surroundings):
            found[reason.objects, reason.model] = True
        return found

    def reasons(self, predictions: Predictions | Surroundings, budgets: tuple[int, ...] = (0,)) -> tuple[Reason, ...]:
        """Each rule and the objects whose prediction it flags; ``budgets`` are the places that a problem gives it."""
        surroundings = self._around(predictions)
        models = surroundings.predictions.models
        return tuple(
            Reason(statement_text(rule), origin(rule), models.index(rule.reading.source or ""), budgets, objects)
            for rule, objects in zip(self.rules, flags_of(self.rules, surroundings), strict=True)
        )

    def explain(
        self, predictions: Predictions | Surroundings, name: str, model: str | None = None
    ) -> tuple[Reason, ...]:
        """The rules that flag a prediction on the object ``name``, of one ``model`` or of any."""
        surroundings = self._around(predictions)
        place = surroundings.predictions.objects.index(name)
        wanted = None if model is None else surroundings.predictions.models.index(model)
        return tuple(
            reason
            for reason in self.reasons(surroundings)
            if place in reason.objects and wanted in (None, reason.model)
        )

    def _around(self, predictions: Predictions | Surroundings) -> Surroundings:
        return alone(predictions, self.percept) if isinstance(predictions, Predictions) else predictions


def statement_text(rule: ErrorRule) -> str:
    """A rule on one line."""
    return " ".join(write_statement(rule).split())


def origin(rule: ErrorRule) -> str:
    """``rules.nesy:12``, or that the rule was learned."""
    return "learned" if rule.span == NOWHERE else f"{rule.span.file}:{rule.span.line}"


def joined(parts: Iterable[ErrorRules], percept: str) -> ErrorRules:
    """All rules of several objects as one."""
    found = list(parts)
    rules = tuple(rule for part in found for rule in part.rules)
    return ErrorRules(percept, rules, tuple(entry for part in found for entry in part.learned))
