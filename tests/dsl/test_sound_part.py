"""Syntax errors do not hide the other errors of a program, and bring no errors that only follow from them."""

from __future__ import annotations

from pathlib import Path

import pytest

import nesy
from nesy.dsl.diagnostics import NesyError
from nesy.dsl.parsing.recovery import statement_places
from tests.effort import heavy
from tests.repo.sources import ROOT

MIXED = """\
type digit = 0..9.
type Row = 1..4.
percept a(1..2 : digit.
percept k(row) : digit.
percept b : {red, green}.
concept y : 0..18
concept z : bool.
y = A + B :- a(1) = A, a(2) = B.
z iff b = blu.
z iff foo = 1.
z iff k(2) = 12.
edge(n1, n2.
path(X, Y) :- edge(X, Y), not gap(X).
q(X) :- not b = green, X < 3.
query y. query zz. query path(_, _). query q(_).
"""

EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*/*.nesy") if "sudoku9" not in path.name)
SLOW = {path.stem for path in EXAMPLES} - {"addition", "tour"}


def errors(text: str | Path) -> list[str]:
    with pytest.raises(NesyError) as caught:
        nesy.load(text)
    return [f"{found.span.line}:{found.span.column} {found.code}" for found in caught.value.diagnostics]


def test_all_errors_at_once_in_order_of_place() -> None:
    assert errors(MIXED) == [
        "2:6 E107",
        "3:16 E101",
        "6:18 E102",
        "9:11 E207",
        "10:7 E201",
        "12:5 E103",
        "13:31 E201",
        "14:3 E301",
        "15:16 E201",
    ]


def test_statements_that_speak_of_what_is_lost_are_left_alone() -> None:
    assert errors("type t = 1..)\npercept a : t.\nconcept c : t.\nc = 7 iff a = 12.\nquery c.") == ["1:13 E103"]
    assert errors("percept a(1..2) : 0..3\npercept b : 0..3.\nc(1 :- b = 1.\nquery c(1). query d(1).") == [
        "1:23 E102",
        "3:2 E103",
        "4:19 E201",
    ]


def test_lost_includes_and_facts_from_files_leave_the_syntax_errors_alone(tmp_path: Path) -> None:
    assert errors("include grid.\nquery unknown.") == ["1:9 E101"]
    with pytest.raises(NesyError) as caught:
        nesy.load("relation e(n.\nquery unknown.", facts={"e": [("a", "b")]})
    assert [found.code for found in caught.value.diagnostics] == ["E103"]


def test_included_files(tmp_path: Path) -> None:
    (tmp_path / "part.nesy").write_text("percept a : 0..3.\nb(1 2).\nconcept c : bol.\n")
    main = tmp_path / "main.nesy"
    main.write_text('include "part.nesy".\nc iff a = 9.\nquery d.\nquery c\n')
    assert errors(main) == ["2:11 E207", "3:7 E201", "4:8 E102", "2:5 E101", "3:13 E202"]


@pytest.mark.parametrize("path", heavy(EXAMPLES, *SLOW))
def test_a_broken_statement_gives_one_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each statement of a sound program is broken in turn."""
    monkeypatch.chdir(path.parent)  # includes of a text are found in the current folder
    text = path.read_text()
    for _, end in list(statement_places(text)):
        if not text[:end].endswith("."):
            continue
        broken = f"{text[: end - 1]} ].{text[end:]}"
        with pytest.raises(NesyError) as caught:
            nesy.load(broken)
        assert [found.code for found in caught.value.diagnostics] == ["E103"], broken[max(0, end - 80) : end + 3]
