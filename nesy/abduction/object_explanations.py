"""Why an object has its label: what became of each model's prediction, with the rule that flags it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nesy.abduction.contributions import PairContribution
from nesy.abduction.error_rules.readable import evaluated
from nesy.abduction.error_rules.surroundings import Surroundings
from nesy.abduction.hypothesis import Hypothesis
from nesy.abduction.problem import AbductionProblem
from nesy.dsl.values import Value, format_value

Fate = Literal["kept", "agrees", "overruled", "flagged", "not accepted", "left out", "silent"]
"""What became of a prediction: it gave the label; it stands and says the same; another model was more confident; an
error rule flags it; its pair is not accepted; the scene has no place for it; the model said nothing."""


@dataclass(frozen=True, slots=True)
class RuleFired:
    """An error rule that flags a prediction: its text and origin, and what its conditions compare, with the values."""

    text: str
    origin: str
    values: str


@dataclass(frozen=True, slots=True)
class PredictionFate:
    """What became of one model's prediction."""

    model: str
    label: Value | None
    confidence: float
    fate: Fate
    rules: tuple[RuleFired, ...] = ()
    price: str = ""
    """Of a prediction that is not accepted: what accepting all such predictions would bring and cost."""


@dataclass(frozen=True)
class ObjectExplanation:
    """The label of an object and how it came about."""

    name: str
    label: Value | None
    support: str | None
    inconsistent: bool
    fates: tuple[PredictionFate, ...]
    violations: tuple[str, ...]

    def text(self) -> str:
        """A few lines to read."""
        return "\n".join(_lines(self))

    def to_json(self) -> dict[str, object]:
        """Plain data."""
        from nesy.solvers.answer import json_value

        return {
            "object": self.name,
            "label": json_value(self.label),
            "support": self.support,
            "inconsistent": self.inconsistent,
            "predictions": [
                {
                    "model": fate.model,
                    "label": json_value(fate.label),
                    "confidence": fate.confidence,
                    "fate": fate.fate,
                    "rules": [{"rule": rule.text, "origin": rule.origin, "values": rule.values} for rule in fate.rules],
                }
                for fate in self.fates
            ],
            "violations": list(self.violations),
        }


def explain_object(
    problem: AbductionProblem,
    hypothesis: Hypothesis,
    surroundings: Surroundings,
    pairs: Sequence[PairContribution],
    row: int,
    named: Callable[[str], str] = str,
) -> ObjectExplanation:
    """The explanation of the object in ``row``; ``pairs`` say what became of all predictions.

    ``named`` gives the name under which a violated constraint is shown.
    """
    predictions = problem.predictions
    support = int(hypothesis.support[row])
    label = int(hypothesis.labels[row])
    prices = {(pair.model, pair.label): pair.price for pair in pairs}
    fates = tuple(_fates(problem, hypothesis, surroundings, prices, row))
    violations = tuple(
        f"{named(violation.constraint)}: {_witnesses(problem, violation.witnesses)}"
        for violation in hypothesis.violations
        if any(witness == row for witness, _ in violation.witnesses)
    )
    return ObjectExplanation(
        predictions.objects[row],
        predictions.classes[label] if label >= 0 else None,
        predictions.models[support] if support >= 0 else None,
        bool(len(hypothesis.inconsistent)) and row in hypothesis.inconsistent[:, 0],
        fates,
        violations,
    )


def _witnesses(problem: AbductionProblem, witnesses: tuple[tuple[int, int], ...]) -> str:
    predictions = problem.predictions
    return ", ".join(
        f"{predictions.objects[row]} is {format_value(predictions.classes[predictions.labels[row, model]])} "
        f"({predictions.models[model]})"
        for row, model in witnesses
    )


def _fates(
    problem: AbductionProblem,
    hypothesis: Hypothesis,
    surroundings: Surroundings,
    prices: Mapping[tuple[int, int], str],
    row: int,
) -> Iterator[PredictionFate]:
    predictions = problem.predictions
    for place, model in enumerate(predictions.models):
        label = int(predictions.labels[row, place])
        confidence = float(predictions.confidence[row, place])
        if label < 0:
            yield PredictionFate(model, None, 0.0, "silent")
            continue
        value = predictions.classes[label]
        epsilon = hypothesis.accepted.get((place, label))
        budget = 0 if epsilon is None else problem.epsilons.index(epsilon)
        rules = tuple(_fired(problem, surroundings, row, place, budget))
        if problem.flagged[budget, row, place]:
            yield PredictionFate(model, value, confidence, "flagged", rules)
        elif epsilon is None:
            yield PredictionFate(model, value, confidence, "not accepted", (), prices[place, label])
        elif hypothesis.support[row] == place:
            yield PredictionFate(model, value, confidence, "kept")
        elif hypothesis.labels[row] == label:
            yield PredictionFate(model, value, confidence, "agrees")
        elif hypothesis.labels[row] >= 0:
            yield PredictionFate(model, value, confidence, "overruled")
        else:
            yield PredictionFate(model, value, confidence, "left out")


def _fired(
    problem: AbductionProblem, surroundings: Surroundings, row: int, model: int, budget: int
) -> Iterator[RuleFired]:
    for reason in problem.reasons:
        if reason.model == model and budget in reason.epsilons and _holds(reason.objects, row):
            yield RuleFired(reason.text, reason.origin, evaluated(reason.text, surroundings, row))


def _holds(rows: np.ndarray, row: int) -> bool:
    place = int(np.searchsorted(rows, row))
    return place < len(rows) and int(rows[place]) == row


# ----- words


def _lines(found: ObjectExplanation) -> Iterator[str]:
    if found.label is None:
        yield f"{found.name}: no label"
    else:
        yield f"{found.name}: {format_value(found.label)}, by {found.support}"
    for fate in found.fates:
        yield f"  {_sentence(fate, found)}"
        for rule in fate.rules:
            yield f"      {rule.origin}: {rule.text}"
    if found.inconsistent:
        yield "  the labels that it keeps contradict one another"
    for violation in found.violations:
        yield f"  a constraint does not hold: {violation}"


def _sentence(fate: PredictionFate, found: ObjectExplanation) -> str:
    if fate.label is None:
        return f"{fate.model} says nothing"
    said = f"{fate.model}'s {format_value(fate.label)} ({fate.confidence:.3g})"
    match fate.fate:
        case "flagged":
            values = "; ".join(dict.fromkeys(rule.values for rule in fate.rules if rule.values))
            many = "an error rule" if len(fate.rules) == 1 else f"{len(fate.rules)} error rules"
            return f"{said} rejected: {many}{f' ({values})' if values else ''}"
        case "not accepted":
            believed = f"{fate.model} is not believed about {format_value(fate.label)} ({fate.price})"
            return f"{said} says the same; {believed}" if fate.label == found.label else f"{said} rejected: {believed}"
        case "kept":
            return f"{said} kept"
        case "agrees":
            return f"{said} stands and says the same"
        case "overruled":
            return f"{said} overruled by {found.support}"
        case "left out":
            return f"{said} stands, but the object gets no label in its scene"
        case _:
            return said
