"""Sentences into statements: what a question observes, asks, changes and takes for granted.

A sentence is understood if a phrase of the library fits all of it. What is not understood is reported as unused, with
the phrase that comes nearest, and never guessed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from nesy.dsl import statements as syntax
from nesy.dsl.checked import Domain
from nesy.dsl.knowledge import Meaning
from nesy.dsl.printing.statement_printer import write_statement
from nesy.dsl.printing.term_printer import write
from nesy.dsl.span import Span
from nesy.dsl.syntax import Call, Comparison, Formula, Variable
from nesy.synthesis.libraries import Library
from nesy.synthesis.patterns import Pattern
from nesy.synthesis.sentences import Sentence
from nesy.synthesis.slots import Denoted
from nesy.synthesis.substitution import substituted


@dataclass(frozen=True, slots=True)
class Intervention:
    """``do(strength(ann) = 80)``: an attribute is set from outside."""

    target: Comparison

    @property
    def text(self) -> str:
        """``strength(ann) = 80``"""
        return write(self.target)


@dataclass(frozen=True)
class Understood:
    """A sentence, the pattern that fits it, and what it says."""

    sentence: Sentence
    pattern: str
    slots: Mapping[str, tuple[Denoted, ...]]
    facts: tuple[syntax.Rule, ...] = ()
    observations: tuple[syntax.Observe, ...] = ()
    queries: tuple[syntax.Query, ...] = ()
    interventions: tuple[Intervention, ...] = ()

    @property
    def statements(self) -> tuple[str, ...]:
        """All that it says, in the rule language."""
        return (*map(write_statement, self.said), *(f"do {entry.text}." for entry in self.interventions))

    @property
    def said(self) -> tuple[syntax.Statement, ...]:
        """Its facts, observations and queries."""
        found: list[syntax.Statement] = [*self.facts, *self.observations, *self.queries]
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Unused:
    """A sentence that no phrase fits, and the pattern that comes nearest (empty: none is near)."""

    sentence: Sentence
    nearest: str


@dataclass(frozen=True)
class Reading:
    """What a text says in terms of one library."""

    knowledge: str
    understood: tuple[Understood, ...]
    unused: tuple[Unused, ...]

    @property
    def facts(self) -> tuple[syntax.Rule, ...]:
        """The facts of all sentences, each once."""
        return tuple(dict.fromkeys(fact for entry in self.understood for fact in entry.facts))

    @property
    def observations(self) -> tuple[syntax.Observe, ...]:
        """What is observed, in order."""
        return tuple(entry for sentence in self.understood for entry in sentence.observations)

    @property
    def queries(self) -> tuple[syntax.Query, ...]:
        """What is asked, each once."""
        return tuple(dict.fromkeys(entry for sentence in self.understood for entry in sentence.queries))

    @property
    def interventions(self) -> tuple[Intervention, ...]:
        """What is set from outside."""
        return tuple(entry for sentence in self.understood for entry in sentence.interventions)


def read_sentences(sentences: tuple[Sentence, ...], library: Library) -> Reading:
    """Read all sentences with the phrases of a library; the most specific pattern that fits is taken."""
    understood: list[Understood] = []
    unused: list[Unused] = []
    fresh = _Fresh()
    for sentence in sentences:
        found = _best(sentence, library)
        if found is None:
            unused.append(Unused(sentence, _nearest(sentence.text, library)))
        else:
            understood.append(_statements(sentence, *found, fresh))
    return Reading(library.name, tuple(understood), tuple(unused))


def _best(sentence: Sentence, library: Library) -> tuple[Pattern, Mapping[str, tuple[Denoted, ...]]] | None:
    best: tuple[Pattern, Mapping[str, tuple[Denoted, ...]]] | None = None
    for pattern in library.patterns:
        if best is None or len(pattern.words) > len(best[0].words):
            slots = pattern.read(sentence.text)
            if slots is not None:
                best = pattern, slots
    return best


def _nearest(text: str, library: Library) -> str:
    words = set(re.findall(r"[\w'’-]+", text.lower()))
    scored = sorted(
        (-len(words & set(pattern.words)) / (1 + len(pattern.words)), place)
        for place, pattern in enumerate(library.patterns)
        if words & set(pattern.words)
    )
    candidates = [library.patterns[place].text for _, place in scored[:5]]
    close = difflib.get_close_matches(text, candidates, n=1, cutoff=0.0)
    return close[0] if close else ""


class _Fresh:
    """Names for what the text has not named: ``match_1``, ``match_2``, …"""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def name(self, kind: str) -> str:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return f"{kind}_{self._counts[kind]}"


def _statements(
    sentence: Sentence, pattern: Pattern, slots: Mapping[str, tuple[Denoted, ...]], fresh: _Fresh
) -> Understood:
    span = sentence.span
    values = dict(slots)
    for meaning in pattern.phrase.meanings:
        if isinstance(meaning.formula, Variable):
            values[meaning.formula.name] = (fresh.name(_kind(meaning.formula.name, pattern)),)
    facts: list[syntax.Rule] = list(_members(pattern, values, span))
    observations: list[syntax.Observe] = []
    queries: list[syntax.Query] = []
    interventions: list[Intervention] = []
    for meaning in pattern.phrase.meanings:
        for formula in _instances(meaning, values, span):
            match meaning.mode:
                case "fact":
                    assert isinstance(formula, Call)
                    facts.append(syntax.Rule(formula, (), span))
                case "observe":
                    observations.append(syntax.Observe(formula, span))
                case "query":
                    queries.append(syntax.Query(formula, span))
                case "do":
                    assert isinstance(formula, Comparison)
                    interventions.append(Intervention(formula))
    return Understood(
        sentence,
        pattern.text,
        values,
        tuple(dict.fromkeys(facts)),
        tuple(observations),
        tuple(queries),
        tuple(interventions),
    )


def _kind(variable: str, pattern: Pattern) -> str:
    """By which word something new is called: the type that a meaning gives it, or the variable's name."""
    for meaning in pattern.phrase.meanings:
        match meaning.formula:
            case Call(name, (Variable(other),)) if meaning.mode == "fact" and other == variable:
                return name
    return variable.lower()


def _members(pattern: Pattern, values: Mapping[str, tuple[Denoted, ...]], span: Span) -> Iterator[syntax.Rule]:
    """What is named belongs to the open type of its slot."""
    for name, slot in pattern.slots.items():
        if isinstance(slot.domain, Domain) and slot.domain.is_open:
            for value in values[name]:
                atom = substituted(Call(slot.domain.name, (Variable(name),)), {name: value}, span)
                yield syntax.Rule(atom, (), span)


def _instances(meaning: Meaning, values: Mapping[str, tuple[Denoted, ...]], span: Span) -> Iterator[Formula]:
    """The formula of a meaning for each combination of what its slots denote; none for ``new``."""
    formula = meaning.formula
    if isinstance(formula, Variable):
        return
    from nesy.dsl.checks.walk import variables

    names = tuple(dict.fromkeys(entry.name for entry in variables((formula,)) if entry.name in values))
    for combination in product(*(values[name] for name in names)):
        yield substituted(formula, dict(zip(names, combination, strict=True)), span)
