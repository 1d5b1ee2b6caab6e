"""The committees: the mean of what the calibrated networks of all ten runs say, or the wide networks of some runs.

Every network has its own 50,000 of MNIST's 60,000 training images, so each image was held out by some of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.papers.pinesy.networks import readings_of
from benchmarks.papers.pinesy.problems import RUNS, WIDE_MEMBERS, Images
from benchmarks.papers.pinesy.splits import Part, mnist_test, mnist_training

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Committee:
    """Probabilities of all images ``[images, 10]``.

    ``held_out``: for each training image the mean over the networks that did not train on it (over all of
    them where every network trained on it: ``covered`` is False there).
    """

    everything: Floats
    held_out: Floats
    covered: NDArray[np.bool_]
    test: Floats
    seconds: float

    def at(self, part: Part, places: NDArray[np.int64], classes: int) -> Floats:
        """Probabilities of the images at ``places``, given that they show one of the first ``classes`` digits.

        Rules learn from what all networks say of the training images; validation images are read by the networks that
        did not see them, as far as there are any.
        """
        source = {"train": self.everything, "validation": self.held_out, "test": self.test}[part]
        found = source[places][..., :classes]
        return np.asarray(found / found.sum(-1, keepdims=True))


def members(images: Images) -> int:
    """The number of networks of a committee."""
    return WIDE_MEMBERS if images.wide else RUNS


@cache
def committee(images: Images) -> Committee:
    """The committee of the networks for ``images`` (of digits); trains what is not there yet."""
    count = len(mnist_training())
    everything, held_out = np.zeros((count, 10)), np.zeros((count, 10))
    voters = np.zeros(count)
    test = np.zeros((len(mnist_test()), 10))
    seconds = 0.0
    for run in range(members(images)):
        readings = readings_of(images, run)
        for part in ("train", "validation"):
            everything[readings.places[part]] += readings.probabilities[part]
        held_out[readings.places["validation"]] += readings.probabilities["validation"]
        voters[readings.places["validation"]] += 1
        test += readings.probabilities["test"]
        seconds += readings.seconds
    covered = voters > 0
    everything /= members(images)
    held_out[covered] /= voters[covered, None]
    held_out[~covered] = everything[~covered]
    return Committee(everything, held_out, covered, test / members(images), seconds)
