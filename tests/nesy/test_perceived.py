"""Evidence through perceivers, with a perceiver that needs no training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

import nesy
from nesy.perceived import perceive_all, read_classes
from nesy.perception.adapters import function_perceiver
from nesy.perception.protocol import Perceiver, PerceiverOptions
from nesy.perception.registry import Registry
from tests.nesy.cli.commands import nesy as command

PROGRAM = """
percept cell(1..2, 1..2) : 1..2.
concept same : bool.
same iff cell(1, 1) = 1 and cell(1, 2) = 1.
query same.
"""


def brightness(images: Tensor) -> Tensor:
    """Logits: dark images are 0, bright ones 2, the rest 1."""
    mean = images.flatten(1).mean(1)
    return -40 * (mean[:, None] - torch.tensor([0.0, 0.5, 1.0])).abs()


@pytest.fixture(autouse=True)
def _registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    perceiver = function_perceiver(brightness, classes=(0, 1, 2), image_shape=(2, 2), output="logits")
    monkeypatch.setattr("nesy.perception.registry.installed", lambda: Registry({"brightness": perceiver}))
    monkeypatch.chdir(tmp_path)
    images = np.zeros((3, 2, 2, 2, 2), dtype=np.uint8)
    images[:, :, :] = 128
    images[1, 0, 0] = 255
    np.savez("grid.npz", images)
    Path("same.nesy").write_text(PROGRAM)


def test_perceivers_read_percepts() -> None:
    model = nesy.load(PROGRAM).ground()
    found = perceive_all(model, {"cell": "brightness:grid.npz"}, {"cell": "domain"})
    assert found["cell"].shape == (3, 2, 2, 2)
    assert found["cell"][1, 0, 0].argmax() == 1


def test_run_with_perceivers() -> None:
    options = ["--perceive", "cell=brightness:grid.npz", "--classes"]
    data = command("run", "same.nesy", *options, "cell=_,1,2", "--json").data
    assert [entry["answers"]["same"]["value"] for entry in data] == [True, False, True]
    done = command("run", "same.nesy", *options[:2])
    assert (done.status, "E452" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("text", "classes"),
    [(None, None), ("domain", "domain"), ("1,_,3", [1, None, 3]), ("red, (1,2)", ["red", (1, 2)])],
)
def test_classes(text: str | None, classes: object) -> None:
    assert read_classes(text) == classes


def test_classes_that_are_no_list() -> None:
    with pytest.raises(nesy.NesyError, match="E456"):
        read_classes("1,,2")


@pytest.mark.parametrize(
    ("requests", "classes", "codes"),
    [
        ({"cell": "trained:nowhere.npz"}, {}, ["E480"]),
        ({"cell": "trained:same.nesy"}, {}, ["E480"]),
        ({"cell": "trained:grid.npz"}, {"cell": "1,,2"}, ["E456"]),
        ({"cell": "train:grid.npz"}, {"cll": "domain"}, ["E429", "E450"]),
    ],
)
def test_no_network_is_trained_in_vain(
    requests: dict[str, str], classes: dict[str, str], codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def factory(options: PerceiverOptions) -> Perceiver:
        raise AssertionError("this would train a network")

    monkeypatch.setattr("nesy.perception.registry.installed", lambda: Registry({"trained": factory}))
    with pytest.raises(nesy.NesyError) as caught:
        perceive_all(nesy.load(PROGRAM).ground(), requests, classes)
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == codes


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_a_saved_network_needs_no_package() -> None:
    class Bright(torch.nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            mean = images.flatten(1).mean(1, keepdim=True)
            return torch.cat([1 - mean, mean], dim=1)

    torch.jit.save(torch.jit.trace(Bright(), torch.zeros(1, 1, 2, 2)), "bright.pt")
    data = command("run", "same.nesy", "--perceive", "cell=bright.pt:grid.npz", "--json").data
    assert [entry["answers"]["same"]["value"] for entry in data] == [False, False, False]
    flipped = ["--perceive", "cell=bright.pt:grid.npz", "--classes", "cell=2,1"]
    assert command("run", "same.nesy", *flipped, "--json").data[1]["answers"]["same"]["value"] is True
    images = np.load("grid.npz")["arr_0"]
    np.save("colour.npy", images[:, :, :, None])
    model = nesy.load(PROGRAM).ground()
    grey, colour = (perceive_all(model, {"cell": f"bright.pt:{file}"}, {}) for file in ("grid.npz", "colour.npy"))
    assert torch.equal(grey["cell"], colour["cell"])
    done = command("run", "same.nesy", "--perceive", "cell=missing.pt2:grid.npz")
    assert (done.status, "E472" in done.err) == (1, True)
