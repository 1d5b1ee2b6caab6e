"""What parameters are bound to, and how another program is told from it."""

from __future__ import annotations

import pytest

import nesy
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.possibilistic.learning.identity import canonical, identity_of
from nesy.solvers.possibilistic.learning.parameters import apply, parameters_of

PROGRAM = """
const n = 3.
const rarely = 0.1.
const other = 7.
type digit = 0..n.
percept a(1..2) : digit.
concept c(1..2) : (digit, bool).
concept v : bool.
concept w : bool.
pair(I, J) :- near(I, J), I < n.
near(1, 2).
c(I) in {(K, _)} iff a(I) = K [learn per K].
c(I) in {(_, true)} iff a(I) in {0, 2} [s = rarely, learn r].
if all c(I) in {(X, Y) : X < 2} for pair(I, _) then v [learn].
w iff a(1) = 2 [r = 0.3].
query v.
query w.
"""


def hash_of(text: str, **constants: object) -> str:
    return identity_of(nesy.load(text, constants=constants).checked).hash


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("query w.", ""),
        ("const rarely", "% a comment\n\n   const   rarely"),
        ("c(I) in {(K, _)} iff", "c(I) in {(K,_)}\n   iff % why\n "),
        ("w iff a(1) = 2 [r = 0.3].", "w iff a(1) = 2 [r = 0.4]."),
        ("near(1, 2).", "near(1, 2).  near(2, 2)."),
        ("const other = 7.", "const other = 8."),
    ],
)
def test_what_does_not_matter(before: str, after: str) -> None:
    text = PROGRAM.replace(before, after)
    assert text != PROGRAM
    assert hash_of(text) == hash_of(PROGRAM)


def test_the_order_of_statements_does_not_matter() -> None:
    lines = PROGRAM.strip().splitlines()
    assert hash_of("\n".join(reversed(lines))) == hash_of(PROGRAM)


@pytest.mark.parametrize("constants", [{"n": 4}, {"rarely": 0.2}])
def test_constants_matter_where_rules_depend_on_them(constants: dict[str, object]) -> None:
    assert hash_of(PROGRAM, **constants) != hash_of(PROGRAM)
    assert hash_of(PROGRAM, other=8) == hash_of(PROGRAM)
    assert dict(identity_of(nesy.load(PROGRAM).checked).constants) == {"n": 3, "rarely": 0.1}


def test_what_rules_speak_of_is_laid_out() -> None:
    identity = identity_of(nesy.load(PROGRAM).checked, every=True)
    assert set(identity.attributes) == {
        "percept a(1..2) : 0..3",
        "concept c(1..2) : (0..3, bool)",
        "concept v : bool",
        "concept w : bool",
    }
    assert identity.statements[0] == "c(I) in {(K, _)} iff a(I) = K [learn per K]."
    assert len(identity.statements) == 4


def test_types_as_text() -> None:
    program = nesy.load(
        """
        type thing.  thing(x).  thing(y).
        percept a(thing) : {red, "light red"}.
        concept c(thing) : {3, 1}.
        c(T) = 3 iff a(T) = red [learn].
        query c(_).
        """
    )
    assert set(identity_of(program.checked).attributes) == {
        'percept a(thing) : {red, "light red"}',
        "concept c(thing) : {3, 1}",
    }


def test_long_statements_are_one_line() -> None:
    premise = " or ".join(f"a({place}) = {value}" for place in (1, 2) for value in range(10))
    program = nesy.load(f"percept a(1..2) : 0..9. concept v : bool. v iff {premise} [learn]. query v.")
    (rule,) = program.checked.rules
    assert "\n" not in canonical(rule.statement)
    assert canonical(rule.statement).startswith("v iff a(1) = 0 or ")


# ----- differences


def found(text: str, before: str = PROGRAM, **constants: object) -> list[tuple[str, int]]:
    parameters = parameters_of(nesy.load(before).ground())
    with pytest.raises(NesyError) as caught:
        apply(nesy.load(text, constants=constants).ground(), parameters)
    assert {entry.code for entry in caught.value.diagnostics} == {"E561"}
    assert all(entry.hint for entry in caught.value.diagnostics)
    return [(entry.message, max(entry.span.line, 0)) for entry in caught.value.diagnostics]


def test_constants_are_named() -> None:
    types = [("concept c(1..2) : (0..3, bool)", "concept c(1..2) : (0..4, bool)")]
    types += [("percept a(1..2) : 0..3", "percept a(1..2) : 0..4")]
    assert found(PROGRAM, n=4) == [
        *((f"the parameters were learned for '{before}'; the program has '{now}'", 0) for before, now in types),
        ("the parameters were learned with n = 3; here n = 4", 0),
    ]
    assert found(PROGRAM, rarely=0.25) == [("the parameters were learned with rarely = 0.1; here rarely = 0.25", 0)]


def test_constants_that_come_and_go_are_named() -> None:
    without = PROGRAM.replace(", I < n", ", I < 3").replace("0..n", "0..3").replace("s = rarely", "s = 0.1")
    renamed = PROGRAM.replace(", I < n", ", I < n + extra") + "const extra = 0."
    assert ("the parameters were learned with a constant n = 3, which has no part here", 0) in found(without)
    assert found(renamed) == [("the parameters were learned without the constant extra = 0", 0)]


def test_changed_rules_are_shown_where_they_stand() -> None:
    assert found(PROGRAM.replace("[learn per K]", "[learn r per K]")) == [
        ("this rule has changed since the parameters were learned; it stood on line 12", 12)
    ]
    assert found(PROGRAM.replace("then v [learn].", "then v.")) == [
        ("this rule has changed since the parameters were learned; it stood on line 14", 14)
    ]


def test_missing_and_new_rules_are_named() -> None:
    gone = "if all c(I) in {(X, Y) : X < 2} for pair(I, _) then v [learn].\n"
    (message, _), *others = found(PROGRAM.replace(gone, "v :- near(1, 2), a(1) = 2.\n"))
    assert message.startswith("the parameters belong to a rule of line 14 that the program does not have: if all c(I)")
    assert found(PROGRAM.replace("[r = 0.3]", "[learn]"))[-1] == (
        "this rule is not among those to which the parameters belong",
        15,
    )
    assert not others
