"""The possibilistic meaning, evaluated straight from its definitions: one instance, explicit M □ I, plain loops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, product

import numpy as np

from nesy.solvers.ground_model import AllOf, AnyOf, AtomLiteral, AttributeLiteral, GroundFormula, GroundModel
from nesy.solvers.possibilistic.relation import rule_sets

Node = tuple[int, int]


@dataclass
class Direct:
    """Degrees of one instance. ``blocks`` are sets of nodes in an order in which they can be worked out."""

    model: GroundModel
    blocks: Sequence[Sequence[Node]]
    degrees: dict[Node, np.ndarray] = field(default_factory=dict)
    holds: dict[int, float] = field(default_factory=dict)
    fails: dict[int, float] = field(default_factory=dict)

    def run(self, percepts: Mapping[int, np.ndarray]) -> None:
        """Work everything out; ``percepts`` are ``[index, value]`` by place of the attribute."""
        for place, rows in percepts.items():
            for index, row in enumerate(rows):
                self.degrees[place, index] = row
        for block in self.blocks:
            self._block(block)

    def _block(self, block: Sequence[Node]) -> None:
        limits = {node: self._uncertain(node) for node in block if node[0] >= 0}
        clauses = [rule for rule in self.model.rules if _head(rule.head) in block]
        with_clauses = {_head(rule.head) for rule in clauses}
        for node in block:
            if node[0] < 0:
                self.holds[node[1]] = 0.0
            elif node in with_clauses:
                self.degrees[node] = np.zeros_like(limits[node])
            else:
                self.degrees[node] = limits[node]
        for _ in range(200):
            for rule in clauses:
                found = self.possibility(AllOf(rule.body))
                if isinstance(rule.head, AtomLiteral):
                    self.holds[rule.head.atom] = max(self.holds[rule.head.atom], found)
                else:
                    node = _head(rule.head)
                    for value in rule.head.values:
                        bound = min(found, limits[node][value])
                        self.degrees[node][value] = max(self.degrees[node][value], bound)
        atoms = [node[1] for node in block if node[0] < 0]
        self.fails |= dict.fromkeys(atoms, 1.0)
        for _ in range(200):
            for atom in atoms:
                bodies = [AllOf(rule.body) for rule in clauses if rule.head == AtomLiteral(atom)]
                self.fails[atom] = min((self.possibility(self.negation(body)) for body in bodies), default=1.0)

    def _uncertain(self, node: Node) -> np.ndarray:
        found = rule_sets(self.model).get(node)
        if found is None:
            return np.ones(len(self.model.attributes[node[0]].domain))
        inputs = []
        for rule in found.rules:
            inputs += [self.possibility(rule.premise), self.possibility(self.negation(rule.premise))]
        cells = found.relation.apply(np.array(inputs))
        return cells[list(found.partition.cell_of)]

    def possibility(self, formula: GroundFormula) -> float:
        """The best conjunction of a disjunctive normal form."""
        return max((self._conjunction(literals) for literals in _normal_form(formula)), default=0.0)

    def _conjunction(self, literals: Sequence[AttributeLiteral | AtomLiteral]) -> float:
        sets: dict[Node, set[int]] = {}
        degrees = [1.0]
        for item in literals:
            if isinstance(item, AtomLiteral):
                if AtomLiteral(item.atom, not item.negated) in literals:
                    return 0.0
                degrees.append((self.fails if item.negated else self.holds)[item.atom])
            else:
                node = (item.attribute, item.index)
                sets[node] = sets.get(node, set(item.values)) & set(item.values)
        for node, values in sets.items():
            degrees.append(max((float(self.degrees[node][value]) for value in values), default=0.0))
        return min(degrees)

    def negation(self, formula: GroundFormula) -> GroundFormula:
        match formula:
            case AttributeLiteral(attribute, index, values):
                size = len(self.model.attributes[attribute].domain)
                return AttributeLiteral(attribute, index, tuple(sorted(set(range(size)) - set(values))))
            case AtomLiteral(atom, negated):
                return AtomLiteral(atom, not negated)
            case AllOf(items):
                return AnyOf(tuple(map(self.negation, items)))
            case AnyOf(items):
                return AllOf(tuple(map(self.negation, items)))

    def answer(self, query: int) -> tuple[np.ndarray, np.ndarray]:
        """Possibility and necessity of each value of a query."""
        asked = self.model.queries[query]
        if asked.formula is not None:
            possible = np.array([self.possibility(self.negation(asked.formula)), self.possibility(asked.formula)])
        else:
            possible = self.degrees[asked.attribute, asked.index]
        others = [max(np.delete(possible, value), default=0.0) for value in range(len(possible))]
        return possible, 1.0 - np.array(others)


def _head(head: AttributeLiteral | AtomLiteral) -> Node:
    return (-1, head.atom) if isinstance(head, AtomLiteral) else (head.attribute, head.index)


def _normal_form(formula: GroundFormula) -> list[list[AttributeLiteral | AtomLiteral]]:
    match formula:
        case AllOf(items):
            return [list(chain.from_iterable(parts)) for parts in product(*map(_normal_form, items))]
        case AnyOf(items):
            return [entry for item in items for entry in _normal_form(item)]
        case _:
            return [[formula]]
