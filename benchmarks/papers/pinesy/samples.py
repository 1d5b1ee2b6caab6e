"""Samples of a run: what the network says, what is true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.papers.pinesy.problems import Images
from benchmarks.papers.pinesy.splits import Part, mnist_test, mnist_training, seed_of, split_of

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


class Reader(Protocol):
    """Gives probabilities ``[…, classes]`` of the images at ``places`` of one part."""

    def __call__(self, part: Part, places: Integers) -> NDArray[np.float64]: ...


@dataclass(frozen=True)
class Samples:
    """A batch: ``evidence`` and ``targets`` by attribute; ``labels`` ``[samples, images]`` what the images show;
    ``readings`` what the network takes them for; ``outcomes`` the answers: digits of sums, first digit first,
    ``[samples, k + 1]``, or whether the grids are valid, ``[samples, 1]``."""

    evidence: dict[str, Tensor]
    targets: dict[str, Tensor]
    labels: Integers
    readings: Integers
    outcomes: Integers

    def __len__(self) -> int:
        return len(self.labels)


def sums(labels: Integers) -> tuple[Integers, Integers]:
    """Digits ``[samples, k + 1]`` and carries ``[samples, k + 1]`` of the sums of two numbers; ``[samples, 2, k]``."""
    count, _, digits = labels.shape
    found = np.zeros((count, digits + 1), dtype=np.int64)
    carries = np.zeros_like(found)
    for place in range(digits - 1, -1, -1):
        total = labels[:, 0, place] + labels[:, 1, place] + carries[:, place + 1]
        found[:, place + 1], carries[:, place] = total % 10, total // 10
    found[:, 0] = carries[:, 0]
    return found, carries


def addition(digits: int, images: Images, run: int, part: Part, read: Reader) -> Samples:
    """All ⌊n / 2k⌋ disjoint samples of one part of a run, in random order."""
    places = split_of(images, run).places[part]
    count = len(places) // (2 * digits)
    order = np.random.default_rng(seed_of(f"addition {part}", run)).permutation(places)[: count * 2 * digits]
    source = mnist_test() if part == "test" else mnist_training()
    labels = source.labels[order].reshape(count, 2, digits)
    readings = read(part, order).reshape(count, 2 * digits, 10)
    outcomes, carries = sums(labels)
    triples = labels[:, 0] * 20 + labels[:, 1] * 2 + carries[:, 1:]
    targets = {
        "c": _certain(triples, 200),
        "w": _certain(carries, 2),
        "y": _certain(outcomes[:, 1:], 10),
        "first": _certain(outcomes[:, 0], 2),
    }
    evidence = {"a": torch.from_numpy(readings)}
    return Samples(evidence, targets, labels.reshape(count, -1), readings.argmax(-1), outcomes)


def sudoku(images: Images, run: int, part: Part, read: Reader) -> Samples:
    """The puzzles of one part of a run."""
    split = split_of(images, run)
    assert split.puzzles is not None
    grids, valid = split.puzzles[part]
    size = images.size
    labels = grids.astype(np.int64) - 1
    readings = read(part, split.places[part]).reshape(len(grids), size, size, size)
    outcomes = valid.astype(np.int64)
    targets = {"cell": _certain(labels, size), "valid": _certain(outcomes, 2)}
    cells = labels.reshape(len(grids), -1)
    shown = readings.argmax(-1).reshape(len(grids), -1)
    return Samples({"cell": torch.from_numpy(readings)}, targets, cells, shown, outcomes[:, None])


def _certain(labels: Integers, values: int) -> Tensor:
    return torch.nn.functional.one_hot(torch.from_numpy(labels), values).double()
