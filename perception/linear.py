"""A weak reader: a linear classifier of pixels, trained in a moment on few images.

It is there for comparison. What reasoning adds shows best where the network errs, and the networks of
:mod:`nesy.perception.networks` hardly do.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from nesy.perception.adapters import ModelPerceiver
from nesy.perception.datasets import Dataset

DECAY = 1e-3
"""Weight of the squared weights in the loss."""


def linear_perceiver(images: Dataset, *, count: int, seed: int) -> ModelPerceiver:
    """Softmax regression on ``count`` images of ``images`` drawn at random, or on all if there are fewer.

    Its probabilities are those of the fitted model, not calibrated. The same ``seed`` gives the same reader.
    """
    chosen = images.take(np.random.default_rng(seed).permutation(len(images))[:count])
    pixels = torch.from_numpy(np.ascontiguousarray(chosen.images)).float().flatten(1) / 255
    labels = torch.from_numpy(np.asarray(chosen.labels)).long()
    weights = _fit(pixels, labels, len(images.classes))

    def read(shown: Tensor) -> Tensor:
        return shown.flatten(1) @ weights[:-1] + weights[-1]

    name = f"linear, {len(chosen)} images"
    return ModelPerceiver(name, tuple(images.classes), tuple(images.images.shape[1:]), read)


def _fit(pixels: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Weights ``[pixels + 1, classes]``, the last row the biases, by L-BFGS."""
    weights = torch.zeros(pixels.shape[1] + 1, classes, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        logits = pixels @ weights[:-1] + weights[-1]
        found = torch.nn.functional.cross_entropy(logits, labels) + DECAY * weights.square().sum()
        found.backward()  # type: ignore[no-untyped-call]  # torch gives no type
        return found

    optimizer.step(loss)  # type: ignore[no-untyped-call]  # torch gives no type
    return weights.detach()
