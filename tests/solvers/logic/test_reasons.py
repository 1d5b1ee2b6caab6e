"""Why atoms hold, down to facts; why they do not; choices with bounds in contradictions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from nesy import load
from nesy.explanations import explanation_text
from nesy.solvers.logic.reasons import Reasons
from nesy.solvers.logic.tasks import Task
from tests.effort import tries
from tests.solvers.logic.programs import program_of, stable_models, texts

GRAPH = """type node = {a, b, c, d}.
percept open(node) : bool.
edge(a, b).  edge(b, c).
link(X, Y) :- edge(X, Y).
link(X, Y) :- edge(Y, X).
reach(X, Y) :- link(X, Y), open(Y).
reach(X, Z) :- reach(X, Y), link(Y, Z), open(Z), X != Z.
1 { pick(X) : link(a, X) } 1 :- open(a).
many :- count { X : reach(a, X) } > 1.
concept loud : bool.
loud :- many, not open(d).
query link(b, a).
query link(a, d).
query reach(a, c).
query reach(a, d).
query pick(b).
query many.
query loud.
"""
OPEN = {"open": {"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0}}


def explained(query: str) -> list[str]:
    answer = load(GRAPH).compile("asp").infer(OPEN)
    (found,) = [entry for entry in answer.explain() if entry.query == query]
    return explanation_text(found).splitlines()[1:]


def test_down_to_facts() -> None:
    assert explained("reach(a,c)") == [
        "  reach(a,c): derived from reach(a,b), link(b,c), open(c)",
        "      <text>:7: reach(X, Z) :- reach(X, Y), link(Y, Z), open(Z), X != Z.",
        "  reach(a,b): derived from link(a,b), open(b)",
        "      <text>:6: reach(X, Y) :- link(X, Y), open(Y).",
        "  link(b,c): derived from edge(b,c)",
        "      <text>:4: link(X, Y) :- edge(X, Y).",
        "  open(c): the model's value of a percept",
        "  link(a,b): derived from edge(a,b)",
        "      <text>:4: link(X, Y) :- edge(X, Y).",
        "  open(b): the model's value of a percept",
        "  edge(b,c): a fact",
        "      <text>:3: edge(b, c).",
        "  edge(a,b): a fact",
        "      <text>:3: edge(a, b).",
    ]


def test_certain_relations_are_explained_as_well() -> None:
    assert explained("link(b,a)") == [
        "  link(b,a): derived from edge(a,b)",
        "      <text>:5: link(X, Y) :- edge(Y, X).",
        "  edge(a,b): a fact",
        "      <text>:3: edge(a, b).",
    ]


@pytest.mark.slow
def test_choices_and_aggregates() -> None:
    assert explained("pick(b)")[:2] == [
        "  pick(b): chosen from link(a,b), open(a)",
        "      <text>:8: 1 { pick(X) : link(a, X) } 1 :- open(a).",
    ]
    assert explained("many")[0] == "  many: derived from at least 2 of reach(a,b); reach(a,c)"


def test_why_not() -> None:
    assert explained("link(a,d)")[0] == (
        "  not link(a,d): line 4 would need edge(X,Y), for which there is nothing; line 5 would need edge(Y,X), for "
        "which there is nothing"
    )
    assert explained("reach(a,d)")[0] == (
        "  not reach(a,d): line 6 would need link(X,Y), for which there is nothing; line 7 would need link(Y,Z), for "
        "which there is nothing"
    )
    assert explained("loud") == ["  not loud: no rule says otherwise: line 11 would need not open(d)"]


def test_bounds_of_choices_are_part_of_contradictions() -> None:
    text = """type item = {tea, rice}.
percept seen(item) : bool.
1 { buy(X) : item(X) } 1.
:- seen(X), not buy(X).
query buy(_).
"""
    answer = load(text).compile("asp").infer({"seen": {"tea": 1.0, "rice": 1.0}})
    (found,) = answer.explain()
    assert found.conflict is not None
    assert found.conflict.minimal
    assert [step.span.line for step in found.conflict.statements if step.span] == [3, 4]
    assert found.conflict.readings == ("seen(tea)", "seen(rice)")
    bounds = found.conflict.statements[0].because
    assert bounds == "not (at least 1 of buy(rice); buy(tea) and fewer than 2 of buy(rice); buy(tea))"


@settings(max_examples=tries(30), deadline=None)
@given(texts())
def test_reasons_hold_and_rest_on_no_circle(text: str) -> None:
    program = program_of(text)
    for _, model in stable_models(program, Task())[:3]:
        true = {program.describe(atom) for atom in model}
        reasons = Reasons(program, model).of
        assert {
            str(atom) for atom, number in zip(program.model.atoms, program.atoms, strict=True) if number in model
        } <= set(reasons)
        placed: set[str] = set()
        for label, reason in reasons.items():  # in the order in which they were found
            assert label in true
            assert set(reason.positive) <= true
            assert not set(reason.negative) & true
            assert set(reason.positive) & set(reasons) <= placed
            placed.add(label)
