"""Integer programs as text in CPLEX's LP format, for people, for CBC and for any other solver.

Names are made of what the variables stand for: ``cell(1,2) = 3`` becomes ``cell_1_2_eq_3``; variables of the
completion are ``body_7`` (a body of several literals, or a count) and ``level_9``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from nesy.solvers.integer.integer_program import IntegerProgram, Linear

WIDTH = 100
"""Columns; the readers of some solvers refuse long lines."""

LONGEST = 80
"""Characters of a name; CBC takes 100."""

EXACT = 2**53
"""Integers up to this are exact in floating point, in which solvers read the file."""

_KEYWORDS = "free|inf|infinity|st|bounds?|end|bin|binar.*|gen|general.*|int.*|sos.*|max.*|min.*"
_RESERVED = re.compile(rf"^(?:[^A-Za-z]|[eE]\d*$|[eE][_\d]|(?:{_KEYWORDS})$)", re.IGNORECASE)
_OPERATORS = {"=": " eq ", "not ": "not ", "-": "m", "@": " of ", "'": " of "}

Name = Callable[[int], str]
Terms = Mapping[int, int]


def numbered(number: int) -> str:
    """``x7``: names for machines."""
    return f"x{number}"


def readable_names(program: IntegerProgram, atoms: int) -> Name:
    """A name for each variable that tells what it stands for; no two are equal. ``atoms`` are those of the rules."""
    names: dict[int, str] = {}
    taken: set[str] = set()
    for number in range(1, program.size + 1):
        if number in program.names:
            name = _identifier(program.names[number])
        elif number in program.ranges:
            name = f"level_{number}"
        else:
            name = f"{'atom' if number <= atoms else 'body'}_{number}"
        if name in taken:
            name = f"{name}__{number}"
        taken.add(name)
        names[number] = name
    return names.__getitem__


def _identifier(text: str) -> str:
    for sign, word in _OPERATORS.items():
        text = text.replace(sign, word)
    name = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")[:LONGEST]
    return f"v_{name}" if _RESERVED.match(name) or not name else name


def constraint_lines(rows: Iterable[Linear], name: Name, label: str = "c") -> Iterator[str]:
    """The lines of ``rows``; the format has no constraints with two bounds, so that such a row gives two."""
    for place, row in enumerate(rows, 1):
        if not row.terms:
            yield from _empty(row, name, f"{label}{place}")
        elif row.low is not None and row.low == row.high:
            yield from _wrapped(f"{label}{place}:", row.terms, name, f"= {row.low}")
        else:
            if row.low is not None:
                yield from _wrapped(f"{label}{place}:", row.terms, name, f">= {row.low}")
            if row.high is not None:
                suffix = "" if row.low is None else "b"
                yield from _wrapped(f"{label}{place}{suffix}:", row.terms, name, f"<= {row.high}")


def _empty(row: Linear, name: Name, label: str) -> Iterator[str]:
    """A row without variables: nothing where it holds, a contradiction where it does not."""
    if (row.low is not None and row.low > 0) or (row.high is not None and row.high < 0):
        yield f" {label}: {name(1)} >= 2"


def _wrapped(start: str, terms: Iterable[tuple[int, int]], name: Name, end: str) -> Iterator[str]:
    line = f" {start}"
    for place, (weight, number) in enumerate(terms):
        sign = "-" if weight < 0 else "+"
        factor = f"{abs(weight)} " if abs(weight) != 1 else ""
        piece = f"{'' if place == 0 and weight > 0 else sign + ' '}{factor}{name(number)}"
        if len(line) + len(piece) >= WIDTH:
            yield line
            line = "  "
        line += f" {piece}"
    yield f"{line} {end}".rstrip()


def objective_lines(terms: Terms, name: Name) -> Iterator[str]:
    """The lines of a function to be minimised."""
    entries = [(weight, number) for number, weight in terms.items()] or [(0, 1)]
    yield "Minimize"
    yield from _wrapped("cost:", entries, name, "")


def declaration_lines(program: IntegerProgram, used: Iterable[int], name: Name) -> Iterator[str]:
    """The sections of bounds and of the kinds of the variables in ``used``."""
    ordered = sorted(used)
    levels = [number for number in ordered if number in program.ranges]
    if levels:
        yield "Bounds"
        yield from (f" 0 <= {name(number)} <= {program.ranges[number]}" for number in levels)
        yield "Generals"
        yield from _filled([name(number) for number in levels])
    yield "Binaries"
    yield from _filled([name(number) for number in ordered if number not in program.ranges])
    yield "End"


def _filled(names: Sequence[str]) -> Iterator[str]:
    line = ""
    for entry in names:
        if line and len(line) + len(entry) >= WIDTH:
            yield line
            line = ""
        line += f" {entry}"
    if line:
        yield line


def used_variables(rows: Iterable[Linear], *objectives: Terms) -> set[int]:
    """The variables that occur in rows or objectives: a format without a use for the others cannot declare them."""
    found = {number for row in rows for _, number in row.terms}
    return found.union(*objectives) or {1}


def combined(objectives: Sequence[Terms]) -> dict[int, int] | None:
    """One function whose minima are the lexicographic minima of several, the most important first.

    Each level weighs more than all that the less important ones can change; None where this leaves exact numbers.
    """
    total: dict[int, int] = {}
    factor = 1
    for terms in reversed(objectives):
        for number, weight in terms.items():
            total[number] = total.get(number, 0) + factor * weight
        factor *= 1 + sum(map(abs, terms.values()))
        if factor > EXACT:
            return None
    return {number: weight for number, weight in total.items() if weight}
