"""Running gringo: what it says becomes diagnostics, and nothing is printed."""

from __future__ import annotations

import pytest

from nesy.dsl.diagnostics import NesyError
from nesy.dsl.span import Span
from nesy.solvers.grounding.gringo import Line, run

HERE = Span("f.nesy", 2, 1, 2, 20)


def test_rows_and_rules() -> None:
    found = run([Line("d(1..2)."), Line("{ c(X) } :- d(X)."), Line("p(X) :- c(X), not c(3).")], keep_rules=True)
    assert found.rows("d", 1) == [(1,), (2,)]
    heads = found.literals("p", 1)
    bodies = found.literals("c", 1)
    read = {heads[line.head]: [bodies[part] for part in line.body] for line in found.rules if line.head in heads}
    assert read == {(1,): [(1,)], (2,): [(2,)]}
    assert not found.warnings


def test_undefined_operations_are_warnings_with_their_place(capfd: pytest.CaptureFixture[str]) -> None:
    found = run([Line("d(0..2)."), Line("q(4 / X) :- d(X), missing(X).", HERE), Line("r(X / 0) :- d(X).", HERE)])
    (warning,) = found.warnings
    assert (warning.code, warning.span) == ("W516", HERE)
    assert "(X/0)" in warning.message
    assert capfd.readouterr() == ("", "")


def test_unsafe_rules_are_errors_with_their_place(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NesyError) as caught:
        run([Line("d(1)."), Line("q(X) :- not d(X).", HERE)])
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.span) == ("E516", HERE)
    assert diagnostic.message == "no condition gives a value to X"
    assert capfd.readouterr() == ("", "")


def test_endless_grounding_is_stopped_and_the_rule_named() -> None:
    with pytest.raises(NesyError) as caught:
        run([Line("n(0)."), Line("n(X+1) :- n(X).", HERE)], budget=1000)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.span) == ("E512", HERE)
    assert "1,000" in diagnostic.message


def test_what_is_no_value_names_the_rule() -> None:
    found = run([Line("least(M) :- M = #min { X : q(X) }.", HERE)])
    with pytest.raises(NesyError) as caught:
        found.rows("least", 1)
    assert caught.value.diagnostics[0].code == "E516"
    assert caught.value.diagnostics[0].span == HERE
