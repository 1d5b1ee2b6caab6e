"""Training a network on a data set: reproducible from a seed, with checkpoints from which it goes on exactly."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.perception import fingerprints
from nesy.perception.augmentation import augment
from nesy.perception.checkpoints import load_checkpoint, save_checkpoint
from nesy.perception.datasets import Dataset
from nesy.perception.devices import find_device
from nesy.perception.progress import Progress, Silent
from nesy.perception.settings import TrainingSettings

_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Epoch:
    """What an epoch gave: the mean loss over its batches, and how long it took."""

    number: int
    loss: float
    seconds: float


def train_network(
    network: nn.Module,
    dataset: Dataset,
    settings: TrainingSettings,
    *,
    device: str = "cpu",
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> tuple[Epoch, ...]:
    """Train ``network`` in place on all images of ``dataset`` and leave it in evaluation mode.

    Every random choice is drawn from ``settings.seed``; torch's global generators are left as they were. With
    ``checkpoint`` every epoch ends with an atomic write of that file, and training that finds it goes on after the
    last epoch that it holds, with the same result as if it had never been interrupted. E440 without the device,
    E471 and E475 for a foreign or damaged checkpoint, E474 if the loss stops being a number.
    """
    run = _Run(network, dataset, settings, find_device(device))
    found = None if checkpoint is None else load_checkpoint(checkpoint, run.key, run.device)
    history = [] if found is None else run.restore(found)
    show = progress or Silent()
    show.start(f"training {type(network).__name__} on {dataset.name}", settings.epochs * run.batches)
    show.advance(len(history) * run.batches, f"resumed after epoch {len(history)}" if history else "")
    try:
        for number in range(len(history) + 1, settings.epochs + 1):
            epoch = run.epoch(number, show)
            history.append(epoch)
            if checkpoint is not None:
                save_checkpoint(checkpoint, run.state(history))
            show.advance(0, f"epoch {number}/{settings.epochs}: loss {epoch.loss:.4f}, {epoch.seconds:.1f} s")
    finally:
        show.finish()
    run.close()
    return tuple(history)


class _Run:
    """The moving parts of one training."""

    def __init__(self, network: nn.Module, dataset: Dataset, settings: TrainingSettings, device: torch.device) -> None:
        self.key = fingerprints.of_text(fingerprints.of_network(network), dataset.fingerprint, repr(settings))
        self.network = network.to(device)
        cast("Any", self.network).to(memory_format=torch.channels_last)  # torch's stubs lack this form
        self.settings, self.device = settings, device
        self.images = torch.from_numpy(dataset.images).to(device).unsqueeze(1)
        self.labels = torch.from_numpy(dataset.labels).to(device=device, dtype=torch.int64)
        self.size = min(settings.batch, len(dataset))
        self.batches = len(dataset) // self.size
        self.optimiser = _optimiser(network, settings)
        self.average = {name: value.clone() for name, value in network.state_dict().items()} if settings.average else {}

    def epoch(self, number: int, progress: Progress) -> Epoch:
        """One pass over the data; a remainder that does not fill a batch is left to other epochs' shuffles."""
        start = time.perf_counter()
        self.network.train()
        generator = torch.Generator(self.device).manual_seed(_derived(self.settings.seed, number, "data"))
        order = torch.randperm(len(self.labels), generator=generator, device=self.device)
        total = torch.zeros((), device=self.device)
        with _seeded(_derived(self.settings.seed, number, "network"), self.device):
            for batch in range(self.batches):
                total += self._step((number - 1) * self.batches + batch, order, batch, generator)
                progress.advance()
        loss = float(total) / self.batches
        if loss != loss or loss == float("inf"):
            message = f"training diverged: the mean loss of epoch {number} is {loss}"
            raise NesyError(Diagnostic("E474", message, hint="a smaller learning rate may help"))
        return Epoch(number, loss, time.perf_counter() - start)

    def _step(self, step: int, order: Tensor, batch: int, generator: torch.Generator) -> Tensor:
        places = order[batch * self.size : (batch + 1) * self.size]
        images = self.images[places].float() / 255
        if self.settings.augmentation is not None:
            images = augment(images, self.settings.augmentation, generator)
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.rate(step, self.settings.epochs * self.batches)
        half = self.settings.precision == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=half):
            logits = self.network(images.contiguous(memory_format=torch.channels_last))
        smoothing = self.settings.label_smoothing
        loss = functional.cross_entropy(logits.float(), self.labels[places], label_smoothing=smoothing)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch gives no type
        self.optimiser.step()
        self._follow(step)
        return loss.detach()

    def _follow(self, step: int) -> None:
        """Move the averaged weights towards the present ones; the first steps count less."""
        decay = min(self.settings.average, (step + 1) / (step + 10))
        for name, value in self.network.state_dict().items():
            if name not in self.average:
                return
            if value.is_floating_point():
                self.average[name].lerp_(value, 1 - decay)
            else:
                self.average[name].copy_(value)

    def state(self, history: list[Epoch]) -> dict[str, object]:
        return {
            "key": self.key,
            "epoch": len(history),
            "network": self.network.state_dict(),
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "history": [asdict(epoch) for epoch in history],
        }

    def restore(self, checkpoint: object) -> list[Epoch]:
        assert isinstance(checkpoint, dict)
        self.network.load_state_dict(checkpoint["network"])
        self.optimiser.load_state_dict(checkpoint["optimiser"])
        self.average = checkpoint["average"]
        return [Epoch(**epoch) for epoch in checkpoint["history"]]

    def close(self) -> None:
        """Give the network its final weights."""
        if self.average:
            self.network.load_state_dict(self.average)
        self.network.eval()


def _optimiser(network: nn.Module, settings: TrainingSettings) -> torch.optim.Optimizer:
    """Weight decay concerns convolutions and matrices, not biases and normalisations."""
    weights = [value for value in network.parameters() if value.dim() > 1]
    others = [value for value in network.parameters() if value.dim() <= 1]
    groups = [
        {"params": weights, "weight_decay": settings.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    match settings.optimiser:
        case "sgd":
            return torch.optim.SGD(groups, settings.learning_rate, momentum=0.9, nesterov=True)
        case "adamw":
            return torch.optim.AdamW(groups, settings.learning_rate)
        case "adadelta":
            return torch.optim.Adadelta(groups, settings.learning_rate)


def _derived(seed: int, epoch: int, use: str) -> int:
    """A seed of its own for every epoch and use, so that resuming needs no generator's state."""
    return int(fingerprints.of_text(str(seed), str(epoch), use), 16) % _LARGEST_SEED


@contextmanager
def _seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Seed the global generators (which dropout draws from) and put them back as they were afterwards."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.set_rng_state(torch.Generator().manual_seed(seed).get_state())
        if device.type == "cuda":
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        yield
