"""Corruptions of images: what weather, dirt and a tilted camera do to a picture, at any intensity, by a seed.

Images are bytes ``[batch, height, width]``, 0 is dark. An intensity lies in 0 … 1, where 0 leaves an image as it is
and 1 is the strongest that the kind knows; every length is relative to the side of the image, so that 8×8 and 28×28
images suffer alike. Only numpy is needed, and there is no loop over images.

=========== ==========================================================================================================
rotation    about the centre by 30° to 40° × intensity, to either side; dark where nothing is known; bilinear
occlusion   a square patch of one random brightness, its side 0.5 × intensity of the image's, anywhere within the image
blur        Gaussian, standard deviation 0.1 × intensity of the side
fog         a bright, uneven haze: image × (1 − 0.85 × intensity) + 0.55 × intensity × haze, haze between 0.5 and 1
noise       Gaussian, standard deviation 0.6 × intensity of the brightness range, cut off at its ends
=========== ==========================================================================================================

A mix applies its kinds in this order. What is drawn for one kind depends on the seed and on that kind alone: to add fog
leaves the noise of a mix as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean

Floats: TypeAlias = NDArray[np.float64]
_Corruption: TypeAlias = Callable[[Floats, Floats, np.random.Generator], Floats]
"""From images ``[batch, height, width]`` in 0 … 1 and intensities ``[batch]`` to images that may leave 0 … 1."""

_HAZE = 4
"""The haze of a fog is drawn on 4×4 points and interpolated between them."""


def corrupt_images(
    images: NDArray[np.uint8], intensities: Mapping[str, ArrayLike], seed: int | Sequence[int]
) -> NDArray[np.uint8]:
    """Corrupted copies of ``images`` ``[batch, height, width]``, bytes as well.

    ``intensities`` has a number, or one for each image ``[batch]``, for each kind of :data:`KINDS` that is to be
    applied; a mapping without entries changes nothing. E477 for an unknown kind, E478 for an intensity outside 0 … 1
    or a wrong number of them, E479 for images that are not bytes with three axes.
    """
    if images.dtype != np.uint8 or images.ndim != 3 or 0 in images.shape[1:]:
        message = f"corruptions take bytes [batch, height, width], not {images.dtype} {list(images.shape)}"
        raise NesyError(Diagnostic("E479", message, hint="bring brightness to 0..255 and the images to one batch"))
    for kind in intensities:
        if kind not in KINDS:
            hint = did_you_mean(kind, KINDS) or f"kinds are {', '.join(KINDS)}"
            raise NesyError(Diagnostic("E477", f"there is no corruption '{kind}'", hint=hint))
    found = images / 255
    for place, kind in enumerate(KINDS):
        if kind in intensities:
            amounts = _checked(kind, intensities[kind], len(images))
            generator = np.random.default_rng([*np.atleast_1d(seed).tolist(), place])
            changed = np.clip(_CORRUPTIONS[kind](found, amounts, generator), 0, 1)
            found = np.where(amounts[:, None, None] > 0, changed, found)
    return np.rint(found * 255).astype(np.uint8)


def _checked(kind: str, intensity: ArrayLike, count: int) -> Floats:
    """One intensity for each image."""
    amounts = np.asarray(intensity, dtype=np.float64)
    if amounts.ndim > 1 or amounts.size not in (1, count):
        message = f"'{kind}' has intensities {list(amounts.shape)} for {count} images"
        raise NesyError(Diagnostic("E478", message, hint="give one number, or one for each image"))
    wrong = np.flatnonzero(~((amounts >= 0) & (amounts <= 1)))  # NaN is neither
    if len(wrong):
        place = f", image {int(wrong[0])}" if amounts.ndim else ""
        message = f"'{kind}' has intensity {amounts.reshape(-1)[wrong[0]]:g}{place}"
        raise NesyError(Diagnostic("E478", message, hint="intensities lie in 0 … 1"))
    return np.broadcast_to(amounts, (count,))


def _rotated(images: Floats, amounts: Floats, generator: np.random.Generator) -> Floats:
    batch, height, width = images.shape
    side = np.where(generator.random(batch) < 0.5, -1.0, 1.0)
    angles = np.deg2rad(side * generator.uniform(30, 40, batch) * amounts)[:, None, None]
    down, across = np.arange(height)[:, None] - (height - 1) / 2, np.arange(width)[None, :] - (width - 1) / 2
    rows = np.cos(angles) * down - np.sin(angles) * across + (height - 1) / 2
    columns = np.sin(angles) * down + np.cos(angles) * across + (width - 1) / 2
    return _interpolated(images, rows, columns)


def _interpolated(images: Floats, rows: Floats, columns: Floats) -> Floats:
    """Brightness at fractional places ``[batch, height, width]``, bilinear; beyond the border it is dark."""
    batch, height, width = images.shape
    padded = np.zeros((batch, height + 2, width + 2))
    padded[:, 1:-1, 1:-1] = images
    rows, columns = np.clip(rows + 1, 0, height + 1), np.clip(columns + 1, 0, width + 1)
    top, left = np.minimum(rows.astype(np.int64), height), np.minimum(columns.astype(np.int64), width)
    below, right = rows - top, columns - left
    flat, start = padded.reshape(-1), np.arange(batch)[:, None, None] * (height + 2) * (width + 2)
    corner = start + top * (width + 2) + left
    upper = flat[corner] * (1 - right) + flat[corner + 1] * right
    lower = flat[corner + width + 2] * (1 - right) + flat[corner + width + 3] * right
    found: Floats = upper * (1 - below) + lower * below
    return found


def _occluded(images: Floats, amounts: Floats, generator: np.random.Generator) -> Floats:
    batch, height, width = images.shape
    brightness = generator.random((batch, 1, 1))
    covered = np.ones((batch, height, width), dtype=np.bool_)
    for axis, length in ((1, height), (2, width)):
        size = np.rint(0.5 * amounts * length)
        first = np.floor(generator.random(batch) * (length - size + 1))
        places = np.arange(length)
        inside = (places >= first[:, None]) & (places < (first + size)[:, None])
        covered &= np.expand_dims(inside, 3 - axis)
    return np.where(covered, brightness, images)


def _blurred(images: Floats, amounts: Floats, _: np.random.Generator) -> Floats:
    for axis in (1, 2):
        length = images.shape[axis]
        offsets = np.arange(length)[:, None] - np.arange(length)[None, :]
        deviations = np.maximum(0.1 * amounts * max(images.shape[1:]), 1e-9)
        weights = np.exp(-((offsets / deviations[:, None, None]) ** 2) / 2)
        weights /= weights.sum(2, keepdims=True)
        images = weights @ images if axis == 1 else images @ weights.transpose(0, 2, 1)
    return images


def _fogged(images: Floats, amounts: Floats, generator: np.random.Generator) -> Floats:
    batch, height, width = images.shape
    points = generator.uniform(0.5, 1, (batch, _HAZE, _HAZE))
    down, across = (np.linspace(0, _HAZE - 1, length) for length in (height, width))
    grid = np.broadcast_arrays(down[:, None], across[None, :])
    haze = _interpolated(points, *(np.broadcast_to(part, (batch, height, width)) for part in grid))
    strength = amounts[:, None, None]
    return images * (1 - 0.85 * strength) + 0.55 * strength * haze


def _noisy(images: Floats, amounts: Floats, generator: np.random.Generator) -> Floats:
    return images + 0.6 * amounts[:, None, None] * generator.standard_normal(images.shape)


_CORRUPTIONS: Mapping[str, _Corruption] = MappingProxyType(
    {"rotation": _rotated, "occlusion": _occluded, "blur": _blurred, "fog": _fogged, "noise": _noisy}
)

KINDS: tuple[str, ...] = tuple(_CORRUPTIONS)
"""The kinds of corruption, in the order in which a mix applies them."""


def random_intensities(
    count: int, kinds: Sequence[str], low: float, high: float, seed: int | Sequence[int]
) -> dict[str, Floats]:
    """For each of ``count`` images one of ``kinds`` at random, at an intensity uniform in ``low`` … ``high``.

    Arrays ``[count]`` as :func:`corrupt_images` takes them: 0 for the kinds that an image is spared.
    """
    generator = np.random.default_rng(seed)
    chosen = generator.integers(len(kinds), size=count)
    amounts = generator.uniform(low, high, count)
    return {kind: np.where(chosen == place, amounts, 0.0) for place, kind in enumerate(kinds)}
