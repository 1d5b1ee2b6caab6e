"""Data sets: the bundled digits and their split, MNIST where it is found, downloads from (local) mirrors."""

from __future__ import annotations

import gzip
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nesy.dsl.diagnostics import NesyError
from nesy.perception import dataset_from_arrays, load_dataset
from nesy.perception.datasets import SPLITS, Dataset, stratified
from nesy.perception.downloads import locate
from nesy.perception.places import cache_folder, data_folders
from nesy.perception.progress import Silent
from nesy.perception.sources import MNIST, SOURCES, DataFile, Source


def mnist_is_here() -> bool:
    base = os.environ.get("NESY_DATA")
    return base is not None and (Path(base) / "mnist").is_dir()


needs_mnist = pytest.mark.skipif(not mnist_is_here(), reason="MNIST was not found through NESY_DATA")


@pytest.fixture(scope="module")
def digits() -> dict[str, Dataset]:
    return {split: load_dataset("digits", split) for split in SPLITS}


def test_the_bundled_digits_are_split_without_overlap(digits: dict[str, Dataset]) -> None:
    assert [len(part) for part in digits.values()] == [1078, 269, 450]
    images = np.concatenate([part.images for part in digits.values()])
    assert images.shape == (1797, 8, 8)
    assert images.dtype == np.uint8
    assert images.max() == 255
    from sklearn.datasets import load_digits

    whole = np.rint(load_digits().images * 15.9375).astype(np.uint8)
    assert sorted(image.tobytes() for image in images) == sorted(image.tobytes() for image in whole)


def test_every_class_has_its_share(digits: dict[str, Dataset]) -> None:
    counts = np.stack([np.bincount(part.labels, minlength=10) for part in digits.values()])
    shares = counts / counts.sum(axis=0)
    assert np.abs(shares - np.array([[0.6], [0.15], [0.25]])).max() < 0.01


def test_the_split_depends_on_the_seed_alone(digits: dict[str, Dataset]) -> None:
    again, other = load_dataset("digits", "test"), load_dataset("digits", "test", seed=1)
    assert again.fingerprint == digits["test"].fingerprint
    assert other.fingerprint != digits["test"].fingerprint


def test_stratified_parts_make_up_the_whole() -> None:
    labels = np.array([0, 1, 0, 1, 2, 0, 2, 0, 1, 1])
    parts = stratified(labels, (0.5, 0.5), 3)
    assert sorted(np.concatenate(parts).tolist()) == list(range(10))
    assert [np.bincount(labels[part], minlength=3).tolist() for part in parts] == [[2, 2, 1]] * 2


def test_own_data() -> None:
    images = np.zeros((3, 4, 5), np.uint8)
    made = dataset_from_arrays("mine", images, np.array([1, 0, 1], np.uint8), ("cat", "dog"))
    assert (len(made), made.image_shape, made.labels.dtype) == (3, (4, 5), np.int64)
    assert made.take(np.array([0, 2]), "part").labels.tolist() == [1, 1]
    with pytest.raises(NesyError, match=r"label 2 of image 0 is outside 0\.\.1"):
        dataset_from_arrays("mine", images, np.array([2, 0, 1]), ("cat", "dog"))


@pytest.mark.parametrize(
    ("name", "split", "code", "hint"),
    [
        ("mnst", "train", "E460", "'mnist'"),
        ("digits", "tests", "E464", "'test'"),
        ("mnist", "dev", "E464", "splits are"),
    ],
)
def test_unknown_names(name: str, split: str, code: str, hint: str) -> None:
    with pytest.raises(NesyError) as caught:
        load_dataset(name, split)  # type: ignore[arg-type]
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert hint in found.hint


# ----- where files are looked for


def write_files(folder: Path, *, compress: bool) -> Source:
    """A tiny data set of the same layout as MNIST, with its checksums."""
    images, labels = np.arange(5 * 4, dtype=np.uint8).reshape(5, 2, 2), np.arange(5, dtype=np.uint8)
    files = []
    for old, array in zip(MNIST.files, (images, labels, images[:2], labels[:2]), strict=True):
        content = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()
        packed = gzip.compress(content, mtime=0)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{old.name}.gz" if compress else folder / old.name
        path.write_bytes(packed if compress else content)
        files.append(DataFile(old.name, hashlib.sha256(packed).hexdigest(), hashlib.sha256(content).hexdigest()))
    return Source("tiny", "a tiny data set", tuple(range(10)), tuple(files), validation=2)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("NESY_DATA", raising=False)
    monkeypatch.setenv("NESY_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_the_order_of_places(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NESY_DATA", str(nowhere / "data"))
    assert data_folders("mnist", nowhere / "given") == (
        nowhere / "given" / "mnist",
        nowhere / "given",
        nowhere / "data" / "mnist",
        nowhere / "data",
        nowhere / "cache" / "data" / "mnist",
    )
    monkeypatch.delenv("NESY_CACHE")
    assert cache_folder().name == "nesy"


@pytest.mark.parametrize("compress", [True, False])
def test_files_are_found_and_split(nowhere: Path, monkeypatch: pytest.MonkeyPatch, compress: bool) -> None:
    source = write_files(nowhere / "tiny", compress=compress)
    monkeypatch.setattr("nesy.perception.datasets.find_source", lambda name: source)
    assert load_dataset("tiny", "train", folder=nowhere).labels.tolist() == [0, 1, 2]
    assert load_dataset("tiny", "validation", folder=nowhere / "tiny").labels.tolist() == [3, 4]
    monkeypatch.setenv("NESY_DATA", str(nowhere))
    assert load_dataset("tiny", "test").labels.tolist() == [0, 1]


def test_files_with_another_checksum_are_refused(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(nowhere / "mnist", compress=True)
    with pytest.raises(NesyError, match="SHA-256") as caught:
        load_dataset("mnist", "test", folder=nowhere)
    assert caught.value.diagnostics[0].code == "E462"


def test_downloads_come_from_the_first_mirror_that_works(nowhere: Path) -> None:
    source = write_files(nowhere / "mirror", compress=True)
    wrong = nowhere / "wrong"
    wrong.mkdir()
    (wrong / f"{source.files[0].name}.gz").write_bytes(b"a login page")
    mirrors = tuple(f"{(nowhere / name).as_uri()}/" for name in ("absent", "wrong", "mirror"))
    paths = locate(replace(source, mirrors=mirrors))
    assert [path.parent for path in paths] == [nowhere / "cache" / "data" / "tiny"] * 4
    assert [path.read_bytes() for path in paths] == [(nowhere / "mirror" / path.name).read_bytes() for path in paths]
    assert sorted(path.name for path in paths[0].parent.iterdir()) == sorted(path.name for path in paths)


def test_offline_names_all_places_and_the_cure(nowhere: Path) -> None:
    source = replace(SOURCES["mnist"], mirrors=((nowhere / "absent").as_uri() + "/",))
    with pytest.raises(NesyError) as caught:
        locate(source, nowhere / "given", progress=Silent())
    (found,) = caught.value.diagnostics
    assert found.code == "E461"
    for place in ("given", "cache", "absent"):
        assert str(nowhere / place) in found.message
    assert "NESY_DATA" in found.hint
    assert "'digits'" in found.hint
    with pytest.raises(NesyError, match="downloads are switched off"):
        load_dataset("mnist", folder=nowhere, download=False)


@needs_mnist
@pytest.mark.slow
def test_mnist_is_what_its_authors_say() -> None:
    parts = {split: load_dataset("mnist", split) for split in SPLITS}
    assert [len(part) for part in parts.values()] == [50_000, 10_000, 10_000]
    assert parts["train"].labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    training = np.concatenate([parts["train"].labels, parts["validation"].labels])
    assert np.bincount(training).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(parts["test"].labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert parts["test"].image_shape == (28, 28)
