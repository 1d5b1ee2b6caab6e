"""Uncertain rules: instances, parameters, groups."""

from __future__ import annotations

import pytest

from nesy.dsl import parse
from nesy.dsl.diagnostics import NesyError
from nesy.dsl.statements import UncertainRule
from nesy.solvers.ground_model import AnyOf
from tests.solvers.grounding.naive import holds, model_of, truth, worlds

HEADER = "const lim = 2.\npercept a(1..3) : 0..3.\nconcept y : 0..6.\nconcept w(0..3) : bool.\n"


def ground_rules(rule: str) -> list[str]:
    """Instances as ``bindings: if premise then conclusion``."""
    model = model_of(f"{HEADER}{rule}\nquery y.\nquery w(_).\n")
    found = []
    for one in model.uncertain:
        bindings = ",".join(f"{name}={value}" for name, value in one.origin.bindings)
        found.append(f"{bindings}: if {model.describe(one.premise)} then {model.describe(one.conclusion)}")
    return found


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("w(0) iff a(1) = 1 and not a(2) = 1.", [": if a(1) = 1 and a(2) != 1 then w(0)"]),
        ("not w(0) iff a(1) = 1 or a(1) = 2.", [": if a(1) in {1,2} then not w(0)"]),
        ("y != 2 iff all a(I) > I for I < 3.", [": if a(1) in {2,3} and a(2) = 3 then y != 2"]),
        ("y in {V : V > 4} iff any a(_) = 3.", [": if a(1) = 3 or a(2) = 3 or a(3) = 3 then y in {5,6}"]),
        ("y in 1..2 iff not (a(1) = 1 and a(2) = 1).", [": if a(1) != 1 or a(2) != 1 then y in {1,2}"]),
        ("if a(I) = 1 then w(I - 3).", ["I=3: if a(3) = 1 then w(0)"]),
        (
            "if a(I) = 1 and a(J) = 2 then w(J) where J = I + 1.",
            [
                "I=1,J=2: if a(1) = 1 and a(2) = 2 then w(2)",
                "I=2,J=3: if a(2) = 1 and a(3) = 2 then w(3)",
            ],
        ),
        (
            "if a(1) = V then y = V + lim where V > 1.",
            [
                "V=2: if a(1) = 2 then y = 4",
                "V=3: if a(1) = 3 then y = 5",
            ],
        ),
        ("w(0) iff a(1) + a(2) = 1.", [": if (a(1) = 0 and a(2) = 1) or (a(1) = 1 and a(2) = 0) then w(0)"]),
        ("w(0) iff a(1) >= 0.", [": if true then w(0)"]),
        ("w(0) iff a(1) > 1 and a(1) < 2.", [": if false then w(0)"]),
    ],
)
def test_instances(rule: str, expected: list[str]) -> None:
    assert ground_rules(rule) == expected


@pytest.mark.parametrize(
    ("rule", "s", "r"),
    [
        ("if a(1) = 1 then w(0).", 1.0, 0.0),
        ("w(0) iff a(1) = 1.", 0.0, 0.0),
        ("if a(1) = 1 then w(0) [r = 0.25].", 1.0, 0.25),
        ("w(0) iff a(1) = 1 [s = 0.5].", 0.5, 0.0),
        ("if a(1) = 1 then w(0) [s = 0.1, r = 0.2].", 0.1, 0.2),
    ],
)
def test_parameters(rule: str, s: float, r: float) -> None:
    (one,) = model_of(f"{HEADER}{rule}\nquery w(0).\n").uncertain
    assert (one.s, one.r) == (s, r)


def test_parameters_may_be_constants() -> None:
    (one,) = model_of(
        "const r0 = 0.3.\npercept a : bool.\nconcept c : bool.\nif a then c [r = r0].\nquery c.\n"
    ).uncertain
    assert (one.s, one.r) == (1.0, 0.3)


@pytest.mark.parametrize(
    ("bracket", "learn", "groups"),
    [
        ("", (), [()] * 4),
        ("[learn]", ("s", "r"), [(1, 2), (1, 3), (2, 2), (2, 3)]),
        ("[learn r]", ("r",), [(1, 2), (1, 3), (2, 2), (2, 3)]),
        ("[learn per V]", ("s", "r"), [(2,), (3,), (2,), (3,)]),
    ],
)
def test_groups_of_learned_parameters(bracket: str, learn: tuple[str, ...], groups: list[tuple[int, ...]]) -> None:
    model = model_of(f"{HEADER}if a(I) = V then w(I) {bracket} where I < 3, V > 1.\nquery w(_).\n")
    assert [one.group for one in model.uncertain] == groups
    assert {one.learn for one in model.uncertain} == {learn}


def test_instances_follow_the_order_of_the_types() -> None:
    text = """\
percept light({red, amber, green}) : bool.
concept lit({red, amber, green}) : bool.
lit(C) iff light(C).
query lit(_).
"""
    assert [one.origin.bindings[0][1] for one in model_of(text).uncertain] == ["red", "amber", "green"]


def test_a_rule_without_instance_is_a_warning() -> None:
    model = model_of(f"{HEADER}if a(I) = 1 then w(I) where I > 3.\nquery w(_).\n")
    assert not model.uncertain
    assert [(warning.code, warning.span.line) for warning in model.warnings] == [("W518", 5)]


def test_a_conclusion_outside_the_type_is_an_error() -> None:
    with pytest.raises(NesyError) as caught:
        ground_rules("if a(1) = V then y = V * 3.")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E510"
    assert "concludes y = 9, which is no value of '0..6' for V = 3" in diagnostic.message


def test_crisp_and_derived_atoms_in_premises() -> None:
    text = """\
relation near({x,y}).
near(x).
percept p({x,y}) : bool.
concept c({x,y}) : bool.
bright(X) :- near(X), p(X).
c(X) iff bright(X) and near(X) or not p(X).
query c(_).
"""
    model = model_of(text)
    assert [model.describe(one.premise) for one in model.uncertain] == ["bright(x) or not p(x)", "not p(y)"]
    assert isinstance(model.uncertain[0].premise, AnyOf)


def test_an_attribute_as_index() -> None:
    text = "percept p(0..1) : 0..1.\npercept start : 0..1.\nconcept e : 0..1.\ne = V iff p(start) = V.\nquery e.\n"
    model = model_of(text)
    assert model.describe(model.uncertain[1].premise) == "(start = 0 and p(0) = 1) or (start = 1 and p(1) = 1)"


def test_a_conclusion_about_two_attributes_is_refused() -> None:
    with pytest.raises(NesyError) as caught:
        ground_rules("y = a(1) iff a(2) = 1.")
    assert [one.code for one in caught.value.diagnostics] == ["E513"]


@pytest.mark.parametrize(
    ("guard", "pairs"),
    [
        ("not e(X,Y), X != Y", ["yx", "yz", "zx", "zy"]),
        ("e(X,Y) or e(Y,X)", ["xy", "xz", "yx", "zx"]),
        ("e(X,Y)", ["xy", "xz"]),
    ],
)
def test_guards_narrow_only_by_what_they_force(guard: str, pairs: list[str]) -> None:
    text = f"""\
e(x,y).  e(x,z).
percept l({{x,y,z}}) : bool.
concept c : bool.
if l(X) and l(Y) then c where {guard}.
query c.
"""
    found = [f"{one.origin.bindings[0][1]}{one.origin.bindings[1][1]}" for one in model_of(text).uncertain]
    assert sorted(found) == pairs


def _bindings(text: str) -> list[tuple[object, ...]]:
    return [tuple(value for _, value in one.origin.bindings) for one in model_of(text).uncertain]


@pytest.mark.parametrize(
    ("premise", "values"),
    [
        ("a = V or b = V", [0, 1, 2, 3]),
        ("not a = V", [0, 1, 2, 3]),
        ("b = V and not a = V", [0, 1, 2, 3]),
        ("a = V and not b = V", [0, 1]),
        ("a = V and b = V", [0, 1]),
        ("not (a = V and b != V)", [0, 1, 2, 3]),
        ("a in {V, 0}", [0, 1, 2, 3]),
        ("l(V) or b = V", [1, 2]),
        ("not l(V)", [1, 2]),
        ("r(V) or b = V", [0, 1, 2, 3]),
    ],
)
def test_literals_that_may_be_false_leave_a_rule_its_instances(premise: str, values: list[int]) -> None:
    text = f"""\
percept a : 0..1.  percept b : 0..3.  percept l(1..2) : bool.
r(1).
concept c : 0..3.
if {premise} then c = V.
query c.
"""
    model = model_of(text)
    assert [one.origin.bindings for one in model.uncertain] == [(("V", value),) for value in values]
    statement = next(one for one in parse(text).statements if isinstance(one, UncertainRule))
    full = worlds(model_of(text + "query a.  query b.  query l(_).\n"))
    for one in model.uncertain:
        value = one.origin.bindings[0][1]
        for world in full:
            bindings = {"V": value}
            facts = {("r", (each,)): each == 1 for each in range(4)}
            assert holds(model, one.premise, world) == truth(statement.premise, bindings, {**world, **facts})


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("c(X) iff r(X) and l(X)", [1, 2, 3]),
        ("if r(X) and l(X) then c(X) [s = 0.1]", [1, 2, 3]),
        ("if r(X) and l(X) then c(X)", [2]),
        ("c(X) iff l(X) where r(X)", [2]),
    ],
)
def test_relations_in_a_premise_may_be_false(rule: str, values: list[int]) -> None:
    text = f"r(2).\npercept l(1..3) : bool.\nconcept c(1..3) : bool.\n{rule}.\nquery c(_).\n"
    assert _bindings(text) == [(value,) for value in values]


def test_a_variable_that_only_alternatives_name_has_the_values_of_all() -> None:
    text = "percept a : 0..1.\npercept b : 2..3.\nconcept c : bool.\nif a = V or b = V then c.\nquery c.\n"
    assert _bindings(text) == [(0,), (1,), (2,), (3,)]
    text = "percept a : 0..1.\npercept b : 2..3.\nconcept c : bool.\nif not a = V and not b = V then c.\nquery c.\n"
    assert _bindings(text) == [(0,), (1,), (2,), (3,)]


@pytest.mark.parametrize(
    ("condition", "pairs"),
    [
        ("(e(X,Y) or e(Y,X))", [(1, 2), (2, 1), (2, 3), (3, 2)]),
        ("(e(X,Y) or g(Y,X))", [(1, 2), (2, 3), (9, 7)]),
        ("(e(X,Y) or X = 5 and e(Y,3))", [(1, 2), (2, 3), (5, 2)]),
    ],
)
def test_index_variables_in_alternatives(condition: str, pairs: list[tuple[int, int]]) -> None:
    text = f"e(1,2).  e(2,3).  g(7,9).\nconcept f(X,Y) : bool for {condition}.\nquery f(_,_).\n"
    model = model_of(text)
    assert sorted(model.attributes[0].index) == pairs
