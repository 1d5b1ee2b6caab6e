"""Problems drawn at random, and what they amount to by trying every hypothesis."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from hypothesis import strategies as st

from nesy.abduction.predictions import ABSTAINED, Predictions
from nesy.abduction.problem import AbductionProblem, Pair

TOLERANCE = 1e-9


def draw_problem(
    seed: int,
    *,
    objects: int = 9,
    models: int = 3,
    classes: int = 3,
    epsilons: tuple[float, ...] = (0.0,),
    bound: float = 0.2,
    denominator: str = "objects",
    nested: bool = True,
    graph: str = "different",
    required: int = 0,
    forbidden: int = 0,
) -> AbductionProblem:
    """A problem with few objects; ``graph`` tells which classes are incompatible: all different ones, or some."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, objects)
    guess = random.integers(0, classes, (objects, models))
    labels = np.where(random.random((objects, models)) < 0.6, truth[:, None], guess)
    labels[random.random((objects, models)) < 0.25] = ABSTAINED
    confidence = np.where(labels == ABSTAINED, 0.0, random.integers(1, 10, (objects, models)) / 10)
    if nested:
        flagged = np.array([confidence <= epsilon for epsilon in epsilons])
    else:
        flagged = random.random((len(epsilons), objects, models)) < 0.3
    incompatible = ~np.eye(classes, dtype=bool)
    if graph == "some":
        some = np.triu(random.random((classes, classes)) < 0.6, 1)
        incompatible = some | some.T
    pairs = [(m, c) for m in range(models) for c in range(classes)]
    picked = [pairs[place] for place in random.permutation(len(pairs))[: required + forbidden]]
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
        incompatible,
        bound,
        denominator,  # type: ignore[arg-type]
        required=tuple(picked[:required]),
        forbidden=tuple(picked[required:]),
    )


@st.composite
def problems(draw: st.DrawFn, *, largest: int = 12) -> AbductionProblem:
    """Small problems of all kinds; at most 2^``largest`` hypotheses, about."""
    epsilons = draw(st.sampled_from([(0.0,), (0.0, 0.2), (0.0, 0.2, 0.5)]))
    models = draw(st.integers(1, 4))
    most = max(1, int(largest / models / np.log2(len(epsilons) + 1)))
    return draw_problem(
        draw(st.integers(0, 10**6)),
        objects=draw(st.integers(0, 12)),
        models=models,
        classes=draw(st.integers(1, min(4, most))),
        epsilons=epsilons,
        bound=draw(st.sampled_from([0.0, 0.05, 0.1, 0.2, 1 / 3, 0.5, 1.0])),
        denominator=draw(st.sampled_from(["objects", "covered", "denials"])),
        nested=draw(st.booleans()),
        graph=draw(st.sampled_from(["different", "some"])),
        required=draw(st.sampled_from([0, 0, 1, 2])),
        forbidden=draw(st.sampled_from([0, 0, 1])),
    )


def hypotheses(problem: AbductionProblem) -> Iterator[dict[Pair, int]]:
    """Every hypothesis: accepted pairs with the places of their budgets."""
    _, models, classes = problem.predictions.shape
    pairs = [(m, c) for m in range(models) for c in range(classes)]
    budgets = range(len(problem.epsilons))
    ranges = []
    for pair in pairs:
        free = [None] if pair in problem.forbidden else [None, *budgets]
        ranges.append([*budgets] if pair in problem.required else free)
    for choice in product(*ranges):
        yield {pair: place for pair, place in zip(pairs, choice, strict=True) if place is not None}


def measured(problem: AbductionProblem, accepted: dict[Pair, int]) -> tuple[int, int, float]:
    """Covered objects, violations and the rate, object by object, straight from the definitions."""
    objects, models, classes = problem.predictions.shape
    covered = violations = 0
    for row in range(objects):
        labels = set()
        for model in range(models):
            label = int(problem.predictions.labels[row, model])
            if (model, label) in accepted and not problem.flagged[accepted[model, label], row, model]:
                labels.add(label)
        covered += bool(labels)
        apart = sum(bool(problem.incompatible[c, d]) for c in labels for d in labels if c < d)
        violations += apart if problem.denominator == "denials" else apart > 0
    denials = sum(bool(problem.incompatible[c, d]) for c in range(classes) for d in range(c))
    total = {"objects": objects, "covered": covered, "denials": objects * denials}[problem.denominator]
    return covered, violations, violations / total if total else 0.0


def most_covered(problem: AbductionProblem) -> int | None:
    """The greatest coverage within the bound; None if there is no hypothesis."""
    best = None
    for accepted in hypotheses(problem):
        covered, _, rate = measured(problem, accepted)
        if rate <= problem.bound + TOLERANCE and (best is None or covered > best):
            best = covered
    return best
