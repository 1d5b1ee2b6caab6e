"""Whole programs: the two of the design with their exact counts, carries, facts, what is left out."""

from __future__ import annotations

import json

import pytest

from nesy.dsl import check, parse
from nesy.dsl.diagnostics import NesyError
from nesy.dsl.statements import Query
from nesy.dsl.syntax import Call
from nesy.solvers.ground_model import AllOf, AnyOf, AttributeLiteral
from nesy.solvers.grounding import describe_model, ground, model_to_json
from tests.solvers.grounding.naive import model_of

ADDITION = """\
type digit = 0..9.
type total = 0..18.
percept a(1..2) : digit.
concept c : (digit, digit).
concept y : total.
c in {(K, _)} iff a(1) = K.
c in {(_, K)} iff a(2) = K.
y = T iff c in {(U, V) : U + V = T}.
query y.
"""

SUDOKU = """\
const n = 4.
const box = 2.
type row = 1..n.   type col = 1..n.   type digit = 1..n.
percept cell(row, col) : digit.
clash(R,C1, R,C2) :- row(R), col(C1), col(C2), C1 < C2.
clash(R1,C, R2,C) :- row(R1), row(R2), col(C), R1 < R2.
clash(R1,C1, R2,C2) :- row(R1), row(R2), col(C1), col(C2), R1 < R2, C1 != C2,
                       (R1-1)/box = (R2-1)/box, (C1-1)/box = (C2-1)/box.
concept pair(R1,C1,R2,C2) : (digit, digit) for clash(R1,C1,R2,C2).
concept valid : bool.
pair(R1,C1,R2,C2) in {(K,_)} iff cell(R1,C1) = K.
pair(R1,C1,R2,C2) in {(_,K)} iff cell(R2,C2) = K.
valid iff all pair(_,_,_,_) in {(X,Y) : X != Y}.
:- clash(R1,C1,R2,C2), cell(R1,C1) = V, cell(R2,C2) = V.   % the logical reading
query valid.
query cell(_,_).
"""


def test_addition() -> None:
    model = model_of(ADDITION)
    assert [(attribute.name, attribute.shape, len(attribute.domain)) for attribute in model.attributes] == [
        ("a", (2,), 10),
        ("c", (), 100),
        ("y", (), 19),
    ]
    assert len(model.uncertain) == 10 + 10 + 19
    last = model.uncertain[-2]
    assert last.origin.bindings == (("T", 17),)
    assert last.origin.statement == "y = T iff c in {(U, V) : U + V = T}."
    assert model.describe(last.premise) == "c in {(8,9),(9,8)}"
    assert model.describe(last.conclusion) == "y = 17"
    assert [(query.label, query.kind) for query in model.queries] == [("y", "attribute")]
    assert not model.warnings


@pytest.mark.slow
@pytest.mark.parametrize(("n", "box", "pairs"), [(4, 2, 56), (9, 3, 810)])
def test_sudoku(n: int, box: int, pairs: int) -> None:
    model = ground(check(parse(SUDOKU), {"n": n, "box": box}))
    assert len(model.facts["clash"]) == pairs
    cell, pair, valid = model.attributes
    assert cell.shape == (n, n)
    assert pair.shape == (pairs,)
    assert valid.domain.is_bool
    assert len(model.uncertain) == 2 * n * pairs + 1
    premise = model.uncertain[-1].premise
    assert isinstance(premise, AllOf)
    unequal = tuple(place for place, (x, y) in enumerate(pair.domain.values) if x != y)  # type: ignore[misc]
    assert premise.items == tuple(AttributeLiteral(1, index, unequal) for index in range(pairs))
    first = model.uncertain[0]
    assert first.origin.bindings == (("R1", 1), ("C1", 1), ("R2", 1), ("C2", 2), ("K", 1))
    assert model.describe(first.premise) == "cell(1,1) = 1"
    assert [query.label for query in model.queries[:3]] == ["valid", "cell(1,1)", "cell(1,2)"]
    assert len(model.queries) == 1 + n * n
    assert [warning.code for warning in model.warnings] == ["W515"]
    assert "line" not in model.warnings[0].message
    assert model.warnings[0].span.line == 14


def test_strict_refuses_what_would_be_left_out() -> None:
    with pytest.raises(NesyError) as caught:
        ground(check(parse(SUDOKU)), strict=True)
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["E515"]


def test_addition_of_many_digits() -> None:
    text = """\
const k = 3.
type digit = 0..9.  type bit = 0..1.  type place = 1..k.
percept a(place) : digit.
percept b(place) : digit.
concept w(0..k) : bit.
concept c(place) : (digit, digit, bit).
concept y(place) : digit.
w(k) = 0.
c(J) in {(K,_,_)} iff a(J) = K.
c(J) in {(_,K,_)} iff b(J) = K.
c(J) in {(_,_,K)} iff w(J) = K.
if c(J) in {(U,V,W) : U+V+W >= 10} then w(J-1) = 1.
if c(J) in {(U,V,W) : U+V+W < 10} then w(J-1) = 0.
y(J) = T iff c(J) in {(U,V,W) : (U+V+W) mod 10 = T}.
query y(_).
query w(0).
"""
    model = model_of(text)
    assert len(model.uncertain) == 3 * (10 + 10 + 2 + 1 + 1 + 10)
    assert len(model.queries) == 4
    (fact,) = model.rules
    assert (model.describe(fact.head), fact.body) == ("w(3) = 0", ())


def test_only_what_the_queries_need_is_grounded() -> None:
    text = """\
percept a : 0..3.
percept b : 0..3.
concept y : 0..3.
concept z : 0..3.
y = V iff a = V.
z = V iff b = V.
{ picked(X) : X = 1..3 }.
random height : real ~ normal(0, 1).
:- b = 1.
unneeded(X) :- X = 1..3.
query y.
"""
    model = model_of(text)
    assert [attribute.name for attribute in model.attributes] == ["a", "y"]
    assert not model.facts
    assert not model.warnings


def test_queries_may_be_given() -> None:
    checked = check(parse("percept a : 0..3.\npercept b : 0..3.\nquery a.\n"))
    assert [query.label for query in ground(checked, [Query(Call("b"))]).queries] == ["b"]


def test_without_queries_concepts_and_derived_relations_are_grounded() -> None:
    model = model_of("percept a : bool.\npercept b : bool.\nconcept c : bool.\nc iff a.\nd :- c.\n")
    assert [attribute.name for attribute in model.attributes] == ["a", "c"]
    assert len(model.rules) == 1
    assert not model.queries


def test_every_statement_is_heard() -> None:
    text = """\
percept a(1..2) : 0..9.
concept y : 0..9.
concept z(1..2) : 0..9.
y = A + B :- a(1) = A, a(2) = B.
z(I + 1) = V iff a(I) = V.
z(1) = V + 1 iff a(1) = V.
query y.
query z(_).
"""
    with pytest.raises(NesyError) as caught:
        model_of(text)
    assert [(diagnostic.code, diagnostic.span.line) for diagnostic in caught.value.diagnostics] == [
        ("E510", 4),
        ("E510", 6),
    ]
    assert "y to 10" in str(caught.value)
    assert "A = 1, B = 9 (and 44 more)" in str(caught.value)


def test_sources_of_a_percept_are_attributes() -> None:
    text = """\
type object = {o1, "o 2"}.
type class = {car, bus, "big car"}.
percept label(object) : class from m1, m2.
concept same(object) : bool.
same(O) iff label@m1(O) = label@m2(O).
bad(O) :- label@m1(O) = "big car", label@m2(O) = bus.
query same(_).
query bad(_).
"""
    model = model_of(text)
    assert [attribute.name for attribute in model.attributes] == ["label", "label@m1", "label@m2", "same"]
    assert [model.describe(item) for item in model.rules[1].body] == [
        'label@m1(o1) = "big car"',
        "label@m2(o1) = bus",
    ]


def test_description_and_plain_data() -> None:
    text = """\
relation edge({s,m,t}, {s,m,t}).
edge(s,m).
edge(m,t).
percept link({s,m}) : bool.
percept a : 0..2.
concept sure : bool.
path(X,Y) :- edge(X,Y), link(X).
path(X,Z) :- edge(X,Y), link(X), path(Y,Z).
if path(s,t) and a != 1 then sure [r = 0.1, s = 0.5].
if a = V then not sure [learn r per V] where V > 1.
query sure.
query path(s,X).
query path(t,s).
query edge(s,m).
query a > 0 and path(s,m).
"""
    model = model_of(text)
    assert (
        describe_model(model)
        == """\
attributes (3)
  percept link [2] = link(s), link(m) : {false, true}
  percept a : {0, 1, 2}
  concept sure : {false, true}

facts (2)
  edge(m,t).
  edge(s,m).

rules (3)
  % <text>:7:1: path(X,Y) :- edge(X,Y), link(X).
  path(m,t) :- link(m).   % X = m, Y = t
  path(s,m) :- link(s).   % X = s, Y = m
  % <text>:8:1: path(X,Z) :- edge(X,Y), link(X), path(Y,Z).
  path(s,t) :- link(s), path(m,t).   % X = s, Z = t, Y = m

uncertain rules (2)
  % <text>:9:1: if path(s,t) and a != 1 then sure [r = 0.1, s = 0.5].
  if path(s,t) and a != 1 then sure [s = 0.5, r = 0.1].
  % <text>:10:1: if a = V then not sure [learn r per V] where V > 1.
  if a = 2 then not sure [s = 1, r = 0, learn r for 2].   % V = 2

queries (6)
  sure
  path(s,m)
  path(s,t)
  path(t,s): false
  edge(s,m): true
  a > 0 and path(s,m): a != 0 and path(s,m)
"""
    )
    data = json.loads(json.dumps(model_to_json(model)))
    assert data["attributes"][1] == {
        "name": "a",
        "kind": "percept",
        "index": [[]],
        "shape": [],
        "type": "0..2",
        "values": [0, 1, 2],
    }
    assert data["facts"] == {"edge": [["m", "t"], ["s", "m"]]}
    assert data["atoms"] == ["path(m,t)", "path(s,m)", "path(s,t)"]
    assert data["rules"][2]["body"][1] == {"atom": "path(m,t)", "negated": False}
    assert data["uncertain"][1]["group"] == [2]
    assert data["uncertain"][0]["premise"]["all"][1] == {
        "attribute": "a",
        "values": [0, 2],
        "text": "a != 1",
    }
    assert data["queries"][3]["formula"] == {"any": []}
    assert model.queries[3].formula == AnyOf(())
