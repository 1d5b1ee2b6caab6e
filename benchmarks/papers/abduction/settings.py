"""What is varied: data, regimes, specialists, test sets, grids. It was fixed before the test sets were looked at."""

from __future__ import annotations

from dataclasses import dataclass

from nesy.perception.corruptions import KINDS

CLEAN = "clean"
WEATHERS = (CLEAN, *KINDS)
"""One specialist for each."""

SEEDS = 4
"""Draws of everything: images, specialists, corruptions."""

EPSILONS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
DELTAS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 1.0)
PILOT = (0.02, 0.2)
"""Recall budgets and bounds on inconsistency among which a run chooses, and the fixed pair of an earlier study."""

STEPS, FEW_STEPS = 1000, 200
"""Steps of training; the few are those of regime D."""

EACH = -1.0
"""In place of a recall budget: abduction chooses one for every pair that it accepts."""

SOURCE_IMAGES = 800
"""Held-out images, in its own weather, from which the error rules of a specialist are learned."""

SET_SCENES, MIX_SCENES = 250, 125
"""Scenes in a test set and in a held-out mix; a scene shows every class once."""


@dataclass(frozen=True, slots=True)
class Data:
    """Four classes of a data set of 28×28 images."""

    name: str
    title: str
    classes: tuple[int, ...]


DATA = (
    Data("mnist", "MNIST, digits 3, 5, 8, 9", (3, 5, 8, 9)),
    Data("fashion-mnist", "Fashion-MNIST, T-shirt, pullover, dress, bag", (0, 2, 3, 8)),
)
"""The clothes are as well told apart, in good weather, as the digits."""


@dataclass(frozen=True, slots=True)
class Regime:
    """How models behave: ``images`` they are trained on, the confidence below which they say nothing, the intensity
    of a single corruption in the test sets (several corruptions are weaker in proportion), ``steps`` of training."""

    name: str
    images: int
    threshold: float
    intensity: float
    steps: int = STEPS


REGIMES = (
    Regime("A", 500, 0.95, 0.8),
    Regime("B", 500, 0.8, 0.8),
    Regime("C", 2000, 0.0, 0.9),
    Regime("D", 500, 0.95, 0.8, FEW_STEPS),
)
"""A: like a detector, which misses much and errs seldom. B: between. C: a classifier that always answers. D: as A, but
silent as often as the paper's detectors seem to be."""

SHARE = {1: 1.0, 2: 0.6, 3: 0.4, 4: 0.4}
"""Each corruption's part of the intensity of a single one, by the number of corruptions: 0.8, 0.48, 0.32, 0.32."""

TEST_SETS: dict[str, tuple[str, ...] | None] = {
    "MDS-A 1": None,
    "MDS-A 2": None,
    "MDS-A 3": None,
    "UM 1": ("rotation",),
    "UM 2": ("occlusion",),
    "UM 3": ("fog",),
    "UM 4": ("noise",),
    "BM 1": ("rotation", "fog"),
    "BM 2": ("blur", "noise"),
    "BM 3": ("occlusion", "noise"),
    "BM 4": ("rotation", "blur"),
    "MM 1": ("rotation", "occlusion", "fog"),
    "MM 2": ("blur", "fog", "noise"),
    "MM 3": ("rotation", "occlusion", "noise"),
    "MM 4": ("rotation", "occlusion", "blur", "noise"),
}
"""Corruptions by test set; None: each image has one of the six weathers at random, at an intensity of 0.2 to the
regime's."""

CEILING = "right where any model is"
"""What no way to choose among the predictions of an object can exceed; it knows the truth."""

COMPARED = (
    ("IP + tie-breaker", "best single model"),
    ("IP + tie-breaker", "accept all + tie-breaker"),
    ("heuristic + tie-breaker", "IP + tie-breaker"),
    ("scenes", "accept all + tie-breaker"),
    ("scenes", "best single model"),
)
"""Pairs of methods whose difference gets a bootstrap interval."""
