"""The engine against the definitions, on random ground models."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nesy.solvers.backend import Options
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.possibilistic import PossibilisticEngine, compile_model
from tests.solvers.possibilistic.direct import Direct
from tests.solvers.possibilistic.random_models import Maker


def evidence(model: GroundModel, instances: list[dict[int, np.ndarray]]) -> dict[str, torch.Tensor]:
    """A batch of percept degrees as tensors ``[batch, *shape, value]``."""
    found = {}
    for place, attribute in enumerate(model.attributes):
        if attribute.kind == "percept":
            stacked = np.stack([instance[place] for instance in instances])
            found[attribute.name] = torch.from_numpy(stacked).reshape(len(instances), *attribute.shape, -1)
    return found


def compare(maker: Maker, engine: PossibilisticEngine, instances: list[dict[int, np.ndarray]], places: float) -> None:
    answer = engine.infer_possibility(evidence(maker.model, instances))
    for number, instance in enumerate(instances):
        direct = Direct(maker.model, maker.blocks)
        direct.run(instance)
        for place, query in enumerate(maker.model.queries):
            possible, necessary = direct.answer(place)
            result = answer[query.label]
            assert result.possibility is not None
            assert result.necessity is not None
            np.testing.assert_allclose(
                result.possibility[number].numpy(), possible, rtol=0, atol=places, err_msg=query.label
            )
            np.testing.assert_allclose(
                result.necessity[number].numpy(), necessary, rtol=0, atol=places, err_msg=query.label
            )


@pytest.mark.parametrize("seed", range(25))
def test_scan(seed: int) -> None:
    random = Random(seed)
    maker = Maker(random)
    engine = compile_model(maker.model, Options(chunk=random.choice([None, 1, 2])))
    compare(maker, engine, [maker.degrees(normalised=random.random() < 0.5) for _ in range(5)], 0.0)
