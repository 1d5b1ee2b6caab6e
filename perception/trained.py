"""Perceivers with trained weights: taken from the cache, or trained, calibrated and put there."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from nesy.perception import fingerprints
from nesy.perception.adapters import ModelPerceiver, module_perceiver
from nesy.perception.calibration import expected_calibration_error, fit_temperature, negative_log_likelihood
from nesy.perception.datasets import Dataset, Split, load_dataset
from nesy.perception.devices import find_device
from nesy.perception.networks import initialised
from nesy.perception.places import cache_folder
from nesy.perception.progress import Progress
from nesy.perception.protocol import Perceiver, PerceiverOptions
from nesy.perception.recipes import Recipe, default_recipe, find_recipe, recipes_for
from nesy.perception.sources import find_source
from nesy.perception.training import train_network
from nesy.perception.weights import Weights, load_weights, save_weights

_BATCH = 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """How good a perceiver is on labelled images.

    ``accuracy`` and ``calibration_error`` (expected, 15 bins) in 0 … 1, ``log_loss`` in nats.
    """

    images: int
    accuracy: float
    calibration_error: float
    log_loss: float


def pretrained(name: str, options: PerceiverOptions | None = None) -> ModelPerceiver:
    """The perceiver for the data set ``name`` (``digits``, ``mnist``, ``fashion-mnist``).

    With a budget: that network. Without: the best one whose weights are in the cache, else the quick one, trained now.
    E483 for an unknown name or budget, E461 and E462 if data for the training are missing or damaged, E470 for
    damaged weights.
    """
    options = options or PerceiverOptions()
    find_device(options.device)
    if options.budget is not None:
        recipe = find_recipe(name, options.budget)
    else:
        present = (found for found in recipes_for(name) if weights_path(found, options).exists())
        recipe = next(present, default_recipe(name))
    path = weights_path(recipe, options)
    weights = load_weights(path, weights_key(recipe, options.seed)) if path.exists() else train_recipe(recipe, options)
    return as_perceiver(recipe, weights, options.device)


def train_recipe(recipe: Recipe, options: PerceiverOptions) -> Weights:
    """Train, calibrate on the validation images, and write the weights to the cache.

    A checkpoint lies beside them meanwhile: after an interruption the next call goes on from the last whole epoch.
    """
    start = time.perf_counter()
    path = weights_path(recipe, options)
    checkpoint = path.with_suffix(".checkpoint")
    dataset = _load(recipe, "train", options)
    network = initialised(recipe.make, options.seed)
    settings = replace(recipe.settings, seed=options.seed)
    history = train_network(
        network, dataset, settings, device=options.device, checkpoint=checkpoint, progress=options.progress
    )
    held_out = _load(recipe, "validation", options)
    logits, labels = logits_of(network, held_out, options.device)
    facts = {
        "validation_accuracy": float((logits.argmax(dim=1) == labels).double().mean()),
        "training_seconds": sum(epoch.seconds for epoch in history),
        "seconds": time.perf_counter() - start,
    }
    key = weights_key(recipe, options.seed)
    weights = Weights(key, network.state_dict(), fit_temperature(logits, labels), facts)
    save_weights(path, weights)
    checkpoint.unlink(missing_ok=True)
    return weights


def as_perceiver(recipe: Recipe, weights: Weights, device: str) -> ModelPerceiver:
    """The recipe's network with ``weights``, calibrated."""
    network = initialised(recipe.make, 0)
    network.load_state_dict(dict(weights.state))
    return module_perceiver(
        network,
        classes=find_source(recipe.name).classes,
        image_shape=recipe.image_shape,
        name=recipe.name,
        temperature=weights.temperature,
        device=device,
        batch=_BATCH,
    )


def measure(perceiver: Perceiver, dataset: Dataset) -> Measured:
    """How good ``perceiver`` is on ``dataset``, whose classes are its own."""
    readings = perceiver.perceive(dataset.images)
    labels = torch.from_numpy(dataset.labels).to(readings.device)
    return Measured(
        len(dataset),
        float((readings.argmax(dim=1) == labels).double().mean()),
        expected_calibration_error(readings, labels),
        negative_log_likelihood(readings.clamp(min=torch.finfo(torch.float64).tiny).log(), labels),
    )


def logits_of(network: nn.Module, dataset: Dataset, device: str) -> tuple[Tensor, Tensor]:
    """Logits ``[count, class]`` and labels ``[count]`` of all images, computed in portions, on the CPU."""
    found = []
    with torch.no_grad():
        for start in range(0, len(dataset), _BATCH):
            images = torch.from_numpy(dataset.images[start : start + _BATCH].copy()).to(find_device(device))
            found.append(network(images.unsqueeze(1).float() / 255).cpu())
    return torch.cat(found), torch.from_numpy(dataset.labels)


def weights_key(recipe: Recipe, seed: int) -> str:
    """What the weights depend on: data, network, settings, seed."""
    network = initialised(recipe.make, 0)
    settings = replace(recipe.settings, seed=seed)
    return fingerprints.of_text(find_source(recipe.name).identity, fingerprints.of_network(network), repr(settings))


def weights_path(recipe: Recipe, options: PerceiverOptions) -> Path:
    """Where the weights lie or will lie."""
    folder = options.cache or cache_folder()
    return folder / "weights" / f"{recipe.name}-{recipe.budget}-{weights_key(recipe, options.seed)[:16]}.weights"


def _load(recipe: Recipe, split: Split, options: PerceiverOptions) -> Dataset:
    progress: Progress | None = options.progress
    return load_dataset(recipe.name, split, folder=options.data, progress=progress)
