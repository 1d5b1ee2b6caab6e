"""The networks of all runs: ``python -m benchmarks.papers.pinesy.networks [--only NAME …] [--runs FIRST LAST]``.

Each is trained on the images of its run's split and calibrated on the validation images. What it says about every image
that a run needs is kept in the cache folder, so that nothing is read twice; weights are not kept. An interrupted
training goes on after its last whole epoch.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.papers.pinesy.problems import IMAGES, RUNS, WIDE, WIDE_MEMBERS, Images
from benchmarks.papers.pinesy.recipes import SHIFTS, TRAINING, WIDE_WIDTHS, WIDTHS
from benchmarks.papers.pinesy.splits import PARTS, Part, mnist_training, seed_of, split_of
from nesy.dsl.files import replace_file
from nesy.perception import fingerprints
from nesy.perception.calibration import fit_temperature
from nesy.perception.datasets import Dataset
from nesy.perception.networks import DigitNet, initialised
from nesy.perception.places import cache_folder
from nesy.perception.trained import logits_of
from nesy.perception.training import train_network

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Readings:
    """What a network says: probabilities ``[images, classes]`` by part, row by row as ``places[part]``."""

    places: dict[Part, NDArray[np.int64]]
    probabilities: dict[Part, Floats]
    temperature: float
    seconds: float

    def at(self, part: Part, places: NDArray[np.int64]) -> Floats:
        """Probabilities of the images at ``places`` (any shape), ``[…, classes]``."""
        return self.probabilities[part][np.searchsorted(self.places[part], places)]


def cached_path(images: Images, run: int) -> Path:
    """Where the readings lie; the name holds a fingerprint of all that they depend on."""
    settings = replace(TRAINING[images.name], seed=seed_of(images.name, run) % 2**31)
    split = fingerprints.of_arrays(*(split_of(images, run).places[part] for part in PARTS))
    network = repr((WIDE_WIDTHS, SHIFTS) if images.wide else WIDTHS)
    key = fingerprints.of_text(images.name, repr(settings), network, split, mnist_training().fingerprint)
    return cache_folder() / "benchmarks" / "pinesy" / f"{images.name}-{run}-{key[:12]}.npz"


def readings_of(images: Images, run: int) -> Readings:
    """The readings of the network of one run, which is trained if need be."""
    path = cached_path(images, run)
    if not path.exists():
        _train(images, run, path)
    with np.load(path) as stored:
        temperature = float(stored["temperature"])
        probabilities = {}
        for part in PARTS:
            logits = torch.from_numpy(stored[f"logits_{part}"]).double()
            probabilities[part] = torch.softmax(logits / temperature, 1).numpy()
        places = {part: stored[f"places_{part}"] for part in PARTS}
        return Readings(places, probabilities, temperature, float(stored["seconds"]))


def _train(images: Images, run: int, path: Path) -> None:
    split = split_of(images, run)
    seed = seed_of(images.name, run) % 2**31
    network = initialised(
        partial(DigitNet, classes=images.classes, widths=WIDE_WIDTHS if images.wide else WIDTHS), seed
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    checkpoint = path.with_suffix(".checkpoint")
    settings = replace(TRAINING[images.name], seed=seed)
    started = time.process_time()
    history = train_network(network, split.dataset("train", images), settings, checkpoint=checkpoint)
    found: dict[str, NDArray[np.generic]] = {}
    for part in PARTS:
        logits, labels = _logits(network, split.dataset(part, images), moved=images.wide and part != "train")
        found[f"logits_{part}"] = logits.numpy()
        found[f"places_{part}"] = np.unique(split.places[part])
        if part == "validation":
            found["temperature"] = np.array(fit_temperature(logits, labels))
            accuracy = float((logits.argmax(1) == labels).double().mean())
    found["seconds"] = np.array(sum(epoch.seconds for epoch in history))
    replace_file(path, lambda stream: np.savez(stream, **found))
    checkpoint.unlink(missing_ok=True)
    spent = time.process_time() - started
    print(f"{images.name} {run}: validation accuracy {accuracy:.4%}, {spent:.0f} CPU seconds", flush=True)


def _logits(network: nn.Module, dataset: Dataset, *, moved: bool) -> tuple[Tensor, Tensor]:
    """Logits and labels; with ``moved`` logarithms of the mean probabilities over all ``SHIFTS`` of the images."""
    if not moved:
        return logits_of(network, dataset, "cpu")
    found = []
    for shift in SHIFTS:
        images = np.roll(dataset.images, shift, (1, 2))
        logits, labels = logits_of(network, replace(dataset, images=images), "cpu")
        found.append(torch.log_softmax(logits.double(), 1))
    return torch.logsumexp(torch.stack(found), 0), labels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = (*IMAGES, WIDE)
    names = [images.name for images in kinds]
    parser.add_argument("--only", nargs="*", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--runs", type=int, nargs=2, default=(0, RUNS), metavar=("FIRST", "LAST"), help="LAST excluded")
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    for run in range(*chosen.runs):
        for images in kinds:
            if images.name in chosen.only and not (images.wide and run >= WIDE_MEMBERS):
                readings_of(images, run)


if __name__ == "__main__":
    main()
