"""Origins of the rules that gringo makes of a choice with bounds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from nesy.solvers.logic.program import Rule, WeightRule


def with_origins_of_choices(
    rules: tuple[Rule | WeightRule, ...], named: Collection[int]
) -> tuple[Rule | WeightRule, ...]:
    """``rules`` with origins for choices and their bounds.

    ``1 { a ; b } 1 :- c.`` becomes ``x :- c.  { a ; b } :- x.  :- x, not y.``, where ``y`` says that the bounds are
    kept; only the first bears the mark of the statement.
    """
    bodies = {
        rule.head[0]: rule.origin
        for rule in rules
        if isinstance(rule, Rule) and rule.origin >= 0 and len(rule.head) == 1 and rule.head[0] not in named
    }
    return tuple(_inherited(rule, bodies) for rule in rules)


def _inherited(rule: Rule | WeightRule, bodies: dict[int, int]) -> Rule | WeightRule:
    if isinstance(rule, Rule) and rule.origin < 0 and rule.body and (rule.choice or not rule.head):
        origin = bodies.get(rule.body[0], -1)
        if origin >= 0:
            return replace(rule, origin=origin)
    return rule
