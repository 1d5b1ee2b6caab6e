"""How the network of each kind of images is trained."""

from __future__ import annotations

from dataclasses import replace

from nesy.perception.augmentation import Augmentation
from nesy.perception.settings import TrainingSettings

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
    "digits-wide": replace(
        _BASE,
        epochs=8,
        learning_rate=0.15,
        average=0.995,
        augmentation=Augmentation(rotation=10, shear=6, scale=0.1, shift=1.6, elastic=0.5),
    ),
    "digits-low": replace(_BASE, epochs=25, batch=64, learning_rate=0.1, augmentation=_STRONG),
    "sudoku4": replace(_BASE, epochs=16, batch=64, learning_rate=0.1, augmentation=_STRONG),
    "sudoku4-low": replace(_BASE, epochs=60, batch=16, learning_rate=0.05, augmentation=_STRONG),
    "sudoku9": replace(_BASE, epochs=8, batch=128, learning_rate=0.15),
    "sudoku9-low": replace(_BASE, epochs=40, batch=32, learning_rate=0.08, augmentation=_STRONG),
}
"""The paper trains 20 epochs of its own, larger network with Adadelta and without augmentation."""
WIDTHS = (8, 16, 32, 64)
"""Channels of the network: about 50,000 weights."""
WIDE_WIDTHS = (16, 32, 64, 128)
SHIFTS = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))
"""Pixels down and across by which a wide network sees each validation and test image moved."""
