"""Merging and negating formulas keeps their truth."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl.checked import Domain
from nesy.dsl.span import NOWHERE
from nesy.solvers.ground_model import AllOf, AnyOf, AtomLiteral, Attribute, AttributeLiteral, GroundFormula
from nesy.solvers.grounding.formulas import FALSE, TRUE, Literals

ATTRIBUTES = (
    Attribute("a", "percept", ((1,), (2,)), (2,), Domain("t", (0, 1, 2)), NOWHERE),
    Attribute("b", "percept", ((),), (), Domain("bool", (False, True)), NOWHERE),
)
SIZES = (3, 2)
KEYS = ((0, 0), (0, 1), (1, 0))

LITERALS: st.SearchStrategy[GroundFormula] = st.sampled_from(KEYS).flatmap(
    lambda key: st.sets(st.integers(0, SIZES[key[0]] - 1)).map(lambda v: AttributeLiteral(*key, tuple(sorted(v))))
) | st.builds(AtomLiteral, st.integers(0, 1), st.booleans())
KINDS: list[type[AllOf] | type[AnyOf]] = [AllOf, AnyOf]
FORMULAS: st.SearchStrategy[GroundFormula] = st.recursive(
    LITERALS,
    lambda inner: st.builds(
        lambda kind, items: kind(tuple(items)), st.sampled_from(KINDS), st.lists(inner, max_size=3)
    ),
    max_leaves=8,
)
WORLDS = list(product(range(3), range(3), range(2), (False, True), (False, True)))


def true(formula: GroundFormula, world: tuple[int | bool, ...]) -> bool:
    match formula:
        case AttributeLiteral(attribute, index, values):
            return world[KEYS.index((attribute, index))] in values
        case AtomLiteral(atom, negated):
            return bool(world[3 + atom]) != negated
        case AllOf(items):
            return all(true(item, world) for item in items)
        case AnyOf(items):
            return any(true(item, world) for item in items)


def merged(formula: GroundFormula) -> bool:
    """Whether no join holds two literals on one index, a trivial literal, or a join of its own kind."""
    if not isinstance(formula, AllOf | AnyOf):
        return True
    literals = [item for item in formula.items if isinstance(item, AttributeLiteral)]
    keys = [(item.attribute, item.index) for item in literals]
    return (
        len(set(keys)) == len(keys)
        and all(0 < len(item.values) < SIZES[item.attribute] for item in literals)
        and not any(isinstance(item, type(formula)) for item in formula.items)
        and all(map(merged, formula.items))
    )


def rebuilt(formula: GroundFormula, literals: Literals) -> GroundFormula:
    match formula:
        case AllOf(items):
            return literals.all_of(rebuilt(item, literals) for item in items)
        case AnyOf(items):
            return literals.any_of(rebuilt(item, literals) for item in items)
        case _:
            return formula


@given(FORMULAS)
def test_joins_keep_the_truth(formula: GroundFormula) -> None:
    literals = Literals(ATTRIBUTES)
    result = rebuilt(formula, literals)
    assert all(true(result, world) == true(formula, world) for world in WORLDS)
    if isinstance(formula, AllOf | AnyOf):
        assert merged(result)


@given(FORMULAS)
def test_negation_is_the_complement(formula: GroundFormula) -> None:
    result = Literals(ATTRIBUTES).negation(formula)
    assert all(true(result, world) != true(formula, world) for world in WORLDS)


def test_trivial_literals_vanish() -> None:
    literals = Literals(ATTRIBUTES)
    always, never = AttributeLiteral(1, 0, (0, 1)), AttributeLiteral(1, 0, ())
    some = AttributeLiteral(0, 0, (1,))
    assert literals.all_of([always, some]) == some
    assert literals.any_of([never, some]) == some
    assert literals.all_of([never, some]) == FALSE
    assert literals.any_of([always, some]) == TRUE
    assert literals.all_of([some, AttributeLiteral(0, 0, (2,))]) == FALSE
