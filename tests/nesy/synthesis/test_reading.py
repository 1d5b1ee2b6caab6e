"""Sentences, slots and phrases: what a text says in terms of a knowledge base."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nesy.synthesis.libraries import Library, library_of
from nesy.synthesis.reading import read_sentences
from nesy.synthesis.sentences import split_sentences
from nesy.synthesis.slots import identifier, real_number, whole_number

KNOWLEDGE = """
type athlete. type match. type side = {home, away}.
type mood = {very_happy, sad}.
relation pulls(athlete, match, side).
random strength(P) : real ~ normal(50, 15) for athlete(P).
random mood_of(P) : mood ~ categorical(0.5, 0.5) for athlete(P).
random shots(P) : 0..5 ~ categorical(0.1, 0.2, 0.3, 0.2, 0.1, 0.1) for athlete(P).
define pull(S, M) = sum { strength(P) : pulls(P, M, S) } for side(S), match(M).
phrase "in the {M} match, {A+} beat {B+}", "{A+} beat {B+} in match {M}"
    means match(M), pulls(A, M, home), pulls(B, M, away), observe pull(home, M) > pull(away, M).
phrase "{A+} beat {B+}"
    means new M, match(M), pulls(A, M, home), pulls(B, M, away), observe pull(home, M) > pull(away, M).
phrase "{P} is {V}" means observe mood_of(P) = V.
phrase "{P} hit {N} times" means observe shots(P) = N.
phrase "{P}'s strength is above {X}" means observe strength(P) > X.
phrase "how strong is {P}" means query strength(P).
phrase "suppose {P} had a strength of {X}" means do strength(P) = X.
"""


@pytest.fixture(scope="module")
def library() -> Library:
    return library_of(KNOWLEDGE)


def statements(library: Library, text: str) -> list[str]:
    return [said for entry in read_sentences(split_sentences(text), library).understood for said in entry.statements]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How strong is Ann?", ["athlete(ann).", "query strength(ann)."]),
        ("how  strong is the Red Baron", ["athlete(red_baron).", "query strength(red_baron)."]),
        ("Ann is very happy.", ["athlete(ann).", "observe mood_of(ann) = very_happy."]),
        ("Ann hit three times!", ["athlete(ann).", "observe shots(ann) = 3."]),
        ("Ann's strength is above 62.5.", ["athlete(ann).", "observe strength(ann) > 62.5."]),
        ("Ann's strength is above 1,000.", ["athlete(ann).", "observe strength(ann) > 1000."]),
        ("Suppose Ann had a strength of 80.", ["athlete(ann).", "do strength(ann) = 80."]),
        (
            "Ann, Bo and Cy beat Di in match 2.",
            [
                "match(2).",
                *(f"athlete({name})." for name in ("ann", "bo", "cy", "di")),
                *(f"pulls({name}, 2, home)." for name in ("ann", "bo", "cy")),
                "pulls(di, 2, away).",
                "observe pull(home, 2) > pull(away, 2).",
            ],
        ),
    ],
)
def test_sentences_become_statements(library: Library, text: str, expected: list[str]) -> None:
    assert sorted(statements(library, text)) == sorted(expected)


def test_what_the_text_does_not_name_gets_new_names(library: Library) -> None:
    found = statements(library, "Ann beat Bo. Bo beat Cy.")
    assert "observe pull(home, match_1) > pull(away, match_1)." in found
    assert "observe pull(home, match_2) > pull(away, match_2)." in found


def test_the_most_specific_pattern_is_taken(library: Library) -> None:
    found = read_sentences(split_sentences("Ann beat Bo in match 3"), library)
    assert found.understood[0].pattern == "{A+} beat {B+} in match {M}"


@pytest.mark.parametrize(
    "text", ["Ann is blue.", "Ann hit nine times.", "It rained.", "How strong is it?", "beat Ann."]
)
def test_what_does_not_fit_is_unused(library: Library, text: str) -> None:
    found = read_sentences(split_sentences(text), library)
    assert found.understood == ()
    assert len(found.unused) == 1


def test_unused_sentences_name_the_nearest_phrase(library: Library) -> None:
    (unused,) = read_sentences(split_sentences("How very strong is Ann?"), library).unused
    assert unused.nearest == "how strong is {P}"


def test_sentences_know_their_places() -> None:
    text = "Dr. Ann won.\n  Did Bo lose?  Yes; she won by 2.5 points"
    found = split_sentences(text)
    assert [(entry.text, entry.question) for entry in found] == [
        ("Dr. Ann won", False),
        ("Did Bo lose", True),
        ("Yes", False),
        ("she won by 2.5 points", False),
    ]
    lines = text.split("\n")
    for entry in found:
        span = entry.span
        assert span.line == span.end_line
        assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == entry.text


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    library = library_of(
        'random a : bool ~ bernoulli(0.5). phrase "{X+} a {Y:bool}" means observe a = Y, p(X). relation p(bool).'
    )
    sentences = split_sentences(text)
    reading = read_sentences(sentences, library)
    assert len(reading.understood) + len(reading.unused) == len(sentences)


@pytest.mark.parametrize(
    ("words", "number"), [("3", 3), ("3rd", 3), ("three", 3), ("Third", 3), ("thirdly", None), ("-1", None)]
)
def test_whole_numbers(words: str, number: int | None) -> None:
    assert whole_number(words) == number


@pytest.mark.parametrize(
    ("words", "number"),
    [("-2.5", -2.5), ("40 %", 0.4), ("40 per cent", 0.4), ("1,000", 1000), ("ten", 10), ("x", None)],
)
def test_real_numbers(words: str, number: float | None) -> None:
    assert real_number(words) == number


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Ann", "ann"),
        ("the Red Team", "red_team"),
        ("O'Hara", "ohara"),
        ("If", "if_"),
        ("and", None),
        ("Ödön", "n_ödön"),
    ],
)
def test_identifiers(words: str, name: str | None) -> None:
    assert identifier(words) == name
