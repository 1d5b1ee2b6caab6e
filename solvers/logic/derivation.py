"""Bodies of ground rules in a model: which literals there are, and whether they hold."""

from __future__ import annotations

from nesy.solvers.logic.program import Rule, WeightRule


def literals(rule: Rule | WeightRule) -> tuple[int, ...]:
    """The literals of a body, without weights."""
    return rule.body if isinstance(rule, Rule) else tuple(literal for literal, _ in rule.body)


def holds(literal: int, atoms: frozenset[int]) -> bool:
    """Whether a literal is true in a model."""
    return literal in atoms if literal > 0 else -literal not in atoms


def body_holds(rule: Rule | WeightRule, atoms: frozenset[int]) -> bool:
    """Whether the body of a rule is true in a model."""
    if isinstance(rule, Rule):
        return all(holds(literal, atoms) for literal in rule.body)
    return sum(weight for literal, weight in rule.body if holds(literal, atoms)) >= rule.lower
