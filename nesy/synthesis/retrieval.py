"""Retrieval: which library a question speaks of, and which of its names the model needs.

Names that the understood sentences speak of are *seeds*; what they draw on is *needed*, whatever its score. All names
of the library are scored (words, character n-grams, distance from the seeds in the graph of dependencies), so that the
record shows what was considered and why it was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.checks.walk import names
from nesy.dsl.syntax import Formula
from nesy.synthesis.libraries import Library
from nesy.synthesis.reading import Reading
from nesy.synthesis.relevance import Lexicon, by_score, normalised

WORDS, GRAMS, GRAPH = 0.5, 0.2, 0.3
"""The shares of the three scores in the total."""


@dataclass(frozen=True, slots=True)
class Considered:
    """A name of the library. Scores are in [0, 1]; ``distance`` counts dependencies from the nearest seed (−1: none).

    ``role``: ``seed`` (spoken of), ``needed`` (a seed draws on it), ``dropped``.
    """

    name: str
    role: str
    words: float
    grams: float
    distance: int
    total: float
    reason: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A library, how many sentences it understands, and its lexical score."""

    name: str
    understood: int
    score: float


@dataclass(frozen=True)
class Retrieval:
    """What was considered in the chosen library, by score, and how the libraries compare, the chosen one first."""

    knowledge: str
    libraries: tuple[Ranked, ...]
    considered: tuple[Considered, ...]

    @property
    def seeds(self) -> tuple[str, ...]:
        """The names that the question speaks of."""
        return tuple(entry.name for entry in self.considered if entry.role == "seed")


def lexicon_of(library: Library) -> Lexicon:
    """What the library says of each of its names, in English."""
    texts = {}
    for name in library.names:
        gloss = library.glosses.get(name)
        said = "" if gloss is None else " ".join((gloss.text, *gloss.synonyms))
        texts[name] = f"{name.replace('_', ' ')} {said}"
    return Lexicon(texts)


def library_score(question: str, library: Library) -> float:
    """How much of the question's words the library knows: the sum of its names' BM25 scores, and of its patterns'."""
    texts = {**lexicon_of(library).texts}
    for place, pattern in enumerate(library.patterns):
        texts[f"phrase {place}"] = " ".join(pattern.words)
    return sum(Lexicon(texts).bm25(question).values())


def choose_library(
    question: str, readings: Sequence[tuple[Library, Reading]]
) -> tuple[Library, Reading, tuple[Ranked, ...]]:
    """The library that understands most sentences; among equals the one whose words are nearest."""
    ranked = sorted(
        ((library, reading, library_score(question, library)) for library, reading in readings),
        key=lambda entry: (-len(entry[1].understood), -entry[2], entry[0].name),
    )
    table = tuple(Ranked(library.name, len(reading.understood), score) for library, reading, score in ranked)
    return ranked[0][0], ranked[0][1], table


def seeds_of(reading: Reading, checked: CheckedProgram) -> frozenset[str]:
    """The attributes and relations of which a reading observes, asks or changes something."""
    formulas: list[Formula] = [entry.formula for entry in reading.observations]
    formulas += [entry.formula for entry in reading.queries]
    formulas += [entry.target for entry in reading.interventions]
    relations = {name for name, _ in checked.relations}
    return frozenset(names(formulas) & ({*checked.attributes} | relations))


def retrieve(question: str, library: Library, reading: Reading, table: tuple[Ranked, ...]) -> Retrieval:
    """Score all names of ``library`` for a question and say which of them its model needs."""
    checked = library.checked
    seeds = seeds_of(reading, checked)
    needed = checked.needed_by(seeds)
    lexicon = lexicon_of(library)
    words, grams = normalised(lexicon.bm25(question)), lexicon.similarity(question)
    distances = distances_from(seeds, checked.depends)
    considered = {}
    for name in library.names:
        distance = distances.get(name, -1)
        near = 1 / (1 + distance) if distance >= 0 else 0.0
        total = WORDS * words[name] + GRAMS * grams[name] + GRAPH * near
        role = "seed" if name in seeds else "needed" if name in needed else "dropped"
        reason = _reason(name, role, distance, seeds, checked)
        considered[name] = Considered(name, role, words[name], grams[name], distance, total, reason)
    order = by_score({name: entry.total for name, entry in considered.items()})
    return Retrieval(library.name, table, tuple(considered[name] for name in order))


def _reason(name: str, role: str, distance: int, seeds: Iterable[str], checked: CheckedProgram) -> str:
    match role:
        case "seed":
            return "the text speaks of it"
        case "needed":
            readers = sorted(seed for seed in seeds if name in checked.needed_by((seed,)))
            return f"{', '.join(readers)} draws on it" if len(readers) == 1 else f"{', '.join(readers)} draw on it"
        case _ if name in checked.types:
            return "a type: it comes with what is indexed by it"
        case _:
            return "nothing that the text speaks of draws on it" if distance >= 0 else "not connected with the text"


def distances_from(seeds: Iterable[str], depends: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """The number of dependencies, in either direction, between each name and the nearest seed."""
    neighbours: dict[str, set[str]] = {}
    for name, others in depends.items():
        for other in others:
            neighbours.setdefault(name, set()).add(other)
            neighbours.setdefault(other, set()).add(name)
    found = dict.fromkeys(seeds, 0)
    frontier = list(found)
    while frontier:
        following = []
        for name in frontier:
            for other in sorted(neighbours.get(name, ())):
                if other not in found:
                    found[other] = found[name] + 1
                    following.append(other)
        frontier = following
    return found
