"""Saved networks without a word about what they take and give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nesy.dsl.diagnostics import NesyError
from nesy.perception.evidence import to_evidence
from nesy.perception.network_files import is_network_file, network_file

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
IMAGES = np.random.default_rng(3).integers(0, 256, (70, 2, 3), dtype=np.uint8)


class Wide(nn.Module):
    """``outputs`` logits, or their softmax, of images with one channel."""

    def __init__(self, outputs: int, *, softmax: bool) -> None:
        super().__init__()
        self.linear = nn.Linear(6, outputs)
        self.softmax = softmax
        nn.init.normal_(self.linear.weight, generator=torch.Generator().manual_seed(outputs))

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.linear(images.flatten(1))
        return logits.softmax(1) if self.softmax else logits


def saved(path: Path, module: nn.Module, *shape: int) -> str:
    torch.jit.save(torch.jit.trace(module.eval(), torch.zeros(1, *shape)), str(path))
    return str(path)


def expected(module: Wide, images: np.ndarray) -> Tensor:
    rows = module.linear(torch.from_numpy(images).float().flatten(1) / 255)
    return rows.double().softmax(1)


@pytest.mark.parametrize("softmax", [False, True])
def test_outputs_are_logits_unless_they_are_distributions(tmp_path: Path, softmax: bool) -> None:
    module = Wide(3, softmax=softmax)
    path = saved(tmp_path / "net.pt", module, 1, 2, 3)
    made = network_file(path, IMAGES, (2, 3), ("red", "amber", "green"))
    assert (made.output, made.classes) == ("probabilities" if softmax else "logits", ("red", "amber", "green"))
    torch.testing.assert_close(made.perceive(IMAGES), expected(module, IMAGES), atol=1e-6, rtol=0)


def test_more_outputs_than_values_have_to_be_explained(tmp_path: Path) -> None:
    module = Wide(4, softmax=False)
    path = saved(tmp_path / "net.pt", module, 1, 2, 3)
    values = ("red", "amber", "green")
    made = network_file(path, IMAGES, (2, 3), values)
    assert made.classes == (0, 1, 2, 3)
    with pytest.raises(NesyError, match="E452"):
        to_evidence(made, IMAGES, values)
    found = to_evidence(made, IMAGES, values, ("red", None, "green", "amber"))
    wanted = expected(module, IMAGES)[:, [0, 3, 2]]
    torch.testing.assert_close(found, wanted / wanted.sum(1, keepdim=True), atol=1e-6, rtol=0)


def test_images_with_channels(tmp_path: Path) -> None:
    path = saved(tmp_path / "net.ts", Wide(3, softmax=False), 1, 2, 3)
    images = IMAGES[:, None]
    made = network_file(path, images, (1, 2, 3), (1, 2, 3))
    plain = network_file(path, IMAGES, (2, 3), (1, 2, 3))
    torch.testing.assert_close(made.perceive(images), plain.perceive(IMAGES))


def test_what_cannot_be_used(tmp_path: Path) -> None:
    path = saved(tmp_path / "net.pt", Wide(3, softmax=False), 1, 2, 3)
    for arguments, code in (
        ((str(tmp_path / "other.pt"), IMAGES, (2, 3)), "E472"),
        ((path, IMAGES[:, :, :2], (2, 2)), "E455"),
        ((path, IMAGES[:0], (2, 3)), "E454"),
        ((path, IMAGES.astype(np.float32), (2, 3)), "E454"),
    ):
        with pytest.raises(NesyError, match=code):
            network_file(*arguments, (1, 2, 3))


def test_names_of_files_are_told_from_names_of_perceivers() -> None:
    assert all(map(is_network_file, ("net.pt", "a/b.PT2", "x.ts", "weights.pth")))
    assert not any(map(is_network_file, ("digits", "fashion-mnist", "my.perceiver")))
