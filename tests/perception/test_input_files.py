"""Raw inputs from files, and their arrangement to a percept's index."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl.diagnostics import NesyError
from nesy.perception.input_files import arrange, read_inputs

IMAGES = np.arange(6 * 4, dtype=np.uint8).reshape(6, 2, 2)

needs_pillow = pytest.mark.skipif(find_spec("PIL") is None, reason="the package Pillow is not installed")


def refused(path: Path, code: str, **named: object) -> str:
    with pytest.raises(NesyError) as caught:
        read_inputs(path, **named)  # type: ignore[arg-type]
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert found.hint
    return found.message


@given(st.integers(1, 3), st.lists(st.integers(1, 3), max_size=3).map(tuple))
def test_whole_flat_and_single_inputs_are_arranged(batch: int, index: tuple[int, ...]) -> None:
    whole = np.arange(batch * int(np.prod(index)) * 4).reshape(batch, *index, 2, 2)
    np.testing.assert_array_equal(arrange(whole, index, 2, ""), whole)
    np.testing.assert_array_equal(arrange(whole.reshape(batch, -1, 2, 2), index, 2, ""), whole)
    if len(index) != 1 or index == (1,):
        flat = whole.reshape(-1, 2, 2)
        assert arrange(flat, index, 2, "").reshape(-1, 2, 2).tolist() == flat.tolist()
    np.testing.assert_array_equal(arrange(whole[0], index, 2, "").reshape(-1), whole[0].reshape(-1))


def test_inputs_that_do_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "grid.npy"
    np.save(path, IMAGES)
    assert read_inputs(path).shape == (6, 2, 2)
    assert read_inputs(path, index_shape=(3, 2)).shape == (1, 3, 2, 2, 2)
    assert read_inputs(path, index_shape=(2,)).shape == (3, 2, 2, 2)
    message = refused(path, "E482", index_shape=(2, 2))
    assert message == "the inputs have the shape [6, 2, 2], the percept needs [batch, 2, 2, …, …]"
    refused(path, "E482", image_axes=5)


def test_archives(tmp_path: Path) -> None:
    one, named, two = tmp_path / "one.npz", tmp_path / "named.npz", tmp_path / "two.npz"
    np.savez(one, whatever=IMAGES)
    np.savez(named, images=IMAGES, labels=np.arange(6))
    np.savez(two, a=IMAGES, b=IMAGES)
    np.testing.assert_array_equal(read_inputs(one), IMAGES)
    np.testing.assert_array_equal(read_inputs(named), IMAGES)
    assert "the file holds: a, b" in refused(two, "E480")


def test_idx_files(tmp_path: Path) -> None:
    path = tmp_path / "t10k-images-idx3-ubyte"
    path.write_bytes(bytes([0, 0, 8, 3, 0, 0, 0, 6, 0, 0, 0, 2, 0, 0, 0, 2]) + IMAGES.tobytes())
    np.testing.assert_array_equal(read_inputs(path), IMAGES)


@pytest.mark.parametrize("name", ["absent.npz", "notes.txt"])
def test_what_is_no_input(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("none")
    refused(tmp_path / name, "E480")


@pytest.mark.parametrize("name", ["bad.npz", "bad.npy"])
@pytest.mark.parametrize("content", [b"", b"PK\3\4broken", b"\x93NUMPY\1\0broken", b"random bytes"])
def test_damaged_arrays(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, "E480")


def test_arrays_of_objects_are_data_that_could_run(tmp_path: Path) -> None:
    path = tmp_path / "objects.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    refused(path, "E480")


def test_empty_lists(tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("\n\n")
    refused(tmp_path / "none.csv", "E480")
    (tmp_path / "folder").mkdir()
    refused(tmp_path / "folder", "E480")
    (tmp_path / "ragged.csv").write_text("a.png,b.png\nc.png\n")
    assert "instance 2 has 1 images, the first one has 2" in refused(tmp_path / "ragged.csv", "E480")


def test_images_without_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nesy.perception.input_files.find_spec", lambda name: None)
    (tmp_path / "1.png").write_bytes(b"")
    assert "Pillow" in refused(tmp_path, "E481")
    refused(tmp_path / "1.png", "E481")


@needs_pillow
def test_folders_and_lists_of_images(tmp_path: Path) -> None:
    from PIL import Image

    for number, image in enumerate(IMAGES, 8):  # 8, 9, 10, …: numbers count as numbers
        Image.fromarray(image).save(tmp_path / f"{number}.png")
    np.testing.assert_array_equal(read_inputs(tmp_path), IMAGES)
    (tmp_path / "list.csv").write_text("8.png, 9.png\n13.png, 12.png\n")
    np.testing.assert_array_equal(
        read_inputs(tmp_path / "list.csv", index_shape=(2,)), IMAGES[[0, 1, 5, 4]].reshape(2, 2, 2, 2)
    )
    (tmp_path / "9.png").write_bytes(b"no image")
    refused(tmp_path, "E480")
    Image.fromarray(np.zeros((3, 3), np.uint8)).save(tmp_path / "9.png")
    assert "3×3 pixels, the first one 2×2" in refused(tmp_path, "E480")
