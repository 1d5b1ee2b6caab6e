"""Networks that read digits: the paper's, a better one, and a small one for 8×8 images.

Every network takes images ``[batch, 1, height, width]`` as floats in 0 … 1, brings them to zero mean and unit variance
itself, and returns logits ``[batch, class]``. So a saved network needs nothing beside its weights.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

MNIST_MEAN, MNIST_DEVIATION = 0.1307, 0.3081
DIGITS_MEAN, DIGITS_DEVIATION = 0.3053, 0.3761
"""Mean and standard deviation of the training images of MNIST and of scikit-learn's digits on the 0 … 1 scale."""

Network = TypeVar("Network", bound=nn.Module)


class Standardise(nn.Module):
    """(x − mean) / deviation."""

    def __init__(self, mean: float, deviation: float) -> None:
        super().__init__()
        self.mean, self.deviation = mean, deviation

    def forward(self, images: Tensor) -> Tensor:
        return (images - self.mean) / self.deviation

    def extra_repr(self) -> str:
        return f"mean={self.mean}, deviation={self.deviation}"


class Residual(nn.Module):
    """Two 3×3 convolutions around which the input is led (He et al., “Deep residual learning”, 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, features: Tensor) -> Tensor:
        return torch.relu(features + self.body(features))


def _reduce(channels_in: int, channels_out: int, padding: int) -> list[nn.Module]:
    """A convolution that changes the number of channels, and half the resolution."""
    return [
        nn.Conv2d(channels_in, channels_out, 3, padding=padding, bias=False),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    ]


class DigitNet(nn.Module):
    """A residual network of 0.2 million weights for 28×28 images (28 → 26 → 12 → 6 → 2 pixels a side)."""

    def __init__(
        self,
        classes: int = 10,
        widths: tuple[int, int, int, int] = (16, 32, 64, 128),
        mean: float = MNIST_MEAN,
        deviation: float = MNIST_DEVIATION,
    ) -> None:
        super().__init__()
        first, second, third, fourth = widths
        self.layers = nn.Sequential(
            Standardise(mean, deviation),
            nn.Conv2d(1, first, 3, bias=False),
            nn.BatchNorm2d(first),
            nn.ReLU(inplace=True),
            *_reduce(first, second, padding=0),
            Residual(second),
            *_reduce(second, third, padding=1),
            Residual(third),
            *_reduce(third, fourth, padding=0),
            nn.Flatten(),
            nn.Linear(4 * fourth, classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.layers(images)
        return logits


class SmallDigitNet(nn.Module):
    """A network of some 40 thousand weights for 8×8 images (8 → 8 → 4 → 2 pixels a side)."""

    def __init__(
        self, classes: int = 10, width: int = 32, mean: float = DIGITS_MEAN, deviation: float = DIGITS_DEVIATION
    ) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            Standardise(mean, deviation),
            nn.Conv2d(1, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            *_reduce(width, width, padding=1),
            *_reduce(width, 2 * width, padding=1),
            nn.Flatten(),
            nn.Dropout(0.2),
            nn.Linear(8 * width, classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.layers(images)
        return logits


class PaperDigitNet(nn.Module):
    """The network of Baaj and Marquis, “Π-NeSy” (arXiv 2504.07055), as in their published code, for 28×28 images."""

    def __init__(self, classes: int = 10, mean: float = MNIST_MEAN, deviation: float = MNIST_DEVIATION) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            Standardise(mean, deviation),
            *self._block(1, 32, kernel=5),
            *self._block(32, 64, kernel=3),
            nn.Flatten(),
            *self._dense(3136, 256),
            *self._dense(256, 128),
            *self._dense(128, 84),
            nn.Dropout(0.25),
            nn.Linear(84, classes),
        )

    @staticmethod
    def _block(channels_in: int, channels_out: int, kernel: int) -> list[nn.Module]:
        return [
            nn.Conv2d(channels_in, channels_out, kernel, padding="same"),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels_out, channels_out, kernel, padding="same", bias=False),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Dropout(0.25),
        ]

    @staticmethod
    def _dense(inputs: int, outputs: int) -> list[nn.Module]:
        return [nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), nn.ReLU(inplace=True)]

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.layers(images)
        return logits


def initialised(make: Callable[[], Network], seed: int) -> Network:
    """The network that ``make`` builds, its weights drawn from ``seed``; the global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(torch.Generator().manual_seed(seed).get_state())
        return make()
