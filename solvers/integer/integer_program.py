"""Integer programs as plain data: what CP-SAT, CBC, HiGHS and SCIP are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Literal = int
"""A 0/1 variable (numbered from 1), or minus a variable: its complement."""


@dataclass(frozen=True, slots=True)
class Linear:
    """``low ≤ Σ weight · variable ≤ high``; a bound that is None is absent. Variables are numbered from 1."""

    terms: tuple[tuple[int, int], ...]
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class IntegerProgram:
    """Variables 1 … ``size``; those of ``ranges`` are integers from 0 to their bound, all others are 0 or 1.

    ``clauses`` (one of the literals holds), ``at_most_one``, ``exactly_one`` and ``linear`` must hold. The objective,
    given with each task, is minimised. ``names`` names what has a name.
    """

    size: int
    clauses: tuple[tuple[Literal, ...], ...]
    at_most_one: tuple[tuple[Literal, ...], ...]
    exactly_one: tuple[tuple[int, ...], ...]
    linear: tuple[Linear, ...]
    ranges: Mapping[int, int]
    names: Mapping[int, str]

    def rows(self) -> tuple[Linear, ...]:
        """All constraints as linear ones, each variable once in a row."""
        clauses = map(at_least_one, self.clauses)
        most = (_row(group, None, 1) for group in self.at_most_one)
        ones = (_row(group, 1, 1) for group in self.exactly_one)
        return (*clauses, *most, *ones, *map(_merged, self.linear))


def at_least_one(literals: tuple[Literal, ...]) -> Linear:
    """A clause as a row."""
    return _row(literals, 1, None)


def _row(literals: tuple[Literal, ...], low: int | None, high: int | None) -> Linear:
    """Bounds on the number of literals that hold."""
    terms = tuple((1 if literal > 0 else -1, abs(literal)) for literal in literals)
    negative = sum(literal < 0 for literal in literals)
    return Linear(terms, None if low is None else low - negative, None if high is None else high - negative)


def _merged(row: Linear) -> Linear:
    """``row`` with the weights of each variable added up."""
    weights: dict[int, int] = {}
    for weight, number in row.terms:
        weights[number] = weights.get(number, 0) + weight
    if len(weights) == len(row.terms):
        return row
    return Linear(tuple((weight, number) for number, weight in weights.items() if weight), row.low, row.high)
