"""What would have to be read differently for another value, and which rules contradict one another."""

from __future__ import annotations

from nesy.dsl.values import format_value
from nesy.solvers.ground_model import AttributeLiteral, GroundFormula, Origin
from nesy.solvers.possibilistic.dependencies import Node
from nesy.solvers.possibilistic.explain_paths import Side, binding, degree
from nesy.solvers.possibilistic.explain_steps import NOTHING, chain
from nesy.solvers.possibilistic.explain_words import degree_words, membership_words
from nesy.solvers.possibilistic.interpreter import Degrees, reread

MOST = 6
"""Readings that a contrast names at most."""


def contrast(degrees: Degrees, formula: GroundFormula, title: str, goal: float) -> str:
    """A sentence on the readings that would make ``formula`` as possible as ``goal``, the best value's degree.

    The reading that limits it is made fully possible, then the one that limits it after that, and so on. Empty if
    a parameter stops it, or more than a few readings would have to change.
    """
    if degrees.possibility(formula) >= goal:
        return ""
    below = degrees.structures.below(formula)
    raised: dict[AttributeLiteral, float] = {}
    now = degrees
    while now.possibility(formula) < goal:
        _, reading = chain(now, NOTHING, formula)
        if reading is None or len(raised) == MOST:
            return ""
        raised[reading] = 1.0
        now = reread(degrees, raised, below)
    readings = [
        f"{membership_words(degrees.structures.model, reading)} (now {degree_words(degrees.possibility(reading))})"
        for reading in raised
    ]
    reached = now.possibility(formula)
    how = "fully possible" if reached == 1 else f"possible to {degree_words(reached)}"
    joined = readings[0] if len(readings) == 1 else f"{', '.join(readings[:-1])} and {readings[-1]}"
    return f"{title} would be {how} if {joined} were fully possible"


def contradiction(degrees: Degrees, node: Node, height: float) -> str:
    """A sentence on why no value of a concept is fully possible, naming the two rules that exclude each other.

    The first limits the best value. The second limits the best of the values that the first would leave better.
    """
    text = f"no value is fully possible: inconsistent to degree {degree_words(1.0 - height)}"
    rules = degrees.structures.rule_sets.get(node)
    if rules is None:
        return text
    values = [AttributeLiteral(*node, (value,)) for value in range(degrees.structures.size(node[0]))]
    best = max(values, key=degrees.possibility)
    first = binding(degrees, best)
    if not isinstance(first, Side):
        return text
    better = [
        value
        for value in values
        if degree(degrees, Side(node, first.rule, bool(rules.signs[first.rule, value.values[0]]))) > height
    ]
    if not better:
        return f"{text}; {_named(rules.rules[first.rule].origin)} limits every value"
    other = max(better, key=degrees.possibility)
    second = binding(degrees, other)
    if not isinstance(second, Side):
        return text
    return f"{text}; {_named(rules.rules[first.rule].origin)} contradicts {_named(rules.rules[second.rule].origin)}"


def _named(origin: Origin) -> str:
    bound = ", ".join(f"{name} = {format_value(value)}" for name, value in origin.bindings)
    return f"the rule of line {origin.span.line}" + (f" ({bound})" if bound else "")
