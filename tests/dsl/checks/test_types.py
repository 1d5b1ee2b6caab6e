"""Types: domains, what is refused, the values of open types."""

from __future__ import annotations

from nesy.dsl import check, parse
from nesy.dsl.checked import Domain, NumericType
from tests.dsl.checks.findings import codes, errors


def domain(definition: str, before: str = "") -> Domain:
    """The domain of one type definition."""
    return check(parse(f"{before} type t = {definition}. percept p : t. query p.")).types["t"]


def test_domains() -> None:
    assert domain("-1..2").values == (-1, 0, 1, 2)
    assert domain("{red, 1..3, true}").values == ("red", 1, 2, 3, True)
    assert domain('{(1, a), "light red"}').values == ((1, "a"), "light red")
    assert domain("bool").is_bool
    assert not domain("0..1").is_bool
    pair = domain("(d, {x, y})", "type d = 1..2.")
    assert pair.values == ((1, "x"), (1, "y"), (2, "x"), (2, "y"))
    assert [part.name for part in pair.components] == ["d", "{x, y}"]
    assert domain("1..n*n", "const n = 3.").values == tuple(range(1, 10))


def test_numeric_types_are_for_random_variables() -> None:
    program = check(parse("random x : real ~ normal(0, 1). query x."))
    assert program.attributes["x"].value == NumericType("real")
    assert errors("percept x(int) : real.\nquery x(_).") == [
        "1:11 E216 'int' is not finite, so it cannot be the type of an index",
        "1:18 E216 'real' is not finite, so it cannot be the type of a percept",
    ]


def test_arguments_of_relations_may_be_numbers() -> None:
    declared = "type node. relation size(node, int). relation bright(node, real). node(a). "
    facts = "size(a, 3). bright(a, 0.25). bright(a, 1). bright(a, -0.5)."
    program = check(parse(f"{declared} {facts} query size(_, _). query bright(_, _)."))
    assert [info.arguments[1] for info in program.relations.values()] == [None, None]
    assert errors(f"{declared} size(a, 2.5).\nbright(a, red).\nquery size(_, _). query bright(_, _).") == [
        "1:85 E208 the decimal number 2.5 stands where the type is int",
        "2:11 E208 red is not a number, but the type here is real",
    ]
    assert errors("relation size(int).\nsize(-2.5).\nquery size(_).") == [
        "2:6 E208 the decimal number -2.5 stands where the type is int",
    ]


def test_mistakes_are_reported_once() -> None:
    assert codes("type t = 3..1. percept a : t. percept b(t) : t. query a. query b(_).") == ["E212"]
    assert codes("type t = (t, 1..2). percept a : t. query a.") == ["E214"]
    assert codes("type s = (t, 1..2). type t = s. percept a : t. query a.") == ["E214"]
    assert codes("type t = {a, b, a}. percept a1 : t. query a1.") == ["E215"]
    assert codes("type t = 1..1000. type u = (t, t, t). percept a : u. query a.") == ["E213"]
    assert codes("type t = 1..red. percept a : t. query a.") == ["E216"]


def test_a_chain_of_types_may_be_long_but_not_endless() -> None:
    chain = "type t0 = 1..2." + "".join(f"type t{i + 1} = t{i}." for i in range(50)) + "percept p : t50. query p."
    assert errors(chain) == []
    backwards = "".join(f"type t{i} = t{i + 1}." for i in range(3000)) + "type t3000 = 1..2. percept p : t0. query p."
    assert set(codes(backwards)) <= {"E214", "W201"}


def test_open_types_have_the_values_of_facts_in_order() -> None:
    text = (
        "type node. type pair = (node, node). relation edge(node, 1..3). relation twin(pair). concept c(node) : bool. "
        "edge(b, 1). node(a). twin((d, c1)). edge(b, 2). node(1..2). c(e). c(f) :- edge(g, 1). query c(_)."
    )
    program = check(parse(text.replace("edge(g", "edge(b").replace("c(f)", "c(a)")))
    assert program.types["node"].values == ("b", "a", "d", "c1", 1, 2, "e")
    assert program.types["node"].is_open
    assert program.types["pair"].is_open
    found = [message.split(" ", 2)[1:] for message in errors(text)]
    assert found == [["E207", "f is not a value of the type node"], ["E207", "g is not a value of the type node"]]


def test_a_broken_type_is_reported_once() -> None:
    text = "type place = 1..k.\nconcept c(J) : 0..3 for place(J), J < 2.\nc(J) = 1 :- place(J).\nquery c(_).\n"
    assert [line.split()[1] for line in errors(text)] == ["E216"]
