"""Random distortions of training images, in pure torch: rotation, scale, shear, shift and elastic displacement."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

_CONTROL_POINTS = 5
"""An elastic displacement is drawn on a grid of 5×5 points and interpolated between them."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How much training images are distorted; every amount is drawn anew for every image.

    ``rotation`` and ``shear`` in degrees, ``shift`` in pixels, ``scale`` as a fraction: each uniform in ± the amount.
    ``elastic`` is the standard deviation, in pixels, of the displacement at the control points.
    """

    rotation: float = 0.0
    shear: float = 0.0
    scale: float = 0.0
    shift: float = 0.0
    elastic: float = 0.0


def augment(images: Tensor, augmentation: Augmentation, generator: torch.Generator) -> Tensor:
    """Distorted copies of ``images`` ``[batch, channel, height, width]`` (float), black where nothing is known.

    The generator lies on the device of the images. Bilinear interpolation.
    """
    batch, _, height, width = images.shape

    def uniform(amount: float) -> Tensor:
        return (2 * torch.rand(batch, generator=generator, device=images.device) - 1) * amount

    angle = torch.deg2rad(uniform(augmentation.rotation))
    shear = torch.tan(torch.deg2rad(uniform(augmentation.shear)))
    horizontal, vertical = 1 + uniform(augmentation.scale), 1 + uniform(augmentation.scale)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    # the map from places of the result to places of the original, in coordinates from −1 to 1
    first = torch.stack(
        [cosine * horizontal, (shear * cosine - sine) * vertical, uniform(augmentation.shift) * 2 / width], dim=1
    )
    second = torch.stack(
        [sine * horizontal, (shear * sine + cosine) * vertical, uniform(augmentation.shift) * 2 / height], dim=1
    )
    grid = functional.affine_grid(torch.stack([first, second], dim=1), list(images.shape), align_corners=False)
    if augmentation.elastic > 0:
        grid = grid + _displacement(images, augmentation.elastic, generator)
    return functional.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def _displacement(images: Tensor, deviation: float, generator: torch.Generator) -> Tensor:
    """A smooth random field ``[batch, height, width, 2]`` in coordinates from −1 to 1."""
    batch, _, height, width = images.shape
    points = torch.randn(batch, 2, _CONTROL_POINTS, _CONTROL_POINTS, generator=generator, device=images.device)
    field = functional.interpolate(points, size=(height, width), mode="bicubic", align_corners=True)
    step = torch.tensor([2 / width, 2 / height], device=images.device) * deviation
    return field.permute(0, 2, 3, 1) * step
