"""Classes of networks onto values of types: refused unless they match or are mapped; conditioned, never masked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl.diagnostics import NesyError
from nesy.perception import function_perceiver, to_evidence
from nesy.perception.evidence import condition

INPUTS = np.zeros((2, 1), np.uint8)


def reader(row: Sequence[float], classes: tuple[object, ...]) -> object:
    rows = torch.tensor([list(row)], dtype=torch.float64)
    return function_perceiver(lambda images: rows.expand(len(images), -1), classes=classes, image_shape=(1,))  # type: ignore[arg-type]


def evidence(
    row: Sequence[float], own: tuple[object, ...], values: tuple[object, ...], classes: object = None
) -> list[float]:
    found = to_evidence(reader(row, own), INPUTS, values, classes)  # type: ignore[arg-type]
    assert found.dtype == torch.float64
    assert found.shape == (2, len(values))
    torch.testing.assert_close(found.sum(dim=1), torch.ones(2, dtype=torch.float64))
    first: list[float] = found[0].tolist()
    return first


def test_the_same_classes_in_another_order() -> None:
    assert evidence([0.5, 0.2, 0.3], ("red", "green", "blue"), ("blue", "red", "green")) == pytest.approx(
        [0.3, 0.5, 0.2]
    )


def test_truth_values_are_not_numbers() -> None:
    assert evidence([0.75, 0.25], (True, False), (False, True)) == pytest.approx([0.25, 0.75])
    with pytest.raises(NesyError, match="no class for the value false, true"):
        to_evidence(reader([0.75, 0.25], (1, 0)), INPUTS, (False, True))  # type: ignore[arg-type]


def test_more_classes_than_values_are_refused() -> None:
    with pytest.raises(NesyError) as caught:
        to_evidence(reader([0.4, 0.4, 0.2], (0, 1, 2)), INPUTS, (1, 2))  # type: ignore[arg-type]
    (found,) = caught.value.diagnostics
    assert found.code == "E452"
    assert "tells 3 classes apart, the percept's type has 2 values; no value for the class 0" in found.message
    assert "classes='domain'" in found.hint


def test_fewer_classes_than_values_are_refused() -> None:
    with pytest.raises(NesyError, match="no class for the value 3"):
        to_evidence(reader([0.4, 0.6], (1, 2)), INPUTS, (1, 2, 3))  # type: ignore[arg-type]


def test_the_domain_keeps_its_own_classes_and_conditions() -> None:
    # p(1 | 1 or 2) = 0.4 / (0.4 + 0.2)
    assert evidence([0.4, 0.4, 0.2], (0, 1, 2), (1, 2), "domain") == pytest.approx([2 / 3, 1 / 3])


def test_a_confident_reading_outside_the_domain_stays_a_distribution() -> None:
    tiny = 1e-30
    assert evidence([1 - 4 * tiny, 3 * tiny, tiny], (0, 1, 2), (1, 2), "domain") == pytest.approx([0.75, 0.25])


def test_a_sequence_says_what_each_output_means() -> None:
    assert evidence([0.5, 0.1, 0.4], (0, 1, 2), ("a", "b", "c"), (None, "a", "b")) == pytest.approx([0.2, 0.8, 0.0])


def test_outputs_with_one_value_add_up() -> None:
    assert evidence([0.5, 0.1, 0.4], (0, 1, 2), ("even", "odd"), ("even", "even", "odd")) == pytest.approx([0.6, 0.4])


def test_a_mapping_says_it_by_class() -> None:
    assert evidence(
        [0.5, 0.1, 0.4], ("bus", "car", "van"), ("small", "big"), {"car": "small", "van": "big"}
    ) == pytest.approx([0.2, 0.8])


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ((1, 2), "names 2 values, the network has 3 outputs"),
        ((1, 2, 9), "9 is no value of the type"),
        ({7: 1}, "it has no class 7"),
        ("all", "classes = 'all'"),
        ((None, None, None), "no output means a value"),
    ],
)
def test_wrong_classes(classes: object, message: str) -> None:
    with pytest.raises(NesyError, match=message) as caught:
        to_evidence(reader([0.5, 0.1, 0.4], (0, 1, 2)), INPUTS, (1, 2), classes)  # type: ignore[arg-type]
    assert caught.value.diagnostics[0].code == "E456"


class Careless:
    """Somebody's perceiver that gives two readings for three classes."""

    name, classes, image_shape, device = "careless", (1, 2, 3), (1,), "cpu"

    def perceive(self, inputs: object) -> torch.Tensor:
        return torch.full((2, 2), 0.5)


def test_perceivers_of_others_are_checked() -> None:
    with pytest.raises(NesyError, match=r"gave the shape \[2, 2\] for 3 classes") as caught:
        to_evidence(Careless(), INPUTS, (1, 2, 3))
    assert caught.value.diagnostics[0].code == "E455"


def test_nothing_to_condition_on() -> None:
    with pytest.raises(NesyError, match=r"image \[0\] gives probability 0"):
        to_evidence(reader([1.0, 0.0, 0.0], (0, 1, 2)), INPUTS, (1, 2), "domain")  # type: ignore[arg-type]


@given(st.integers(0, 10_000), st.lists(st.integers(-1, 3), min_size=1, max_size=6))
def test_conditioning_is_division_by_the_probability_of_the_domain(seed: int, places: list[int]) -> None:
    if max(places) < 0:
        places[0] = 0
    readings = torch.rand(3, 2, len(places), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    readings /= readings.sum(dim=-1, keepdim=True)
    found = condition(readings, places, 4, "test")
    for batch in range(3):
        for index in range(2):
            row = readings[batch, index].tolist()
            inside = sum(degree for degree, place in zip(row, places, strict=True) if place >= 0)
            expected = [
                sum(degree for degree, place in zip(row, places, strict=True) if place == value) / inside
                for value in range(4)
            ]
            assert found[batch, index].tolist() == pytest.approx(expected, abs=1e-12)
