"""The networks' shapes and sizes, and how distortions act."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from nesy.perception import Augmentation, DigitNet, PaperDigitNet, SmallDigitNet, fingerprints, initialised
from nesy.perception.augmentation import augment


def size(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(("make", "side"), [(DigitNet, 28), (PaperDigitNet, 28), (SmallDigitNet, 8)])
def test_logits_for_every_image(make: Callable[..., nn.Module], side: int) -> None:
    network = make(classes=7).eval()
    assert network(torch.zeros(3, 1, side, side)).shape == (3, 7)


def test_the_paper_s_network_has_its_layers() -> None:
    # counted from its description: convolutions, normalisations (two numbers a channel), dense layers
    convolutions = (25 * 1 * 32 + 32) + 25 * 32 * 32 + (9 * 32 * 64 + 64) + 9 * 64 * 64
    normalisations = 2 * (32 + 32 + 64 + 64 + 256 + 128 + 84)
    dense = 3136 * 256 + 256 * 128 + 128 * 84 + (84 * 10 + 10)
    assert size(PaperDigitNet()) == convolutions + normalisations + dense


def test_the_others_are_small() -> None:
    assert size(DigitNet()) < 200_000
    assert size(SmallDigitNet()) < 40_000


def test_weights_come_from_the_seed_and_the_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    first, second, other = (initialised(SmallDigitNet, seed).state_dict() for seed in (0, 0, 1))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["layers.1.weight"], other["layers.1.weight"])


def test_fingerprints_see_the_architecture_not_the_weights() -> None:
    known = fingerprints.of_network(initialised(SmallDigitNet, 0))
    assert fingerprints.of_network(initialised(SmallDigitNet, 1)) == known
    assert fingerprints.of_network(SmallDigitNet(classes=9)) != known
    assert fingerprints.of_network(SmallDigitNet(mean=0.5)) != known
    assert fingerprints.of_text("ab", "c") != fingerprints.of_text("a", "bc")


# ----- distortions


def dot() -> Tensor:
    images = torch.zeros(50, 1, 9, 9)
    images[:, 0, 4, 4] = 1
    return images


def centre(images: Tensor) -> Tensor:
    """Row and column of the brightness' centre, ``[batch, 2]``, from the middle."""
    places = torch.arange(9.0) - 4
    mass = images[:, 0].sum(dim=(1, 2))
    rows, columns = images[:, 0].sum(dim=2) @ places, images[:, 0].sum(dim=1) @ places
    return torch.stack([rows, columns], dim=1) / mass.unsqueeze(1)


def distorted(images: Tensor, seed: int = 0, **amounts: float) -> Tensor:
    return augment(images, Augmentation(**amounts), torch.Generator().manual_seed(seed))


def test_no_distortion_changes_nothing() -> None:
    images = torch.rand(4, 1, 9, 9)
    torch.testing.assert_close(distorted(images), images, atol=1e-5, rtol=0)


def test_shifts_move_up_to_their_amount() -> None:
    moved = centre(distorted(dot(), shift=2)).abs()
    assert 1.5 < float(moved.max()) < 2.01


def test_rotation_and_scale_keep_the_centre() -> None:
    for amounts in ({"rotation": 30.0}, {"scale": 0.2}, {"shear": 20.0}):
        assert float(centre(distorted(dot(), **amounts)).abs().max()) < 1e-3


def test_a_quarter_turn_is_exact() -> None:
    images = torch.rand(1, 1, 8, 8)
    turned = {tuple(torch.rot90(images, times, (2, 3)).flatten().tolist()) for times in (1, 3)}
    angle = 90 / (1 - 2 * float(torch.rand(1, generator=torch.Generator().manual_seed(0))))
    found = distorted(images, rotation=abs(angle))
    assert any(torch.allclose(found.flatten(), torch.tensor(option), atol=1e-4) for option in turned)


def test_elastic_displacement_is_drawn_for_every_image() -> None:
    images = torch.rand(1, 1, 9, 9).expand(2, -1, -1, -1)
    first, second = distorted(images, elastic=1)
    assert not torch.allclose(first, second)
    torch.testing.assert_close(distorted(images, elastic=1), torch.stack([first, second]))
