"""Which library and which names a question needs."""

from __future__ import annotations

import pytest

from nesy.synthesis.libraries import Library, library_of
from nesy.synthesis.models import candidates
from nesy.synthesis.reading import Reading, read_sentences
from nesy.synthesis.relevance import Lexicon, words_of
from nesy.synthesis.retrieval import choose_library, retrieve
from nesy.synthesis.sentences import split_sentences

WEATHER = """
random rain : bool ~ bernoulli(0.2).
random sprinkler : bool ~ bernoulli(0.3).
define wet = rain or sprinkler.
random mood : real ~ normal(5, 2).
gloss rain : "it rains" also "shower".
gloss mood : "how people feel" also "happy".
phrase "the lawn is wet" means observe wet.
phrase "did it rain" means query rain.
"""
SPORT = """
type athlete.
random strength(P) : real ~ normal(50, 15) for athlete(P).
phrase "how strong is {P}" means query strength(P).
"""
TEXT = "The lawn is wet. Did it rain?"


def read(library: Library, text: str = TEXT) -> Reading:
    return read_sentences(split_sentences(text), library)


def test_the_library_that_understands_most_is_chosen() -> None:
    libraries = [library_of(SPORT, "sport"), library_of(WEATHER, "weather")]
    library, reading, table = choose_library(TEXT, [(entry, read(entry)) for entry in libraries])
    assert library.name == "weather"
    assert len(reading.understood) == 2
    assert [(row.name, row.understood) for row in table] == [("weather", 2), ("sport", 0)]


def test_names_are_seeds_needed_or_dropped() -> None:
    library = library_of(WEATHER, "weather")
    found = retrieve(TEXT, library, read(library), ())
    roles = {entry.name: entry.role for entry in found.considered}
    assert roles["rain"] == roles["wet"] == "seed"
    assert roles["sprinkler"] == "needed"
    assert roles["mood"] == "dropped"
    assert found.considered[0].total >= found.considered[-1].total


@pytest.mark.slow
def test_distractors_do_not_change_the_model() -> None:
    # some have nothing to do with the question but their words, some draw on what it speaks of
    distractors = "\n".join(
        f"random other{number} : real ~ normal({'if wet then 1 else 0' if number % 2 else number}, 1).\n"
        f'gloss other{number} : "the wet lawn number {number}".'
        for number in range(1000)
    )
    plain, padded = library_of(WEATHER), library_of(WEATHER + distractors)
    one = candidates(plain, read(plain), TEXT).models[0]
    other = candidates(padded, read(padded), TEXT).models[0]
    assert one.digest == other.digest
    assert "mood" not in one.text


def test_words_are_matched_without_their_endings() -> None:
    assert words_of("The beaten paddlers were paddling") == ("beaten", "paddl", "paddl")
    scores = Lexicon({"a": "paddling a canoe", "b": "shooting"}).bm25("who paddles")
    assert scores["a"] > 0 == scores["b"]
