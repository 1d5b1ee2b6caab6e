"""Lexical relevance without any model: BM25 over words and cosine similarity of character n-grams.

BM25: S. Robertson and H. Zaragoza, “The Probabilistic Relevance Framework: BM25 and Beyond” (2009), with k₁ = 1.2,
b = 0.75 and the idf that is never negative, log(1 + (N − n + ½) / (n + ½)).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log, sqrt

K1, B = 1.2, 0.75
GRAM = 3
_STOP = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "to",
        "in",
        "on",
        "at",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "and",
        "or",
        "that",
        "this",
        "it",
        "its",
        "for",
        "with",
        "by",
        "from",
        "as",
        "if",
        "how",
        "what",
        "who",
        "which",
        "does",
        "do",
        "did",
        "would",
        "will",
        "can",
        "could",
        "should",
        "has",
        "have",
        "had",
        "not",
        "no",
        "than",
        "then",
        "there",
    ]
)


def words_of(text: str) -> tuple[str, ...]:
    """The words that carry meaning, in lower case, with plural and verb endings taken off."""
    return tuple(_stem(word) for word in re.findall(r"[^\W_]+", text.lower()) if word not in _STOP)


def _stem(word: str) -> str:
    for ending in ("ing", "ers", "er", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def grams_of(text: str) -> Counter[str]:
    """The n-grams of characters of each word, with its edges marked."""
    padded = (f"#{word}#" for word in re.findall(r"[^\W_]+", text.lower()) if word not in _STOP)
    return Counter(word[place : place + GRAM] for word in padded for place in range(max(1, len(word) - GRAM + 1)))


@dataclass(frozen=True)
class Lexicon:
    """Texts by name, ready to be asked which of them a question speaks of."""

    texts: Mapping[str, str]

    @cached_property
    def _words(self) -> Mapping[str, Counter[str]]:
        return {name: Counter(words_of(text)) for name, text in self.texts.items()}

    @cached_property
    def _grams(self) -> Mapping[str, Counter[str]]:
        return {name: grams_of(text) for name, text in self.texts.items()}

    @cached_property
    def _frequency(self) -> Counter[str]:
        return Counter(word for words in self._words.values() for word in words)

    @cached_property
    def _gram_frequency(self) -> Counter[str]:
        return Counter(gram for grams in self._grams.values() for gram in grams)

    def bm25(self, question: str) -> dict[str, float]:
        """The BM25 score of each text, at least 0."""
        asked = dict.fromkeys(words_of(question))
        count = len(self.texts)
        mean = sum(map(sum, (words.values() for words in self._words.values()))) / max(1, count)
        scores = {}
        for name, words in self._words.items():
            length = sum(words.values())
            scores[name] = sum(
                log(1 + (count - self._frequency[word] + 0.5) / (self._frequency[word] + 0.5))
                * words[word]
                * (K1 + 1)
                / (words[word] + K1 * (1 - B + B * length / mean))
                for word in asked
                if words[word]
            )
        return scores

    def similarity(self, question: str) -> dict[str, float]:
        """The cosine between the weighted n-grams of the question and of each text, in [0, 1]."""
        asked = self._weighted(grams_of(question))
        return {name: _cosine(asked, self._weighted(grams)) for name, grams in self._grams.items()}

    def _weighted(self, grams: Counter[str]) -> dict[str, float]:
        count = len(self.texts)
        return {gram: number * log(1 + count / (1 + self._gram_frequency[gram])) for gram, number in grams.items()}


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    size = sqrt(sum(v * v for v in one.values())) * sqrt(sum(v * v for v in other.values()))
    return sum(weight * other.get(gram, 0.0) for gram, weight in one.items()) / size if size else 0.0


def normalised(scores: Mapping[str, float]) -> dict[str, float]:
    """Scores as shares of the greatest one."""
    top = max(scores.values(), default=0.0)
    return {name: score / top if top > 0 else 0.0 for name, score in scores.items()}


def by_score(scores: Mapping[str, float]) -> Sequence[str]:
    """Names from the greatest score to the smallest; equal ones by name."""
    return sorted(scores, key=lambda name: (-scores[name], name))
