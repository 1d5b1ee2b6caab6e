"""Scenes drawn at random, and what they amount to by trying every labelling."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from hypothesis import strategies as st

from nesy.abduction.predictions import ABSTAINED, Predictions
from nesy.abduction.problem import AbductionProblem, AtMost, Denial, Scenes

TOLERANCE = 1e-6


def draw_scenes(
    seed: int,
    *,
    objects: int = 8,
    models: int = 3,
    classes: int = 3,
    scenes: int = 3,
    different: float = 1.0,
    at_most: int = 0,
    denials: int = 0,
    bound: float = 0.0,
    denominator: str = "objects",
    epsilons: tuple[float, ...] = (0.0,),
    weighted: bool = False,
) -> AbductionProblem:
    """Scenes of a few objects, some of which have different labels, with other constraints within or across scenes."""
    random = np.random.default_rng(seed)
    labels = random.integers(-1, classes, (objects, models))
    confidence = np.where(labels == ABSTAINED, 0.0, random.integers(1, 10, (objects, models)) / 10)
    flagged = random.random((len(epsilons), objects, models)) < 0.1

    def some(number: int) -> frozenset[int]:
        return frozenset(random.choice(number, random.integers(1, number + 1), replace=False).tolist())

    few = []
    for _ in range(at_most):
        members = tuple(sorted(some(objects)))
        few.append(AtMost(members, some(classes), int(random.integers(0, len(members))), "few"))
    bodies = [
        tuple((int(random.integers(objects)), some(classes)) for _ in range(random.integers(1, 4)))
        for _ in range(denials)
    ]
    return AbductionProblem(
        Predictions(
            tuple(f"o{place}" for place in range(objects)),
            tuple(f"m{place}" for place in range(models)),
            tuple(range(classes)),
            labels,
            confidence,
        ),
        epsilons,
        flagged,
        ~np.eye(classes, dtype=bool),
        bound,
        denominator,  # type: ignore[arg-type]
        scenes=Scenes(
            random.integers(0, scenes, objects),
            random.random(scenes) < different,
            tuple(few),
            tuple(Denial(body, "rules.nesy:3") for body in bodies),
            np.round(random.normal(0, 2, (objects, classes)), 2) if weighted else None,
        ),
    )


@st.composite
def scene_problems(draw: st.DrawFn) -> AbductionProblem:
    """Small scenes of all kinds."""
    objects = draw(st.integers(1, 6))
    return draw_scenes(
        draw(st.integers(0, 10**6)),
        objects=objects,
        models=draw(st.integers(1, 3)),
        classes=draw(st.integers(1, 4)),
        scenes=draw(st.integers(1, 3)),
        different=draw(st.sampled_from([0.0, 0.7, 1.0])),
        at_most=draw(st.integers(0, 2)),
        denials=draw(st.integers(0, 3)),
        bound=draw(st.sampled_from([0.0, 0.02, 0.1, 0.34, 0.5, 1.0])),
        denominator=draw(st.sampled_from(["objects", "covered", "denials"])),
        weighted=draw(st.booleans()),
    )


def supports(problem: AbductionProblem) -> list[dict[int, float]]:
    """For each object the labels that an unflagged prediction supports, with their weights; one budget only."""
    scenes, predictions = problem.scenes, problem.predictions
    assert scenes is not None
    found = []
    for row, said in enumerate(predictions.labels):
        options: dict[int, float] = {}
        for model, label in enumerate(said):
            if label != ABSTAINED and not problem.flagged[0, row, model] and (model, label) not in problem.forbidden:
                weight = predictions.confidence[row, model] if scenes.weights is None else scenes.weights[row, label]
                options[int(label)] = max(options.get(int(label), -np.inf), float(weight))
        found.append(options)
    return found


def scene_rate(problem: AbductionProblem, labels: tuple[int, ...]) -> float:
    """The rate of inconsistency of a labelling, from the definitions."""
    scenes = problem.scenes
    assert scenes is not None
    number, classes = len(scenes.all_different), len(problem.predictions.classes)
    violated: set[int] = set()
    count = total = 0
    for scene in range(number):
        members = [row for row in range(len(labels)) if scenes.scene[row] == scene]
        if scenes.all_different[scene]:
            total += len(members) * (len(members) - 1) // 2 * classes
            for one, other in combinations(members, 2):
                if labels[one] == labels[other] != ABSTAINED:
                    count += 1
                    violated.add(scene)
    for most in scenes.at_most:
        total += 1
        if sum(labels[row] in most.classes for row in most.objects) > most.k:
            count += 1
            violated.add(int(scenes.scene[most.objects[0]]))
    for denial in scenes.denials:
        total += 1
        if all(labels[row] in group for row, group in denial.body):
            count += 1
            violated.add(int(scenes.scene[denial.body[0][0]]))
    if problem.denominator == "denials":
        return count / total if total else 0.0
    if problem.denominator == "covered":
        number = len({int(scenes.scene[row]) for row, options in enumerate(supports(problem)) if options})
    return len(violated) / number if number else 0.0


def best_labelling(problem: AbductionProblem) -> tuple[int, float]:
    """The greatest coverage within the bound, and the greatest sum of weights among those that reach it."""
    options = supports(problem)
    best = (-1, 0.0)
    for labels in product(*([ABSTAINED, *sorted(mine)] for mine in options)):
        if scene_rate(problem, labels) <= problem.bound + 1e-9:
            covered = sum(label != ABSTAINED for label in labels)
            weight = sum(mine[label] for mine, label in zip(options, labels, strict=True) if label != ABSTAINED)
            best = max(best, (covered, weight))
    return best
