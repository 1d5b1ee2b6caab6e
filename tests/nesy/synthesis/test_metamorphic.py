"""Changes of a question that must not change its answer: order, names, repetition, other people."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.dsl.printing.statement_printer import write_statement
from nesy.synthesis import Settings, library_of, synthesise

LIBRARY = library_of("""
type person.
random cold(P) : bool ~ bernoulli(0.15) for person(P).
random flu(P) : bool ~ bernoulli(0.05) for person(P).
random fever(P) : bool ~ bernoulli(if flu(P) then 0.9 else if cold(P) then 0.2 else 0.02) for person(P).
random fever(P) : bool ~ bernoulli(if flu(P) then 0.9 else 0.02) for person(P) [variant only_flu = 0.3].
random cough(P) : bool ~ bernoulli(if cold(P) or flu(P) then 0.6 else 0.05) for person(P).
phrase "{P} has a fever" means person(P), observe fever(P).
phrase "{P} coughs" means person(P), observe cough(P).
phrase "{P} does not cough" means person(P), observe not cough(P).
phrase "does {P} have the flu" means person(P), query flu(P).
""")
SAID = ["Ann has a fever", "Ann coughs", "Bob has a fever", "Bob does not cough", "Cal coughs"]
ASKED = ["Does Ann have the flu?", "Does Bob have the flu?"]
SENTENCES = st.lists(st.sampled_from(SAID), unique=True, max_size=4)


def answers(sentences: list[str]) -> dict[str, float]:
    text = ". ".join([*sentences, *ASKED])
    found = synthesise([LIBRARY], text, Settings(influence=False)).answers
    tables = {entry.label: entry.posterior.probability for entry in found.queries}
    return {label: float(table[1]) for label, table in tables.items() if table is not None}


@pytest.mark.slow
@given(SENTENCES, st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_the_order_of_sentences_does_not_matter(sentences: list[str], random: Random) -> None:
    shuffled = random.sample(sentences, len(sentences))
    assert answers(shuffled) == pytest.approx(answers(sentences), abs=1e-12)


@pytest.mark.slow
@given(SENTENCES)
@settings(max_examples=10)
def test_names_do_not_matter(sentences: list[str]) -> None:
    renamed = [text.replace("Ann", "Zoe").replace("Bob", "Ann").replace("Zoe", "Bob") for text in sentences]
    found, swapped = answers(sentences), answers(renamed)
    expected = {"flu(ann)": found["flu(bob)"], "flu(bob)": found["flu(ann)"]}
    assert swapped == pytest.approx(expected, abs=1e-12)


@pytest.mark.slow
@given(SENTENCES.filter(bool))
@settings(max_examples=10)
def test_what_is_said_twice_is_known_once(sentences: list[str]) -> None:
    assert answers([*sentences, sentences[0]]) == pytest.approx(answers(sentences), abs=1e-12)


@pytest.mark.slow
@given(SENTENCES.filter(bool))
@settings(max_examples=10)
def test_every_condition_stands_once_in_the_program(sentences: list[str]) -> None:
    found = synthesise([LIBRARY], ". ".join([*sentences, *ASKED]), Settings(influence=False, prune=False))
    said = [write_statement(entry) for entry in found.reading.observations]
    assert len(said) == len(sentences)
    for entry in found.candidates.models:
        assert sorted(line for line in entry.text.splitlines() if line.startswith("observe")) == sorted(said)
