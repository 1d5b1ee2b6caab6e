"""The harness of calibration: that data are part of every model, and that ranks are what they are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.papers.calibration.families import CONJUGATE, FAMILIES, FINITE, Family
from benchmarks.papers.calibration.ranks import DRAWS, counted, evenness, rank_of, replicates, shown
from nesy.solvers.probabilistic.interpreter.traces import sample


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_what_is_shown_is_part_of_the_model(family: Family) -> None:
    graph = family.graph
    conditions = shown(graph, family.seen, sample(graph, np.random.default_rng(1)))
    assert len(conditions) >= 3
    asked = {label for estimand in graph.estimands for label in estimand.parents}
    assert not asked & {label for condition in conditions for label in condition.parents}


def test_ranks_of_equals_are_made_by_chance() -> None:
    generator = np.random.default_rng(2)
    ranks = [rank_of(1.0, np.array([0.0, 1.0, 1.0, 2.0]), generator) for _ in range(3000)]
    assert np.bincount(ranks, minlength=5).tolist() == pytest.approx([0, 1000, 1000, 1000, 0], abs=120)


def test_evenness() -> None:
    assert evenness(counted(range(DRAWS + 1))) == pytest.approx(1.0)
    assert evenness(counted([0] * 100)) < 1e-9


def test_replicates_are_repeatable_and_see_their_data() -> None:
    assert replicates(FINITE, "exact", 3, seed=1) == replicates(FINITE, "exact", 3, seed=1)
    found = replicates(CONJUGATE, "quadrature", 3, seed=1)
    assert {name: len(ranks) for name, ranks in found.right.items()} == {"rate": 3}
    assert found.refused == 0
