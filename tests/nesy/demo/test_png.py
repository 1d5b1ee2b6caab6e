"""PNG files, read back with a small reader of their own."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nesy.demo.png import ink_png, ink_uri


def opacity(data: bytes) -> np.ndarray:
    """The alpha channel of an unfiltered PNG of colour type 4; checks signature, order and checksums."""
    assert data[:8] == bytes([137, 80, 78, 71, 13, 10, 26, 10])
    chunks, place = [], 8
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        assert struct.unpack_from(">I", data, place + 8 + length)[0] == zlib.crc32(kind + body)
        chunks.append((kind, body))
        place += 12 + length
    assert [kind for kind, _ in chunks] == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[0][1])
    assert (depth, colour, rest) == (8, 4, [0, 0, 0])
    lines = np.frombuffer(zlib.decompress(chunks[1][1]), np.uint8).reshape(height, 1 + 2 * width)
    assert (lines[:, 0] == 0).all()
    assert (lines[:, 1::2] == 0).all()
    return lines[:, 2::2]


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32))
def test_ink_comes_back(height: int, width: int, seed: int) -> None:
    ink = np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.uint8)
    assert (opacity(ink_png(ink)) == ink).all()


def test_the_address_holds_the_file() -> None:
    ink = np.zeros((2, 2), dtype=np.uint8)
    scheme, data = ink_uri(ink).split(",")
    assert scheme == "data:image/png;base64"
    assert base64.b64decode(data) == ink_png(ink)
