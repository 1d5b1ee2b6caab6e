"""Checking raw inputs and bringing them to floats in 0 … 1, in portions, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError

if TYPE_CHECKING:
    from nesy.perception.protocol import Inputs

_FLOATS = ("float16", "float32", "float64")


def leading_shape(inputs: object, image_shape: tuple[int, ...], name: str) -> tuple[int, ...]:
    """The axes of ``inputs`` before the image's; E453 unless the last are ``image_shape``, E454 for other types."""
    if not isinstance(inputs, np.ndarray | Tensor):
        message = f"inputs are a {type(inputs).__name__}, expected a numpy array or a torch tensor"
        raise NesyError(Diagnostic("E454", message, hint="numpy.asarray makes one of nested lists", place=name))
    kind = str(inputs.dtype).removeprefix("torch.")
    if kind != "uint8" and kind not in _FLOATS:
        message = f"inputs have the type {kind}, expected uint8 (0..255) or floats in 0..1"
        raise NesyError(Diagnostic("E454", message, hint="convert them, for instance by .astype('uint8')", place=name))
    shape = tuple(inputs.shape)
    split = len(shape) - len(image_shape)
    if split < 0 or shape[split:] != image_shape:
        expected = ", ".join(["…", *map(str, image_shape)])
        message = f"inputs have the shape [{', '.join(map(str, shape))}], '{name}' expects [{expected}]"
        hint = "the last axes are one image; the axes before them are the batch and the percept's index"
        raise NesyError(Diagnostic("E453", message, hint=hint, place=name))
    return shape[:split]


def portions(
    inputs: Inputs, image_shape: tuple[int, ...], *, size: int, device: torch.device, name: str
) -> Iterator[Tensor]:
    """The images one after the other, at most ``size`` at a time: float32 ``[portion, *image_shape]`` in 0 … 1.

    E454, naming the image, for numbers that are not finite or lie outside 0 … 1.
    """
    leading = leading_shape(inputs, image_shape, name)
    flat = inputs.reshape(prod(leading), *image_shape)
    for start in range(0, len(flat), size):
        piece = flat[start : start + size]
        tensor = piece if isinstance(piece, Tensor) else torch.from_numpy(np.array(piece))
        if tensor.dtype == torch.uint8:
            yield tensor.to(device).float() / 255
            continue
        wrong = ~((tensor >= 0) & (tensor <= 1)).flatten(1)
        if bool(wrong.any()):
            raise _outside(tensor.flatten(1), wrong, start, leading, name)
        yield tensor.to(device=device, dtype=torch.float32)


def _outside(flat: Tensor, wrong: Tensor, start: int, leading: tuple[int, ...], name: str) -> NesyError:
    image, pixel = (int(place) for place in wrong.nonzero()[0])
    where = ",".join(str(int(place)) for place in np.unravel_index(start + image, leading)) if leading else "0"
    message = f"image [{where}] holds the number {float(flat[image, pixel])}, expected numbers in 0..1"
    hint = "divide brightness 0..255 by 255 or give it as uint8; replace what is missing"
    return NesyError(Diagnostic("E454", message, hint=hint, place=name))
