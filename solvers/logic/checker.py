"""Checking a model without any solver: is it stable, and what does it cost?

Every model that an engine returns has passed here. A model must satisfy every rule, give each attribute exactly one
value at every index, and be founded: each true atom has a derivation from the reduct (Gelfond and Lifschitz 1988),
choices included. For a disjunction an atom counts as derived where the other alternatives are false; that is exact
where no alternative leads to another, and otherwise a model may be stable although this test finds no derivation.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from nesy.solvers.logic.program import LogicProgram, Rule, WeightRule


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a model, in words."""

    text: str


def faults(program: LogicProgram, atoms: frozenset[int]) -> Iterator[Fault]:
    """Why ``atoms`` is no stable model of ``program``; nothing if it is one."""
    for attribute, table in zip(program.model.attributes, program.values, strict=True):
        for index, row in enumerate(table):
            count = sum(atom in atoms for atom in row if atom)
            if count != 1:
                yield Fault(f"{attribute.label(index)} has {count} values")
    for rule in program.rules:
        if not rule.choice and _holds(rule, atoms) and not any(atom in atoms for atom in rule.head):
            yield Fault(f"a rule is violated: {_words(program, rule)}")
    unfounded = atoms - _founded(program, atoms)
    if unfounded:
        yield Fault(f"'{program.describe(min(unfounded))}' has no derivation")


def _holds(rule: Rule | WeightRule, atoms: frozenset[int]) -> bool:
    if isinstance(rule, Rule):
        return all((literal in atoms) if literal > 0 else (-literal not in atoms) for literal in rule.body)
    reached = sum(w for literal, w in rule.body if (literal in atoms if literal > 0 else -literal not in atoms))
    return reached >= rule.lower


def _founded(program: LogicProgram, atoms: frozenset[int]) -> set[int]:
    """The atoms of the model that the reduct derives, by forward chaining in linear time."""
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
    fired = [False] * len(missing)
    while ready:
        place = ready.popleft()
        if fired[place]:
            continue
        fired[place] = True
        for atom in heads[place]:
            if atom in found:
                continue
            found.add(atom)
            for user, weight in waiting[atom]:
                before = missing[user]
                missing[user] -= weight
                if before > 0 >= missing[user]:
                    ready.append(user)
    return found


def _need(rule: Rule | WeightRule, atoms: frozenset[int]) -> tuple[int, list[tuple[int, int]]] | None:
    """What the reduct leaves of a body: the weight still needed, and the positive literals; None if it is deleted."""
    if isinstance(rule, Rule):
        if any(-literal in atoms for literal in rule.body if literal < 0):
            return None
        positive = {literal for literal in rule.body if literal > 0}
        return (len(positive), [(literal, 1) for literal in positive]) if positive <= atoms else None
    bound = rule.lower - sum(weight for literal, weight in rule.body if literal < 0 and -literal not in atoms)
    return bound, [(literal, weight) for literal, weight in rule.body if literal > 0]


def _words(program: LogicProgram, rule: Rule | WeightRule) -> str:
    if rule.origin >= 0:
        origin = program.origins[rule.origin]
        return f"line {origin.span.line}: {origin.statement}"
    return " ; ".join(map(program.describe, rule.head)) or "a constraint"
