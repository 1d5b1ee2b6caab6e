"""Addition samples: disjoint images, right sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl.diagnostics import NesyError
from nesy.perception.generators import addition_samples

LABELS = np.random.default_rng(0).integers(0, 10, 60)
IMAGES = np.arange(60, dtype=np.float32)[:, None, None].repeat(2, 1)


@given(st.integers(1, 15), st.integers(0, 2**32))
def test_sums_are_right_and_images_disjoint(digits: int, seed: int) -> None:
    samples = addition_samples(IMAGES, LABELS, digits=digits, seed=seed)
    assert len(samples) == 60 // (2 * digits)
    assert samples.digits == digits
    assert len(np.unique(samples.places)) == samples.places.size
    assert samples.images.shape == (len(samples), 2, digits, 2, 1)
    assert (LABELS[samples.places] == samples.labels).all()
    for sample in range(len(samples)):
        first, second, total = samples.numbers(sample)
        assert first + second == total
        assert f"{first:0{digits}}" == "".join(map(str, samples.labels[sample, 0]))


def test_very_long_numbers() -> None:
    labels = np.full(10_000, 9)
    samples = addition_samples(np.zeros((10_000, 1, 1)), labels, digits=5_000, seed=0)
    first, second, total = samples.numbers(0)
    assert first == second == 10**5_000 - 1
    assert total == 2 * first


def test_the_seed_decides() -> None:
    one, same, other = (addition_samples(IMAGES, LABELS, digits=2, count=3, seed=seed) for seed in (1, 1, 2))
    assert (one.places == same.places).all()
    assert (one.places != other.places).any()


@pytest.mark.parametrize(
    ("digits", "count", "code"), [(0, None, "E493"), (1, 0, "E493"), (40, None, "E491"), (2, 20, "E491")]
)
def test_impossible_requests_are_refused(digits: int, count: int | None, code: str) -> None:
    with pytest.raises(NesyError) as caught:
        addition_samples(IMAGES, LABELS, digits=digits, count=count, seed=0)
    assert caught.value.diagnostics[0].code == code
