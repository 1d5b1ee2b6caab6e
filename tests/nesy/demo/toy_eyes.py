"""Eyes that need no training: images whose first pixel tells the digit, and a function that reads it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from nesy.demo.eyes import Eyes
from nesy.perception.adapters import function_perceiver
from nesy.perception.datasets import dataset_from_arrays

DOUBT = 0.06


def toy_eyes(*, confused: int | None = None) -> Eyes:
    """Every digit is read with probability 1 − ``DOUBT``, the next digit with the rest.

    ``confused`` is a digit that is read as the next one, with the same confidence.
    """
    labels = np.repeat(np.arange(10), 40)
    images = np.zeros((400, 6, 6), dtype=np.uint8)
    images[:, 0, 0] = 20 * labels
    images[:, 2, 2] = np.arange(400) % 256

    def read(pixels: Tensor) -> Tensor:
        shown = (pixels[:, 0, 0] * 255 / 20).round().long()
        if confused is not None:
            shown = torch.where(shown == confused, shown + 1, shown)
        probabilities = torch.zeros(len(shown), 10, dtype=torch.float64)
        probabilities[torch.arange(len(shown)), shown] = 1 - DOUBT
        probabilities[torch.arange(len(shown)), (shown + 1) % 10] = DOUBT
        return probabilities

    perceiver = function_perceiver(read, classes=tuple(range(10)), image_shape=(6, 6), name="toy")
    dataset = dataset_from_arrays("toy", images, labels, tuple(range(10)), "test")
    return Eyes(dataset, perceiver, "toy images", "made for tests", "'toy'", "400 of 400 test images read right")
