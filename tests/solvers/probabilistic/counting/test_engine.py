"""Programs with known posteriors; gradients, chunks, precision; what is refused."""

from __future__ import annotations

from itertools import product
from math import exp, inf, log

import numpy as np
import pytest
import torch
from torch import Tensor

import nesy
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.counting.routes import ROUTES
from tests.solvers.probabilistic.counting.programs import compiled

ADDITION = "examples/addition/addition.nesy"
CARRY = "examples/addition_with_carry/addition_with_carry.nesy"


def softmax(*shape: int, seed: int = 0, sharpness: float = 1.0) -> Tensor:
    """Distributions along the last axis."""
    generator = torch.Generator().manual_seed(seed)
    return torch.softmax(sharpness * torch.randn(shape, generator=generator, dtype=torch.float64), -1)


@pytest.mark.parametrize("route", ROUTES)
def test_the_sum_of_two_digits_is_a_convolution(route: str) -> None:
    digits = softmax(5, 2, 10)
    answer = compiled(ADDITION, route).infer({"a": digits})
    expected = np.stack([np.convolve(first, second) for first, second in digits.numpy()])
    np.testing.assert_allclose(answer["y"].probability.numpy(), expected, atol=1e-14)
    assert answer.statistics["route"] == route


@pytest.mark.slow
def test_numbers_of_two_digits_by_all_routes_and_by_hand() -> None:
    digits = softmax(3, 2, 2, 10)
    tens, units, more_tens, more_units = torch.tensor(list(product(range(10), repeat=4))).T
    chances = digits[:, 0, 0, tens] * digits[:, 0, 1, units] * digits[:, 1, 0, more_tens] * digits[:, 1, 1, more_units]
    sums = torch.zeros(3, 200, dtype=torch.float64).index_add(1, 10 * (tens + more_tens) + units + more_units, chances)
    expected = sums.reshape(3, 2, 10, 10)
    for route in ("elimination", "circuit", "enumeration"):
        engine = compiled(CARRY, route)
        answer = engine.infer({"a": digits})
        torch.testing.assert_close(answer["leading"].probability, expected.sum((2, 3)))
        torch.testing.assert_close(answer["y(1)"].probability, expected.sum((1, 3)))
        targets = {"leading": torch.tensor([1, 0, 1]), "y": torch.tensor([[2, 5], [9, 9], [0, 0]])}
        found = engine.log_probability({"a": digits}, targets)
        wanted = expected[torch.arange(3), targets["leading"], targets["y"][:, 0], targets["y"][:, 1]].log()
        torch.testing.assert_close(found, wanted)


@pytest.mark.slow
@pytest.mark.parametrize("route", ROUTES)
def test_gradients_are_those_of_finite_differences(route: str) -> None:
    text = """
        percept a(1..2) : 0..2.
        percept sure : bool.
        concept y : 0..4.
        y = U + V :- a(1) = U, a(2) = V.
        odd :- a(1) = 1. odd :- a(2) = 1, sure.
        :- odd, a(1) = 2.
        :~ odd. [2]
        query y. query a(_). query odd.
    """
    engine = compiled(text, route)

    def evaluate(a: Tensor, sure: Tensor) -> tuple[Tensor, ...]:
        given = {"a": a / a.sum(-1, keepdim=True), "sure": sure / sure.sum(-1, keepdim=True)}
        answer = engine.infer(given)
        log_probability = engine.log_probability(given, {"y": torch.tensor([3]), "odd": torch.tensor([1])})
        return (
            *(result.probability for result in answer.results.values()),
            answer.statistics["log_evidence"],
            log_probability,
        )

    a, sure = softmax(1, 2, 3).requires_grad_(), softmax(1, 2, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(evaluate, (a, sure))


@pytest.mark.parametrize("route", ["elimination", "circuit"])
def test_readings_of_probability_zero_have_a_gradient(route: str) -> None:
    engine = compiled(ADDITION, route)
    digits = torch.zeros(1, 2, 10, dtype=torch.float64)
    digits[0, 0, 3] = digits[0, 1, 4] = 1.0
    given = digits.clone().requires_grad_()
    answer = engine.infer({"a": given})
    answer["y"].probability[0, 8].backward()
    expected = torch.zeros(1, 2, 10, dtype=torch.float64)
    expected[0, 0, 4] = expected[0, 1, 5] = 1.0
    torch.testing.assert_close(given.grad, expected, atol=1e-9, rtol=0)


def test_chunks_and_single_precision() -> None:
    digits = softmax(7, 2, 10)
    whole = compiled(ADDITION).infer({"a": digits})["y"].probability
    parts = compiled(ADDITION, chunk=3).infer({"a": digits})["y"].probability
    single = compiled(ADDITION, dtype="float32").infer({"a": digits})["y"].probability
    torch.testing.assert_close(parts, whole)
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), whole, atol=1e-6, rtol=1e-5)


@pytest.mark.slow
def test_digits_with_carries_take_few_operations_however_many_there_are() -> None:
    counts = []
    for k in (5, 40):
        program = nesy.load("benchmarks/speed/rules/addition.nesy", constants={"k": k})
        engine = compiled_program(program)
        assert engine.route.name == "elimination"
        counts.append(engine.route.statistics["operations"])
        digits = softmax(1, 2 * k, 10)
        answer = engine.infer({"a": digits})
        carry, shown = 0.0, answer["y"].probability[0]
        for place in reversed(range(k)):
            both = np.convolve(digits[0, place], digits[0, place + k])
            total = np.convolve(both, [1 - carry, carry])
            np.testing.assert_allclose(shown[place + 1].numpy(), total[:10] + np.pad(total[10:], (0, 20 - len(total))))
            carry = total[10:].sum()
        assert shown[0, 0].item() == pytest.approx(1 - carry)
    assert counts[1] < 2 * counts[0]


def compiled_program(program):  # type: ignore[no-untyped-def]
    from nesy.solvers.backend import Options
    from nesy.solvers.probabilistic.counting import compile_counting

    return compile_counting(program.checked, None, Options())


@pytest.mark.slow
def test_sums_of_many_percepts_are_convolutions() -> None:
    text = """
        percept die(1..12) : 1..6.
        concept total : 12..72.
        total = S :- S = sum { V, I : die(I) = V }, S = 12..72.
        query total.
    """
    engine = compiled(text)
    dice = softmax(1, 12, 6)
    expected = np.ones(1)
    for die in dice[0].numpy():
        expected = np.convolve(expected, die)
    found = engine.infer({"die": dice})["total"].probability[0].numpy()
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("route", ROUTES)
def test_constraints_are_conditions_and_soft_constraints_factors(route: str) -> None:
    text = "percept a : bool. percept b : bool. :- a, not b. :~ b. [2] query a. query b."
    answer = compiled(text, route).infer(
        {"a": torch.tensor([[0.4, 0.6]]).double(), "b": torch.tensor([[0.3, 0.7]]).double()}
    )
    weights = {(0, 0): 0.4 * 0.3, (0, 1): 0.4 * 0.7 * exp(-2), (1, 1): 0.6 * 0.7 * exp(-2)}
    total = sum(weights.values())
    assert answer.statistics["log_evidence"].item() == pytest.approx(log(total))
    assert answer["a"].probability[0, 1].item() == pytest.approx(weights[1, 1] / total)
    assert answer["b"].probability[0, 0].item() == pytest.approx(weights[0, 0] / total)


@pytest.mark.parametrize("route", ["elimination", "enumeration"])
def test_what_rules_leave_open_is_shared_evenly(route: str) -> None:
    text = """
        percept smoke : bool.
        concept alarm : {none, message, siren}.
        if smoke then alarm = siren.
        if not smoke then alarm != siren.
        query alarm. query smoke.
    """
    engine = compiled(text, route)
    answer = engine.infer({"smoke": torch.tensor([[0.8, 0.2]]).double()})
    assert answer["alarm"].probability[0].tolist() == pytest.approx([0.4, 0.4, 0.2])
    assert answer["smoke"].probability[0].tolist() == pytest.approx([0.8, 0.2])
    assert [warning.code for warning in answer.warnings] == ["W606"]


def test_impossible_evidence_is_a_status() -> None:
    text = "percept a(1..2) : bool. :- a(1), a(2). query a(_)."
    for route in ROUTES:
        given = torch.tensor([[[0.0, 1.0], [0.0, 1.0]], [[0.5, 0.5], [0.5, 0.5]]]).double()
        answer = compiled(text, route).infer({"a": given})
        assert list(answer.status) == [Status.INFEASIBLE, Status.SOLVED]
        assert answer.statistics["log_evidence"].tolist() == pytest.approx([-inf, log(0.75)])
        assert answer["a"].probability[0].sum().item() == 0
        assert answer["a"].choice[0].tolist() == [-1, -1]


def test_programs_without_percepts_and_queries_that_are_always_true() -> None:
    answer = compiled("p(1). p(2). q(X) :- p(X). query q(1). query q(3).").infer({})
    assert answer["q(1)"].probability.tolist() == [[0.0, 1.0]]
    assert answer["q(3)"].probability.tolist() == [[1.0, 0.0]]


def test_an_unknown_route_and_a_program_that_is_too_large() -> None:
    with pytest.raises(NesyError, match="E523"):
        compiled(ADDITION, "eliminat")
    text = "percept a(1..30) : bool. p :- count { I : a(I) } >= 15. query p."
    assert compiled(text).route.name == "elimination"
    with pytest.raises(NesyError, match=r"E604.*this many percepts|E604") as caught:
        compiled(text, "enumeration")
    assert "1,073,741,824 worlds" in str(caught.value)
