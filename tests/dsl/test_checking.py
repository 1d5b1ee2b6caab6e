"""The whole check: what a checked program holds, that everything is reported at once, and that it never breaks."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl import check, parse
from nesy.dsl.catalogue import ENTRIES
from nesy.dsl.checked import CheckedProgram
from nesy.dsl.checking import stratification
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.statements import Program, Rule
from tests.strategies import programs

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
type row = 1..9.   type col = 1..9.   type digit = 1..9.
percept cell(row, col) : digit.
clash(R,C1, R,C2) :- row(R), col(C1), col(C2), C1 < C2.
clash(R1,C, R2,C) :- row(R1), row(R2), col(C), R1 < R2.
clash(R1,C1, R2,C2) :- row(R1), row(R2), col(C1), col(C2), R1 < R2, C1 != C2,
                       (R1-1)/3 = (R2-1)/3, (C1-1)/3 = (C2-1)/3.
concept pair(R1,C1,R2,C2) : (digit, digit) for clash(R1,C1,R2,C2).
concept valid : bool.
pair(R1,C1,R2,C2) in {(K,_)} iff cell(R1,C1) = K.
pair(R1,C1,R2,C2) in {(_,K)} iff cell(R2,C2) = K.
valid iff all pair(_,_,_,_) in {(X,Y) : X != Y}.
:- clash(R1,C1,R2,C2), cell(R1,C1) = V, cell(R2,C2) = V.
query valid.
query cell(_,_).
"""

EVERYTHING = """\
const n = 4.
const size = n * n.
type row = 1..n.
type light = {red, amber, green}.
type node.
type player = {ann, bob}.
type match = 1..2.
relation edge(node, node).
edge(a, b). edge(b, c).
path(X, Z) :- edge(X, Z).
path(X, Z) :- edge(X, Y), path(Y, Z), not closed(Y).
closed(c).
percept lamp(node) : light from m1, m2.
concept stop(A, B) : bool for path(A, B).
stop(A, B) iff lamp(A) = red or lamp(B) = red.
concept carry(row) : 0..1.
percept b(1..4) : 0..1.
if b(I) = U and b(J) = V then carry(J) = W [learn r per W] where J = I + 1, W = (U + V) mod 2.
1 { colour(N) = C : light(C) } 1 :- node(N).
concept colour(node) : light.
{ in(X) : node(X) } <= 3.
:- count { X : in(X) } > 3.
:- sum { W, X : in(X), weight(X, W) } > size.
weight(a, 3). weight(b, 4).
:~ in(X), weight(X, W). [W@1, X]
maximize { V@1, X : weight(X, V), in(X) }.
random strength(P) : real ~ normal(50, 15) for player(P).
plays(P, M) :- player(P), match(M).
member(ann, crimson). member(bob, blue).
random lazy(P, M) : bool ~ bernoulli(0.2) for plays(P, M).
define pull(T, M) = sum { if lazy(P, M) then strength(P) / 2 else strength(P) : member(P, T) }.
define beats(A, B, M) = pull(A, M) > pull(B, M).
observe beats(crimson, blue, 1).
observe strength(ann) = 12.5.
error lamp@m1(O) :- lamp@m1(O) = red, confidence(lamp@m1(O)) < 0.6.
concept y : 0..2.
y = A + B :- b(1) = A, b(2) = B.
query strength(ann) > strength(bob).
query stop(_, _).
query path(a, X).
query carry(_).
query colour(_).
expect y = 1 given b(1) = 1, b(2) = 0.
expect P >= 0.9 y = 1 given b(1) = 1.
expect impossible y = 2 given b(1) = 0.
"""


def checked(text: str) -> CheckedProgram:
    """Parse and check."""
    return check(parse(text))


def found(text: str) -> tuple[Diagnostic, ...]:
    """All diagnostics of a text, whether it is refused or not."""
    try:
        program = parse(text)
    except NesyError as error:
        return error.diagnostics
    return found_in(program)


def found_in(program: Program) -> tuple[Diagnostic, ...]:
    """All diagnostics of a program."""
    try:
        return check(program).warnings
    except NesyError as error:
        return error.diagnostics


@pytest.mark.parametrize("text", [ADDITION, SUDOKU, EVERYTHING], ids=["addition", "sudoku", "everything"])
def test_good_programs_give_no_diagnostics(text: str) -> None:
    assert found(text) == ()


def test_addition() -> None:
    program = checked(ADDITION)
    assert [len(domain) for domain in program.types.values()] == [10, 19]
    assert program.attributes["c"].value.values[:3] == ((0, 0), (0, 1), (0, 2))  # type: ignore[union-attr]
    assert [[name for name, _ in rule.variables] for rule in program.rules] == [["K"], ["K"], ["T"]]
    assert program.rules[2].local_variables == {"U", "V"}
    assert program.depends == {"a": frozenset(), "c": {"a"}, "y": {"c"}}


def test_sudoku() -> None:
    program = checked(SUDOKU)
    assert [domain.name for domain in program.attributes["pair"].index] == ["row", "col", "row", "col"]
    assert program.relations["clash", 4].status == "crisp"
    names = [name for name, _ in program.rules[0].variables]
    assert names == ["R1", "C1", "R2", "C2", "K"]
    assert program.rules[2].variables == ()
    assert program.needed_by(["valid"]) == {"valid", "pair", "clash", "cell"}


def test_everything() -> None:
    program = checked(EVERYTHING)
    assert program.constants == {"n": 4, "size": 16}
    assert program.types["node"].values == ("a", "b", "c")
    assert program.types["node"].is_open
    status = {name: relation.status for (name, _), relation in program.relations.items()}
    assert status["in"] == "chosen"
    assert status["path"] == "crisp"
    carry = program.rules[1]
    assert [(name, domain.values) for name, domain in carry.variables][-1] == ("W", (0, 1))
    assert program.attributes["lamp"].sources == ("m1", "m2")
    assert program.depends["pull"] == {"lazy", "strength", "member"}


def test_everything_is_reported_at_once_and_sorted() -> None:
    text = "percept a : digit.\nconcept y : 0..3.\ny = 4 iff a = 1.\ny = K iff b = K.\np(X) :- not q(X).\n"
    diagnostics = found(text)
    assert [(diagnostic.code, diagnostic.span.line, diagnostic.span.column) for diagnostic in diagnostics] == [
        ("E202", 1, 13),
        ("E207", 3, 5),
        ("E201", 4, 11),
        ("E301", 5, 3),
        ("E201", 5, 13),
    ]


def test_constants_can_be_overridden() -> None:
    program = check(parse("const n = 2.\ntype t = 1..n.\npercept a : t.\nquery a."), {"n": "5"})
    assert len(program.types["t"]) == 5
    with pytest.raises(NesyError) as caught:
        check(parse("const size = 2.\npercept a : 0..size.\nquery a."), {"sise": 3})
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["E203"]
    assert caught.value.diagnostics[0].hint == "the nearest known name is 'size'"


def test_facts_from_data_become_part_of_the_program() -> None:
    facts = [statement for statement in parse("edge(a, b). edge(b, c).").statements if isinstance(statement, Rule)]
    program = check(parse("type node.\nrelation edge(node, node).\nquery edge(_, _)."), facts=facts)
    assert program.types["node"].values == ("a", "b", "c")
    assert len(program.program.statements) == 5
    assert program.warnings == ()


def test_stratification_shows_the_whole_cycle() -> None:
    program = checked("a :- not b.\nb :- c.\nc :- a.\nd :- not d2. d2. query a. query d.")
    assert [warning.code for warning in program.warnings] == ["W301"]
    (error,) = stratification(program)
    assert error.code == "E306"
    assert error.message == "'a' depends on its own negation: a ← not b, b ← c, c ← a"
    assert [label.span.line for label in error.labels] == [2, 3]
    assert {name: relation.status for (name, _), relation in program.relations.items()} == {
        "a": "chosen",
        "b": "chosen",
        "c": "chosen",
        "d": "crisp",
        "d2": "crisp",
    }


def test_recursion_without_negation_is_no_finding() -> None:
    assert not stratification(checked(EVERYTHING))


# ----- it never breaks


_WORDS = re.compile(r"[A-Za-z_@0-9]+|\.\.|:-|[<>=!]+|\S|\s+")
_POOL = sorted({word for text in (ADDITION, SUDOKU, EVERYTHING) for word in _WORDS.findall(text) if word.strip()})


@given(st.sampled_from([ADDITION, SUDOKU, EVERYTHING]), st.integers(0, 2**32), st.integers(1, 5))
def test_mutated_programs_give_diagnostics_only(text: str, seed: int, changes: int) -> None:
    chance = random.Random(seed)
    words = _WORDS.findall(text)
    for _ in range(changes):
        place = chance.randrange(len(words))
        match chance.randrange(3):
            case 0:
                words[place] = chance.choice(_POOL)
            case 1:
                words.insert(place, " " + chance.choice(_POOL) + " ")
            case _:
                words[place] = " "
    for diagnostic in found("".join(words)):
        assert diagnostic.code in ENTRIES
        assert diagnostic.message


@given(programs(5))
def test_any_tree_gives_diagnostics_only(program: Program) -> None:
    assert {diagnostic.code for diagnostic in found_in(program)} <= ENTRIES.keys()


@pytest.mark.slow
def test_twenty_thousand_statements_check_in_seconds() -> None:
    chance = random.Random(1)
    lines = ["type node.", "relation edge(node, node).", "concept ok : bool.", "percept l(node) : bool."]
    lines += [f"edge(n{chance.randrange(3000)}, n{chance.randrange(3000)})." for _ in range(12000)]
    known = set(_WORDS.findall("\n".join(lines)))
    lines += [f"free(n{i}, {i})." for i in range(4000)]
    lines += [f"p{i}(X) :- edge(X, Y), free(Y, V), V > {i}, not p{i + 1}(X)." for i in range(1999)]
    lines += ["p1999(X) :- edge(X, _)."]
    lines += [f"if l(n{i}) = true then ok [r = 0.1]." for i in range(2000) if f"n{i}" in known]
    program = parse("\n".join([*lines, "query ok. query p0(_)."]))
    start = time.process_time()
    assert len(check(program).relations) > 2000
    assert time.process_time() - start < 30
