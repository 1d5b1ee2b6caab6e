"""Which images and puzzles a run trains on, validates with and is tested on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from benchmarks.papers.pinesy.problems import LOW_IMAGES, LOW_PUZZLES, PUZZLES, SEED, TRAINING_IMAGES, Images
from nesy.perception import load_dataset
from nesy.perception.datasets import Dataset
from nesy.perception.generators import SudokuPuzzles, sudoku_puzzles

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")
Places = NDArray[np.int64]


def seed_of(name: str, run: int) -> int:
    """The seed of what is called ``name`` in run ``run``: the same on every machine."""
    return SEED * 1_000_000 + crc32(name.encode()) % 100_000 * 10 + run


@cache
def mnist_training() -> Dataset:
    """The 60,000 training images, which each run splits anew."""
    first, rest = load_dataset("mnist", "train"), load_dataset("mnist", "validation")
    images, labels = (
        np.concatenate([first.images, rest.images]),
        np.concatenate([first.labels, rest.labels]),
    )
    return Dataset("mnist", "train", images, labels, first.classes)


@cache
def mnist_test() -> Dataset:
    """The 10,000 test images."""
    return load_dataset("mnist", "test")


@dataclass(frozen=True)
class Split:
    """Places of the images of one run: in MNIST's training set, for ``test`` in its test set.

    For puzzles the places are those of all cells, puzzle by puzzle, row by row; ``grids`` then says which symbols
    (1 …) they show, ``[puzzles, size, size]``, and ``valid`` whether the grid is.
    """

    places: dict[Part, Places]
    puzzles: dict[Part, tuple[Places, NDArray[np.bool_]]] | None = None

    def dataset(self, part: Part, images: Images) -> Dataset:
        """The images of one part, each once, with their labels (for puzzles: symbol − 1)."""
        source = mnist_test() if part == "test" else mnist_training()
        found = source.take(np.unique(self.places[part]), part)
        return Dataset(images.name, part, found.images, found.labels, found.classes[: images.classes])


@cache
def split_of(images: Images, run: int) -> Split:
    """The split of run ``run``."""
    return _puzzle_split(images, run) if images.size else _digit_split(images, run)


def _digit_split(images: Images, run: int) -> Split:
    order = np.random.default_rng(seed_of("digits", run)).permutation(len(mnist_training()))
    count = LOW_IMAGES if images.low else TRAINING_IMAGES
    return Split(
        {
            "train": order[:count],
            "validation": order[TRAINING_IMAGES:],
            "test": np.arange(len(mnist_test())),
        }
    )


def _puzzle_split(images: Images, run: int) -> Split:
    """Training and validation puzzles are drawn together, so that no image stands in both."""
    size = images.size
    counts = [PUZZLES["train"], PUZZLES["validation"]]
    kinds = tuple(kind for count in counts for kind in (0,) * count + (None,) * count)
    drawn = _draw(mnist_training(), size, kinds, seed_of(f"sudoku{size}", run))
    cut = 2 * PUZZLES["train"]
    train = np.arange(cut)
    if images.low:
        train = np.concatenate([train[:LOW_PUZZLES], train[PUZZLES["train"] :][:LOW_PUZZLES]])
    validation = np.arange(cut, len(drawn))
    test_kinds = (0,) * PUZZLES["test"] + (None,) * PUZZLES["test"]
    test = _draw(mnist_test(), size, test_kinds, seed_of(f"sudoku{size} test", run))
    everything = np.arange(len(test))
    parts: dict[Part, tuple[SudokuPuzzles, Places]] = {
        "train": (drawn, train),
        "validation": (drawn, validation),
        "test": (test, everything),
    }
    return Split(
        {part: found.places[chosen].reshape(-1) for part, (found, chosen) in parts.items()},
        {part: (found.grids[chosen], found.valid[chosen]) for part, (found, chosen) in parts.items()},
    )


def _draw(source: Dataset, size: int, kinds: tuple[int | None, ...], seed: int) -> SudokuPuzzles:
    """The first ``size`` classes of digits stand for the symbols 1 … ``size``, as in the paper's generator."""
    return sudoku_puzzles(source.images, source.labels + 1, size=size, corruptions=kinds, seed=seed)
