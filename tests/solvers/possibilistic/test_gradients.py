"""Sub-gradients flow from degrees to the evidence, and a network learns through rules."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nesy.dsl import check, parse
from nesy.solvers.backend import Options
from nesy.solvers.grounding import ground
from nesy.solvers.possibilistic import PossibilisticEngine, compile_model

SUM = """
type digit = 0..2.
percept a(1..2) : digit.
concept c : (digit, digit).
concept y : 0..4.
c in {(K, _)} iff a(1) = K [s = 0.05, r = 0.1].
c in {(_, K)} iff a(2) = K [s = 0.02, r = 0.03].
y = T iff c in {(U, V) : U + V = T}.
query y.
"""

PATH = """
type node = 1..3.
percept link(node, node) : bool.
path(X, Y) :- link(X, Y) = true.
path(X, Z) :- path(X, Y), path(Y, Z).
query path(_, _).
"""


def engine(text: str) -> PossibilisticEngine:
    return compile_model(ground(check(parse(text))), Options())


@pytest.mark.slow
def test_gradients_against_differences() -> None:
    for text, name, shape in ((SUM, "a", (2, 2, 3)), (PATH, "link", (2, 3, 3, 2))):
        compiled = engine(text)
        family = next(iter(compiled.families)).name
        logits = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(4)).requires_grad_()

        def degrees(
            x: torch.Tensor, compiled: PossibilisticEngine = compiled, name: str = name, family: str = family
        ) -> tuple[torch.Tensor, torch.Tensor]:
            found = compiled.infer({name: x.softmax(-1)})[family]
            assert found.possibility is not None
            assert found.necessity is not None
            return found.possibility, found.necessity

        torch.autograd.gradcheck(degrees, (logits,), eps=1e-7)


def test_no_gradients_where_none_are_wanted() -> None:
    compiled = engine(SUM)
    rows = torch.full((1, 2, 3), 1 / 3, dtype=torch.float64)
    assert not compiled.infer({"a": rows})["y"].possibility.requires_grad
    rows.requires_grad_()
    assert compiled.infer({"a": rows})["y"].possibility.requires_grad
    with torch.no_grad():
        assert not compiled.infer({"a": rows})["y"].possibility.requires_grad


@pytest.mark.slow
def test_a_network_learns_digits_from_sums_through_the_rules() -> None:
    torch.manual_seed(0)
    compiled = engine(SUM)
    centres = torch.eye(3, dtype=torch.float64).repeat(1, 2) * 2
    labels = torch.randint(0, 3, (240, 2))
    inputs = centres[labels] + 0.3 * torch.randn(240, 2, 6, dtype=torch.float64)
    sums = labels.sum(1)
    network = nn.Linear(6, 3).double()
    optimiser = torch.optim.Adam(network.parameters(), lr=0.05)
    for _ in range(60):
        answer = compiled.infer({"a": network(inputs).softmax(-1)})["y"]
        # the possibility of every wrong sum should be low, that of the right one high
        wanted = nn.functional.one_hot(sums, 5).double()
        loss = (answer.possibility - wanted).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    accuracy = (compiled.infer({"a": network(inputs).softmax(-1).detach()})["y"].choice == sums).double().mean()
    assert accuracy > 0.95
