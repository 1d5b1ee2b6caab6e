"""Chunk by chunk, the same numbers as in one piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nesy.solvers.possibilistic.systems import (
    RuleSystem,
    approximations,
    chebyshev_distance,
    lowest_approximate_solution,
    min_max,
    rule_system,
    solve,
)
from nesy.solvers.possibilistic.systems.streaming import Chunk
from tests.solvers.possibilistic.systems.cases import Case, RuleCase, numbers, rule_systems, systems


@dataclass(frozen=True)
class Reader:
    """A source that makes its chunks anew each time."""

    chunks: list[Chunk]

    def __iter__(self) -> Iterator[Chunk]:
        return iter(self.chunks)


@given(systems(), st.integers(1, 4))
def test_equations(case: Case, step: int) -> None:
    matrix, targets = case.tensors
    columns = (matrix, targets) if case.limits is None else (matrix, targets, case.limits)
    source = Reader(list(zip(*(tensor.split(step) for tensor in columns), strict=True)))
    found = solve(source)
    distance = chebyshev_distance(matrix, targets, bound=case.limits)
    assert torch.equal(found.distance, distance)
    assert torch.equal(found.unknowns, lowest_approximate_solution(matrix, targets, distance))
    pieces = torch.cat(list(approximations(source, found.unknowns)))
    assert torch.equal(pieces, min_max(matrix, found.unknowns, bound=case.limits))


@given(rule_systems(keep="all"), st.integers(1, 3))
def test_rules(case: RuleCase, step: int) -> None:
    system = case.system
    source = Reader([part_of(system, slice(i, i + step)) for i in range(0, system.targets.shape[1], step)])
    found = solve(source)
    distance = rule_system.distance(system)
    assert torch.equal(found.distance, distance)
    assert torch.equal(found.unknowns, rule_system.lowest_solution(system, distance))
    pieces = torch.cat(list(approximations(source, found.unknowns)), 1)
    assert torch.equal(pieces, rule_system.min_max(system, found.unknowns))


def part_of(system: RuleSystem, samples: slice) -> RuleSystem:
    return replace(
        system,
        possible=system.possible[:, samples],
        excluded=system.excluded[:, samples],
        targets=system.targets[:, samples],
        bound=None if system.bound is None else system.bound[:, samples],
    )


@pytest.mark.parametrize("kind", ["random", "tied"])
def test_many_chunks_of_a_batch(kind: str) -> None:
    random = np.random.default_rng(2)
    matrix, targets = (torch.from_numpy(numbers(random, kind, *shape)) for shape in ((3, 900, 6), (3, 900)))
    found = solve([(matrix[:, i : i + 7], targets[:, i : i + 7]) for i in range(0, 900, 7)])
    assert torch.equal(found.distance, chebyshev_distance(matrix, targets))
    assert torch.equal(found.unknowns, lowest_approximate_solution(matrix, targets, found.distance))


def test_sources_that_cannot_do() -> None:
    chunks: list[Chunk] = [(torch.ones(1, 1), torch.ones(1))]
    with pytest.raises(TypeError, match="read twice"):
        solve(iter(chunks))
    with pytest.raises(ValueError, match="without a single chunk"):
        solve([])
