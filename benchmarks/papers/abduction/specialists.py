"""Six small networks, each grown up in its own weather, and what they say about a batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.papers.abduction.images import Bytes, Floats, draw, in_source_weather, pixels, statistics
from benchmarks.papers.abduction.settings import WEATHERS, Data, Regime
from nesy.abduction.predictions import ABSTAINED, Predictions

HIDDEN, BATCH, RATE, DECAY = 48, 100, 2e-3, 1e-3


@dataclass(frozen=True, eq=False)
class Specialist:
    """A network of one hidden layer on 14×14 pixels, brought to mean 0 and deviation 1 of its own training images."""

    weather: str
    layers: tuple[Floats, Floats, Floats, Floats]
    mean: float
    deviation: float

    def probabilities(self, images: Bytes) -> Floats:
        """``[N, C]``."""
        first, first_bias, second, second_bias = self.layers
        shown = (pixels(images) - self.mean) / self.deviation
        logits = np.maximum(shown @ first + first_bias, 0) @ second + second_bias
        powers = np.exp(logits - logits.max(1, keepdims=True))
        found: Floats = powers / powers.sum(1, keepdims=True)
        return found


def train(data: Data, regime: Regime, seed: int) -> tuple[Specialist, ...]:
    """The six specialists of a run, trained side by side."""
    shown, labels = [], []
    for place, weather in enumerate(WEATHERS):
        key = (seed, place)
        drawn = draw(data, "train", regime.images, np.random.default_rng((*key, 10)))
        shown.append(pixels(in_source_weather(drawn.images, weather, (*key, 11))))
        labels.append(drawn.truth)
    inputs, targets = np.stack(shown), np.stack(labels)
    means, deviations = inputs.mean((1, 2)), inputs.std((1, 2))
    inputs = (inputs - means[:, None, None]) / deviations[:, None, None]
    layers = _fit(torch.from_numpy(inputs).float(), torch.from_numpy(targets), len(data.classes), regime.steps, seed)
    found = []
    for place, weather in enumerate(WEATHERS):
        first, first_bias, second, second_bias = (layer[place].double().numpy() for layer in layers)
        parts = (first, first_bias, second, second_bias)
        found.append(Specialist(weather, parts, float(means[place]), float(deviations[place])))
    return tuple(found)


def _fit(inputs: Tensor, targets: Tensor, classes: int, steps: int, seed: int) -> tuple[Tensor, ...]:
    """Adam on the cross entropies of all networks; ``inputs`` [F, M, pixels], ``targets`` [F, M]."""
    generator = torch.Generator().manual_seed(seed)
    networks, count, size = inputs.shape

    def layer(rows: int, columns: int) -> Tensor:
        bound = (6 / (rows + columns)) ** 0.5
        return (torch.rand(networks, rows, columns, generator=generator) * 2 - 1).mul_(bound).requires_grad_()

    weights = [layer(size, HIDDEN), layer(HIDDEN, classes)]
    biases = [torch.zeros(networks, 1, columns, requires_grad=True) for columns in (HIDDEN, classes)]
    optimizer = torch.optim.Adam(
        [{"params": weights, "weight_decay": DECAY}, {"params": biases}], lr=RATE, foreach=True
    )
    each = torch.arange(networks)[:, None]
    for _ in range(steps):
        chosen = torch.randint(count, (networks, BATCH), generator=generator)
        hidden = torch.relu(torch.baddbmm(biases[0], inputs[each, chosen], weights[0]))
        logits = torch.baddbmm(biases[1], hidden, weights[1])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets[each, chosen].flatten()) * networks
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch gives no type
        optimizer.step()
    return tuple(entry.detach() for pair in zip(weights, biases, strict=True) for entry in pair)


def read(specialists: tuple[Specialist, ...], images: Bytes, data: Data, threshold: float) -> Predictions:
    """What the specialists say; one that is less sure than ``threshold`` says nothing."""
    probabilities = np.stack([specialist.probabilities(images) for specialist in specialists], 1)
    confidence = probabilities.max(2)
    said = confidence >= threshold
    return Predictions(
        tuple(map(str, range(len(images)))),
        tuple(specialist.weather for specialist in specialists),
        data.classes,
        np.where(said, probabilities.argmax(2), ABSTAINED),
        np.where(said, confidence, 0.0),
        probabilities,
        statistics(images),
    )
