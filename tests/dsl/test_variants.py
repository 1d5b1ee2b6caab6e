"""Structural alternatives: groups, weights, and the programs that choices leave."""

from __future__ import annotations

import pytest

from nesy.dsl import check, parse
from nesy.dsl.diagnostics import NesyError
from nesy.dsl.statements import RandomDeclaration
from nesy.dsl.syntax import Number
from nesy.dsl.variants import BASE, choices, preferred, select, variant_groups

TWO = """
random a : real ~ normal(0, 1).
random a : real ~ normal(0, 5) [variant wide = 0.25].
random b : real ~ normal(a, 1) [variant near].
random b : real ~ normal(a, 9) [variant far = 0.75].
"""


def distributions(text: str, *chosen: str) -> dict[str, tuple[float, ...]]:
    """The second argument of each random variable's distribution in the program that a choice leaves."""
    found: dict[str, tuple[float, ...]] = {}
    for statement in select(parse(text), chosen).statements:
        assert isinstance(statement, RandomDeclaration)
        assert statement.variant is None
        second = statement.distribution.arguments[1]
        assert isinstance(second, Number)
        found[statement.name] = (*found.get(statement.name, ()), second.value)
    return found


def test_groups_have_options_and_weights() -> None:
    first, second = variant_groups(parse(TWO))
    assert (first.options, first.weights, first.names) == ((BASE, "wide"), (0.75, 0.25), ("a",))
    assert (second.options, second.weights, second.names) == (("near", "far"), (0.25, 0.75), ("b",))
    assert preferred((first, second)) == ("far",)


def test_choices_are_all_combinations_with_their_priors() -> None:
    found = list(choices(variant_groups(parse(TWO))))
    assert found == [
        (("near",), 0.1875),
        (("far",), 0.5625),
        (("wide", "near"), 0.0625),
        (("wide", "far"), 0.1875),
    ]
    assert sum(weight for _, weight in found) == 1


def test_a_chosen_variant_takes_the_place_of_the_base() -> None:
    assert distributions(TWO, "near") == {"a": (1,), "b": (1,)}
    assert distributions(TWO, "wide", "far") == {"a": (5,), "b": (9,)}


def test_variants_stand_and_fall_together() -> None:
    text = """
    random a : real ~ normal(0, 1) [variant v].
    random a : real ~ normal(0, 2) [variant w].
    random b : real ~ normal(0, 3) [variant v].
    """
    (group,) = variant_groups(parse(text))
    assert group.options == ("v", "w")
    assert group.weights == (0.5, 0.5)
    assert distributions(text, "v") == {"a": (1,), "b": (3,)}
    assert distributions(text, "w") == {"a": (2,)}


def test_a_variable_of_one_variant_is_optional() -> None:
    (group,) = variant_groups(parse("random luck : real ~ normal(0, 1) [variant lucky = 0.2]."))
    assert (group.options, group.weights) == ((BASE, "lucky"), (0.8, 0.2))


def test_check_takes_the_preferred_variant_and_says_so() -> None:
    checked = check(parse(TWO + "query b."))
    assert [warning.code for warning in checked.warnings] == ["W208"]
    assert "none of wide, far" in checked.warnings[0].message
    kept = [statement for statement in checked.program.statements if isinstance(statement, RandomDeclaration)]
    assert len(kept) == 2


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("random a : real ~ normal(0, 1) [variant v = 1.5].", "E228", "is 1.5"),
        ("random a : real ~ normal(0, 1) [variant v = 0].", "E228", "is 0"),
        (
            "random a : real ~ normal(0, 1) [variant v = 0.5]. random b : real ~ normal(0, 1) [variant v = 0.4].",
            "E228",
            "0.5 elsewhere",
        ),
        (
            "random a : real ~ normal(0, 1) [variant v = 0.8]. random a : real ~ normal(0, 1) [variant w = 0.3].",
            "E228",
            "more than 1",
        ),
        (
            "random a : real ~ normal(0, 1) [variant v]. random a : real ~ normal(0, 2) [variant v].",
            "E204",
            "declared twice",
        ),
        ("random a : real ~ normal(0, 1). random a : real ~ normal(b(1), 1) [variant v = 0.1].", "E201", "'b'"),
    ],
)
def test_what_is_wrong_is_told_in_all_variants(text: str, code: str, part: str) -> None:
    with pytest.raises(NesyError) as caught:
        check(parse(text))
    errors = [entry for entry in caught.value.diagnostics if entry.code == code]
    assert len(errors) == 1
    assert part in errors[0].message
