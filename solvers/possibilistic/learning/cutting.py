"""Lowering a stage of a program by itself: what other stages give is read through inputs.

A program is cut where its parameters stand. A rule's λ and ρ are results of its stage; α = max(s, λ) and β = max(r, ρ)
are inputs of the stages above. So parameters never are part of a circuit, and changing one changes a number and no
plan. Concepts are not cut value by value: their distributions are made from α and β where they are used, with all the
structure that :mod:`nesy.solvers.possibilistic.rulesets` finds in them.

All degrees of a program lie in one table, a row for each (see :class:`Layout`); a stage reads rows and writes rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from nesy.solvers.ground_model import Attribute, GroundUncertainRule
from nesy.solvers.possibilistic.circuit import Op
from nesy.solvers.possibilistic.dependencies import Dependencies, Node
from nesy.solvers.possibilistic.distributions import Distribution, plain
from nesy.solvers.possibilistic.lower import Lowering, head_values
from nesy.solvers.possibilistic.rulesets import Weighted
from nesy.solvers.possibilistic.vectors import Vector

Key = TypeVar("Key")
Item = TypeVar("Item")


@dataclass(frozen=True)
class Layout:
    """Which row of the table holds what.

    ``given[attribute]`` is the first row of an attribute whose values come from outside, value by value and within a
    value index by index; ``rules[node]`` the first of the rows λ_1, ρ_1, λ_2, ρ_2, … of the rules on a concept at an
    index; ``clauses[node]`` the first of the rows of what its ``:-`` rules give, value by value; ``atoms[atom]`` that
    of Π and Π of the negation. ``outside`` rows hold what is given, ``count`` is the number of all.
    """

    given: Mapping[int, int]
    rules: Mapping[Node, int]
    clauses: Mapping[Node, int]
    atoms: Mapping[int, int]
    outside: int
    count: int


class _Made(dict[Key, Item]):
    """A mapping whose entries are made when they are first asked for."""

    def __init__(self, make: Callable[[Key], Item]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Key) -> Item:
        found = self._make(key)
        self[key] = found
        return found


@dataclass(slots=True, kw_only=True)
class CutLowering(Lowering):
    """The lowering of one stage. ``reads`` are the table's rows that it needs, with their input nodes, in order of use.

    ``loops`` are the nodes in a cycle of ``:-`` rules: their degrees come finished out of the stage of the cycle.
    """

    layout: Layout
    depends: Dependencies
    loops: frozenset[Node] = frozenset()
    reads: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.distributions = _Made(self._distribution)
        self.atoms = _Made(self._atom)

    def row(self, row: int, *kind: object) -> int:
        """The input node of a row of the table."""
        node = self.reads.get(row)
        if node is None:
            node = self.reads[row] = self.circuit.input(self.circuit.kind(("row", *kind)))
        return node

    def uncertain(self, node: Node, rules: Sequence[GroundUncertainRule]) -> Distribution:
        """The distribution by the uncertain rules alone, from their α and β."""
        first = self.layout.rules[node]
        weighted = [
            Weighted(
                rule.conclusion.values,
                self.row(first + 2 * place, "α", node[0], place),
                self.row(first + 2 * place + 1, "β", node[0], place),
            )
            for place, rule in enumerate(rules)
        ]
        return self.weighted(node, weighted)

    def clause_degrees(self, node: Node) -> list[int]:
        """For each value of a concept the maximum over the bodies of the ``:-`` rules that set it."""
        attribute = node[0]
        group = ("clauses", attribute)
        nodes = []
        for value in range(self.size(attribute)):
            mine = [rule for rule in self.depends.clauses[node] if value in head_values(rule)]
            bodies = [self.body(rule, (group, value, place)) for place, rule in enumerate(mine)]
            nodes.append(self.circuit.maximum(bodies, self.circuit.kind((group, "head", value))))
        return nodes

    def loop_degrees(self, members: Sequence[Node]) -> list[int]:
        """The finished degrees of the members of a cycle: Π and Π of the negation of atoms, Π of a concept's values."""
        found: list[int] = []
        for node in members:
            if node[0] < 0:
                found += self.atoms[node[1]]
            else:
                found += [self.distributions[node].possibility((v,)) for v in range(self.size(node[0]))]
        return found

    def _atom(self, atom: int) -> tuple[int, int]:
        first = self.layout.atoms[atom]
        name = self.model.atoms[atom].name
        return self.row(first, "atom", name), self.row(first + 1, "denied", name)

    def _distribution(self, node: Node) -> Distribution:
        attribute, index = node
        if attribute in self.layout.given:
            return self._given(self.model.attributes[attribute], attribute, index)
        values = range(self.size(attribute))
        rules = self.depends.uncertain.get(node, ())
        first = self.layout.clauses.get(node)
        if first is None:
            return self.uncertain(node, rules) if rules else self.weighted(node, ())
        limits = [self.row(first + value, "clauses", attribute, value) for value in values]
        if rules and node not in self.loops:
            found = self.uncertain(node, rules)
            kind = self.circuit.kind
            limits = [
                self.circuit.extreme(
                    Op.MINIMUM, (limit, found.possibility((value,))), kind(("clauses", attribute, "both", value))
                )
                for value, limit in enumerate(limits)
            ]
        return plain(Vector(self.circuit, limits, ("clauses", attribute)))

    def _given(self, attribute: Attribute, place: int, index: int) -> Distribution:
        first, count = self.layout.given[place], len(attribute.index)
        rows = [
            self.row(first + value * count + index, "given", place, value) for value in range(len(attribute.domain))
        ]
        return plain(Vector(self.circuit, rows, ("percept", place)))
