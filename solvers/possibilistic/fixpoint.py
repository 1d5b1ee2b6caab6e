"""Recursive ``:-`` rules: least fixpoints of max-min equations.

For a strongly connected set of atoms and concepts, Π is the least solution of Π(h) = max over rules of the minimum over
their bodies (of a concept's value alike), and necessity the least solution of N(h) = max over rules of min over N
of the bodies. The latter is kept as Π(¬h) = 1 − N(h), hence as a greatest fixpoint from 1. Π does not draw on N, so
the first loop ends before the second begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nesy.solvers.ground_model import AllOf, AnyOf, AtomLiteral, AttributeLiteral, GroundFormula, GroundRule
from nesy.solvers.possibilistic.circuit import TRUE, Circuit, Loop
from nesy.solvers.possibilistic.distributions import Values, plain
from nesy.solvers.possibilistic.premise import complement, separate
from nesy.solvers.possibilistic.vectors import Vector

if TYPE_CHECKING:
    from nesy.solvers.possibilistic.dependencies import Dependencies, Node
    from nesy.solvers.possibilistic.lower import Lowering


@dataclass(slots=True)
class _Body:
    """The circuit of one loop. Nodes of the surrounding circuit are read through input nodes, made on demand.

    ``atoms`` are the variables of atoms (Π(h) in the first loop, Π(¬h) in the second), ``concepts`` those of the
    concepts' values (in the first loop alone).
    """

    state: Lowering
    circuit: Circuit = field(default_factory=Circuit)
    outer: dict[int, int] = field(default_factory=dict)
    atoms: dict[int, int] = field(default_factory=dict)
    concepts: dict[Node, Vector] = field(default_factory=dict)

    def read(self, node: int) -> int:
        """The input that stands for ``node`` of the surrounding circuit."""
        constant = self.state.circuit.constants.get(node)
        if constant is not None:
            return self.circuit.constant(constant)
        if node not in self.outer:
            self.outer[node] = self.circuit.input(self.circuit.kind("read"))
        return self.outer[node]

    def degree(self, formula: GroundFormula, group: object) -> int:
        """Π(formula) of a separated formula."""
        match formula:
            case AttributeLiteral(attribute, index, values):
                own = self.concepts.get((attribute, index))
                return own.maximum(values) if own else self.read(self.state.membership(attribute, index, values))
            case AtomLiteral(atom, negated):
                if atom in self.atoms:
                    return self.atoms[atom]
                return self.read(self.state.atoms[atom][1 if negated else 0])
            case AllOf(items):
                nodes = [self.degree(item, (group, place)) for place, item in enumerate(items)]
                return self.circuit.minimum(nodes, self.circuit.kind((group, "and")))
            case AnyOf(items):
                nodes = [self.degree(item, (group, place)) for place, item in enumerate(items)]
                return self.circuit.maximum(nodes, self.circuit.kind((group, "or")))

    def close(self, variables: Sequence[int], results: Sequence[int], start: float) -> tuple[int, ...]:
        """Put the loop into the surrounding circuit; the nodes of its variables' final values."""
        loop = Loop(self.circuit, tuple(self.outer.values()), tuple(variables), tuple(results), start)
        kind = self.state.circuit.kind(("fixpoint", len(self.state.circuit.loops)))
        return self.state.circuit.fixpoint(loop, tuple(self.outer), kind)


def lower_loop(state: Lowering, members: Sequence[Node], depends: Dependencies) -> None:
    """Lower a component of ``:-`` rules that depend on one another."""
    atoms = [node[1] for node in members if node[0] < 0]
    concepts = [node for node in members if node[0] >= 0]
    possible = _possibilities(state, atoms, concepts, depends)
    excluded = _exclusions(state, atoms, depends)
    for atom, low, high in zip(atoms, possible, excluded, strict=True):
        state.atoms[atom] = (low, high)


def _possibilities(
    state: Lowering, atoms: Sequence[int], concepts: Sequence[Node], depends: Dependencies
) -> tuple[int, ...]:
    """Least fixpoint of Π; records the concepts' distributions and returns the atoms' nodes."""
    body = _Body(state)
    circuit = body.circuit
    body.atoms.update((atom, circuit.input(circuit.kind("variable"))) for atom in atoms)
    for node in concepts:
        nodes = [circuit.input(circuit.kind("variable")) for _ in range(state.size(node[0]))]
        body.concepts[node] = Vector(circuit, nodes, ("own", node[0]))
    results = []
    for atom in atoms:
        name = state.model.atoms[atom].name
        bodies = [
            body.degree(separate(AllOf(rule.body), rule.origin.span), (name, place))
            for place, rule in enumerate(depends.clauses[-1, atom])
        ]
        results.append(circuit.maximum(bodies, circuit.kind((name, "any"))))
    for node in concepts:
        results.extend(_concept_results(body, node, depends))
    variables = [*body.atoms.values(), *(entry for row in body.concepts.values() for entry in row.nodes)]
    found = body.close(variables, results, 0.0)
    place = len(atoms)
    for node in concepts:
        row = found[place : place + state.size(node[0])]
        state.distributions[node] = plain(Vector(state.circuit, row, ("clauses", node[0])))
        place += len(row)
    return found[: len(atoms)]


def _concept_results(body: _Body, node: Node, depends: Dependencies) -> list[int]:
    circuit, state = body.circuit, body.state
    rules = depends.uncertain.get(node, ())
    limits = state.uncertain(node, rules) if rules else None
    heads: dict[int, list[int]] = {}
    group = ("own", node[0])
    for place, rule in enumerate(depends.clauses.get(node, ())):
        degree = body.degree(separate(AllOf(rule.body), rule.origin.span), (group, place))
        for value in _head_values(rule):
            heads.setdefault(value, []).append(degree)
    results = []
    for value in range(state.size(node[0])):
        best = circuit.maximum(heads.get(value, ()), circuit.kind((group, "any", value)))
        limit = TRUE if limits is None else body.read(limits.possibility((value,)))
        results.append(circuit.minimum((best, limit), circuit.kind((group, "both", value))))
    return results


def _exclusions(state: Lowering, atoms: Sequence[int], depends: Dependencies) -> tuple[int, ...]:
    """Greatest fixpoint of Π(¬h)."""
    body = _Body(state)
    circuit = body.circuit
    body.atoms.update((atom, circuit.input(circuit.kind("variable"))) for atom in atoms)
    results = []
    for atom in atoms:
        name = state.model.atoms[atom].name
        denials = [
            body.degree(AnyOf(tuple(complement(item, state.size) for item in rule.body)), (name, place))
            for place, rule in enumerate(depends.clauses[-1, atom])
        ]
        results.append(circuit.minimum(denials, circuit.kind((name, "all"))))
    return body.close(list(body.atoms.values()), results, 1.0)


def _head_values(rule: GroundRule) -> Values:
    return rule.head.values if isinstance(rule.head, AttributeLiteral) else ()
