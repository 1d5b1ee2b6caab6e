"""What a demonstration sees with: a data set of digits and a network that reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from nesy.dsl.diagnostics import NesyError
from nesy.perception.datasets import Dataset, load_dataset
from nesy.perception.downloads import locate
from nesy.perception.linear import linear_perceiver
from nesy.perception.progress import Progress, Silent
from nesy.perception.protocol import Perceiver, PerceiverOptions
from nesy.perception.sources import find_source
from nesy.perception.trained import measure, pretrained

Choice: TypeAlias = Literal["mnist", "digits"]

FEW_IMAGES = 400
"""Training images of the weak reader."""

_MEASURED = 1000
"""Test images on which the network is measured at most: enough for a percentage, quick enough for every run."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """Test images and a perceiver that was trained on others; the texts say which, why these, and how good."""

    images: Dataset
    perceiver: Perceiver
    data: str
    reason: str
    network: str
    accuracy: str


def open_eyes(choice: Choice | None, folder: Path | None, progress: Progress | None = None) -> Eyes:
    """Load the data set and the network, which is trained now if its weights are not in the cache.

    ``choice`` None takes MNIST where its files are found on this machine (``folder``, ``NESY_DATA``, the cache), and
    scikit-learn's digits otherwise. ``mnist`` may download; the digits stand in where that fails.
    """
    name, reason = find_images(choice, folder, progress)
    images = load_dataset(name, "test", folder=folder, download=False)
    options = PerceiverOptions(data=folder, progress=progress or Silent())
    perceiver = pretrained(name, options)
    sample = images
    if len(images) > _MEASURED:
        sample = images.take(np.random.default_rng(0).permutation(len(images))[:_MEASURED])
    measured = measure(perceiver, sample)
    return Eyes(
        images,
        perceiver,
        data=find_source(name).title,
        reason=reason,
        network=f"'{perceiver.name}' of nesy",
        accuracy=f"{round(measured.accuracy * measured.images)} of {measured.images} test images read right",
    )


def weak_reader(eyes: Eyes, folder: Path | None, seed: int) -> Perceiver:
    """A linear reader trained on few images of the data set that ``eyes`` has, which errs often enough to be helped."""
    images = load_dataset(eyes.images.name, "train", folder=folder, download=False)
    return linear_perceiver(images, count=FEW_IMAGES, seed=seed)


def find_images(choice: Choice | None, folder: Path | None, progress: Progress | None = None) -> tuple[Choice, str]:
    """Which data set to take, and the reason in words."""
    if choice == "digits":
        return "digits", "as asked, bundled with scikit-learn"
    try:
        paths = locate(find_source("mnist"), folder, download=choice == "mnist", progress=progress)
        return "mnist", f"found in {paths[0].parent}"
    except NesyError as problem:
        if problem.diagnostics[0].code != "E461":
            raise
    if choice == "mnist":
        return "digits", "MNIST is neither on this machine nor to be downloaded now; these come with scikit-learn"
    return "digits", "MNIST is not on this machine, and --data mnist would fetch it; these come with scikit-learn"
