"""The atoms of a ground logic program as conditions on variables: rules are completed, recursion is unrolled.

An atom that supports itself in a circle holds where it has a derivation from what is outside the circle. A derivation
without detours is no longer than the circle has atoms, so that many rounds of the immediate consequences decide it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.graphs import components
from nesy.dsl.span import NOWHERE, Span
from nesy.solvers.logic.derivation import literals
from nesy.solvers.logic.program import LogicProgram, Rule, WeightRule
from nesy.solvers.probabilistic.counting.expressions import NEVER, Expressions, Node

ROUNDS_BUDGET = 400_000
"""Bodies that the rounds of one circle may evaluate."""


@dataclass
class AtomNodes:
    """Nodes of atoms. ``fixed`` are the atoms that stand for a value of a variable, with their literals."""

    program: LogicProgram
    expressions: Expressions
    fixed: Mapping[int, Node]
    rules: Mapping[int, Sequence[Rule | WeightRule]]
    known: dict[int, Node] = field(default_factory=dict)

    @staticmethod
    def of(
        program: LogicProgram, expressions: Expressions, fixed: Mapping[int, Node], rules: Iterable[Rule | WeightRule]
    ) -> AtomNodes:
        """The nodes of the atoms that ``rules`` define."""
        by_head: dict[int, list[Rule | WeightRule]] = defaultdict(list)
        for rule in rules:
            for atom in rule.head:
                by_head[atom].append(rule)
        found = AtomNodes(program, expressions, fixed, by_head)
        found._define()
        return found

    def node(self, literal: int) -> Node:
        """The node of a literal; an atom without a rule never holds."""
        atom = abs(literal)
        node = self.fixed[atom] if atom in self.fixed else self.known.get(atom, NEVER)
        return node if literal > 0 else self.expressions.negation(node)

    def body(self, rule: Rule | WeightRule) -> Node:
        """The node of a rule's body."""
        if isinstance(rule, Rule):
            return self.expressions.both(map(self.node, rule.body))
        return self.expressions.at_least([(self.node(literal), weight) for literal, weight in rule.body], rule.lower)

    # ----- definitions

    def _define(self) -> None:
        edges = {
            atom: {abs(literal) for rule in rules for literal in literals(rule) if abs(literal) not in self.fixed}
            for atom, rules in self.rules.items()
            if atom not in self.fixed
        }
        for members in components(edges):
            if len(members) == 1 and members[0] not in edges[members[0]]:
                self.known[members[0]] = self.expressions.either(map(self.body, self.rules[members[0]]))
            else:
                self._circle(members)

    def _circle(self, members: Collection[int]) -> None:
        self._check(members)
        self.known.update(dict.fromkeys(members, NEVER))
        for _ in members:
            following = {atom: self.expressions.either(map(self.body, self.rules[atom])) for atom in members}
            if all(self.known[atom] == node for atom, node in following.items()):
                break
            self.known.update(following)

    def _check(self, members: Collection[int]) -> None:
        """E603 for recursion through negation, E604 for a circle that is too long to unroll."""
        inside = set(members)
        rules = [rule for atom in members for rule in self.rules[atom]]
        name = next((self.program.names[atom] for atom in members if atom in self.program.names), "an atom")
        for rule in rules:
            if any(literal < 0 and -literal in inside for literal in literals(rule)):
                message = f"'{name}' depends on its own negation: it has no probability of its own"
                hint = "break the cycle, or ask --with asp, which takes it"
                raise NesyError(Diagnostic("E603", message, self._span(rule), hint))
        bodies = len(members) * sum(len(literals(rule)) for rule in rules)
        if bodies > ROUNDS_BUDGET:
            message = (
                f"'{name}' is part of a recursion of {len(members)} atoms, too long to unroll ({bodies:,} literals)"
            )
            hint = f"at most {ROUNDS_BUDGET:,}; use fewer facts, or ask for something nearer"
            raise NesyError(Diagnostic("E604", message, self._span(rules[0]), hint))

    def _span(self, rule: Rule | WeightRule) -> Span:
        return self.program.origins[rule.origin].span if rule.origin >= 0 else NOWHERE
