"""The idx format of MNIST: big-endian, a magic number, the extents, then one byte per entry."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nesy.dsl.diagnostics import Diagnostic, NesyError, reason_of

_UNSIGNED_BYTES = 0x08
"""The third byte of the magic number where entries are unsigned bytes; the fourth is the number of axes."""


def read_idx(path: Path, *, axes: int | None = None, checksum: str | None = None) -> NDArray[np.uint8]:
    """The array in an idx file, plain or gzipped (told by its content, not by its name).

    ``axes`` is the number of axes that it must have (3 for images, 1 for labels), ``checksum`` the SHA-256 of the
    uncompressed content. E462 for a file that is no such thing, E480 if it cannot be opened.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"the file cannot be read: {reason_of(error)}"
        raise NesyError(Diagnostic("E480", message, hint="check the path", place=str(path))) from None
    try:
        return parse_idx(content, axes=axes, checksum=checksum)
    except ValueError as error:
        hint = "replace the file by an intact copy"
        raise NesyError(Diagnostic("E462", f"the file is damaged: {error}", hint=hint, place=str(path))) from None


def parse_idx(content: bytes, *, axes: int | None = None, checksum: str | None = None) -> NDArray[np.uint8]:
    """As :func:`read_idx`, from the content of a file; a ValueError says what is wrong with it."""
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"it cannot be decompressed ({error})") from None
    if len(content) < 4 or content[:2] != b"\x00\x00" or content[2] != _UNSIGNED_BYTES or content[3] == 0:
        raise ValueError(f"it starts with the bytes {content[:4].hex(' ') or 'none'}, which no idx file of bytes does")
    found = content[3]
    if axes is not None and found != axes:
        raise ValueError(f"its magic number is {2048 + found}, expected {2048 + axes}")
    start = 4 + 4 * found
    if len(content) < start:
        raise ValueError("it ends within its header")
    shape = tuple(int(extent) for extent in np.frombuffer(content, ">u4", count=found, offset=4))
    if len(content) != start + prod(shape):
        extents = "×".join(map(str, shape))
        raise ValueError(f"its header promises {extents} = {prod(shape)} bytes, {len(content) - start} follow")
    if checksum is not None:
        actual = hashlib.sha256(content).hexdigest()
        if actual != checksum:
            raise ValueError(f"its SHA-256 is {actual[:16]}…, expected {checksum[:16]}…")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy()


def check_labelled(images: NDArray[Any], labels: NDArray[Any], classes: int, place: str) -> None:
    """E462 unless there is one label, 0 … ``classes`` − 1, for each image, and at least one image."""
    problem = ""
    if images.ndim != 3 or images.dtype != np.uint8:
        problem = f"images are {images.dtype} {images.shape}, expected bytes [count, height, width]"
    elif labels.shape != images.shape[:1] or labels.dtype.kind not in "iu":
        problem = f"there are {len(images)} images and labels {labels.dtype} {labels.shape}"
    elif len(images) == 0:
        problem = "there are no images"
    elif labels.min() < 0 or labels.max() >= classes:
        bad = int(np.flatnonzero((labels < 0) | (labels >= classes))[0])
        problem = f"label {labels[bad]} of image {bad} is outside 0..{classes - 1}"
    if problem:
        hint = "images and labels have to come from the same data set"
        raise NesyError(Diagnostic("E462", f"the data set is damaged: {problem}", hint=hint, place=place))
