"""Lowest solutions, lowest approximations and consistency."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nesy.solvers.possibilistic.systems import (
    chebyshev_distance,
    is_consistent,
    lowest_approximate_solution,
    lowest_approximation,
    min_max,
)
from tests.solvers.possibilistic.systems import brute
from tests.solvers.possibilistic.systems.cases import Case, numbers, systems


@given(systems())
def test_definitions(case: Case) -> None:
    distance = chebyshev_distance(*case.tensors, bound=case.limits)
    low = lowest_approximate_solution(*case.tensors, distance)
    expected = brute.lowest_solution(case.matrix, case.targets, float(distance))
    np.testing.assert_array_equal(low, expected)
    approximation = lowest_approximation(*case.tensors, distance, bound=case.limits)
    np.testing.assert_array_equal(approximation, brute.min_max(case.matrix, expected, case.bound))


@given(systems(bounded=False), st.integers(0, 2**32))
def test_solution_is_the_lowest(case: Case, seed: int) -> None:
    distance = chebyshev_distance(*case.tensors)
    low = lowest_approximate_solution(*case.tensors, distance).numpy()
    random = np.random.default_rng(seed)
    for _ in range(50):
        vector = numbers(random, "tied", len(low))
        if np.abs(brute.min_max(case.matrix, vector) - case.targets).max() <= float(distance):
            assert (vector >= low - 1e-15).all()


@given(systems(), st.integers(0, 2**32))
def test_what_a_vector_gives_is_consistent(case: Case, seed: int) -> None:
    matrix, _ = case.tensors
    vector = torch.from_numpy(np.random.default_rng(seed).random(matrix.shape[1]))
    targets = min_max(matrix, vector, bound=case.limits)
    assert is_consistent(matrix, targets, bound=case.limits)
    low = lowest_approximate_solution(matrix, targets, torch.zeros((), dtype=torch.float64))
    assert (low <= vector).all()
    assert torch.equal(min_max(matrix, low, bound=case.limits), targets)


def test_tolerance() -> None:
    matrix, targets = torch.zeros(2, 2, 1), torch.tensor([[0.0, 1.0], [0.2, 0.2]])
    assert is_consistent(matrix, targets).tolist() == [False, True]
    assert is_consistent(matrix, targets, tolerance=0.5).tolist() == [True, True]


@pytest.mark.slow
def test_critical_equations_do_not_push() -> None:
    """∇ = d_k - g_kj to the last bit: no rounding may raise x_j to g_kj and put the second equation off by far."""
    random = np.random.default_rng(0)
    for entry in random.random(2_000):
        matrix = torch.tensor([[entry, 1.0], [0.0, 1.0]], dtype=torch.float64)
        targets = torch.tensor([min(1.0, entry + 0.3 * (1 - entry)), 0.0], dtype=torch.float64)
        distance = chebyshev_distance(matrix, targets)
        low = lowest_approximate_solution(matrix, targets, distance)
        assert float((min_max(matrix, low) - targets).abs().max()) <= float(distance) + 1e-15


def test_no_columns_and_no_equations() -> None:
    nothing = torch.zeros(())
    assert min_max(torch.ones(3, 0), torch.ones(0)).tolist() == [1, 1, 1]
    assert lowest_approximate_solution(torch.ones(0, 2), torch.ones(0), nothing).tolist() == [0, 0]
    assert lowest_approximate_solution(torch.ones(2, 0), torch.ones(2), nothing).shape == (0,)
