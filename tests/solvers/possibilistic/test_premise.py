"""Premises: separated formulas mean the same, and their possibility is a minimum of maxima."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl.diagnostics import NesyError
from nesy.dsl.span import Span
from nesy.solvers.ground_model import AllOf, AnyOf, AtomLiteral, AttributeLiteral, GroundFormula
from nesy.solvers.possibilistic.premise import complement, literals, separate, variable

SIZE = 3


def formula(random: Random, depth: int) -> GroundFormula:
    if depth == 0 or random.random() < 0.3:
        if random.random() < 0.25:
            return AtomLiteral(random.randrange(2), random.random() < 0.3)
        values = tuple(value for value in range(SIZE) if random.random() < 0.5)
        return AttributeLiteral(random.randrange(2), random.randrange(2), values)
    items = tuple(formula(random, depth - 1) for _ in range(random.randint(0, 3)))
    return random.choice([AllOf, AnyOf])(items)


def holds(item: GroundFormula, world: dict[tuple[int, int], int]) -> bool:
    match item:
        case AttributeLiteral(_, _, values):
            return world[variable(item)] in values
        case AtomLiteral(_, negated):
            return bool(world[variable(item)]) != negated
        case AllOf(items):
            return all(holds(part, world) for part in items)
        case AnyOf(items):
            return any(holds(part, world) for part in items)


def separated(item: GroundFormula) -> bool:
    if isinstance(item, AttributeLiteral | AtomLiteral):
        return True
    if isinstance(item, AllOf):
        spoken = [set(map(variable, literals(part))) for part in item.items]
        if sum(map(len, spoken)) != len(set().union(*spoken)):
            return False
    return all(map(separated, item.items))


@given(st.randoms(use_true_random=False))
def test_separate_and_complement(random: Random) -> None:
    given_formula = formula(random, 3)
    found = separate(given_formula)
    denied = separate(complement(given_formula, lambda _: SIZE))
    assert separated(found)
    assert separated(denied)
    keys = [(0, 0), (0, 1), (1, 0), (1, 1), (-1, 0), (-1, 1)]
    for values in product(range(SIZE), range(SIZE), range(SIZE), range(SIZE), range(2), range(2)):
        world = dict(zip(keys, values, strict=True))
        assert holds(found, world) == holds(given_formula, world)
        assert holds(denied, world) != holds(given_formula, world)


def test_literals_about_the_same_attribute_are_intersected() -> None:
    both = AllOf((AttributeLiteral(0, 0, (1, 2)), AttributeLiteral(1, 0, (0,)), AttributeLiteral(0, 0, (2, 3))))
    assert separate(both) == AllOf((AllOf((AttributeLiteral(0, 0, (2,)),)), AttributeLiteral(1, 0, (0,))))


def test_too_large_a_formula_is_refused_at_its_place() -> None:
    parts = tuple(
        AnyOf(tuple(AttributeLiteral(k, 0, (value,)) for k in (number, 20))) for number in range(16) for value in (0,)
    )
    span = Span("f.nesy", 3, 1, 3, 9)
    with pytest.raises(NesyError) as caught:
        separate(AllOf(parts), span)
    (found,) = caught.value.diagnostics
    assert (found.code, found.span) == ("E522", span)
    assert "concept" in found.hint
