"""Readings of many objects by specialists whose errors go together, as those of real networks do.

There are as many conditions (weathers) as models; each model was trained in one of them and is good there. An object
has a condition and a difficulty that all models feel, and in each condition every class is easily taken for one
certain other class: models that err mostly err alike. Models abstain where their confidence is low, each below its
own threshold.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nesy.abduction.predictions import ABSTAINED, Predictions
from nesy.abduction.problem import AbductionProblem, Denial, Scenes

ALIKE = 0.6
"""Share of the errors that are the usual confusion of the condition."""


def read(
    objects: int, models: int, classes: int, seed: int, *, abstaining: float = 0.4
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth [N], labels [N, F] and confidences [N, F]; about the share ``abstaining`` of the labels is −1."""
    random = np.random.default_rng([seed, objects, models, classes])
    truth = random.integers(0, classes, objects)
    condition = random.integers(0, models, objects)
    difficulty = random.random(objects)
    shift = random.integers(1, max(2, classes), (models, classes))
    usual = (truth + shift[condition, truth]) % classes
    labels = np.empty((objects, models), np.int64)
    confidence = np.empty((objects, models))
    for model in range(models):
        skill = np.where(condition == model, 0.9, random.uniform(0.35, 0.65, models)[condition])
        skill = np.clip(skill + random.uniform(-0.15, 0.1, classes)[truth], 0.05, 0.97)
        own = random.random(objects)
        felt = 0.6 * difficulty + 0.4 * own
        right = felt < skill
        stray = random.integers(0, classes, objects)
        labels[:, model] = np.where(right, truth, np.where(random.random(objects) < ALIKE, usual, stray))
        sure = 0.95 - 0.6 * np.abs(felt - np.where(right, 0.0, 1.0)) + random.normal(0, 0.08, objects)
        confidence[:, model] = np.clip(sure, 0.01, 0.999)
        silent = confidence[:, model] < np.quantile(confidence[:, model], random.uniform(0.5, 1.5) * abstaining)
        labels[silent, model] = ABSTAINED
        confidence[silent, model] = 0.0
    return truth, labels, confidence


def object_problem(
    objects: int, models: int, classes: int, seed: int, *, bound: float, epsilons: tuple[float, ...] = (0.0,)
) -> AbductionProblem:
    """One class for each object. A budget ε stands for a rule that flags the least confident predictions of a model."""
    _, labels, confidence = read(objects, models, classes, seed)
    flagged = np.zeros((len(epsilons), objects, models), np.bool_)
    for place, epsilon in enumerate(epsilons):
        for model in range(models):
            said = confidence[labels[:, model] != ABSTAINED, model]
            flagged[place, :, model] = confidence[:, model] < (np.quantile(said, 2 * epsilon) if epsilon else 0.0)
    return AbductionProblem(
        _predictions(labels, confidence, classes), epsilons, flagged, ~np.eye(classes, dtype=bool), bound
    )


def scene_problem(
    scenes: int, size: int, models: int, seed: int, *, bound: float, classes: int = 0
) -> AbductionProblem:
    """Scenes of ``size`` objects with different labels, of as many classes unless ``classes`` are given."""
    classes = classes or size
    objects = scenes * size
    _, labels, confidence = read(objects, models, classes, seed, abstaining=0.2)
    flagged = np.zeros((1, objects, models), np.bool_)
    place = np.repeat(np.arange(scenes), size)
    return AbductionProblem(
        _predictions(labels, confidence, classes),
        (0.0,),
        flagged,
        ~np.eye(classes, dtype=bool),
        bound,
        scenes=Scenes(place, np.ones(scenes, np.bool_)),
    )


def _predictions(labels: np.ndarray, confidence: np.ndarray, classes: int) -> Predictions:
    objects, models = labels.shape
    return Predictions(
        tuple(map(str, range(objects))),
        tuple(f"m{place + 1}" for place in range(models)),
        tuple(range(classes)),
        labels,
        confidence,
    )


def denied(problem: AbductionProblem, denials: int, seed: int) -> AbductionProblem:
    """So many denials in each scene: two objects that do not both have a label in two classes each, and the like."""
    scenes = problem.scenes
    assert scenes is not None
    random = np.random.default_rng(seed)
    size = int(np.count_nonzero(scenes.scene == 0))
    classes = len(problem.predictions.classes)
    found = []
    for scene in range(len(scenes.all_different)):
        for _ in range(denials):
            one, other = random.choice(size, 2, replace=False) + scene * size
            groups = [frozenset(random.choice(classes, 2, replace=False).tolist()) for _ in range(2)]
            found.append(Denial(((int(one), groups[0]), (int(other), groups[1])), "denial"))
    return replace(problem, scenes=replace(scenes, denials=tuple(found)))
