"""Sets that hold attributes are compared with, value by value."""

from __future__ import annotations

import pytest

from nesy.dsl import check, parse
from nesy.dsl.diagnostics import NesyError
from nesy.dsl.statements import Rule
from nesy.solvers.ground_model import GroundAtom
from nesy.solvers.grounding import ground
from tests.solvers.grounding.naive import derived, model_of, truth, worlds

HEADER = "percept a(0..2) : 0..2.\npercept b(0..2) : bool.\nindex(0..2).\n"
EVERY = "b(0), b(1), b(2), a(0) >= 0, a(1) >= 0, a(2) >= 0, a(0) = 0, a(1) = 1, a(2) = 2"


@pytest.mark.parametrize(
    "body",
    [
        "a(1) in {a(0), a(2)}",
        "a(1) not in {a(0), 2}",
        "not (a(1) in {a(0), 2} and b(1))",
        "a(1) in 0..a(2)",
        "a(1) not in a(0)..a(2)",
        "a(1) in {V : V > a(0)}",
        "a(1) not in {V : V > a(0), V != a(2)}",
        "1 in {a(0), a(1)}",
        "a(0) + a(1) in {a(2), 3}",
        "all (b(J) or a(J) in {a(0), 1})",
        "any (b(J) and a(J) not in {a(0), 1})",
        "not all a(J) in 0..a(1)",
        "index(I), a(I) in {a(0), I}, b(I)",
        # sums and chains of comparisons
        "a(0) + 1 = a(1)",
        "a(0) * 2 + a(1) mod 2 = a(2)",
        "a(0) < a(1), a(1) <= a(2)",
        "a(0) - a(1) < a(2) + 1",
        # quantifiers under 'not', with 'or', and inside one another
        "not all a(J) = 0",
        "not any a(J) = 0",
        "all (a(J) = 0 or b(J))",
        "all (not b(J) and a(J) != 1)",
        "not any (b(J) or a(J) = 1)",
        "all (a(J) = 0 or any (b(K) and a(K) != J))",
        "any (b(J) and all (b(K) or a(K) = J))",
        "a(0) = V, not all a(J) = V",
    ],
)
def test_bodies_hold_where_their_source_does(body: str) -> None:
    text = f"{HEADER}d :- {body}.\ne :- {EVERY}.\nquery d.\nquery e.\n"
    model = model_of(text)
    statement = next(one for one in parse(text).statements if isinstance(one, Rule) and one.body)
    place = model.atoms.index(GroundAtom("d", ()))
    free = {"I", "V"} & set(body.replace("(", " ").replace(",", " ").replace(")", " ").split())
    names = [name for name in free if f"{{{name} :" not in body]
    for world in worlds(model):
        rows = [dict.fromkeys(names, value) for value in (0, 1, 2)] if names else [{}]
        expected = any(all(truth(item, row, world) for item in statement.body) for row in rows)
        assert (place in derived(model, world)) == expected


def test_a_sum_of_attributes_binds_its_result() -> None:
    model = model_of(f"{HEADER}t(Z) :- a(1) + a(2) = Z.\nquery t(_).\n")
    places = {atom: place for place, atom in enumerate(model.atoms)}
    for world in worlds(model):
        total = int(world["a", (1,)]) + int(world["a", (2,)])  # type: ignore[call-overload]
        assert derived(model, world) == {places[GroundAtom("t", (total,))]}


def test_a_set_of_parts_with_attributes_in_its_condition_is_refused() -> None:
    text = "percept p : (0..1, 0..1).\npercept a : 0..1.\nd :- p in {(X, Y) : X + Y = a}.\nquery d.\n"
    with pytest.raises(NesyError, match="E513"):
        ground(check(parse(text)))
