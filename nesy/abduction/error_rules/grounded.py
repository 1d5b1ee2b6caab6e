"""Where error rules hold whose conditions are logic: joins between objects, derived relations, aggregates.

gringo evaluates them. Readings are facts (``label'm1(o1,bus)``), so nothing is open.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.error_rules.columns import Mask
from nesy.abduction.error_rules.surroundings import Surroundings
from nesy.abduction.error_rules.world import World
from nesy.dsl.statements import ErrorRule
from nesy.dsl.syntax import Call
from nesy.solvers.grounding.gringo import run


def holds_of(rules: Sequence[ErrorRule], surroundings: Surroundings) -> list[Mask]:
    """The objects for which the body of each rule holds, [N] each; the rules are grounded together.

    Raises :class:`NesyError`: E577 for what an error rule cannot hold, and what the grounder refuses.
    """
    found = [np.zeros(surroundings.size, dtype=bool) for _ in rules]
    for members in groups(surroundings):
        for mask, rows in zip(found, _solve(rules, surroundings, members), strict=True):
            mask[rows] = True
    return found


def groups(surroundings: Surroundings) -> list[NDArray[np.int64]]:
    """The objects of each instance."""
    instances = surroundings.instances
    if instances is None:
        return [np.arange(surroundings.size)]
    order = np.argsort(instances, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(instances[order])) + 1)


def _solve(rules: Sequence[ErrorRule], surroundings: Surroundings, members: NDArray[np.int64]) -> list[list[int]]:
    """The objects, among those of one instance, of which each rule holds."""
    world = World(surroundings, members, [formula for rule in rules for formula in rule.body])
    lines = []
    for number, rule in enumerate(rules):
        head = Call(f"_error_{number}", rule.reading.arguments, None, rule.span)
        lines += list(world.rule(head, rule.body, f"e{number}", rule.reading))
    lines += list(world.rest())
    grounding = run(lines, tests=world.tests.function)
    rows_of = world.rows()
    return [
        [rows_of[row] for row in grounding.rows(f"_error_{number}", len(rule.reading.arguments)) if row in rows_of]
        for number, rule in enumerate(rules)
    ]
