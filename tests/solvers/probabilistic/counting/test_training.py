"""Networks learn through exact probabilities: what gradients of rules over percepts are for."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import nesy

SUM = "percept a(1..2) : 0..2. concept y : 0..4. y = U + V :- a(1) = U, a(2) = V. query y."
ORDERED = "percept a(1..3) : 0..2. :- a(1) = U, a(2) = V, U > V. :- a(2) = U, a(3) = V, U > V. query a(_)."


@pytest.mark.slow
def test_digits_are_learned_from_sums() -> None:
    torch.manual_seed(0)
    compiled = nesy.load(SUM).compile("probabilistic")
    digits = torch.randint(0, 3, (200, 2))
    images = torch.eye(3, dtype=torch.float64).repeat(1, 2)[digits] + 0.3 * torch.randn(200, 2, 6, dtype=torch.float64)
    network = nn.Linear(6, 3).double()
    optimiser = torch.optim.Adam(network.parameters(), lr=0.1)
    for _ in range(60):
        probability = compiled.infer({"a": network(images).softmax(-1)})["y"].probability
        loss = -probability[torch.arange(200), digits.sum(1)].log().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert (network(images).argmax(-1) == digits).double().mean() > 0.95


def test_the_gradient_of_a_sum_is_that_of_the_sum_written_out() -> None:
    """∂P(y = 2)/∂p₁(u) = p₂(2 − u), for readings that need not be normalised to have a derivative."""
    reading = torch.tensor([[[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]]], dtype=torch.float64, requires_grad=True)
    probability = nesy.load(SUM).compile("probabilistic").infer({"a": reading})["y"].probability[0, 2]
    (found,) = torch.autograd.grad(probability, reading)
    first, second = reading.detach()[0]
    expected = torch.stack([second.flip(0), first.flip(0)])
    centred = found[0] - (found[0] - expected).mean(-1, keepdim=True)  # up to a constant of each distribution
    torch.testing.assert_close(centred, expected)


def test_conditions_pass_gradients_on() -> None:
    """Readings of an ordered row: the derivative of log P of the likeliest posterior value, against differences."""
    compiled = nesy.load(ORDERED).compile("probabilistic")
    logits = torch.tensor([[[0.3, 0.1, 0.2], [0.5, -0.4, 0.1], [0.2, 0.2, -0.3]]], dtype=torch.float64)

    def objective(given: torch.Tensor) -> torch.Tensor:
        return compiled.infer({"a": given.softmax(-1)})["a"].probability[0, 1, 1].log()

    assert torch.autograd.gradcheck(objective, logits.requires_grad_())
