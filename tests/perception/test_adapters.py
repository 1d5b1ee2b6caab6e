"""Modules, functions and saved networks become perceivers; what they get wrong is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from nesy.dsl.diagnostics import NesyError
from nesy.perception import Perceiver, file_perceiver, function_perceiver, module_perceiver
from nesy.perception.adapters import ModelPerceiver
from tests.effort import tries

CLASSES = (0, 1, 2)


class Brightness(nn.Module):
    """Logits (mean brightness, 0, 1)."""

    def forward(self, images: Tensor) -> Tensor:
        mean = images.flatten(1).mean(dim=1, keepdim=True)
        return torch.cat([mean, torch.zeros_like(mean), torch.ones_like(mean)], dim=1)


def perceiver(**changes: object) -> ModelPerceiver:
    return module_perceiver(Brightness(), **{"classes": CLASSES, "image_shape": (2, 3)} | changes)  # type: ignore[arg-type]


def code(call: object, *arguments: object, **named: object) -> str:
    with pytest.raises(NesyError) as caught:
        call(*arguments, **named)  # type: ignore[operator]
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.hint
    return diagnostic.code


@settings(max_examples=tries(25))
@given(st.lists(st.integers(1, 3), max_size=3), st.integers(1, 7), st.booleans())
def test_any_leading_axes_in_portions_of_any_size(leading: list[int], batch: int, as_tensor: bool) -> None:
    images = np.random.default_rng(0).integers(0, 256, (*leading, 2, 3), dtype=np.uint8)
    readings = perceiver(batch=batch).perceive(torch.from_numpy(images) if as_tensor else images)
    assert readings.shape == (*leading, 3)
    assert readings.dtype == torch.float64
    means = torch.from_numpy(images.astype(np.float64) / 255).mean(dim=(-2, -1))
    logits = torch.stack([means, torch.zeros_like(means), torch.ones_like(means)], dim=-1)
    torch.testing.assert_close(readings, torch.softmax(logits, dim=-1), atol=1e-6, rtol=0)


def test_bytes_and_floats_read_the_same() -> None:
    images = np.arange(12, dtype=np.uint8).reshape(2, 2, 3) * 20
    floats = images.astype(np.float32) / 255
    torch.testing.assert_close(perceiver().perceive(images), perceiver().perceive(floats))
    torch.testing.assert_close(perceiver().perceive(images), perceiver().perceive(floats.astype(np.float64)))


def test_an_empty_batch_gives_no_readings() -> None:
    assert perceiver().perceive(np.zeros((0, 4, 2, 3), np.uint8)).shape == (0, 4, 3)


def test_temperature_flattens() -> None:
    image = np.full((1, 2, 3), 255, np.uint8)
    logits = torch.tensor([[1.0, 0.0, 1.0]], dtype=torch.float64)
    torch.testing.assert_close(perceiver(temperature=4.0).perceive(image), torch.softmax(logits / 4, dim=1))


def test_modules_are_perceivers() -> None:
    assert isinstance(perceiver(), Perceiver)
    assert perceiver().name == "Brightness"


def test_images_with_channels_go_in_as_they_are() -> None:
    colour = perceiver(image_shape=(3, 4, 4))
    assert colour.perceive(np.zeros((5, 3, 4, 4), np.float32)).shape == (5, 3)


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (np.zeros((2, 3, 2), np.uint8), "E453"),
        (np.zeros(3, np.uint8), "E453"),
        (np.zeros((1, 2, 3), np.int64), "E454"),
        (np.zeros((1, 2, 3), bool), "E454"),
        ([[0.0] * 3] * 2, "E454"),
        (np.full((1, 2, 3), np.nan, np.float32), "E454"),
        (np.full((1, 2, 3), 255.0), "E454"),
        (np.full((1, 2, 3), -0.5), "E454"),
    ],
)
def test_wrong_inputs(inputs: object, expected: str) -> None:
    assert code(perceiver().perceive, inputs) == expected


def test_wrong_numbers_name_the_image_and_the_number() -> None:
    images = np.zeros((4, 5, 2, 3), np.float32)
    images[3, 2, 1, 0] = 7.5
    with pytest.raises(NesyError, match=r"image \[3,2\] holds the number 7\.5, expected numbers in 0\.\.1"):
        perceiver(batch=6).perceive(images)


def test_functions_give_probabilities() -> None:
    def half(images: Tensor) -> np.ndarray:
        return np.full((len(images), 2), 0.5, np.float32)

    made = function_perceiver(half, classes=("red", "green"), image_shape=(4,))
    assert made.name == "half"
    assert made.perceive(np.zeros((3, 4), np.uint8)).tolist() == [[0.5, 0.5]] * 3


@pytest.mark.parametrize(
    "outputs",
    [[0.5, 0.6], [1.2, -0.2], [float("nan"), 1.0], [1.0], [[0.5], [0.5]]],
    ids=["sum", "negative", "nan", "too few", "axes"],
)
def test_outputs_that_are_no_probabilities(outputs: list[object]) -> None:
    made = function_perceiver(lambda images: torch.tensor([outputs]), classes=(1, 2), image_shape=(4,))
    assert code(made.perceive, np.zeros((1, 4), np.uint8)) == "E455"


def test_probabilities_are_freed_from_rounding() -> None:
    rows = torch.tensor([[0.3, 0.3, 0.39999]])
    readings = function_perceiver(lambda images: rows, classes=CLASSES, image_shape=(4,)).perceive(
        np.zeros((1, 4), np.uint8)
    )
    assert float(readings.sum()) == pytest.approx(1, abs=1e-15)


def test_a_failing_network_is_reported() -> None:
    made = module_perceiver(nn.Linear(5, 3), classes=CLASSES, image_shape=(2, 3))
    assert code(made.perceive, np.zeros((1, 2, 3), np.uint8)) == "E455"


@pytest.mark.parametrize("outputs", [None, (torch.ones(1, 3), torch.ones(1, 3)), "red"])
def test_functions_that_give_no_numbers(outputs: object) -> None:
    made = function_perceiver(lambda images: outputs, classes=CLASSES, image_shape=(4,))  # type: ignore[arg-type, return-value]
    assert code(made.perceive, np.zeros((1, 4), np.uint8)) == "E455"


def test_functions_that_fail_in_their_own_way() -> None:
    def lost(images: Tensor) -> Tensor:
        raise ZeroDivisionError("division by zero")

    made = function_perceiver(lost, classes=CLASSES, image_shape=(4,))
    assert code(made.perceive, np.zeros((1, 4), np.uint8)) == "E455"


def test_kinds_of_output_are_two() -> None:
    assert code(perceiver, output="logit") == "E473"


@pytest.mark.slow
def test_a_cut_file_is_told_without_a_traceback(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    program = torch.export.export(torch.nn.Linear(2, 3), (torch.zeros(1, 2),))
    path = tmp_path / "network.pt2"
    torch.export.save(program, path)
    path.write_bytes(path.read_bytes()[:500])
    assert code(file_perceiver, path, classes=CLASSES, image_shape=(2,)) == "E472"
    assert capfd.readouterr().err == ""


def test_classes_have_to_differ() -> None:
    assert code(perceiver, classes=(1, 1, 2)) == "E456"
    assert code(perceiver, classes=()) == "E456"
    assert code(perceiver, temperature=0.0) == "E473"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_torchscript_files(tmp_path: Path) -> None:
    path = tmp_path / "bright.pt"
    torch.jit.save(torch.jit.trace(Brightness(), torch.zeros(1, 1, 2, 3)), str(path))
    images = np.random.default_rng(0).integers(0, 256, (4, 2, 3), dtype=np.uint8)
    made = file_perceiver(path, classes=CLASSES, image_shape=(2, 3))
    assert made.name == "bright"
    torch.testing.assert_close(made.perceive(images), perceiver().perceive(images))


@pytest.mark.slow
def test_exported_files(tmp_path: Path) -> None:
    path, fixed = tmp_path / "bright.pt2", tmp_path / "fixed.pt2"
    example = torch.zeros(3, 1, 2, 3)
    shapes = {"images": {0: torch.export.Dim("batch")}}
    torch.export.save(torch.export.export(Brightness(), (example,), dynamic_shapes=shapes), path)
    torch.export.save(torch.export.export(Brightness(), (example,)), fixed)
    images = np.random.default_rng(0).integers(0, 256, (5, 2, 3), dtype=np.uint8)
    made = file_perceiver(path, classes=CLASSES, image_shape=(2, 3), batch=2)
    torch.testing.assert_close(made.perceive(images), perceiver().perceive(images))
    still = file_perceiver(fixed, classes=CLASSES, image_shape=(2, 3))
    assert code(still.perceive, images) == "E455"


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
@pytest.mark.parametrize("ending", ["pt", pytest.param("pt2", marks=pytest.mark.slow)])
def test_files_that_hold_no_network(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"network.{ending}"
    assert code(file_perceiver, path, classes=CLASSES, image_shape=(2, 3)) == "E472"
    path.write_bytes(b"nothing of the kind")
    assert code(file_perceiver, path, classes=CLASSES, image_shape=(2, 3)) == "E472"
    torch.save(Brightness().state_dict(), path)
    assert code(file_perceiver, path, classes=CLASSES, image_shape=(2, 3)) == "E472"


@pytest.mark.skipif(torch.cuda.is_available(), reason="CUDA is here")
@pytest.mark.parametrize("device", ["cuda", "cuda:3", "nowhere", "meta"])
def test_devices_that_are_not_there(device: str) -> None:
    assert code(perceiver, device=device) == "E440"
