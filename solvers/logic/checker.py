"""Checking a model without any solver: is it stable, and what does it cost?

Every model that an engine returns has passed here. A model must satisfy every rule, give each attribute exactly one
value at every index, and be founded: each true atom has a derivation from the reduct (Gelfond and Lifschitz 1988),
choices included. In a tight program that is the same as being supported by the body of some rule (Fages 1994), which
takes one pass over arrays; otherwise the derivation is made. For a disjunction an atom counts as derived where the
other alternatives are false; that is exact where no alternative leads to another, and otherwise a model may be stable
although this test finds no derivation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nesy.solvers.logic.foundedness import founded
from nesy.solvers.logic.program import LogicProgram, Rule, WeightRule

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a model, in words."""

    text: str


@dataclass(frozen=True, slots=True)
class _Rows:
    """Lists of numbers of different lengths, one after the other; ``owner`` says whose each number is."""

    numbers: Numbers
    owner: Numbers
    count: int

    @staticmethod
    def of(lists: Sequence[Sequence[int]]) -> _Rows:
        sizes = np.array([len(entry) for entry in lists], dtype=np.int64)
        flat = np.array([number for entry in lists for number in entry], dtype=np.int64)
        return _Rows(flat, np.repeat(np.arange(len(lists)), sizes), len(lists))

    def sums(self, values: Numbers) -> Numbers:
        """The sum of ``values``, one for each number, by list."""
        return np.bincount(self.owner, weights=values, minlength=self.count).astype(np.int64)


class Checker:
    """Checks models of ``program``; what does not depend on the model is laid out once."""

    def __init__(self, program: LogicProgram) -> None:
        self.program = program
        rules = program.rules
        self._heads = _Rows.of([rule.head for rule in rules])
        self._bodies = _Rows.of([_literals(rule) for rule in rules])
        self._weights = np.array([weight for rule in rules for weight in _weights(rule)], dtype=np.int64)
        self._lower = np.array([_lower(rule) for rule in rules], dtype=np.int64)
        self._choice = np.array([rule.choice for rule in rules], dtype=np.bool_)
        self._places = [(place, index) for place, table in enumerate(program.values) for index in range(len(table))]
        self._values = _Rows.of([[atom for atom in program.values[p][i] if atom] for p, i in self._places])

    def faults(self, atoms: frozenset[int]) -> Iterator[Fault]:
        """Why ``atoms`` is no stable model; nothing if it is one."""
        program = self.program
        true = np.zeros(program.size + 1, dtype=np.bool_)
        true[list(atoms)] = True
        counts = self._values.sums(true[self._values.numbers].astype(np.int64))
        for place in np.flatnonzero(counts != 1).tolist():
            attribute, index = self._places[place]
            yield Fault(f"{program.model.attributes[attribute].label(index)} has {counts[place]} values")
        literals = self._bodies.numbers
        holding = np.where(literals > 0, true[np.abs(literals)], ~true[np.abs(literals)])
        bodies = self._bodies.sums(holding * self._weights) >= self._lower
        head_true = true[self._heads.numbers]
        heads = self._heads.sums(head_true.astype(np.int64))
        for place in np.flatnonzero(bodies & ~self._choice & (heads == 0)).tolist():
            yield Fault(f"a rule is violated: {_words(program, program.rules[place])}")
        unfounded = self._unfounded(atoms, bodies & (self._choice | (heads == 1)), head_true)
        if unfounded:
            yield Fault(f"'{program.describe(min(unfounded))}' has no derivation")

    def _unfounded(self, atoms: frozenset[int], supporting: Flags, head_true: Flags) -> frozenset[int]:
        if self.program.loops:
            return atoms - founded(self.program, atoms)
        supported = self._heads.numbers[head_true & supporting[self._heads.owner]]
        return atoms.difference(supported.tolist())


def _literals(rule: Rule | WeightRule) -> Sequence[int]:
    return rule.body if isinstance(rule, Rule) else [literal for literal, _ in rule.body]


def _weights(rule: Rule | WeightRule) -> Sequence[int]:
    return [1] * len(rule.body) if isinstance(rule, Rule) else [weight for _, weight in rule.body]


def _lower(rule: Rule | WeightRule) -> int:
    return len(rule.body) if isinstance(rule, Rule) else rule.lower


def _words(program: LogicProgram, rule: Rule | WeightRule) -> str:
    if rule.origin >= 0:
        origin = program.origins[rule.origin]
        return f"line {origin.span.line}: {origin.statement}"
    return " ; ".join(map(program.describe, rule.head)) or "a constraint"
