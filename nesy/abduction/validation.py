"""Problems and options that make no sense are refused before anything is solved."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from nesy.abduction.problem import AbductionProblem, Pair, Scenes
from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.dsl.values import format_value
from nesy.findings import Findings

DENOMINATORS = ("objects", "covered", "denials")

SOLVERS = ("cpsat", "cbc", "highs", "scip")
"""Solvers of integer programs."""

WORD = 62
"""Models, and budgets, are bits of a machine word."""


def check_problem(problem: AbductionProblem) -> None:
    """Raise NesyError: E580 for arrays that do not fit together or hold impossible numbers, E581 for demands."""
    found = Findings()
    _check_shapes(problem, found)
    found.raise_errors()
    _check_numbers(problem, found)
    _check_demands(problem, found)
    if problem.scenes is not None:
        _check_scenes(problem, problem.scenes, found)
    found.raise_errors()


def _check_shapes(problem: AbductionProblem, found: Findings) -> None:
    predictions = problem.predictions
    objects, models, classes = predictions.shape
    budgets = len(problem.epsilons)
    expected = {
        "labels": (predictions.labels, (objects, models)),
        "confidence": (predictions.confidence, (objects, models)),
        "flagged": (problem.flagged, (budgets, objects, models)),
        "incompatible": (problem.incompatible, (classes, classes)),
    }
    if problem.scenes is not None:
        expected["scene"] = (problem.scenes.scene, (objects,))
        if problem.scenes.weights is not None:
            expected["weights"] = (problem.scenes.weights, (objects, classes))
    for name, (array, shape) in expected.items():
        if np.shape(array) != shape:
            message = f"'{name}' has the shape {list(np.shape(array))}, expected {list(shape)}"
            found.add("E580", message, hint=f"{objects} objects, {models} models, {classes} classes", place=name)
    for name, number in (("models", models), ("epsilons", budgets)):
        if not 1 <= number <= WORD:
            found.add("E580", f"{number} {name}: from 1 to {WORD} can be taken", place=name)
    if classes < 1:
        found.add("E580", "no classes", place="classes")
    if (classes + 1) * 2**budgets * max(1, objects) >= 2**WORD:
        hint = "leave budgets out"
        found.add("E580", f"{budgets} budgets for {objects} objects are too many", hint=hint, place="epsilons")


def _check_numbers(problem: AbductionProblem, found: Findings) -> None:
    predictions = problem.predictions
    if not 0 <= problem.bound <= 1:
        hint = "it is a share: 0 allows no inconsistency, 1 any"
        found.add(
            "E580", f"the bound on inconsistency is {problem.bound}, not between 0 and 1", hint=hint, place="bound"
        )
    if problem.denominator not in DENOMINATORS:
        hint = f"one of {', '.join(DENOMINATORS)}"
        found.add("E580", f"'{problem.denominator}' is no denominator", hint=hint, place="denominator")
    if len(set(problem.epsilons)) < len(problem.epsilons) or not all(0 <= e <= 1 for e in problem.epsilons):
        message = f"recall budgets {list(problem.epsilons)}: they are different shares between 0 and 1"
        found.add("E580", message, place="epsilons")
    wrong = (predictions.labels < -1) | (predictions.labels >= len(predictions.classes))
    for row, column in np.argwhere(wrong)[: Findings.SHOWN]:
        message = f"label {predictions.labels[row, column]} of {len(predictions.classes)} classes"
        found.add("E580", message, hint="−1 stands for a model that abstains", place=_place(problem, row, column))
    confidence = predictions.confidence
    for row, column in np.argwhere(~((confidence >= 0) & (confidence <= 1)))[: Findings.SHOWN]:
        message = f"confidence {confidence[row, column]} is not between 0 and 1"
        found.add("E580", message, place=_place(problem, row, column))
    if not np.array_equal(problem.incompatible, problem.incompatible.T) or problem.incompatible.diagonal().any():
        message = "'incompatible' has to be symmetric, and a class is not incompatible with itself"
        found.add("E580", message, place="incompatible")


def _check_demands(problem: AbductionProblem, found: Findings) -> None:
    models, classes = problem.predictions.models, problem.predictions.classes
    for name, pairs in (("required", problem.required), ("forbidden", problem.forbidden)):
        for model, label in pairs:
            if not (0 <= model < len(models) and 0 <= label < len(classes)):
                message = f"({model}, {label}) is no pair of one of {len(models)} models and {len(classes)} classes"
                found.add("E581", message, place=name)
    for pair in sorted(set(problem.required) & set(problem.forbidden)):
        message = f"the pair {_named(problem, pair)} is required and forbidden"
        found.add("E581", message, hint="take it out of one of the two", place="required")


def _check_scenes(problem: AbductionProblem, scenes: Scenes, found: Findings) -> None:
    objects, _, classes = problem.predictions.shape
    number = len(scenes.all_different)
    wrong = np.flatnonzero((scenes.scene < 0) | (scenes.scene >= number))
    for row in wrong[: Findings.SHOWN]:
        message = f"object {problem.predictions.objects[row]} is in scene {scenes.scene[row]} of {number}"
        found.add("E580", message, place="scene")
    if scenes.weights is not None and not np.isfinite(scenes.weights).all():
        row, column = np.argwhere(~np.isfinite(scenes.weights))[0]
        found.add("E580", f"weight {scenes.weights[row, column]} is not finite", place=f"weights[{row}, {column}]")
    for place, most in enumerate(scenes.at_most):
        ill = len(set(most.objects)) < len(most.objects) or most.k < 0 or not most.objects
        if ill or not _known(most.objects, objects) or not _known(most.classes, classes):
            found.add("E580", f"'at most {most.k}' speaks of unknown or repeated objects", place=f"at_most[{place}]")
    for place, denial in enumerate(scenes.denials):
        known = _known([item for item, _ in denial.body], objects)
        if not denial.body or not known or not all(_known(group, classes) for _, group in denial.body):
            found.add("E580", "a denial is empty or speaks of unknown objects or classes", place=f"denials[{place}]")


def _known(places: Iterable[int], number: int) -> bool:
    return all(0 <= place < number for place in places)


def _named(problem: AbductionProblem, pair: Pair) -> str:
    model, label = pair
    return f"({problem.predictions.models[model]}, {format_value(problem.predictions.classes[label])})"


def _place(problem: AbductionProblem, row: int, column: int) -> str:
    return f"object {problem.predictions.objects[row]}, model {problem.predictions.models[column]}"


def check_options(method: str, methods: tuple[str, ...], time_limit: float | None, seed: int, workers: int) -> None:
    """E582 for an unknown method or an impossible number."""
    found = []
    if method not in methods:
        hint = did_you_mean(method, methods) or f"one of {', '.join(methods)}"
        found.append(
            Diagnostic("E582", f"there is no method '{method}' of abduction", hint=hint, place="option method")
        )
    if time_limit is not None and not (time_limit > 0 and math.isfinite(time_limit)):
        message = f"a time limit of {time_limit} s"
        found.append(Diagnostic("E582", message, hint="a positive number of seconds", place="option time_limit"))
    if not 0 <= seed < 2**31:
        found.append(Diagnostic("E582", f"seed {seed}", hint="an integer from 0 to 2147483647", place="option seed"))
    if workers < 1:
        found.append(Diagnostic("E582", f"{workers} workers", hint="at least one", place="option workers"))
    if found:
        raise NesyError(found)


def check_solver(name: str | None) -> None:
    """E582 for an unknown solver of integer programs."""
    if name is not None and name not in SOLVERS:
        hint = did_you_mean(name, SOLVERS) or f"one of {', '.join(SOLVERS)}"
        raise NesyError(Diagnostic("E582", f"there is no solver '{name}'", hint=hint, place="option solver"))
