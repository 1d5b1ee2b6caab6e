"""Grids where there is nothing to be found."""

from __future__ import annotations

import torch

from nesy.solvers.probabilistic.inference.grids import around


def test_a_grid_around_nothing() -> None:
    starts = [torch.zeros(3, dtype=torch.float64)]
    grid = around(starts, lambda points: torch.full((len(points),), -torch.inf), 51, [(-100.0, 100.0)])
    assert len(grid.points) == 51
