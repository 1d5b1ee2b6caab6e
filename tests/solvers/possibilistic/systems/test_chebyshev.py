"""Chebyshev distances against their definition, and against all other right-hand sides."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nesy.solvers.possibilistic.systems import (
    chebyshev,
    chebyshev_distance,
    lowest_approximate_solution,
    min_max,
    row_distances,
)
from tests.solvers.possibilistic.systems import brute
from tests.solvers.possibilistic.systems.cases import Case, numbers, systems


@given(systems())
def test_definition(case: Case) -> None:
    expected = brute.row_distances(case.matrix, case.targets, case.bound)
    np.testing.assert_array_equal(row_distances(*case.tensors, bound=case.limits), expected)
    assert float(chebyshev_distance(*case.tensors, bound=case.limits)) == expected.max()


@given(systems(), st.integers(0, 2**32))
def test_no_vector_comes_closer(case: Case, seed: int) -> None:
    nearest = chebyshev_distance(*case.tensors, bound=case.limits)
    distance = float(nearest)
    random = np.random.default_rng(seed)
    low = lowest_approximate_solution(*case.tensors, nearest).numpy()
    residual = np.abs(brute.min_max(case.matrix, low, case.bound) - case.targets).max()
    assert residual == pytest.approx(distance, abs=1e-15)
    for tries in range(30):
        vector = numbers(random, ("random", "tied")[tries % 2], len(low))
        vector = vector if tries % 3 else (low + 0.1 * (vector - 0.5)).clip(0, 1)
        assert np.abs(brute.min_max(case.matrix, vector, case.bound) - case.targets).max() >= distance - 1e-15


def test_known_systems() -> None:
    half = chebyshev_distance(torch.tensor([[0.0], [0.0]]), torch.tensor([0.0, 1.0]))
    assert float(half) == 0.5  # one unknown cannot be 0 and 1 at once: ½ is wrong by ½ for both
    assert float(chebyshev_distance(torch.tensor([[1.0, 1.0]]), torch.tensor([0.3]))) == pytest.approx(0.7)
    assert float(chebyshev_distance(torch.tensor([[0.2, 0.9]]), torch.tensor([0.5]))) == 0
    assert float(chebyshev_distance(torch.ones(2, 0), torch.tensor([1.0, 0.25]))) == 0.75
    assert float(chebyshev_distance(torch.ones(0, 3), torch.ones(0))) == 0
    assert chebyshev_distance(torch.ones(0, 4, 3), torch.ones(0, 4)).shape == (0,)


@pytest.mark.parametrize("bounded", [False, True])
def test_batches_are_systems_side_by_side(bounded: bool) -> None:
    random = np.random.default_rng(0)
    matrix, targets, bound = (torch.from_numpy(random.random(s)) for s in ((3, 2, 30, 4), (3, 2, 30), (3, 2, 30)))
    limits = bound if bounded else None
    together = chebyshev_distance(matrix, targets, bound=limits)
    rows = row_distances(matrix, targets, bound=limits)
    for place in np.ndindex(3, 2):
        own = None if limits is None else limits[place]
        assert together[place] == chebyshev_distance(matrix[place], targets[place], bound=own)
        assert torch.equal(rows[place], row_distances(matrix[place], targets[place], bound=own))


@pytest.mark.parametrize("kind", ["random", "tied", "ones"])
@pytest.mark.parametrize("entries", [1, 40, 1 << 18])
def test_size_of_parts_does_not_matter(kind: str, entries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    matrix, targets = numbers(random, kind, 2, 60, 5), numbers(random, kind, 2, 60)
    monkeypatch.setattr(chebyshev, "ENTRIES", entries)
    tensors = torch.from_numpy(matrix), torch.from_numpy(targets)
    expected = np.stack([brute.row_distances(*one) for one in zip(matrix, targets, strict=True)])
    np.testing.assert_array_equal(row_distances(*tensors), expected)
    np.testing.assert_array_equal(chebyshev_distance(*tensors), expected.max(1))


def test_staircases_with_a_step_for_each_equation() -> None:
    targets = torch.linspace(0, 1, 3_000, dtype=torch.float64)
    matrix = torch.stack([2 * targets - 1, 1 - targets], 1).clamp(0, 1)
    expected = vectorised(matrix, targets)
    assert float(chebyshev_distance(matrix, targets)) == float(expected.max())
    assert torch.equal(row_distances(matrix, targets), expected)


def vectorised(matrix: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """∇_i by N²M operations."""
    forced = ((targets - targets[:, None]) / 2).clamp(min=0)
    columns = [torch.minimum(forced, (targets - column).clamp(min=0)).amax(1) for column in matrix.unbind(1)]
    return torch.maximum(torch.stack(columns, 1), matrix - targets[:, None]).amin(1)


@given(systems())
def test_float32_is_close(case: Case) -> None:
    matrix, targets = (tensor.float() for tensor in case.tensors)
    bound = None if case.limits is None else case.limits.float()
    distance = chebyshev_distance(matrix, targets, bound=bound)
    assert distance.dtype == torch.float32
    assert float(distance) == pytest.approx(float(chebyshev_distance(*case.tensors, bound=case.limits)), abs=1e-6)
    low = lowest_approximate_solution(matrix, targets, distance)
    assert float((min_max(matrix, low, bound=bound) - targets).abs().max()) == pytest.approx(float(distance), abs=1e-6)


@given(systems(), st.integers(1, 4))
def test_fewer_equations_are_not_further_apart(case: Case, count: int) -> None:
    matrix, targets = case.tensors
    assert chebyshev_distance(matrix[:count], targets[:count]) <= chebyshev_distance(matrix, targets)
