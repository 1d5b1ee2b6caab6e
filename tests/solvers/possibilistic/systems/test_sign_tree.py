"""Minima over rules and maxima over cells against the sign table itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nesy.solvers.possibilistic.systems.sign_tree import sign_tree


def test_no_rules() -> None:
    with pytest.raises(ValueError, match="one rule at least"):
        sign_tree(torch.ones(3, 0).bool())


@pytest.mark.parametrize(("cells", "rules"), [(1, 1), (3, 1), (5, 2), (2, 7), (12, 5), (40, 9)])
def test_tables(cells: int, rules: int) -> None:
    random = np.random.default_rng(cells)
    signs = torch.from_numpy(random.random((cells, rules)) < 0.5)
    table, values = torch.from_numpy(random.random((2 * rules, 4))), torch.from_numpy(random.random((cells, 4)))
    tree = sign_tree(signs)
    assert (tree.cells, tree.sides) == (cells, 2 * rules)
    assert torch.equal(tree.own, torch.where(signs, 0, 1) + 2 * torch.arange(rules))
    assert torch.equal(tree.least(table), table[tree.own].amin(1))
    taken = torch.stack([signs, ~signs], 2).flatten(1)
    expected = torch.where(taken.T[:, :, None], values, torch.zeros(())).amax(1)
    assert torch.equal(tree.largest(values), expected)
