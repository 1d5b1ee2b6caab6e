"""Training: reproducible, resumable with the same result, and without traces in global state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nesy.dsl.diagnostics import NesyError
from nesy.perception import Augmentation, TrainingSettings, dataset_from_arrays, initialised, train_network
from nesy.perception.datasets import Dataset
from nesy.perception.training import Epoch

SETTINGS = TrainingSettings(
    epochs=4, batch=8, learning_rate=0.05, average=0.9, augmentation=Augmentation(rotation=5, shift=0.5, elastic=0.2)
)


class Tiny(nn.Sequential):
    """A convolution, a normalisation and dropout: all that has state or draws random numbers."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.3), nn.Linear(16, 2)
        )


def stripes(count: int = 40) -> Dataset:
    """Upright and level stripes, which are easily told apart."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 60, (count, 4, 4)).astype(np.uint8)
    labels = np.arange(count) % 2
    for image, label in zip(images, labels, strict=True):
        (image.T if label else image)[generator.integers(4)] = 255
    return dataset_from_arrays("stripes", images, labels, ("level", "upright"))


def trained(settings: TrainingSettings = SETTINGS, **named: object) -> dict[str, Tensor]:
    network = initialised(Tiny, settings.seed)
    train_network(network, stripes(), settings, **named)  # type: ignore[arg-type]
    assert not network.training
    return network.state_dict()


def same(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return all(torch.equal(first[name], second[name]) for name in first)


class Interruption:
    """A progress display at which somebody presses Ctrl-C after so many steps."""

    def __init__(self, steps: int) -> None:
        self.left, self.finished = steps, False

    def start(self, task: str, total: int | None) -> None:
        assert task == "training Tiny on stripes"
        assert total == 20

    def advance(self, steps: int = 1, note: str = "") -> None:
        self.left -= steps
        if self.left < 0:
            raise KeyboardInterrupt

    def finish(self) -> None:
        self.finished = True


@pytest.mark.slow
def test_the_seed_decides_and_nothing_else() -> None:
    torch.manual_seed(1)
    first = trained()
    torch.manual_seed(2)
    assert same(first, trained())
    assert not same(first, trained(replace(SETTINGS, seed=1)))


def test_global_generators_are_left_alone() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    numbers = np.random.get_state()[1].tolist()  # type: ignore[union-attr,index]
    trained()
    assert torch.equal(before, torch.get_rng_state())
    assert np.random.get_state()[1].tolist() == numbers  # type: ignore[union-attr,index]


@pytest.mark.slow
@pytest.mark.parametrize("optimiser", ["sgd", "adamw", "adadelta"])
@pytest.mark.parametrize("steps", [3, 5, 13])
def test_interrupted_training_goes_on_as_if_nothing_had_happened(tmp_path: Path, optimiser: str, steps: int) -> None:
    settings = replace(SETTINGS, optimiser=optimiser)
    path = tmp_path / "deep" / "run.checkpoint"
    progress = Interruption(steps)
    with pytest.raises(KeyboardInterrupt):
        trained(settings, checkpoint=path, progress=progress)
    assert progress.finished
    whole_epochs = steps // 5
    assert path.exists() == (whole_epochs > 0)
    if whole_epochs:
        assert torch.load(path, weights_only=True)["epoch"] == whole_epochs
    assert same(trained(settings, checkpoint=path), trained(settings))
    assert [entry.name for entry in path.parent.iterdir()] == ["run.checkpoint"]


def test_it_learns() -> None:
    dataset = stripes()
    network = initialised(Tiny, 0)
    history = train_network(network, dataset, TrainingSettings(epochs=20, batch=8, learning_rate=0.05, average=0.8))
    assert [epoch.number for epoch in history] == list(range(1, 21))
    assert history[-1].loss < history[0].loss
    with torch.no_grad():
        choice = network(torch.from_numpy(dataset.images).unsqueeze(1).float() / 255).argmax(dim=1)
    assert (choice.numpy() == dataset.labels).mean() > 0.9


def test_a_finished_training_is_not_run_again(tmp_path: Path) -> None:
    path = tmp_path / "run.checkpoint"
    first = trained(checkpoint=path)
    assert same(first, trained(checkpoint=path, progress=Interruption(20)))


def test_half_precision_trains_too() -> None:
    state = trained(replace(SETTINGS, precision="bfloat16"))
    assert all(value.dtype != torch.bfloat16 for value in state.values())
    assert all(bool(torch.isfinite(value).all()) for value in state.values())


def test_checkpoints_of_others_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.checkpoint"
    trained(checkpoint=path)
    with pytest.raises(NesyError, match="another network") as caught:
        trained(replace(SETTINGS, learning_rate=0.01), checkpoint=path)
    assert caught.value.diagnostics[0].code == "E471"


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\3\4nothing"])
def test_damaged_checkpoints_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.checkpoint"
    path.write_bytes(content)
    with pytest.raises(NesyError) as caught:
        trained(checkpoint=path)
    assert caught.value.diagnostics[0].code == "E475"
    torch.save({"epoch": 3}, path)
    with pytest.raises(NesyError, match="without average, history, key, network, optimiser"):
        trained(checkpoint=path)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NesyError) as caught:
        trained(checkpoint=tmp_path / "file" / "run.checkpoint")
    assert caught.value.diagnostics[0].code == "E476"


def test_divergence_is_said() -> None:
    with pytest.raises(NesyError, match="training diverged") as caught:
        trained(replace(SETTINGS, learning_rate=1e30))
    assert caught.value.diagnostics[0].code == "E474"


@pytest.mark.parametrize(
    "wrong", [{"epochs": 0}, {"batch": 1}, {"learning_rate": 0.0}, {"average": 1.0}, {"label_smoothing": -0.1}]
)
def test_impossible_settings(wrong: dict[str, float]) -> None:
    (name, value), *_ = wrong.items()
    with pytest.raises(NesyError, match=f"{name} = {value}") as caught:
        TrainingSettings(**{"epochs": 1} | wrong)  # type: ignore[arg-type]
    assert caught.value.diagnostics[0].code == "E473"


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [TrainingSettings(epochs=1, learning_rate=0.1).rate(step, 10) for step in range(10)]
    assert rates == pytest.approx([0.025, 0.075, *(0.1 * (10 - step - 0.5) / 8 for step in range(2, 10))])
    assert TrainingSettings(epochs=1, learning_rate=0.1, one_cycle=False).rate(3, 10) == 0.1


def test_the_history_says_how_long_it_took() -> None:
    (epoch,) = train_network(initialised(Tiny, 0), stripes(), replace(SETTINGS, epochs=1))
    assert isinstance(epoch, Epoch)
    assert epoch.seconds > 0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="CUDA is not here")
def test_training_on_cuda() -> None:
    assert all(value.device.type == "cuda" for value in trained(device="cuda").values())
