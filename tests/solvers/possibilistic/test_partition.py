"""Partitions and matrix relations."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nesy.solvers.possibilistic.partition import partition
from nesy.solvers.possibilistic.relation import EquationSystem, min_max_product, rule_sets
from tests.solvers.models import Builder, literal, numbers, product

families = st.integers(1, 8).flatmap(
    lambda size: st.tuples(st.just(size), st.lists(st.sets(st.integers(0, size - 1)), max_size=5))
)


@given(families)
def test_cells_are_the_classes_of_equal_signs(family: tuple[int, list[set[int]]]) -> None:
    size, sets = family
    found = partition(size, [sorted(entry) for entry in sets])
    assert sorted(value for cell in found.cells for value in cell) == list(range(size))
    for cell, signs in zip(found.cells, found.signs.tolist(), strict=True):
        for value in cell:
            assert signs == [value in entry for entry in sets]
            assert found.cells[found.cell_of[value]] == cell
    rows = [tuple(not sign for sign in row) for row in found.signs.tolist()]
    assert rows == sorted(set(rows)), "lexicographic, + before −, all different"


def test_order_of_the_paper() -> None:
    assert partition(2, [[1]]).cells == ((1,), (0,))  # the carry
    assert partition(2, [[0]]).cells == ((0,), (1,))  # y0
    # pairs of three values, rules interleaved: x = 0, y = 0, x = 1, y = 1, …
    conclusions = [[v for v in range(9) if (v // 3, v % 3)[half] == k] for k in range(3) for half in (0, 1)]
    assert partition(9, conclusions).cells == ((0,), (1,), (2,), (3,), (6,), (4,), (5,), (7,), (8,))
    assert partition(3, [[0], [1], [2]]).one_against_rest
    assert not partition(3, [[0], [0, 1], [2]]).one_against_rest


def test_matrix_and_equations() -> None:
    builder = Builder()
    a = builder.percept("a", 3)
    b = builder.concept("b", 4)
    builder.rule(literal(a, 0, 0), literal(b, 0, 0, 1), s=0.1, r=0.2)
    builder.rule(literal(a, 0, 1, 2), literal(b, 0, 1, 2), s=1.0, r=0.0)
    builder.ask(b)
    (found,) = rule_sets(builder.build()).values()
    assert found.partition.cells == ((1,), (0,), (2,), (3,))
    assert found.relation.matrix.tolist() == [
        [0.1, 1.0, 1.0, 1.0],
        [0.1, 1.0, 1.0, 0.0],
        [1.0, 0.2, 1.0, 1.0],
        [1.0, 0.2, 1.0, 0.0],
    ]
    assert found.relation.apply(np.array([0.3, 1.0, 1.0, 0.4])).tolist() == [0.3, 0.3, 1.0, 0.4]
    assert str(found.relation).splitlines()[:2] == ["        λ1  ρ1 λ2 ρ2", "b = 1  0.1   1  1  1"]
    assert EquationSystem(found).equations() == [
        "Π(b = 1) = max(0.1, λ1)",
        "Π(b = 0) = min(max(0.1, λ1), ρ2)",
        "Π(b = 2) = max(0.2, ρ1)",
        "Π(b = 3) = min(max(0.2, ρ1), ρ2)",
    ]


def test_min_max_product_of_nothing_is_one() -> None:
    assert min_max_product(np.ones((2, 0)), np.ones(0)).tolist() == [1.0, 1.0]
    assert len(product(numbers(2), numbers(3))) == 6
