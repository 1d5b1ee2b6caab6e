"""Pooled estimation through the whole of learning: programs, cascades, shared parameters, validation data."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import nesy
from nesy.solvers.backend import Options
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.possibilistic.learning.learn import learn
from nesy.solvers.possibilistic.learning.options import LearningOptions

POOLED = LearningOptions(estimate="pooled")
FEVER = """
percept fever : bool.
concept infection : bool.
infection iff fever [learn].
query infection.
"""


def truth(values: Tensor) -> Tensor:
    """Certain distributions of a ``bool``."""
    return torch.stack([~values, values], -1).double()


def cases(count: int, rate: float, despite: float, premise: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """A premise, true in half of ``count`` cases, and a conclusion that fails, or holds, at exactly these rates."""
    place = torch.arange(count)
    premise = place % 2 == 0 if premise is None else premise
    rank = torch.where(premise, premise.cumsum(0) - 1, (~premise).cumsum(0) - 1)
    share = torch.where(premise, rank / premise.sum(), rank / (~premise).sum())
    return premise, torch.where(premise, share >= rate, share < despite)


def pairs(model: GroundModel) -> list[tuple[float, float]]:
    return [(round(rule.s, 3), round(rule.r, 3)) for rule in model.uncertain]


def test_a_rule_that_holds_in_85_per_cent_of_the_cases() -> None:
    model = nesy.load(FEVER).ground()
    fever, infection = cases(400, 0.15, 0.1)
    data = {"fever": truth(fever)}, {"infection": truth(infection)}
    assert pairs(learn(model, Options(), *data).model) == [(0.0, 0.0)]
    found = learn(model, Options(), *data, POOLED)
    assert pairs(found.model) == [(0.2, 0.3)]
    assert found.report.rule_sets[0].kept == 400
    specific = learn(model, Options(transform="specificity"), *data, POOLED)
    assert pairs(specific.model) == [(0.1, 0.15)]


def test_validation_data_do_not_drop_the_exceptions() -> None:
    model = nesy.load(FEVER).ground()
    fever, infection = cases(400, 0.15, 0.1)
    data = {"fever": truth(fever)}, {"infection": truth(infection)}
    found = learn(model, Options(), *data, POOLED, validation=data)
    assert pairs(found.model) == [(0.2, 0.3)]
    assert found.report.accuracy_after == pytest.approx(87.5)


def test_a_rule_in_one_direction() -> None:
    model = nesy.load(FEVER.replace("infection iff fever [learn]", "if fever then infection [learn r]")).ground()
    fever, infection = cases(400, 0.15, 0.5)
    found = learn(model, Options(), {"fever": truth(fever)}, {"infection": truth(infection)}, POOLED)
    assert pairs(found.model) == [(1.0, 0.3)]


def test_a_cascade_adds_up_what_is_read() -> None:
    text = FEVER.replace("query infection.", "concept ward : bool.\nward iff infection [learn].\nquery ward.")
    model = nesy.load(text).ground()
    fever, infection = cases(4_000, 0.15, 0.1)
    ward = cases(4_000, 0.2, 0.0, infection)[1]
    targets = {"infection": truth(infection), "ward": truth(ward)}
    (first, second) = pairs(learn(model, Options(), {"fever": truth(fever)}, targets, POOLED).model)
    assert first == (0.2, 0.3)
    failing = [float((ward == ~fever)[fever == side].double().mean()) for side in (False, True)]
    assert second == pytest.approx([2 * rate for rate in failing], abs=1e-3)


def test_shared_parameters() -> None:
    """“filed = K iff shown = K” for two clerks, one pair of parameters for each digit."""
    text = """
    type digit = 0..2.
    percept shown(1..2) : digit.
    concept filed(1..2) : digit.
    filed(I) = K iff shown(I) = K [learn per K].
    query filed(_).
    """
    model = nesy.load(text).ground()
    random = torch.Generator().manual_seed(0)
    shown = torch.randint(3, (3_000, 2), generator=random)
    filed = torch.where((shown == 1) & (torch.rand(3_000, 2, generator=random) < 0.25), 2, shown)
    evidence = {"shown": torch.nn.functional.one_hot(shown, 3).double()}
    targets = {"filed": torch.nn.functional.one_hot(filed, 3).double()}
    rate = round(2 * float((filed == 2)[shown == 1].double().mean()), 3)
    expected = {0: (0.0, 0.0), 1: (0.0, rate), 2: (rate, 0.0)}
    found = learn(model, Options(), evidence, targets, POOLED).model
    for rule, pair in zip(found.uncertain, pairs(found), strict=True):
        assert pair == expected[rule.group[0]]  # type: ignore[index]
