"""A GPU gives what a CPU gives."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from nesy.solvers.possibilistic.systems import (
    RuleSystem,
    chebyshev_distance,
    lowest_approximate_solution,
    row_distances,
    rule_system,
    solve,
)

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def test_explicit_systems() -> None:
    random = np.random.default_rng(0)
    matrix, targets = (torch.from_numpy(random.random(shape)) for shape in ((3, 2_000, 7), (3, 2_000)))
    there = matrix.cuda(), targets.cuda()
    distance = chebyshev_distance(*there)
    assert torch.equal(distance.cpu(), chebyshev_distance(matrix, targets))
    assert torch.equal(row_distances(*there).cpu(), row_distances(matrix, targets))
    low = lowest_approximate_solution(matrix, targets, distance.cpu())
    assert torch.equal(lowest_approximate_solution(*there, distance).cpu(), low)
    assert torch.equal(solve([(there[0][:, i::2], there[1][:, i::2]) for i in range(2)]).distance, distance)


@pytest.mark.parametrize("tied", [False, True])
def test_rules(tied: bool) -> None:
    random = np.random.default_rng(0)
    system = RuleSystem(
        torch.from_numpy(random.random((9, 6)) < 0.3),
        *(torch.from_numpy(random.random((2, 500, width))) for width in (6, 6, 9)),
        torch.arange(12) // 2 if tied else torch.arange(12),
    )
    there = replace(system, **{f.name: moved(getattr(system, f.name)) for f in fields(system)})
    keep = torch.from_numpy(random.random((2, 500)) < 0.8)
    for function in (rule_system.sample_distances, rule_system.distance, rule_system.row_distances):
        assert torch.equal(function(there, keep=keep.cuda()).cpu(), function(system, keep=keep))
    distance = rule_system.distance(system)
    found = rule_system.lowest_solution(there, distance.cuda())
    assert torch.equal(found.cpu(), rule_system.lowest_solution(system, distance))
    assert torch.equal(rule_system.lowest_targets(there).cpu(), rule_system.lowest_targets(system))


def moved(value: object) -> object:
    return value.cuda() if isinstance(value, torch.Tensor) else value
