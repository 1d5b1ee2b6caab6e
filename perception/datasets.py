"""Labelled images: MNIST and Fashion-MNIST from idx files, and scikit-learn's digits, which need no file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.dsl.values import Value
from nesy.perception import fingerprints
from nesy.perception.downloads import locate
from nesy.perception.idx import check_labelled, read_idx
from nesy.perception.progress import Progress
from nesy.perception.sources import Source, find_source

Split: TypeAlias = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")

_DIGITS_SHARES = (0.6, 0.15, 0.25)
"""Shares of training, validation and test images in scikit-learn's digits, which come without a split."""


@dataclass(frozen=True)
class Dataset:
    """Labelled images of one split: ``images`` ``[count, height, width]`` uint8, ``labels`` ``[count]`` int64.

    Label k means the value ``classes[k]``.
    """

    name: str
    split: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[Value, ...]

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of images, labels and classes."""
        return fingerprints.of_text(fingerprints.of_arrays(self.images, self.labels), repr(self.classes))

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width."""
        height, width = self.images.shape[1:]
        return int(height), int(width)

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, places: NDArray[np.integer[Any]], split: str | None = None) -> Dataset:
        """The images at ``places``, as split ``split`` (default: the same name)."""
        return Dataset(self.name, split or self.split, self.images[places], self.labels[places], self.classes)


def dataset_from_arrays(
    name: str, images: NDArray[Any], labels: NDArray[Any], classes: tuple[Value, ...], split: str = "train"
) -> Dataset:
    """Own data as a :class:`Dataset`; E462 unless images are bytes ``[count, height, width]`` with fitting labels."""
    check_labelled(images, labels, len(classes), name)
    return Dataset(name, split, images, labels.astype(np.int64), classes)


def load_dataset(
    name: str,
    split: Split = "train",
    *,
    folder: Path | None = None,
    download: bool = True,
    progress: Progress | None = None,
    seed: int = 0,
) -> Dataset:
    """One split of the data set called ``name``: ``mnist``, ``fashion-mnist`` or ``digits``.

    MNIST files are looked for in ``folder``, in the folder that the variable ``NESY_DATA`` names, in the cache, and
    are otherwise downloaded there (unless ``download`` is False). Their validation split is the last 10,000 training
    images. The bundled digits are split by ``seed``, each class in the same proportion. E460 for an unknown name,
    E464 for an unknown split, E461 if the files are nowhere to be had, E462 if they are damaged.
    """
    if split not in SPLITS:
        hint = did_you_mean(split, SPLITS) or f"splits are {', '.join(SPLITS)}"
        raise NesyError(Diagnostic("E464", f"there is no split '{split}'", hint=hint, place=name))
    source = find_source(name)
    if not source.files:
        return _digits(source, split, seed)
    paths = locate(source, folder, download=download, progress=progress)
    first = 2 if split == "test" else 0
    images, labels = (
        read_idx(paths[place], axes=axes, checksum=source.files[place].content)
        for place, axes in ((first, 3), (first + 1, 1))
    )
    check_labelled(images, labels, len(source.classes), str(paths[first]))
    whole = Dataset(name, split, images, labels.astype(np.int64), source.classes)
    if split == "test":
        return whole
    held_out = len(whole) - source.validation
    return whole.take(np.arange(held_out, len(whole)) if split == "validation" else np.arange(held_out))


def _digits(source: Source, split: Split, seed: int) -> Dataset:
    """scikit-learn's digits, brightness 0 … 16 brought to 0 … 255."""
    from sklearn.datasets import load_digits

    bundle = load_digits()
    images = np.rint(bundle.images * (255 / 16)).astype(np.uint8)
    labels = bundle.target.astype(np.int64)
    check_labelled(images, labels, len(source.classes), "scikit-learn")
    places = stratified(labels, _DIGITS_SHARES, seed)[SPLITS.index(split)]
    return Dataset(source.name, split, images, labels, source.classes).take(places)


def stratified(labels: NDArray[np.int64], shares: tuple[float, ...], seed: int) -> list[NDArray[np.int64]]:
    """Places of disjoint parts that hold ``shares`` of every class (summing to 1), each increasing."""
    generator = np.random.default_rng(seed)
    parts: list[list[NDArray[np.int64]]] = [[] for _ in shares]
    for label in np.unique(labels):
        places = generator.permutation(np.flatnonzero(labels == label))
        cuts = np.rint(np.cumsum(shares)[:-1] * len(places)).astype(int)
        for part, chosen in zip(parts, np.split(places, cuts), strict=True):
            part.append(chosen)
    return [np.sort(np.concatenate(part)) for part in parts]
