"""What depends on what, at the level of ground things: attributes at an index, and derived atoms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nesy.dsl.diagnostics import Diagnostic, Label, NesyError
from nesy.dsl.graphs import components, shortest_path
from nesy.solvers.ground_model import (
    AllOf,
    GroundFormula,
    GroundModel,
    GroundRule,
    GroundUncertainRule,
    Origin,
)
from nesy.solvers.possibilistic.premise import Variable, literals, variable

Node = Variable
"""(attribute, index), or (-1, atom)."""


@dataclass(frozen=True)
class Dependencies:
    """Rules by what they define, and an order in which to take it: ``order`` lists strongly connected components."""

    model: GroundModel
    uncertain: Mapping[Node, Sequence[GroundUncertainRule]]
    clauses: Mapping[Node, Sequence[GroundRule]]
    edges: Mapping[Node, Mapping[Node, Origin]]
    order: Sequence[Sequence[Node]]

    def is_loop(self, members: Sequence[Node]) -> bool:
        """Whether the members depend on themselves."""
        return len(members) > 1 or members[0] in self.edges[members[0]]

    def label(self, node: Node) -> str:
        """The text by which a message names ``node``."""
        return str(self.model.atoms[node[1]]) if node[0] < 0 else self.model.attributes[node[0]].label(node[1])


def dependencies(model: GroundModel) -> Dependencies:
    """The dependencies of what the queries need; E520 where an uncertain rule depends on its own conclusion."""
    uncertain: dict[Node, list[GroundUncertainRule]] = {}
    clauses: dict[Node, list[GroundRule]] = {}
    for rule in model.uncertain:
        uncertain.setdefault(variable(rule.conclusion), []).append(rule)
    for clause in model.rules:
        clauses.setdefault(variable(clause.head), []).append(clause)
    edges: dict[Node, dict[Node, Origin]] = {}
    firm: dict[Node, dict[Node, Origin]] = {}
    waiting = _queried(model)
    while waiting:
        node = waiting.pop()
        if node in edges or (node[0] >= 0 and model.attributes[node[0]].kind == "percept"):
            continue
        by_uncertain: dict[Node, Origin] = {}
        for rule in uncertain.get(node, ()):
            by_uncertain |= dict.fromkeys(_spoken_of(rule.premise), rule.origin)
        by_clauses: dict[Node, Origin] = {}
        for clause in clauses.get(node, ()):
            by_clauses |= dict.fromkeys(_spoken_of(AllOf(clause.body)), clause.origin)
        firm[node] = by_uncertain
        edges[node] = by_clauses | by_uncertain
        waiting.extend(edges[node])
    order = components(edges)
    found = Dependencies(model, uncertain, clauses, edges, order)
    _refuse_cycles(found, firm)
    return found


def _spoken_of(formula: GroundFormula) -> Iterable[Node]:
    return map(variable, literals(formula))


def _queried(model: GroundModel) -> list[Node]:
    nodes: dict[Node, None] = {}
    for query in model.queries:
        if query.kind == "attribute":
            nodes[query.attribute, query.index] = None
        elif query.formula is not None:
            nodes |= dict.fromkeys(_spoken_of(query.formula))
    return list(reversed(nodes))


def _refuse_cycles(found: Dependencies, firm: Mapping[Node, Mapping[Node, Origin]]) -> None:
    problems = []
    for members in found.order:
        inside = set(members)
        bad = next((node for node in members if any(target in inside for target in firm[node])), None)
        if bad is None:
            continue
        target = next(target for target in firm[bad] if target in inside)
        within = {node: [other for other in found.edges[node] if other in inside] for node in members}
        path = [bad, *shortest_path(target, bad, within)]
        names = " ← ".join(map(found.label, path))
        labels = []
        for user, used in pairwise(path):
            origin = found.edges[user][used]
            labels.append(Label(origin.span, f"{found.label(user)} depends on {found.label(used)}"))
        problems.append(
            Diagnostic(
                "E520",
                f"uncertain rules depend on their own conclusion: {names}",
                firm[bad][target].span,
                "uncertain rules need an order in which each concept comes after those it rests on; "
                "give the concept an index that grows along the way, or use `:-` rules, which may be recursive",
                tuple(dict.fromkeys(labels)),
            )
        )
    if problems:
        raise NesyError(problems)
