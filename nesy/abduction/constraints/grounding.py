"""Grounding constraints over the fused attribute: gringo sees its candidates as open atoms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.constraints.statements import Rule
from nesy.abduction.error_rules.surroundings import Surroundings
from nesy.abduction.error_rules.terms import reading_predicate
from nesy.abduction.error_rules.world import World
from nesy.dsl.syntax import Call
from nesy.dsl.values import Value
from nesy.solvers.grounding.clingo_parts import application
from nesy.solvers.grounding.gringo import RULE_BUDGET, Line, run
from nesy.solvers.grounding.symbols import value_text
from nesy.solvers.logic.observer import ProgramObserver

Entry = tuple[int, int]
"""An object (row) and a class (place)."""


@dataclass(frozen=True)
class GroundConstraints:
    """Ground bodies of constraints, and what defines the literals in them.

    ``bodies`` has the ground bodies of each constraint, as literals (negative: default negation); ``labels`` says which
    atoms mean that an object has a class; ``rules`` and ``weights`` define all others: a body makes the atom true, or
    a sum of literals that reaches a bound.
    """

    bodies: tuple[tuple[tuple[int, ...], ...], ...]
    labels: Mapping[int, Entry]
    rules: Mapping[int, tuple[tuple[int, ...], ...]]
    weights: Mapping[int, tuple[tuple[int, tuple[tuple[int, int], ...]], ...]]
    chosen: frozenset[int]


def ground_constraints(
    surroundings: Surroundings,
    members: NDArray[np.int64],
    candidates: Sequence[Sequence[int]],
    constraints: Sequence[Rule],
) -> GroundConstraints:
    """Ground ``constraints`` over ``members``; ``candidates`` are the classes that each of these can get."""
    world = World(surroundings, members, [part for rule in constraints for part in rule.parts], fused=True)
    lines: list[Line] = []
    for number, rule in enumerate(constraints):
        head = Call(f"_broken_{number}", (), None, rule.statement.span)
        lines += world.rule(head, rule.parts, f"c{number}")
    lines += world.rest()
    predicate = reading_predicate(Call(surroundings.percept))
    classes = surroundings.predictions.classes
    texts = [*map(value_text, classes)]
    for member, places in zip(members.tolist(), candidates, strict=True):
        index = [*map(value_text, surroundings.index[member])]
        atoms = "; ".join(application(predicate, [*index, texts[place]]) for place in places)
        if atoms:
            lines.append(Line(f"{{ {atoms} }}."))
    observer = ProgramObserver(RULE_BUDGET)
    grounding = run(lines, observer=observer, tests=world.tests.function)
    rows = world.rows()
    by_class: dict[tuple[type, Value], int] = {(type(value), value): place for place, value in enumerate(classes)}
    width = len(surroundings.index[members[0]]) if len(members) else 0
    labels = {
        literal: (rows[arguments[:-1]], by_class[type(arguments[-1]), arguments[-1]])
        for literal, arguments in grounding.literals(predicate, width + 1).items()
    }
    return _read(observer, labels, [grounding.literals(f"_broken_{number}", 0) for number in range(len(constraints))])


def _read(
    observer: ProgramObserver, labels: Mapping[int, Entry], heads: Sequence[Mapping[int, object]]
) -> GroundConstraints:
    rules: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    weights: dict[int, list[tuple[int, tuple[tuple[int, int], ...]]]] = defaultdict(list)
    chosen: set[int] = set()
    for choice, head, body in observer.rules:
        if choice or len(head) != 1:
            chosen.update(atom for atom in head if atom not in labels)
        else:
            rules[head[0]].append(body)
    for choice, head, lower, literals in observer.weight_rules:
        if choice or len(head) != 1:
            chosen.update(head)
        else:
            weights[head[0]].append((lower, literals))
    bodies = tuple(tuple(body for literal in found for body in rules.get(literal, ())) for found in heads)
    return GroundConstraints(
        bodies,
        labels,
        {atom: tuple(found) for atom, found in rules.items()},
        {atom: tuple(found) for atom, found in weights.items()},
        frozenset(chosen),
    )
