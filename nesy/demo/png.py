"""PNG files of small grey images, with nothing but the standard library.

The ink of an image becomes the alpha channel of a black picture: a page can tint the paper below it and invert it
for dark surroundings. Format: W3C Portable Network Graphics, colour type 4 (grey with alpha), 8 bits, no filter.
"""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.uint8]
"""An image ``[height, width]``: 0 is paper, 255 full ink."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY_WITH_ALPHA = 4


def ink_png(ink: Ink) -> bytes:
    """``ink`` as the bytes of a PNG file: black, with the ink as opacity."""
    height, width = ink.shape
    pixels = np.zeros((height, width, 2), dtype=np.uint8)
    pixels[:, :, 1] = ink
    filtered = np.concatenate([np.zeros((height, 1), dtype=np.uint8), pixels.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, _GREY_WITH_ALPHA, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(filtered.tobytes(), 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in parts)


def ink_uri(ink: Ink) -> str:
    """``ink`` as a ``data:`` address for an HTML page."""
    return "data:image/png;base64," + base64.b64encode(ink_png(ink)).decode("ascii")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
