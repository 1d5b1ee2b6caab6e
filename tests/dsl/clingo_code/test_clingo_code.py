"""Clingo code as the rule file sees it: statements, what they define and read, marks, what is wrong."""

from __future__ import annotations

import clingo
import pytest

from nesy.dsl.clingo_code import read_clingo
from nesy.dsl.clingo_code.pieces import pieces
from nesy.dsl.statements import ClingoStatement


def statement(text: str) -> ClingoStatement:
    (found,), problems = read_clingo(text, "code.lp")
    assert not problems
    return found


def atoms(text: str) -> tuple[list[str], list[str]]:
    """The heads, and the reads with ``~`` where they are negated."""
    found = statement(text)
    return (
        [f"{atom.name}/{atom.arity}" for atom in found.heads],
        [f"{'~' * atom.negated}{atom.name}/{atom.arity}" for atom in found.reads],
    )


@pytest.mark.parametrize(
    ("text", "heads", "reads"),
    [
        ("p(1..n).", "p/1", ""),
        ('q(X,f(Y)) :- p(X), not r(X); X != 2, Y = g(X), s("a. b").', "q/2", "p/1 ~r/1 s/1"),
        ("{ in(X,Y) : p(X), q(Y); t } = 1 :- u.", "in/2 t/0", "p/1 q/1 u/0"),
        ("2 #sum { W,X : in(X) : weight(X,W) } 5.", "in/1", "weight/2"),
        ("a(X) : b(X), c(X) | d :- e(1;2,3), f.", "a/1 d/0", "b/1 c/1 e/1 e/2 f/0"),
        ("a, b ; c :- d.", "a/0 b/0 c/0", "d/0"),
        (":- #sum { W,X : w(X,W), not z(X); 3 : k } > 3, { a; b : c } 2.", "", "~w/2 ~z/1 ~k/0 ~a/0 ~b/0 ~c/0"),
        (":- 3 < X, n(X), a(Y) : b(Y), c; d.", "", "n/1 a/1 ~b/1 ~c/0 d/0"),
        ("-p(X) :- not -q(X), |X| = 2, o(X,_), not not r.", "-p/1", "~-q/1 o/2 ~r/0"),
        (":~ in(X), w(X,W). [W*2@1,X]", "", "in/1 w/2"),
        ("#minimise { W@2,X : w(X,W), in(X); 2 }.", "", "w/2 in/1"),
        ("#external ext(X) : p(X).", "ext/1", "p/1"),
        ("#defined foo/2.", "foo/2", ""),
        ("label'm1(O,V) :- label(O,V).", "label'm1/2", "label/2"),
    ],
)
def test_what_is_defined_and_read(text: str, heads: str, reads: str) -> None:
    assert atoms(text) == (heads.split(), reads.split())


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("p(1..3).", "p(1..3) :- m."),
        ("a(X) : b(X).", "a(X) : b(X) :- m."),
        ("a :- b, %x\n  c : d.", "a :- b, c : d; m."),
        (":- a. %* one %* two *% three *%", ":- a; m."),
        (":~ a. [1@2, t]", ":~ a; m. [1@2, t]"),
        ("#maximise{1@2,X : p(X);3}.", "#maximize { 1@2,X : p(X), m; 3 : m }."),
    ],
)
def test_marks(text: str, marked: str) -> None:
    assert statement(text).under("m") == marked
    # clingo reads what we write
    clingo.Control(logger=lambda *_: None).add("base", [], f"{statement(text).text}\n{marked}")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("#script (python)\nx.\n#end.", "scripts"),
        (":- &diff { a - b } > 3.", "theory atoms"),
        ("#theory t { }.", "theory definitions"),
        ("p(@f(1)).", "functions of scripts"),
        ("#program step(t).", "'#program' parts"),
        ("#external a. [true]", "externals that are 'true'"),
        ("#include <incmode>.", "'#include <…>'"),
        ("#edge (X,Y) : e(X,Y).", "'#edge'"),
        ("_own :- a.", "the name '_own'"),
    ],
)
def test_what_no_back_end_takes(text: str, what: str) -> None:
    assert statement(text).refused.startswith(what)


def test_what_says_nothing_about_models() -> None:
    assert read_clingo("#show p/1. #program base. #project p/1. #heuristic a : b. [1,true]", "code.lp") == ([], [])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a(b. c.", (1, 2)),
        ("x.\n a) . b.", (2, 3)),
        ("a. b", (1, 4)),
        ("a :- §.", (1, 6)),
        ("%* abc", (1, 1)),
        ('p("abc).', (1, 3)),
    ],
)
def test_what_cannot_be_read(text: str, place: tuple[int, int]) -> None:
    _, problems = read_clingo(text, "code.lp")
    assert (problems[0].code, problems[0].span.line, problems[0].span.column) == ("E546", *place)
    assert problems[0].hint


@pytest.mark.parametrize(
    ("text", "heads", "positive", "negative"),
    [
        ("reach(X,Z) :- reach(X,Y), edge(Y,Z), X != Z.", ["reach(X,Z)"], ["reach(X,Y)", "edge(Y,Z)"], []),
        ("a :- not b(X), c(X), not d(Y), -e.", ["a"], ["c(X)", "-e"], ["b(X)"]),
        ("{ in(X) : item(X), X > 1; t } = 1 :- s.", ["in(X) : item(X), X > 1", "t"], ["s"], []),
        ("a :- b : c, d; e, f : g, h; #count { X : p(X) } > 1.", ["a"], ["e"], []),
        ("p(1..3).", ["p(1..3)"], [], []),
        ("a ; b :- c(1;2).", ["a", "b"], [], []),
    ],
)
def test_pieces_of_rules(text: str, heads: list[str], positive: list[str], negative: list[str]) -> None:
    found = pieces(text)
    assert found is not None
    written = [" : ".join(filter(None, [one.atom, ", ".join(one.condition)])) for one in found.conclusions]
    assert (written, list(found.positive), list(found.negative)) == (heads, positive, negative)
    assert [one.sure for one in found.conclusions] == [len(heads) == 1 and "{" not in text.split(":-")[0]] * len(heads)


def test_pieces_name_what_is_anonymous() -> None:
    found = pieces("a(X) :- b(X,_,_), not c(_).")
    assert found is not None
    assert len(set(found.positive[0].strip("b()").split(","))) == 3
    assert found.body[0] == found.positive[0]
    assert found.negative == ()
    assert pieces(":- a.") is pieces(":~ a. [1]") is pieces("#show a/0.") is None
