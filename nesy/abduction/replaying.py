"""Replays the search by which an optimum was proved."""

from __future__ import annotations

import numpy as np

from nesy.abduction.clock import Clock
from nesy.abduction.hypothesis import Hypothesis
from nesy.abduction.incidence import incidence
from nesy.abduction.limits import object_limit
from nesy.abduction.problem import AbductionProblem
from nesy.abduction.search import Choice
from nesy.abduction.signatures import compress


def replay(problem: AbductionProblem, hypothesis: Hypothesis) -> list[str]:
    """What differs when the branch and bound of ``hypothesis`` is run again from its first incumbent; empty if
    nothing does.

    The same problem and the same start give the same tree, node by node, so that order, trail, number of nodes and
    the end can be compared.
    """
    told = hypothesis.exhaustion
    if told is None:
        return ["the hypothesis was not proved by branch and bound"]
    if not told.complete:
        return ["the branch and bound of the hypothesis did not come to its end"]
    from nesy.abduction.branching import branch

    choices = incidence(problem, compress(problem))
    start = Choice(np.full(len(choices.pairs), -1, np.int64), told.start, 0) if told.start >= 0 else None
    again = branch(choices, object_limit(problem), best=start, clock=Clock(), report=lambda _: None)
    if again is None:
        return ["the branch and bound cannot take this problem"]
    found = again.exhaustion
    pairs = (
        ("order", told.order, found.order),
        ("trail", told.trail, found.trail),
        ("nodes", told.nodes, found.nodes),
        ("optimum", max(hypothesis.bound, 0), max(again.bound, 0)),
    )
    return [f"{name}: {before} is told, {after} comes out" for name, before, after in pairs if before != after]
