"""The report of an abduction as plain data: what ``nesy abduce --json`` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from nesy.dsl.values import format_value
from nesy.solvers.answer import Status, json_value

if TYPE_CHECKING:
    from nesy.abduction.metrics import Scores
    from nesy.abduction.result import Abduction
    from nesy.abduction.staircase import Staircase


def report_to_json(found: Abduction, objects: Sequence[str] | None = None) -> dict[str, object]:
    """Everything that the report says; objects are named, models and classes as well."""
    hypothesis, problem = found.hypothesis, found.problem
    predictions = problem.predictions
    names = [*map(format_value, predictions.classes)]
    report: dict[str, object] = {
        "status": str(hypothesis.status),
        "method": hypothesis.method,
        "objects": len(predictions.objects),
        "covered": hypothesis.covered,
        "bound": hypothesis.bound,
        "gap": hypothesis.gap,
        "inconsistency": hypothesis.rate,
        "max_inconsistency": problem.bound,
        "denominator": problem.denominator,
        "seconds": hypothesis.seconds,
        "digest": hypothesis.digest,
        "accepted": [
            {"model": predictions.models[model], "class": names[label], "budget": epsilon}
            for (model, label), epsilon in sorted(hypothesis.accepted.items())
        ],
        "pairs": [_named(asdict(pair), predictions.models, names) for pair in found.pairs],
        "models": [_named(asdict(entry), predictions.models, names) for entry in found.models],
        "rules": [
            {
                "rule": reason.text,
                "origin": reason.origin,
                "budgets": [problem.epsilons[place] for place in reason.epsilons],
                "flags": len(reason.objects),
            }
            for reason in problem.reasons
        ],
        "conflicts": conflicts(found),
        "labels": {name: json_value(label) for name, label in found.labels.items()},
    }
    if hypothesis.status is Status.INFEASIBLE and hypothesis.demands is not None:
        report["demands"] = {
            "least": hypothesis.demands.least,
            "conflict": [
                {"model": predictions.models[model], "class": names[label]}
                for model, label in hypothesis.demands.conflict
            ],
        }
    if found.truth is not None:
        report["scores"] = {name: _scores(scores, names) for name, scores in found.scores().items()}
    if objects is not None:
        report["explanations"] = [found.explain(name).to_json() for name in objects]
    return report


def staircase_to_json(found: Abduction, stairs: Staircase) -> dict[str, object]:
    """The steps of the staircase, their pairs named."""
    predictions = found.problem.predictions
    names = [*map(format_value, predictions.classes)]
    steps = [
        {
            "inconsistency": step.rate,
            "violations": step.violations,
            "covered": step.covered,
            "bound": step.bound,
            "accepted": [
                {"model": predictions.models[model], "class": names[label], "budget": epsilon}
                for (model, label), epsilon in sorted(step.accepted.items())
            ],
        }
        for step in stairs.steps
    ]
    return {"steps": steps, "most": stairs.most, "complete": stairs.complete}


def conflicts(found: Abduction) -> list[dict[str, object]]:
    """The objects that keep contradicting labels, and the constraints that do not hold, each with its witnesses."""
    predictions = found.problem.predictions
    names = [*map(format_value, predictions.classes)]

    def witness(row: int, model: int) -> dict[str, object]:
        return {
            "object": predictions.objects[row],
            "model": predictions.models[model],
            "class": names[predictions.labels[row, model]],
        }

    entries: list[dict[str, object]] = [
        {"constraint": "labels of one object", "witnesses": [witness(row, one), witness(row, other)]}
        for row, one, other in np.asarray(found.hypothesis.inconsistent).tolist()
    ]
    entries += [
        {
            "constraint": found.named(violation.constraint),
            "witnesses": [witness(*entry) for entry in violation.witnesses],
        }
        for violation in found.hypothesis.violations
    ]
    return entries


def _named(entry: dict[str, Any], models: Sequence[str], names: Sequence[str]) -> dict[str, object]:
    found = dict(entry) | {"model": models[entry["model"]]}
    if "label" in found:
        found["class"] = names[found.pop("label")]
        found["budget"] = found.pop("epsilon")
    return found


def _scores(scores: Scores, names: Sequence[str]) -> dict[str, object]:
    by_class = dict(zip(names, map(_plain, scores.class_f1.tolist()), strict=True))
    plain = {name: _plain(getattr(scores, name)) for name in ("f1", "accuracy", "coverage")}
    return {**plain, "class_f1": by_class}


def _plain(number: float) -> float | None:
    """nan as None, which JSON has."""
    return None if isnan(number) else number
