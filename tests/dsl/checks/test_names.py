"""Names, arguments and values: messages with their places."""

from __future__ import annotations

import pytest

from tests.dsl.checks.findings import diagnostics, errors

LAMP = "percept lamp(1..3) : {red, green}.\nconcept stop : bool.\n"


@pytest.mark.parametrize(
    ("premise", "message"),
    [
        ("lmap(1) = red", "3:11 E201 unknown attribute or function 'lmap'"),
        ("lmap = red", "3:11 E201 unknown attribute or value 'lmap'"),
        ("lmap(1)", "3:11 E201 unknown relation or attribute 'lmap'"),
        ("lamp(1) = rde", "3:21 E207 rde is not a value of the type {red, green}"),
        ("lamp(4) = red", "3:16 E207 4 is not a value of the type 1..3"),
        ("lamp(1, 2) = red", "3:11 E206 the index of 'lamp' has 1 place, but 2 are given here"),
        ("lamp = red", "3:11 E206 the index of 'lamp' has 1 place, but none are given here"),
        ("lamp(1)", "3:11 E209 'lamp' has a value of the type {red, green}, it is not true or false by itself"),
        ("lamp(1) = (red, 1)", "3:21 E208 a tuple stands where a value of the type {red, green} belongs"),
        ("lamp(1) + 1 = 2", "3:11 E208 'lamp' has values of the type {red, green}, which are no numbers"),
        ("lamp(1) = stop", "3:11 E208 the types {red, green} and bool have no value in common"),
        ("lamp@m1(1) = red", "3:11 E210 'lamp' has no source 'm1'"),
        ("lamp(1) in {red, blue}", "3:28 E207 blue is not a value of the type {red, green}"),
        ("any lamp(_) = red for lamp(1) = red", ""),
    ],
)
def test_premises(premise: str, message: str) -> None:
    found = errors(f"{LAMP}stop iff  {premise}.\nquery stop.")
    if message:
        assert found == [message]
    else:
        assert [line.split()[1] for line in found] == ["E308"]


def test_the_nearest_name_is_offered() -> None:
    (found,) = diagnostics(f"{LAMP}stop iff any lamb(_) = red.\nquery stop.\n")[:1]
    assert found.hint == "the nearest known name is 'lamp'"
    (found,) = diagnostics(f"{LAMP}stop iff any lamp(_) = gren.\nquery stop.\n")
    assert found.hint == "the nearest value is green"


def test_an_unknown_name_is_reported_once() -> None:
    text = "p(X) :- q(X), r(X).\ns(X) :- q(X).\nquery p(1). query s(1)."
    assert [line.split(" ", 2)[2] for line in errors(text)] == [
        "unknown relation or attribute 'q'",
        "unknown relation or attribute 'r'",
    ]


def test_the_first_declaration_is_labelled() -> None:
    (found,) = diagnostics("type t = 1..2.\npercept a : t.\nrelation a(t).\nquery a.")[:1]
    assert found.code == "E205"
    assert (found.span.line, found.labels[0].span.line) == (3, 2)


def test_relations_may_be_overloaded_unless_declared() -> None:
    assert errors("edge(a, b). edge(a, b, c). p(X) :- edge(X, _), edge(X, _, _). query p(a).") == []
    assert errors("relation edge(1..2, 1..2).\nedge(1, 2). edge(1, 2, 1).\nquery edge(1, 2).") == [
        "2:13 E206 the relation 'edge' has 2 arguments, but 3 are given here"
    ]


def test_a_bare_name_may_be_a_value_beside_an_attribute_with_an_index() -> None:
    assert (
        errors("percept a(1..2) : bool. edge(a, b). concept p : bool. if a(1) then p where edge(a, b). query p.") == []
    )


def test_a_value_and_an_attribute_without_index_may_not_share_a_name() -> None:
    text = "type illness = {flu, cold}.\nconcept flu : bool.\npercept seen : illness.\nflu iff seen = cold.\nquery flu."
    assert [line.split()[1] for line in errors(text)] == ["E205"]


def test_a_fact_does_not_speak_of_attributes() -> None:
    text = "concept flu : bool.\ncause(flu, fever).\npercept ill : bool.\nflu iff ill.\nquery flu. query cause(_, _)."
    assert errors(text) == ["2:7 E205 'flu' is a concept, but stands for a value in this fact"]


def test_names_may_come_from_a_file_for_clingo() -> None:
    assert errors('include "grid.lp".\np(X) :- cell_of(X).\nquery p(1).') == []


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("lamp(1) = red :- stop.", "E211"),
        ("if stop then lamp(1) = red.", "E211"),
        ("if stop then true_thing(1).", "E201"),
        ("if stop then item(1).", "E222"),
        ("if stop then weight = 3.", "E226"),
        ("weight = 3 :- stop.", "E226"),
        ("row(4).", "E227"),
        ("row(X) :- item(X).", "E227"),
        ("size(X) :- item(X), item(X) > 3.", "E219"),
        ("size(X) :- X = exp(3).", "E224"),
        ("stop iff count { X : lamp(X) = red } > 2.", "E224"),
        ("random w : real ~ normal(1).", "E206"),
        ("concept w : bool for item(X).", "E224"),
        ("random w : real ~ norml(1, 2).", "E218"),
        ("random w : int ~ normal(1, 2).", "E208"),
        ("observe weight = red.", "E208"),
        ("expect stop given stop.", "E223"),
        ("expect stop given any lamp(_) = red.", "E223"),
        ("expect P >= 2 stop.", "E220"),
        ("error stop@m :- stop.", "E225"),
        ("error seen@m1(X) :- item(X), confidence(X) < 0.5.", "E218"),
        ("error seen@m1(X) :- item(X), margin(stop) < 0.5.", "E218"),
        ("size(X) :- item(X), confidence(seen@m1(X)) < 1.", "E224"),
        ("size(1 / 0).", "E217"),
        ("stop iff lamp(1) = red where 0.5 < 1.", "E208"),
        ("size(1..3000000).", "E213"),
    ],
)
def test_statements(statement: str, code: str) -> None:
    text = f"{LAMP}type row = 1..3.\nitem(1).\nrandom weight : real ~ normal(1, 2).\n"
    text += f"percept seen(row) : bool from m1.\n{statement}\nquery stop."
    assert [line.split()[1] for line in errors(text)] == [code]
