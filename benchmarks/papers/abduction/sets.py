"""The fifteen test sets of a run, and the held-out mixes on which ε and δ are chosen."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from benchmarks.papers.abduction.images import Batch, draw_scenes, in_any_weather
from benchmarks.papers.abduction.settings import MIX_SCENES, SET_SCENES, SHARE, TEST_SETS, Data, Regime
from nesy.perception.corruptions import KINDS, corrupt_images
from nesy.perception.datasets import Split

MIXED = (1, 2, 3, 4)
"""How many corruptions each of the held-out mixes has."""


def test_set(data: Data, regime: Regime, name: str, seed: int, split: Split) -> Batch:
    """One test set: images of one split, none twice."""
    key = (seed, 100 + list(TEST_SETS).index(name))
    drawn = draw_scenes(data, split, SET_SCENES, np.random.default_rng(key))
    kinds = TEST_SETS[name]
    if kinds is None:
        images = in_any_weather(drawn.images, regime.intensity, key)
    else:
        intensity = regime.intensity * SHARE[len(kinds)]
        images = corrupt_images(drawn.images, dict.fromkeys(kinds, intensity), key)
    return Batch(images, drawn.truth, drawn.scene)


def held_out_mixes(data: Data, regime: Regime, seed: int) -> tuple[Batch, ...]:
    """Validation images in combinations of corruptions that no test set has, at 0.7 to 1.1 times their intensities."""
    generator = np.random.default_rng((seed, 50))
    tested = set(TEST_SETS.values())
    found = []
    for place, count in enumerate(MIXED):
        free = [kinds for kinds in combinations(KINDS, count) if kinds not in tested]
        kinds = free[int(generator.integers(len(free)))]
        intensity = min(1.0, regime.intensity * SHARE[count] * generator.uniform(0.7, 1.1))
        drawn = draw_scenes(data, "validation", MIX_SCENES, generator)
        images = corrupt_images(drawn.images, dict.fromkeys(kinds, intensity), (seed, 51 + place))
        found.append(Batch(images, drawn.truth, drawn.scene))
    return tuple(found)
