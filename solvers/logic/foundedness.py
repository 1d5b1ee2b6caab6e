"""What the reduct of a program derives: forward chaining in linear time."""

from __future__ import annotations

from collections import defaultdict, deque

from nesy.solvers.logic.program import LogicProgram, Rule, WeightRule


def founded(program: LogicProgram, atoms: frozenset[int]) -> frozenset[int]:
    """The atoms of ``atoms`` that have a derivation from the reduct with respect to ``atoms``."""
    missing: list[int] = []
    heads: list[list[int]] = []
    waiting: dict[int, list[tuple[int, int]]] = defaultdict(list)
    ready: deque[int] = deque()
    for rule in program.rules:
        true = [atom for atom in rule.head if atom in atoms]
        if not true or (len(true) > 1 and not rule.choice):
            continue
        need = _need(rule, atoms)
        if need is None:
            continue
        bound, positive = need
        place = len(missing)
        missing.append(bound)
        heads.append(true)
        for literal, weight in positive:
            waiting[literal].append((place, weight))
        if bound <= 0:
            ready.append(place)
    found: set[int] = set()
    while ready:
        for atom in heads[ready.popleft()]:
            if atom in found:
                continue
            found.add(atom)
            for user, weight in waiting[atom]:
                before = missing[user]
                missing[user] -= weight
                if before > 0 >= missing[user]:
                    ready.append(user)
    return frozenset(found)


def _need(rule: Rule | WeightRule, atoms: frozenset[int]) -> tuple[int, list[tuple[int, int]]] | None:
    """What the reduct leaves of a body: the weight still needed, and the positive literals; None if it is deleted."""
    if isinstance(rule, Rule):
        if any(-literal in atoms for literal in rule.body if literal < 0):
            return None
        positive = {literal for literal in rule.body if literal > 0}
        return (len(positive), [(literal, 1) for literal in positive]) if positive <= atoms else None
    bound = rule.lower - sum(weight for literal, weight in rule.body if literal < 0 and -literal not in atoms)
    return bound, [(literal, weight) for literal, weight in rule.body if literal > 0]
