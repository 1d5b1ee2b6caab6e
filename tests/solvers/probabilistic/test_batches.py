"""Finite models over percepts: whole batches, with gradients to the readings."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import nesy

CROSSING = """
type light = {red, green}.
percept seen(1..2) : light.
random wet : bool ~ bernoulli(0.3).
random cars : 0..3 ~ categorical(1, 2, 3, if wet then 4 else 1).
random slow : bool ~ bernoulli(if seen(1) = red then 0.9 else if wet then 0.5 else 0.1).
define load = cars / 2 + 1.
observe slow.
:- cars = 3, seen(2) = green.
query wet. query seen(_). query cars. query load. query cars > 1.
"""
MEASURES = ("probability", "mean", "sd", "quantiles", "choice")


def readings(*logits: Tensor) -> dict[str, Tensor]:
    return {"seen": torch.softmax(torch.cat(logits), -1)}


def test_a_batch_is_its_instances() -> None:
    engine = nesy.load(CROSSING).compile("probabilistic")
    logits = torch.randn(6, 2, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    together = engine.infer(readings(logits))
    for instance in range(6):
        alone = engine.infer(readings(logits[instance : instance + 1]))
        assert together.statistics["log_evidence"][instance] == pytest.approx(alone.statistics["log_evidence"][0])
        for family, result in together.results.items():
            for measure in MEASURES:
                whole, single = getattr(result, measure), getattr(alone.results[family], measure)
                assert (whole is None) == (single is None)
                if whole is not None:
                    torch.testing.assert_close(whole[instance], single[0])


def test_by_hand() -> None:
    answer = nesy.load(CROSSING).compile("probabilistic").infer({"seen": torch.tensor([[[0.2, 0.8], [0.5, 0.5]]])})
    total, wet, load = 0.0, 0.0, 0.0
    for rain in (False, True):
        weights = [1.0, 2.0, 3.0, 4.0 if rain else 1.0]
        slow = 0.2 * 0.9 + 0.8 * (0.5 if rain else 0.1)
        for cars, weight in enumerate(weights):
            joint = (0.3 if rain else 0.7) * weight / sum(weights) * slow * (0.5 if cars == 3 else 1.0)
            total, wet, load = total + joint, wet + rain * joint, load + joint * (cars / 2 + 1)
    probability, mean = answer["wet"].probability, answer["load"].mean
    assert probability is not None
    assert mean is not None
    assert float(probability[0, 1]) == pytest.approx(wet / total)
    assert float(mean[0]) == pytest.approx(load / total)


def test_gradients_are_those_of_finite_differences() -> None:
    engine = nesy.load(CROSSING).compile("probabilistic")

    def evaluate(logits: Tensor) -> tuple[Tensor, ...]:
        answer = engine.infer(readings(logits))
        found = (answer["wet"].probability, answer["seen"].probability, answer["cars"].mean, answer["load"].mean)
        assert all(isinstance(each, Tensor) for each in found)
        return (*(each for each in found if each is not None), answer.statistics["log_evidence"])  # type: ignore[return-value]  # a tensor here

    logits = torch.randn(2, 2, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(evaluate, (logits,))


def test_each_impossible_instance_names_its_own_conflict() -> None:
    text = CROSSING.replace(":- cars = 3", "observe seen(1) = red. :- cars = 3")
    seen = [[[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.5, 0.5]]]
    answer = nesy.load(text).compile("probabilistic").infer({"seen": torch.tensor(seen)})
    assert answer.status == ["solved", "infeasible"]
    assert answer.to_json(1)["remarks"] == ["what is known is impossible: seen(1) = red"]
    assert "remarks" not in answer.to_json(0)
    assert answer.explain(1)[0].conflict is not None
    assert answer.explain(0)[0].conflict is None


@pytest.mark.parametrize("device", ["cuda:99", "abacus"])
def test_a_device_that_is_not_there(device: str) -> None:
    with pytest.raises(nesy.NesyError, match="E440"):
        nesy.load(CROSSING).compile("probabilistic", device=device)
