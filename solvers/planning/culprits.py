"""Statements that explode: what multiplies, and what to do about it."""

from __future__ import annotations

from math import inf

from nesy.solvers.planning.plan import Culprit
from nesy.solvers.planning.statements import Size

BUDGET = 10_000_000
"""Partial matches of one statement beyond which it counts as an explosion, unless told otherwise."""

_SHOWN = 6


def culprit(size: Size, statement: str) -> Culprit:
    """What is wrong with a statement of this size."""
    factors = tuple((name, factor) for name, factor in _factors(size) if factor > 1)
    message, cure = _endless(size, factors) if size.work == inf else _product(size, factors)
    return Culprit(size.span, statement, size.work, factors, message, cure, size.accuracy != "at most")


def _factors(size: Size) -> list[tuple[str, float]]:
    """By how much each step multiplies, named by its variables; the largest first."""
    named = [(", ".join(growth.names) or growth.source, growth.factor) for growth in size.growth]
    return sorted(named, key=lambda entry: -entry[1])


def _endless(size: Size, factors: tuple[tuple[str, float], ...]) -> tuple[str, str]:
    names = ", ".join(name for name, factor in factors if factor == inf) or "what it computes"
    message = f"nothing bounds {names} in this {size.kind}: a rule counts without end"
    return message, "rules that count, such as n(X+1) :- n(X), need a limit: X < 100"


def _product(size: Size, factors: tuple[tuple[str, float], ...]) -> tuple[str, str]:
    shown = " × ".join(f"{name} ({many(factor)})" for name, factor in factors[:_SHOWN])
    more = " × …" if len(factors) > _SHOWN else ""
    if size.kind in ("percept", "concept", "definition", "random variable"):
        values = f" of {many(size.parts / size.instances)} values" if size.parts else ""
        message = f"this {size.kind} has {_told(size)} {many(size.instances)} indices{values}: {shown}{more}"
        return message, "use smaller types, or an index that facts restrict: … for edge(A, B)"
    left = f", of which {many(size.instances)} remain" if size.instances < size.work / 2 else ""
    left = ", of which hardly any remain" if size.instances < 1 else left
    message = f"this {size.kind} means {_told(size)} {many(size.work)} combinations{left}: {shown}{more}"
    first = factors[0][0].split(", ")[0] if factors else "a variable"
    cure = f"let an equation or a relation of facts give the values of {first} or others, or use smaller types"
    return message, cure


def _told(size: Size) -> str:
    return "up to" if size.accuracy == "at most" else "about"


def many(value: float) -> str:
    """A number to read: ``7,290``, ``64.0 million``, ``2.0e15``, ``without end``."""
    if value == inf:
        return "without end"
    if value >= 1e12:
        return f"{value:.1e}".replace("e+", "e")
    if value >= 1e9:
        return f"{value / 1e9:.1f} billion"
    if value >= 1e6:
        return f"{value / 1e6:.1f} million"
    return f"{value:,.0f}"
