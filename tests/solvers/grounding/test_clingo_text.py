"""The text for clingo: how it looks, and that clingo finds the models that the definitions give."""

from __future__ import annotations

import clingo
import pytest

from nesy.dsl import check, parse
from nesy.dsl.statements import Constraint, Optimize, Rule, SoftConstraint
from nesy.solvers.grounding.clingo_statements import (
    constraint_lines,
    index_line,
    optimize_lines,
    rule_lines,
    soft_lines,
    values_line,
)
from nesy.solvers.grounding.vocabulary import Vocabulary

HEADER = """\
const lim = 2.
type node = {n1, n2, n3}.
type colour = {red, green, "light blue"}.
relation edge(node, node).
percept cell(1..2, 1..2) : 1..3.
percept label(node) : colour from m1, m2.
percept on : bool.
concept hue(node) : colour.
concept y : 0..9.
"""


def lines_of(statements: str) -> list[str]:
    """The text of all rules, constraints and optimisation statements."""
    checked = check(parse(HEADER + statements))
    vocabulary = Vocabulary(checked)
    found: list[str] = []
    for number, statement in enumerate(checked.program.statements):
        label = str(number)
        match statement:
            case Rule():
                found += rule_lines(vocabulary, statement, label)
            case Constraint():
                found += constraint_lines(vocabulary, statement, label)
            case SoftConstraint():
                found += soft_lines(vocabulary, statement, label)
            case Optimize():
                found += optimize_lines(vocabulary, statement, label)
            case _:
                pass
    return found


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("edge(n1, n2).", ["edge(n1,n2)."]),
        (
            "path(X,Z) :- edge(X,Y), path(Y,Z), not edge(Z,X), X != Z.",
            ["path(X,Z) :- edge(X,Y), path(Y,Z), not edge(Z,X), X != Z."],
        ),
        ("y = A + B * lim :- cell(1,1) = A, cell(1,2) = B.", ["y(A+B*2) :- cell(1,1,A), cell(1,2,B)."]),
        ("p :- on.  q :- not on.", ["p :- on(true).", "q :- on(false)."]),
        (
            'p(N) :- label@m1(N) = "light blue", hue(N) != red.',
            ['p(N) :- label\'m1(N,"light blue"), _index_hue(N), not hue(N,red).'],
        ),
        (
            "p :- cell(1,1) > lim.",
            [
                "p :- _test_9_1(1,1), _index_cell(1,1).",
                "_test_9_1(I'1,I'2) :- cell(I'1,I'2,V'0), V'0 > 2.",
            ],
        ),
        (
            "p :- cell(1,1) in {1, 3}.",
            [
                "p :- _test_9_1(1,1), _index_cell(1,1).",
                "_test_9_1(I'1,I'2) :- cell(I'1,I'2,1).",
                "_test_9_1(I'1,I'2) :- cell(I'1,I'2,3).",
            ],
        ),
        ("1 { hue(N) = C : colour(C) } 1 :- node(N).", ["1 { hue(N,C) : colour(C) } 1 :- node(N)."]),
        ("{ in(X) : node(X), not edge(X,X) } <= lim.", ["{ in(X) : node(X), not edge(X,X) } 2."]),
        ("in(n1) ; in(n2) :- on.", ["in(n1) ; in(n2) :- on(true)."]),
        (":- edge(X,Y), hue(X) = C, hue(Y) = C.", [":- edge(X,Y), hue(X,C), hue(Y,C)."]),
        (":- count { X : edge(X,_) } > 3.", [":- #count { X : edge(X,_) } > 3."]),
        ("p(S) :- S = sum { V,R : cell(R,1) = V }.", ["p(S) :- S = #sum { V,R : cell(R,1,V) }."]),
        (":~ edge(X,Y), hue(X) = red. [lim@1, X]", [":~ edge(X,Y), hue(X,red). [2@1,X]"]),
        (":~ edge(X,Y), on. [3]", [':~ edge(X,Y), on(true). [3@0,"9",X,Y]']),
        ("maximize { V@1,R : cell(R,1) = V }.", ["#maximize { V@1,R : cell(R,1,V) }."]),
        ("p :- all cell(I,J) != 3 for I < J.", ["p :- not cell(Q'1,Q'2,3) : Q'1 < Q'2, _index_cell(Q'1,Q'2)."]),
        (
            "p(X) :- X = 1..5, X not in {2, 3}.",
            [
                "p(X) :- X = (1..5), not _set_9_1(X).",
                "_set_9_1(X) :- X = 2, _scope_9_1(X).",
                "_set_9_1(X) :- X = 3, _scope_9_1(X).",
                "_scope_9_1(X) :- X = (1..5).",
            ],
        ),
        ("p(-X) :- X = 7 mod 4 - (3 - 1) / 2.", ["p(-X) :- X = 7\\4-(3-1)/2."]),
    ],
)
def test_statements(statement: str, expected: list[str]) -> None:
    assert lines_of(statement) == expected


def test_attributes() -> None:
    checked = check(parse(HEADER + "concept pair(A, B) : bool for edge(A, B).\n"))
    vocabulary = Vocabulary(checked)
    attributes = checked.attributes
    assert values_line(vocabulary, attributes["cell"], None, exactly_one=True) == (
        "{ cell(X1,X2,V) : _domain_0(V) } = 1 :- _index_cell(X1,X2)."
    )
    assert values_line(vocabulary, attributes["label"], "m1", exactly_one=False) == (
        "{ label'm1(X1,V) : colour(V) } :- _index_label(X1)."
    )
    assert values_line(vocabulary, attributes["on"], None, exactly_one=True) == "{ on(V) : bool(V) } = 1."
    assert index_line(vocabulary, attributes["pair"]) == ["_index_pair(A,B) :- node(A), node(B), edge(A,B)."]
    assert "_domain_0(1..3)." in vocabulary.domain_lines()
    assert 'colour(red;green;"light blue").' in vocabulary.domain_lines()


def answer_sets(statements: str, shown: str) -> set[frozenset[str]]:
    """The models of a whole program, restricted to the predicate ``shown``."""
    checked = check(parse(statements))
    vocabulary = Vocabulary(checked)
    lines: list[str] = []
    for number, statement in enumerate(checked.program.statements):
        if isinstance(statement, Rule):
            lines += rule_lines(vocabulary, statement, str(number))
        if isinstance(statement, Constraint):
            lines += constraint_lines(vocabulary, statement, str(number))
    for info in checked.attributes.values():
        lines.append(values_line(vocabulary, info, None, exactly_one=True))
        lines += index_line(vocabulary, info)
    lines += vocabulary.domain_lines()
    control = clingo.Control(["0"], logger=lambda code, message: None)
    control.add("base", [], "\n".join([*lines, f"#show {shown}."]))
    control.ground([("base", [])])
    found: set[frozenset[str]] = set()
    control.solve(on_model=lambda model: found.add(frozenset(map(str, model.symbols(shown=True)))) or True)
    return found


def test_the_text_runs_in_clingo() -> None:
    text = """\
percept a(1..2) : 0..2.
p(I) :- a(I) > 0, all a(J) < 2.
q :- not p(1), any a(I) in {V : V > 1}.
:- a(1) = a(2).
"""
    # unequal pairs: (0,1) (1,0) have all values below 2; (0,2) (2,0) (1,2) (2,1) hold a 2
    assert answer_sets(text, "p/1") == {frozenset({"p(2)"}), frozenset({"p(1)"}), frozenset()}
    assert answer_sets(text, "q/0") == {frozenset(), frozenset({"q"})}


def test_colouring_in_clingo() -> None:
    text = """\
type node = {a, b, c}.
relation edge(node, node).
edge(a,b).  edge(b,c).
concept hue(node) : {red, green}.
1 { hue(N) = C : colour(C) } 1 :- node(N).
colour(red).  colour(green).
:- edge(X,Y), hue(X) = C, hue(Y) = C.
"""
    assert answer_sets(text, "hue/2") == {
        frozenset({"hue(a,red)", "hue(b,green)", "hue(c,red)"}),
        frozenset({"hue(a,green)", "hue(b,red)", "hue(c,green)"}),
    }
