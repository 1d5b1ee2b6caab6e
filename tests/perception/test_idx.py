"""The idx reader: what it reads, and that nothing damaged gets through."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nesy.dsl.diagnostics import NesyError
from nesy.perception.idx import check_labelled, parse_idx, read_idx


def idx(array: np.ndarray) -> bytes:
    """The format as LeCun's page describes it."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(extent.to_bytes(4, "big") for extent in array.shape)
    return header + array.tobytes()


@given(arrays(np.uint8, array_shapes(max_dims=3, min_side=0, max_side=4)), st.booleans())
def test_reads_what_was_written(array: np.ndarray, packed: bool) -> None:
    content = gzip.compress(idx(array), mtime=0) if packed else idx(array)
    checksum = hashlib.sha256(idx(array)).hexdigest()
    np.testing.assert_array_equal(parse_idx(content, axes=array.ndim, checksum=checksum), array)


def test_the_magic_number_of_mnist() -> None:
    assert int.from_bytes(idx(np.zeros((2, 28, 28), np.uint8))[:4], "big") == 2051
    assert int.from_bytes(idx(np.zeros(2, np.uint8))[:4], "big") == 2049


@given(st.binary(max_size=40))
def test_any_bytes_give_an_array_or_a_reason(content: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert idx(parse_idx(content)) == content


GOOD = idx(np.arange(6, dtype=np.uint8).reshape(1, 2, 3))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "starts with the bytes none"),
        (b"PK\3\4 a zip file", "starts with the bytes 50 4b 03 04"),
        (GOOD[:10], "ends within its header"),
        (GOOD[:-1], "promises 1×2×3 = 6 bytes, 5 follow"),
        (GOOD + b"\0", "promises 1×2×3 = 6 bytes, 7 follow"),
        (idx(np.zeros(6, np.uint8)), "magic number is 2049, expected 2051"),
        (gzip.compress(GOOD, mtime=0)[:-6], "cannot be decompressed"),
        (gzip.compress(GOOD, mtime=0)[:12] + b"\xff\xff\xff\xff", "cannot be decompressed"),
        (GOOD[:-1] + b"\xff", "SHA-256"),
    ],
)
def test_damaged_files(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "images-idx3-ubyte"
    path.write_bytes(content)
    with pytest.raises(NesyError, match=reason) as caught:
        read_idx(path, axes=3, checksum=hashlib.sha256(GOOD).hexdigest())
    (found,) = caught.value.diagnostics
    assert (found.code, found.place) == ("E462", str(path))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(NesyError, match="No such file") as caught:
        read_idx(tmp_path / "none")
    assert caught.value.diagnostics[0].code == "E480"


@pytest.mark.parametrize(
    ("images", "labels", "reason"),
    [
        (np.zeros((2, 3, 3), np.float32), np.zeros(2, np.int64), "expected bytes"),
        (np.zeros((2, 9), np.uint8), np.zeros(2, np.int64), "expected bytes"),
        (np.zeros((2, 3, 3), np.uint8), np.zeros(3, np.int64), r"2 images and labels int64 \(3,\)"),
        (np.zeros((2, 3, 3), np.uint8), np.zeros(2), r"labels float64"),
        (np.zeros((0, 3, 3), np.uint8), np.zeros(0, np.int64), "there are no images"),
        (np.zeros((2, 3, 3), np.uint8), np.array([0, 10]), r"label 10 of image 1 is outside 0\.\.9"),
        (np.zeros((2, 3, 3), np.uint8), np.array([-1, 0]), "label -1 of image 0"),
    ],
)
def test_images_and_labels_belong_together(images: np.ndarray, labels: np.ndarray, reason: str) -> None:
    with pytest.raises(NesyError, match=reason):
        check_labelled(images, labels, 10, "here")
