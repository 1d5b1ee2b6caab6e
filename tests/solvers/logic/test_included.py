"""Clingo code that a rule file includes: both see each other's names, in both back ends."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import clingo
import pytest

import nesy
from nesy.dsl.diagnostics import NesyError

RULES = """const k = 2.
type node = {a, b, c, d}.
percept seen(node) : 1..3.
relation edge(node, node).
concept loud : bool.
include "graph.lp".
loud :- loops(N), N > 0.
bright(X) :- seen(X) = 3.
concept pair(X, Y) : bool for edge(X, Y).
pair(X, Y) :- seen(X) = 1, seen(Y) = 2.
query seen(_).
query reach(a, _).
query loud.
query pick(_).
query pair(_, _).
"""
CODE = """% a path, and back
edge(a,b). edge(b,c). edge(c,d).
reach(X,Y) :- edge(X,Y).
reach(X,Z) :- reach(X,Y), edge(Y,Z).
% neighbours differ
:- edge(X,Y),
   seen(X,C), seen(Y,C).
{ pick(X) : node(X) } = k.
:- pick(X), bright(X).
loops(N) :- N = #count { X : pick(X), edge(X,_) }.
-odd(X) :- pick(X), seen(X,2).
odd(X) :- pick(X), not -odd(X).
:~ odd(X), seen(X,C). [C@1,X]
#minimize { 1,X : pick(X), seen(X,1); 2,X : bright(X) }.
"""
EVIDENCE = {
    "seen": {
        "a": {"1": 0.6, "2": 0.4},
        "b": {"1": 0.7, "2": 0.2, "3": 0.1},
        "c": {"1": 0.5, "2": 0.3, "3": 0.2},
        "d": {"3": 0.7, "2": 0.3},
    }
}


@pytest.fixture
def program(tmp_path: Path) -> nesy.Program:
    return written(tmp_path, RULES, CODE)


def written(folder: Path, rules: str, code: str) -> nesy.Program:
    (folder / "main.nesy").write_text(rules, encoding="utf-8")
    (folder / "graph.lp").write_text(code, encoding="utf-8")
    return nesy.load(folder / "main.nesy")


def test_both_back_ends_agree(program: nesy.Program) -> None:
    by_asp = program.compile("asp", solver="clingo").infer(EVIDENCE)
    by_integer = program.compile("integer").infer(EVIDENCE)
    assert by_asp.status == by_integer.status == ["optimal"]
    assert by_asp.certificates[0].costs == by_integer.certificates[0].costs
    assert not by_asp.certificates[0].faults
    assert by_asp["reach"].value == [[True, True, True]]
    found = by_asp["seen"].value[0]
    assert all(one != other for one, other in pairwise(found))
    every = [program.compile(name, mode="models", models=0).infer(EVIDENCE) for name in ("asp", "integer")]
    assert len(every[0].models[0]) == len(every[1].models[0]) > 10


def test_the_listing_runs_in_clingo(program: nesy.Program) -> None:
    control = clingo.Control(["--models=0", "--project=show", "--opt-mode=ignore"])
    control.add("base", [], program.compile("asp").listing())
    control.ground([("base", [])])
    with control.solve(yield_=True) as handle:
        count = sum(1 for _ in handle)
    free = {"seen": {node: {str(value): 1 / 3 for value in (1, 2, 3)} for node in "abcd"}}
    ours = program.compile("asp", mode="models", models=0, queries=[]).infer(free)
    assert count == len(ours.models[0])


def test_places_of_the_code_are_told(program: nesy.Program) -> None:
    answer = program.compile("asp").infer(EVIDENCE)
    places = {(Path(entry.origin.span.file).name, entry.origin.span.line) for entry in answer.certificates[0].violated}
    assert places <= {("graph.lp", 13)}
    (whole, *_) = answer.explain()
    forbidding = [step for repair in whole.repairs for step in repair.forbidding if step.span]
    assert {(Path(step.span.file).name, step.span.line) for step in forbidding if step.span} == {("graph.lp", 6)}


def test_the_possibilistic_back_end_refuses_what_it_would_need(program: nesy.Program) -> None:
    with pytest.raises(NesyError, match="the clingo code that defines reach") as caught:
        program.compile("possibilistic", queries=["reach(a, _)"])
    assert "E513" in {entry.code for entry in caught.value.diagnostics}
    engine = program.compile("possibilistic", queries=["seen(_)"])
    assert {warning.code for warning in engine.infer(EVIDENCE).warnings} == {"W515"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("seen(a,1).", ["E547"]),
        ("loud(true) :- p. p.", ["E547"]),
        ("node(e).", ["E547"]),
        ("p :- sen(a,1).", ["E201"]),
        ("p :- seen(a).", ["E206"]),
        ("edge(a).", ["E206"]),
        ("p :- seen'm(a,1).", ["E210"]),
        ("#const k = 3. p.", ["E204"]),
    ],
)
def test_names_are_checked(tmp_path: Path, code: str, expected: list[str]) -> None:
    rules = RULES.split("loud :-")[0] + "query seen(_)."
    with pytest.raises(NesyError) as caught:
        written(tmp_path, rules, code)
    found = [entry for entry in caught.value.diagnostics if entry.code.startswith("E")]
    assert [entry.code for entry in found] == expected
    assert Path(found[0].span.file).name == "graph.lp"


@pytest.mark.parametrize(("code", "expected"), [("p(X) :- not q(X). q(1).", "E516"), ("a :- &x{}.", "E545")])
def test_what_clingo_or_the_back_ends_refuse(tmp_path: Path, code: str, expected: str) -> None:
    program = written(tmp_path, 'percept seen : 1..2.\ninclude "graph.lp".\nquery seen.', code)
    with pytest.raises(NesyError) as caught:
        program.compile("asp")
    assert [entry.code for entry in caught.value.diagnostics] == [expected]
    assert Path(caught.value.diagnostics[0].span.file).name == "graph.lp"
