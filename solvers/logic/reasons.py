"""Why an atom holds in a model, in the rules as they stand in the file, down to facts; and why it does not.

gringo evaluates the rules once more, with the model's atoms as facts, and tells which instances fire. What is certain
and so has left the ground program is found here as well.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import clingo

from nesy.dsl.clingo_code.pieces import Pieces, pieces
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.grounding.gringo import Line, run
from nesy.solvers.grounding.symbols import SymbolReader, value_text
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.reading import assignment, logic_text
from nesy.solvers.logic.text import Part

BUDGET = 300_000
"""Ground rules after which an explanation does without this."""
_CODE = ("#const", "#defined")


@dataclass(frozen=True, slots=True)
class Reason:
    """An instance of a rule that supports an atom: labels of atoms that hold, and of those that do not.

    ``chosen``: the rule allows the atom and does not force it.
    """

    part: Part
    positive: tuple[str, ...]
    negative: tuple[str, ...]
    chosen: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that concludes atoms of this kind, and the literal as written for which nothing is found.

    The literal is empty where one of the conditions fails that are no plain atoms.
    """

    part: Part
    literal: str


class Reasons:
    """The reasons of one model. Where gringo gives up, there are none."""

    def __init__(self, program: LogicProgram, atoms: frozenset[int]) -> None:
        self._program = program
        self._atoms = atoms
        self._reader = SymbolReader()
        self._of_text = {text: program.describe(atom) for atom, text in program.texts.items()}
        self._text = logic_text(program.model.program, program.asked, whole=not program.determined)
        domains = (line.partition("(")[0] for line in self._text.domains)
        self._hidden = {*self._text.vocabulary.checked.types, *domains}

    @cached_property
    def _rules(self) -> list[tuple[Part, Pieces]]:
        found = []
        for part in self._text.parts:
            if not _is_attribute(part):
                for line in part.lines:
                    parsed = None if line.startswith("_") else pieces(line)
                    if parsed is not None:
                        found.append((part, parsed))
        return found

    @cached_property
    def _evaluated(self) -> list[Line]:
        """The rules of certain relations and helpers, and the model."""
        lines = [Line(text) for text in self._text.domains]
        for part in self._text.parts:
            crisp = part.mark < 0 and not _is_attribute(part)
            taken = ("_", *_CODE)
            lines += (
                Line(text, part.span)
                for text in part.lines
                if text.startswith(taken) or (crisp and not text.startswith((":", "#")))
            )
        texts = self._program.texts
        return [*lines, *(Line(f"{texts[atom]}.") for atom in self._atoms if atom in texts)]

    @cached_property
    def of(self) -> Mapping[str, Reason]:
        """A reason for each atom that has one, by its label; no reason rests on itself."""
        asked = []
        for number, (_, rule) in enumerate(self._rules):
            negative = _tuple(rule.negative)
            for place, conclusion in enumerate(rule.conclusions):
                body = [*rule.body, *conclusion.condition, *([] if conclusion.sure else [conclusion.atom])]
                positive = _tuple([*conclusion.positive, *rule.positive])
                condition = f" :- {'; '.join(body)}" if body else ""
                asked.append(f"_why({number},{place},{conclusion.atom},{positive},{negative}){condition}.")
        return _founded(self._instances(asked))

    def _instances(self, asked: Sequence[str]) -> list[tuple[str, Reason]]:
        found = []
        for symbol in self._ground(asked, "_why"):
            number, place, head, positive, negative = symbol.arguments
            part, rule = self._rules[number.number]
            chosen = not rule.conclusions[place.number].sure
            reason = Reason(part, self._labels(positive), self._labels(negative), chosen)
            found.append((self._label(head), reason))
        return found

    @cached_property
    def _terms(self) -> Mapping[str, str]:
        """What clingo calls the values of attributes, by label."""
        found = {}
        for attribute in self._program.model.attributes:
            for place, index in enumerate(attribute.index):
                for value in attribute.domain.values:
                    term = f"{attribute.name.replace('@', chr(39))}({','.join(map(value_text, (*index, value)))})"
                    found[assignment(attribute, place, value)] = term
        return found

    def failures(self, label: str) -> list[Failure]:
        """Why no rule concludes the atom called ``label``, rule by rule."""
        try:
            target = clingo.parse_term(self._terms.get(label, label))
        except RuntimeError:
            return []
        asked, about = [f"_target({target})."], []
        for number, (part, rule) in enumerate(self._rules):
            for place, conclusion in enumerate(rule.conclusions):
                if conclusion.atom.partition("(")[0] != target.name:
                    continue
                about.append((number, place, part, rule.positive))
                for length in range(len(rule.positive) + 1):
                    body = [f"_target({conclusion.atom})", *rule.positive[:length]]
                    asked.append(f"_near({number},{place},{length}) :- {', '.join(body)}.")
        reached: dict[tuple[int, int], int] = {}
        for symbol in self._ground(asked, "_near"):
            number, place, length = (argument.number for argument in symbol.arguments)
            reached[number, place] = max(reached.get((number, place), -1), length)
        found = []
        for number, place, part, positive in about:
            length = reached.get((number, place), -1)
            if length >= 0:
                found.append(Failure(part, positive[length] if length < len(positive) else ""))
        return found

    def _ground(self, asked: Sequence[str], predicate: str) -> list[clingo.Symbol]:
        try:
            grounding = run([*self._evaluated, *map(Line, asked)], budget=BUDGET)
        except NesyError:
            return []
        return [symbol for _, symbol in grounding.symbols() if symbol.name == predicate]

    def _labels(self, symbols: clingo.Symbol) -> tuple[str, ...]:
        shown = (s for s in symbols.arguments if not s.name.startswith("_") and s.name not in self._hidden)
        return tuple(map(self._label, shown))

    def _label(self, symbol: clingo.Symbol) -> str:
        return self._of_text.get(str(symbol)) or self._reader.label(symbol)


def _is_attribute(part: Part) -> bool:
    """Whether a part says which values an attribute may take."""
    return part.grounded is not None and part.mark < 0


def _tuple(items: Sequence[str]) -> str:
    return f"({','.join(items)},)" if items else "()"


def _founded(instances: Sequence[tuple[str, Reason]]) -> dict[str, Reason]:
    """For each conclusion an instance that rests on what was concluded before."""
    concluded = {head for head, _ in instances}
    waiting: dict[str, list[int]] = defaultdict(list)
    missing: list[int] = []
    ready: deque[int] = deque()
    for place, (_, reason) in enumerate(instances):
        needed = concluded.intersection(reason.positive)
        missing.append(len(needed))
        for label in needed:
            waiting[label].append(place)
        if not needed:
            ready.append(place)
    found: dict[str, Reason] = {}
    while ready:
        head, reason = instances[ready.popleft()]
        if head in found:
            continue
        found[head] = reason
        for user in waiting[head]:
            missing[user] -= 1
            if missing[user] == 0:
                ready.append(user)
    return found
