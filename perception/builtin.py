"""The perceivers that come with nesy, as the entry points in ``pyproject.toml`` name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nesy.perception.protocol import Perceiver, PerceiverOptions


def digits(options: PerceiverOptions) -> Perceiver:
    """Digits 0 … 9 from 8×8 images such as scikit-learn's."""
    from nesy.perception.trained import pretrained

    return pretrained("digits", options)


def mnist(options: PerceiverOptions) -> Perceiver:
    """Digits 0 … 9 from 28×28 images such as MNIST's."""
    from nesy.perception.trained import pretrained

    return pretrained("mnist", options)


def fashion_mnist(options: PerceiverOptions) -> Perceiver:
    """Articles of clothing from 28×28 images such as Fashion-MNIST's."""
    from nesy.perception.trained import pretrained

    return pretrained("fashion-mnist", options)
