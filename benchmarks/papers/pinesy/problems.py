"""What is tried: the problems of the paper, their sizes, and how a network is trained for each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nesy.perception.augmentation import Augmentation
from nesy.perception.settings import TrainingSettings

RUNS = 10
SEED = 1992
"""Every random choice of run n is drawn from (1992, name of what is drawn, n); 1992 is the paper's seed."""

DIGITS = (1, 2, 4, 15, 100)
"""The k of MNIST-Addition-k."""
SIZES = (4, 9)
"""The sides of the Sudoku grids."""
TRANSFORMS = ("antipignistic", "specificity")
"""Π-NeSy-1 and Π-NeSy-2 of the paper."""


@dataclass(frozen=True, slots=True)
class Images:
    """The images that one network learns from.

    ``size`` 0: a random 50,000 of MNIST's training images (``low``: 2,500 of these), the other 10,000 for validation.
    Otherwise: the cells of the training puzzles of that size, 100 valid and 100 corrupted ones (``low``: 5 and 5).
    """

    size: int = 0
    low: bool = False

    @property
    def name(self) -> str:
        """As results and caches are called."""
        return (f"sudoku{self.size}" if self.size else "digits") + ("-low" if self.low else "")

    @property
    def classes(self) -> int:
        """Number of classes of the network: ten digits, or the symbols of the grid."""
        return self.size or 10


IMAGES = tuple(Images(size, low) for size in (0, *SIZES) for low in (False, True))

PUZZLES = {"train": 100, "validation": 50, "test": 50}
"""Valid puzzles of each part; there are as many corrupted ones."""
LOW_PUZZLES = 5
TRAINING_IMAGES, LOW_IMAGES = 50_000, 2_500

_BASE = TrainingSettings(
    epochs=5,
    learning_rate=0.2,
    label_smoothing=0.05,
    average=0.99,
    augmentation=Augmentation(rotation=8, shear=3, scale=0.09, shift=1.2),
)
_STRONG = Augmentation(rotation=12, shear=8, scale=0.12, shift=2, elastic=0.7)

TRAINING = {
    "digits": _BASE,
    "digits-low": replace(_BASE, epochs=25, batch=64, learning_rate=0.1, augmentation=_STRONG),
    "sudoku4": replace(_BASE, epochs=16, batch=64, learning_rate=0.1, augmentation=_STRONG),
    "sudoku4-low": replace(_BASE, epochs=60, batch=16, learning_rate=0.05, augmentation=_STRONG),
    "sudoku9": replace(_BASE, epochs=8, batch=128, learning_rate=0.15),
    "sudoku9-low": replace(_BASE, epochs=40, batch=32, learning_rate=0.08, augmentation=_STRONG),
}
"""The paper trains 20 epochs of its own, larger network with Adadelta and without augmentation."""
WIDTHS = (8, 16, 32, 64)
"""Channels of the network: about 50,000 weights."""
