"""Why an atom holds in a model: the rules that derive it, one after the other, from what needs no support."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping

from nesy.solvers.logic.program import LogicProgram, Rule, WeightRule


def derivations(program: LogicProgram, atoms: frozenset[int]) -> Mapping[int, Rule | WeightRule]:
    """A rule for each true atom of a model that supports it from atoms supported before, so that none is circular."""
    waiting: dict[int, list[int]] = defaultdict(list)
    missing: list[int] = []
    firing = [rule for rule in program.rules if body_holds(rule, atoms) and any(atom in atoms for atom in rule.head)]
    ready: deque[int] = deque()
    for place, rule in enumerate(firing):
        needed = {literal for literal in literals(rule) if literal > 0 and literal in atoms}
        missing.append(len(needed))
        for literal in needed:
            waiting[literal].append(place)
        if not needed:
            ready.append(place)
    found: dict[int, Rule | WeightRule] = {}
    while ready:
        rule = firing[ready.popleft()]
        for atom in rule.head:
            if atom not in atoms or atom in found:
                continue
            found[atom] = rule
            for user in waiting[atom]:
                missing[user] -= 1
                if missing[user] == 0:
                    ready.append(user)
    return found


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
