"""Min–max systems by their definitions, one number after the other: the oracle of these tests."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def row_distances(matrix: Array, targets: Array, bound: Array | None = None) -> Array:
    """∇_i of one system; without a constant term an equation is bounded by 1."""
    rows, columns = matrix.shape
    bound = np.ones(rows) if bound is None else bound
    found = np.zeros(rows)
    for i in range(rows):
        least = bound[i] - targets[i]
        for j in range(columns):
            forced = max(matrix[i, j] - targets[i], 0.0)
            for k in range(rows):
                forced = max(forced, min(max(targets[k] - targets[i], 0) / 2, max(targets[k] - matrix[k, j], 0)))
            least = min(least, forced)
        found[i] = max(targets[i] - bound[i], least, 0.0)
    return found


def lowest_solution(matrix: Array, targets: Array, distance: float) -> Array:
    """x_low: the ε-product of the matrix and the lowered targets, column by column."""
    pushing = targets[:, None] - matrix > distance
    return np.where(pushing, targets[:, None] - distance, 0.0).max(0, initial=0.0)


def min_max(matrix: Array, vector: Array, bound: Array | None = None) -> Array:
    """G □ x."""
    rows = np.maximum(matrix, vector).min(1, initial=1.0)
    return rows if bound is None else np.minimum(rows, bound)
