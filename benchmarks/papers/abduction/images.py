"""Images of one run: three pools that share nothing, scenes drawn from them, corruptions, and what specialists see."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.papers.abduction.settings import CLEAN, WEATHERS, Data
from nesy.perception.corruptions import corrupt_images, random_intensities
from nesy.perception.datasets import Split, load_dataset

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Batch:
    """Images ``[N, 28, 28]``, the places of their classes in ``Data.classes`` [N], and their scenes [N], if any."""

    images: Bytes
    truth: Integers
    scene: Integers

    def __len__(self) -> int:
        return len(self.truth)


@cache
def pool(data: Data, split: Split) -> tuple[Bytes, Integers]:
    """All images of the four classes in one split of the data set; labels are places in ``data.classes``."""
    whole = load_dataset(data.name, split)
    chosen = np.flatnonzero(np.isin(whole.labels, data.classes))
    return whole.images[chosen], np.searchsorted(data.classes, whole.labels[chosen])


def draw(data: Data, split: Split, count: int, generator: np.random.Generator) -> Batch:
    """``count`` different images."""
    images, labels = pool(data, split)
    places = generator.permutation(len(labels))[:count]
    return Batch(images[places], labels[places], np.zeros(0, dtype=np.int64))


def draw_scenes(data: Data, split: Split, count: int, generator: np.random.Generator) -> Batch:
    """``count`` scenes of one image of every class, in random order; no image occurs twice."""
    images, labels = pool(data, split)
    classes = len(data.classes)
    columns = [generator.permutation(np.flatnonzero(labels == label))[:count] for label in range(classes)]
    places = generator.permuted(np.stack(columns, 1), axis=1).reshape(-1)
    return Batch(images[places], labels[places], np.repeat(np.arange(count), classes))


def in_weather(images: Bytes, weather: str, low: float, high: float, seed: tuple[int, ...]) -> Bytes:
    """All images in one weather, each at an intensity uniform in ``low`` … ``high``."""
    if weather == CLEAN:
        return images
    return corrupt_images(images, random_intensities(len(images), (weather,), low, high, seed), seed)


def in_any_weather(images: Bytes, high: float, seed: tuple[int, ...]) -> Bytes:
    """Each image in one of the six weathers at random, at an intensity of 0.2 to ``high``."""
    drawn = random_intensities(len(images), WEATHERS, 0.2, high, seed)
    return corrupt_images(images, {kind: amounts for kind, amounts in drawn.items() if kind != CLEAN}, seed)


def in_source_weather(images: Bytes, weather: str, seed: tuple[int, ...]) -> Bytes:
    """What a specialist of ``weather`` grows up with: 70 % of the images in it at 0.2 to 0.7, the others in any other
    weather at 0 to 0.3."""
    own = np.random.default_rng(seed).random(len(images)) < 0.7
    found = images.copy()
    found[own] = in_weather(images[own], weather, 0.2, 0.7, (*seed, 1))
    others = tuple(other for other in WEATHERS if other != weather)
    drawn = random_intensities(int((~own).sum()), others, 0.0, 0.3, (*seed, 2))
    mild = {kind: amounts for kind, amounts in drawn.items() if kind != CLEAN}
    found[~own] = corrupt_images(images[~own], mild, (*seed, 3))
    return found


def pixels(images: Bytes) -> Floats:
    """Means of 2×2 pixels on the 0 … 1 scale, flat: ``[N, 196]``."""
    count, height, width = images.shape
    return images.reshape(count, height // 2, 2, width // 2, 2).mean((2, 4)).reshape(count, -1) / 255


def statistics(images: Bytes) -> dict[str, Floats]:
    """Figures of each image that its error rules may look at, each ``[N]``, on the 0 … 1 scale."""
    shown = images / 255
    gradient = np.abs(np.diff(shown, axis=1)).mean((1, 2)) + np.abs(np.diff(shown, axis=2)).mean((1, 2))
    return {
        "brightness": shown.mean((1, 2)),
        "contrast": shown.std((1, 2)),
        "gradient": gradient,
        "darkest": shown.min((1, 2)),
        "top": shown[:, :4].mean((1, 2)),
    }
