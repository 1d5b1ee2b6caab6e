"""Raw inputs from files: arrays (npz, npy, idx), and image files in a folder or listed in a CSV file."""

from __future__ import annotations

import csv
import re
import zipfile
from importlib.util import find_spec
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nesy.dsl.diagnostics import Diagnostic, NesyError, counted, reason_of
from nesy.perception.idx import read_idx

IMAGE_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm"})
_KINDS = "an .npz or .npy array, an idx file, a folder of images, or a .csv file with paths of images"


def read_inputs(
    path: str | Path, *, index_shape: tuple[int, ...] = (), image_axes: int = 2
) -> NDArray[np.uint8] | NDArray[np.floating[Any]]:
    """The inputs in ``path`` as ``[batch, *index_shape, *image]``, the image having ``image_axes`` axes.

    - ``.npz`` with one array (or with one called ``images``), ``.npy``, idx files (plain or ``.gz``);
    - a folder: its images in the natural order of their names (``2.png`` before ``10.png``);
    - ``.csv``: one instance a line, the paths of its images, relative to the CSV file, in the order of the index.

    Image files need the package Pillow and are read as grey. A flat list of images is cut into instances; a single
    instance may come without the batch axis. E480 if the path cannot be read, E481 without Pillow, E482 if the
    inputs cannot be arranged.
    """
    return arrange(load_inputs(path), index_shape, image_axes, str(path))


def load_inputs(path: str | Path) -> NDArray[Any]:
    """The inputs in ``path`` as the file has them, before :func:`arrange`. E480, E481 as for :func:`read_inputs`."""
    path = Path(path)
    if not path.exists():
        raise _unreadable(path, "there is no such file or folder", f"inputs are {_KINDS}")
    return _read(path)


def arrange(images: NDArray[Any], index_shape: tuple[int, ...], image_axes: int, place: str) -> NDArray[Any]:
    """``images`` as ``[batch, *index_shape, *image]``; E482 if their axes do not allow it."""
    split = images.ndim - image_axes
    leading, image = images.shape[: max(split, 0)], images.shape[max(split, 0) :]
    count = prod(index_shape)
    if split >= 1 and leading[1:] == index_shape:
        return images
    if split >= 0 and leading == index_shape:
        return images[np.newaxis]
    if split == 2 and leading[1] == count:
        return images.reshape(leading[0], *index_shape, *image)
    if split == 1 and count and leading[0] % count == 0:
        return images.reshape(leading[0] // count, *index_shape, *image)
    expected = ", ".join(["batch", *map(str, index_shape), *["…"] * image_axes])
    message = f"the inputs have the shape {list(images.shape)}, the percept needs [{expected}]"
    hint = f"an instance has {counted(count, 'image')}, in the order of the percept's index"
    raise NesyError(Diagnostic("E482", message, hint=hint, place=place))


def _read(path: Path) -> NDArray[Any]:
    if path.is_dir():
        return _folder(path)
    match path.suffix.lower():
        case ".npz" | ".npy":
            return _array(path)
        case ".csv":
            return _listed(path)
        case ending if ending in IMAGE_ENDINGS:
            return _images([path])
        case _ if "idx" in path.name:
            return read_idx(path)
    raise _unreadable(path, f"files ending in '{path.suffix}' are not known", f"inputs are {_KINDS}")


def _array(path: Path) -> NDArray[Any]:
    try:
        with path.open("rb") as stream:
            found = np.load(stream, allow_pickle=False)
            if isinstance(found, np.ndarray):
                return found
            names = list(found.files)
            if len(names) == 1 or "images" in names:
                array: NDArray[Any] = found[names[0] if len(names) == 1 else "images"]
                return array
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        message = f"no array can be read: {reason_of(error)}"
        raise _unreadable(path, message, "write it with numpy.savez or numpy.save") from None
    listed = ", ".join(names) or "none"
    raise _unreadable(path, f"one array is expected, the file holds: {listed}", "call the array of inputs 'images'")


def _folder(path: Path) -> NDArray[Any]:
    try:
        found = [entry for entry in path.iterdir() if entry.suffix.lower() in IMAGE_ENDINGS]
    except OSError as error:
        raise _unreadable(path, f"the folder cannot be opened: {reason_of(error)}", "check its permissions") from None
    if not found:
        raise _unreadable(path, "the folder holds no images", f"endings are {', '.join(sorted(IMAGE_ENDINGS))}")
    return _images(sorted(found, key=_natural))


def _natural(path: Path) -> list[tuple[bool, int, str]]:
    """Numbers within names count as numbers."""
    parts = re.split(r"(\d+)", path.name)
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]


def _listed(path: Path) -> NDArray[Any]:
    """``[instances, images of an instance, height, width]``."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [[cell.strip() for cell in row] for row in csv.reader(stream) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, f"no paths can be read: {error}", "write one instance a line, in UTF-8") from None
    if not rows:
        raise _unreadable(path, "the file lists no images", "write one instance a line")
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]) or "" in row:
            reason = f"instance {number} has {len(row) - row.count('')} images, the first one has {len(rows[0])}"
            raise _unreadable(path, reason, "every line needs the same number of paths")
    images = _images([path.parent / cell for row in rows for cell in row])
    return images.reshape(len(rows), len(rows[0]), *images.shape[1:])


def _images(paths: list[Path]) -> NDArray[np.uint8]:
    """Image files as grey ``[count, height, width]``."""
    if find_spec("PIL") is None:
        message = "reading image files needs the package Pillow, which is not installed"
        hint = "pip install pillow, or give the images as an array (.npz)"
        raise NesyError(Diagnostic("E481", message, hint=hint, place=str(paths[0])))
    from PIL import Image

    arrays: list[NDArray[np.uint8]] = []
    for path in paths:
        try:
            with Image.open(path) as image:
                arrays.append(np.asarray(image.convert("L"), dtype=np.uint8))
        except (OSError, ValueError, SyntaxError) as error:
            raise _unreadable(path, f"no image can be read: {error}", "check the path and the file") from None
        if arrays[-1].shape != arrays[0].shape:
            (height, width), (first_height, first_width) = arrays[-1].shape, arrays[0].shape
            reason = f"the image has {height}×{width} pixels, the first one {first_height}×{first_width}"
            raise _unreadable(path, reason, "bring all images to one size")
    return np.stack(arrays)


def _unreadable(path: Path, reason: str, hint: str) -> NesyError:
    return NesyError(Diagnostic("E480", f"the inputs cannot be read: {reason}", hint=hint, place=str(path)))
