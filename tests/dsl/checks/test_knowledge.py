"""Glosses and phrases: names, slots, meanings."""

from __future__ import annotations

import pytest

from nesy.dsl import check, parse
from nesy.dsl.diagnostics import NesyError

WORLD = """
type player. type match. type side = {home, away}.
relation plays(player, match, side).
random strength(P) : real ~ normal(50, 10) for player(P).
define pull(S, M) = sum { strength(P) : plays(P, M, S) } for side(S), match(M).
"""


def found(text: str) -> list[tuple[str, str]]:
    """Codes and messages of what the checks find, warnings about the open types left out."""
    try:
        diagnostics = check(parse(WORLD + text)).warnings
    except NesyError as error:
        diagnostics = error.diagnostics
    return [(entry.code, entry.message) for entry in diagnostics if entry.code not in ("W206", "W201")]


def test_a_knowledge_base_without_faults() -> None:
    text = """
    gloss strength : "how strong somebody is" also "power" unit "points" scale 0..100.
    phrase "{A+} beat {B+} in match {M}", "in match {M:match}, {A+} beat {B+}"
        means match(M), plays(A, M, home), plays(B, M, away), observe pull(home, M) > pull(away, M).
    phrase "{A} won" means new M, plays(A, M, home), query strength(A) > 60, query strength(A).
    phrase "if {A} had the strength {X}" means do strength(A) = X.
    """
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ('gloss strenght : "x".', "E201", "'strenght'"),
        ('gloss strength : "x". gloss strength : "y".', "E231", "two glosses"),
        ('gloss strength : "x" scale 9..1.', "E231", "greater"),
        ('gloss strength : "x" scale a..9.', "E231", "greater"),
        ('phrase "{P} is {Q}" means query strength(P).', "E229", "slot Q"),
        ('phrase "strong {Q}" means query strength(P).', "E229", "no slot for P"),
        ('phrase "{P} or {P}" means query strength(P).', "E229", "twice"),
        ('phrase "{P is strong" means query strength(home).', "E229", "brace"),
        ('phrase "{P}" means query strength(P).', "E229", "no words"),
        ('phrase "{P:plaier} is strong" means query strength(P).', "E202", "'plaier'"),
        ('phrase "{P} is strong" means new M, query strength(P).', "E229", "new M"),
        ('phrase "{P} is strong" means new P, query strength(P).', "E229", "at once"),
        ('phrase "{P} is strong" means strength(P) > 3.', "E230", "no fact"),
        ('phrase "{P} is strong" means strength(P).', "E230", "no fact"),
        ('phrase "{P} is strong" means do strength(P) > 3.', "E230", "one attribute"),
        ('phrase "{P} is strong" means observe stength(P) > 3.', "E201", "'stength'"),
        ('phrase "{P} plays" means plays(P, home).', "E206", "3 arguments"),
        ('phrase "{P} plays" means new M, plays(P, M, hme).', "E207", "hme"),
    ],
)
def test_faults(text: str, code: str, part: str) -> None:
    findings = found(text)
    assert [entry for entry in findings if entry[0] == code and part in entry[1]], findings
