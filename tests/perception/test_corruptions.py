"""Corruptions do what they say, to every image by itself, and the same again from the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.dsl.diagnostics import NesyError
from nesy.perception.corruptions import KINDS, corrupt_images, random_intensities
from tests.effort import tries

seeds = st.integers(0, 2**32)


def drawn(count: int = 6, height: int = 12, width: int = 12, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, height, width)).astype(np.uint8)


@settings(max_examples=tries(30), deadline=None)
@given(st.sets(st.sampled_from(KINDS)), st.floats(0, 1), seeds)
def test_the_same_seed_gives_the_same_images(kinds: set[str], intensity: float, seed: int) -> None:
    images = drawn()
    before = images.copy()
    first, second = (corrupt_images(images, dict.fromkeys(kinds, intensity), seed) for _ in range(2))
    assert first.shape == images.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, second)
    assert np.array_equal(images, before)


@pytest.mark.parametrize("kind", KINDS)
def test_the_intensity_is_each_image_s_own(kind: str) -> None:
    """An image with intensity 0 stays as it is, to the byte; one with intensity 1 does not."""
    images = drawn()
    amounts = np.array([0.0, 1.0, 0.0, 0.5, 0.0, 1.0])
    found = corrupt_images(images, {kind: amounts}, 3)
    changed = (found != images).any((1, 2))
    assert changed.tolist() == (amounts > 0).tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_more_intensity_does_more(kind: str) -> None:
    """Mean distance from the smooth original grows."""
    down, across = np.mgrid[:16, :16]
    image = 127 + 120 * np.sin(down / 2) * np.cos(across / 3)
    images = np.repeat(image[None], 200, 0).astype(np.uint8)
    distances = [
        np.abs(corrupt_images(images, {kind: intensity}, 1).astype(float) - images).mean()
        for intensity in (0.0, 0.3, 0.5, 0.8)
    ]
    assert distances == sorted(distances)
    assert distances[0] == 0
    assert distances[1] > 0


def test_kinds_of_a_mix_are_drawn_apart() -> None:
    """With fog of intensity 0 the noise is what it is without fog; the order of the names does not count."""
    images = drawn()
    alone = corrupt_images(images, {"noise": 0.5}, 7)
    assert np.array_equal(alone, corrupt_images(images, {"fog": 0.0, "noise": 0.5}, 7))
    mixed = {"rotation": 0.4, "noise": 0.5}
    assert np.array_equal(corrupt_images(images, mixed, 7), corrupt_images(images, dict(reversed(mixed.items())), 7))


def test_rotation_turns_about_the_centre_to_either_side() -> None:
    """A bar that points up ends at an angle of 30° to 40°, on the left or on the right; the centre stays."""
    images = np.zeros((60, 41, 41), np.uint8)
    images[:, 2:21, 19:22] = 255
    found = corrupt_images(images, {"rotation": 1.0}, 5).astype(float)
    down, across = np.mgrid[:41, :41] - 20
    weights = found.sum((1, 2))
    angles = np.rad2deg(np.arctan2((found * across).sum((1, 2)) / weights, -(found * down).sum((1, 2)) / weights))
    assert 28 < np.abs(angles).min() < 32
    assert 38 < np.abs(angles).max() < 42
    assert {-1.0, 1.0} == set(np.sign(angles))
    assert (found[:, 20, 20] > 200).all()


def test_a_right_angle_by_hand() -> None:
    """Half of a pixel moves to each of two neighbours when an image is interpolated half-way."""
    from nesy.perception.corruptions import _interpolated

    image = np.array([[[0.0, 1.0], [0.5, 0.25]]])
    rows, columns = np.array([[[0.0, 0.5], [0.0, -5.0]]]), np.array([[[0.5, 1.0], [-0.5, 0.0]]])
    assert _interpolated(image, rows, columns).tolist() == [[[0.5, 0.625], [0.0, 0.0]]]


@settings(max_examples=tries(20), deadline=None)
@given(st.floats(0.1, 1), seeds)
def test_a_patch_is_square_and_inside(intensity: float, seed: int) -> None:
    images = np.zeros((4, 20, 20), np.uint8)
    found = corrupt_images(images, {"occlusion": intensity}, seed)
    side = round(0.5 * intensity * 20)
    for image in found:
        inside = np.flatnonzero(image.any(0))
        if len(inside):  # a patch may be as dark as the image
            assert len(inside) == np.ptp(inside) + 1 == side
            assert (image > 0).sum() == side * side
            assert len(np.unique(image[image > 0])) == 1


def test_blur_spreads_a_point_as_a_gaussian_does() -> None:
    images = np.zeros((1, 41, 41), np.uint8)
    images[0, 20, 20] = 255
    found = corrupt_images(images, {"blur": 0.5}, 0)[0].astype(float)
    deviation = 0.1 * 0.5 * 41
    down, across = np.mgrid[:41, :41] - 20
    expected = 255 * np.exp(-(down**2 + across**2) / (2 * deviation**2)) / (2 * np.pi * deviation**2)
    assert np.abs(found - expected).max() <= 1
    assert found.sum() == pytest.approx(255, rel=0.1)


def test_fog_takes_contrast_and_gives_light() -> None:
    images = drawn(50, seed=2)
    found = corrupt_images(images, {"fog": 0.8}, 0).astype(float)
    assert found.std() < 0.5 * images.std()
    black = corrupt_images(np.zeros_like(images), {"fog": 1.0}, 0) / 255
    assert black.min() >= 0.55 * 0.5 - 0.01
    assert black.max() <= 0.55 + 0.01


def test_noise_has_its_deviation() -> None:
    grey = np.full((40, 20, 20), 128, np.uint8)
    found = corrupt_images(grey, {"noise": 0.2}, 0).astype(float)
    assert (found - 128).std() == pytest.approx(0.6 * 0.2 * 255, rel=0.03)
    assert abs((found - 128).mean()) < 1


def test_random_intensities_spare_all_kinds_but_one() -> None:
    found = random_intensities(500, ("fog", "noise"), 0.2, 0.7, seed=4)
    both = np.stack([found["fog"], found["noise"]])
    assert ((both > 0).sum(0) == 1).all()
    assert both.max() <= 0.7
    assert both.max(0).min() >= 0.2
    assert 200 < (found["fog"] > 0).sum() < 300


@pytest.mark.parametrize(
    ("intensities", "code", "said"),
    [
        ({"fogg": 0.3}, "E477", "there is no corruption 'fogg'"),
        ({"fog": 1.5}, "E478", "'fog' has intensity 1.5"),
        ({"fog": np.array([0, 0, np.nan, 0, 0, 0])}, "E478", "'fog' has intensity nan, image 2"),
        ({"fog": np.zeros(4)}, "E478", "'fog' has intensities [4] for 6 images"),
        ({"fog": np.zeros((6, 1))}, "E478", "'fog' has intensities [6, 1] for 6 images"),
    ],
)
def test_impossible_corruptions(intensities: dict[str, object], code: str, said: str) -> None:
    with pytest.raises(NesyError) as caught:
        corrupt_images(drawn(), intensities, 0)  # type: ignore[arg-type]
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == (code, said)
    assert found.hint


@pytest.mark.parametrize("images", [np.zeros((2, 4, 4)), np.zeros((4, 4), np.uint8), np.zeros((2, 0, 4), np.uint8)])
def test_what_is_no_batch_of_bytes(images: np.ndarray) -> None:
    with pytest.raises(NesyError) as caught:
        corrupt_images(images, {"fog": 0.1}, 0)
    assert caught.value.diagnostics[0].code == "E479"


def test_an_empty_batch_stays_empty() -> None:
    assert corrupt_images(np.zeros((0, 8, 8), np.uint8), dict.fromkeys(KINDS, 0.5), 0).shape == (0, 8, 8)
