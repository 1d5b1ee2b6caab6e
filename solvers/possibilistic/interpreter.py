"""The possibilistic meaning of one instance, straight from the definitions.

Plain Python on float64, one node after the other, no circuit: what explanations are made from, and what the engine is
tested against. Percept degrees go in, out come the degree of every attribute value, Π(h) and Π(¬h) of every derived
atom, and λ, ρ, α, β of every rule:

* λ = Π(premise), ρ = Π(¬premise), α = max(s, λ), β = max(r, ρ);
* Π_b(u) = min over the rules i of b: α_i where u ∈ Q_i, β_i where not; 1 without rules;
* Π(h) = max over ``head :- body`` of Π(body), least fixpoint; Π(¬h) = 1 − N(h) = min of Π(¬body), greatest fixpoint.

Only minima and maxima occur, so every degree is exactly one of the percept degrees or parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nesy.solvers.ground_model import (
    AllOf,
    AnyOf,
    AtomLiteral,
    AttributeLiteral,
    GroundFormula,
    GroundModel,
    GroundRule,
    GroundUncertainRule,
)
from nesy.solvers.possibilistic.dependencies import Dependencies, Node, dependencies
from nesy.solvers.possibilistic.premise import complement, literals, separate, variable

Literal = AttributeLiteral | AtomLiteral

# ----- what does not depend on the instance


@dataclass(frozen=True)
class SeparatedRules:
    """The uncertain rules of one concept at one index.

    ``premises`` and ``denials`` are p and ¬p with separate conjuncts (see :func:`~.premise.separate`);
    ``signs[rule, value]`` says whether the value is in the rule's conclusion.
    """

    rules: tuple[GroundUncertainRule, ...]
    premises: tuple[GroundFormula, ...]
    denials: tuple[GroundFormula, ...]
    signs: NDArray[np.bool_]

    @cached_property
    def columns(self) -> tuple[tuple[bool, ...], ...]:
        """``signs`` by value, for looking at one value."""
        return tuple(map(tuple, self.signs.T.tolist()))


@dataclass(frozen=True)
class Clauses:
    """The ``:-`` rules of one atom, or of one concept at one index, with their bodies and the negations of these."""

    rules: tuple[GroundRule, ...]
    bodies: tuple[GroundFormula, ...]
    denials: tuple[GroundFormula, ...]

    def setting(self, value: int) -> list[int]:
        """The places of the rules whose head is ``value`` of the concept."""
        heads = (rule.head for rule in self.rules)
        return [p for p, head in enumerate(heads) if isinstance(head, AttributeLiteral) and value in head.values]


@dataclass(frozen=True)
class Structures:
    """A ground model, indexed by what its rules define. Worked out once for all instances."""

    model: GroundModel
    depends: Dependencies
    rule_sets: Mapping[Node, SeparatedRules]
    clauses: Mapping[Node, Clauses]

    def size(self, attribute: int) -> int:
        """Number of values of an attribute."""
        return len(self.model.attributes[attribute].domain)

    def denial(self, formula: GroundFormula) -> GroundFormula:
        """The negation, its conjuncts separate."""
        return separate(complement(formula, self.size))

    def below(self, formula: GroundFormula) -> frozenset[Node]:
        """What ``formula`` depends on, percepts left out."""
        seen: set[Node] = set()
        waiting = [variable(literal) for literal in literals(formula)]
        while waiting:
            node = waiting.pop()
            if node not in seen and node in self.depends.edges:
                seen.add(node)
                waiting.extend(self.depends.edges[node])
        return frozenset(seen)


def structures(model: GroundModel) -> Structures:
    """Index ``model``. Raises E520 and E522 as compiling it does."""
    depends = dependencies(model)

    def size(attribute: int) -> int:
        return len(model.attributes[attribute].domain)

    def rule_set(node: Node, rules: Sequence[GroundUncertainRule]) -> SeparatedRules:
        signs = np.zeros((len(rules), size(node[0])), dtype=np.bool_)
        for place, rule in enumerate(rules):
            signs[place, list(rule.conclusion.values)] = True
        premises = tuple(separate(rule.premise, rule.origin.span) for rule in rules)
        denials = tuple(separate(complement(rule.premise, size), rule.origin.span) for rule in rules)
        return SeparatedRules(tuple(rules), premises, denials, signs)

    def clauses(rules: Sequence[GroundRule]) -> Clauses:
        bodies = tuple(separate(AllOf(rule.body), rule.origin.span) for rule in rules)
        denials = tuple(AnyOf(tuple(complement(item, size) for item in rule.body)) for rule in rules)
        return Clauses(tuple(rules), bodies, denials)

    rule_sets = {node: rule_set(node, rules) for node, rules in depends.uncertain.items()}
    return Structures(model, depends, rule_sets, {node: clauses(rules) for node, rules in depends.clauses.items()})


# ----- one instance


@dataclass(frozen=True, slots=True)
class RuleDegrees:
    """λ, ρ, α and β of the rules of one rule set, in order."""

    premise: tuple[float, ...]
    denial: tuple[float, ...]
    alpha: tuple[float, ...]
    beta: tuple[float, ...]


@dataclass(frozen=True)
class Degrees:
    """All degrees of one instance.

    ``distributions[attribute, index]`` lists Π of each value; ``holds`` and ``fails`` give Π(h) and Π(¬h) by atom;
    ``rules`` the degrees of rule sets; ``ranks`` the round of a fixpoint in which a value (as a literal) got its
    degree, for what takes part in recursion.
    """

    structures: Structures
    distributions: dict[Node, list[float]] = field(default_factory=dict)
    holds: dict[int, float] = field(default_factory=dict)
    fails: dict[int, float] = field(default_factory=dict)
    rules: dict[Node, RuleDegrees] = field(default_factory=dict)
    ranks: dict[Literal, int] = field(default_factory=dict)

    def possibility(self, formula: GroundFormula) -> float:
        """Π(formula) of a formula whose conjuncts are separate."""
        match formula:
            case AttributeLiteral(attribute, index, values):
                degrees = self.distributions[attribute, index]
                return degrees[values[0]] if len(values) == 1 else max((degrees[v] for v in values), default=0.0)
            case AtomLiteral(atom, negated):
                return self.fails[atom] if negated else self.holds[atom]
            case AllOf(items):
                return min(map(self.possibility, items), default=1.0)
            case AnyOf(items):
                return max(map(self.possibility, items), default=0.0)


def evaluate(structures: Structures, percepts: Mapping[str, NDArray[np.floating[Any]]]) -> Degrees:
    """All degrees, given each percept's possibility distributions ``[*index shape, value]`` in [0, 1].

    A percept that is not given is unknown: every value is fully possible.
    """
    found = Degrees(structures)
    for place, attribute in enumerate(structures.model.attributes):
        if attribute.kind != "percept":
            continue
        size = len(attribute.domain)
        given = percepts.get(attribute.name)
        table = np.ones((len(attribute.index), size)) if given is None else np.asarray(given, dtype=np.float64)
        for index, row in enumerate(table.reshape(len(attribute.index), size).tolist()):
            found.distributions[place, index] = row
    for members in structures.depends.order:
        _evaluate_members(found, members)
    return found


def reread(degrees: Degrees, changes: Mapping[AttributeLiteral, float], wanted: Iterable[Node]) -> Degrees:
    """The degrees after some percept degrees have been changed.

    ``changes`` gives new degrees of single percept values. Only the nodes ``wanted`` are worked out anew.
    """
    changed: set[Node] = set()
    distributions = dict(degrees.distributions)
    for literal, degree in changes.items():
        node = variable(literal)
        if node not in changed:
            distributions[node] = list(distributions[node])
        distributions[node][literal.values[0]] = degree
        changed.add(node)
    found = replace(
        degrees,
        distributions=distributions,
        holds=dict(degrees.holds),
        fails=dict(degrees.fails),
        rules=dict(degrees.rules),
        ranks=dict(degrees.ranks),
    )
    kept = set(wanted)
    depends = degrees.structures.depends
    for members in depends.order:
        if kept.isdisjoint(members) or all(changed.isdisjoint(depends.edges[node]) for node in members):
            continue
        _evaluate_members(found, members)
        changed.update(members)
    return found


def _evaluate_members(degrees: Degrees, members: Sequence[Node]) -> None:
    """Work out one strongly connected component; all that it depends on is known."""
    atoms = [node for node in members if node[0] < 0]
    if not degrees.structures.depends.is_loop(members):
        (node,) = members
        if atoms:
            degrees.holds[node[1]] = _holds(degrees, node)
            degrees.fails[node[1]] = _fails(degrees, node)
        else:
            degrees.distributions[node] = _distribution(degrees, node)
        return
    concepts = [node for node in members if node[0] >= 0]
    _least_fixpoint(degrees, atoms, concepts)
    _greatest_fixpoint(degrees, atoms)


def _least_fixpoint(degrees: Degrees, atoms: Sequence[Node], concepts: Sequence[Node]) -> None:
    """Π of atoms and concepts that depend on one another through ``:-`` rules: from 0, all at once in each round."""
    degrees.holds.update((atom, 0.0) for _, atom in atoms)
    degrees.distributions.update((node, [0.0] * degrees.structures.size(node[0])) for node in concepts)
    ranks: dict[Literal, int] = {}
    for round_number in count(1):
        held = {node[1]: _holds(degrees, node) for node in atoms}
        rows = {node: _distribution(degrees, node) for node in concepts}
        risen: list[Literal] = [AtomLiteral(atom) for atom, degree in held.items() if degree != degrees.holds[atom]]
        for node, row in rows.items():
            before = degrees.distributions[node]
            risen += [AttributeLiteral(*node, (v,)) for v, degree in enumerate(row) if degree != before[v]]
        if not risen:
            break
        degrees.holds.update(held)
        degrees.distributions.update(rows)
        ranks.update(dict.fromkeys(risen, round_number))
    degrees.ranks.update(ranks)


def _greatest_fixpoint(degrees: Degrees, atoms: Sequence[Node]) -> None:
    """Π(¬h) of atoms that depend on one another: from 1, all at once in each round."""
    degrees.fails.update((atom, 1.0) for _, atom in atoms)
    ranks: dict[Literal, int] = {}
    for round_number in count(1):
        failed = {node[1]: _fails(degrees, node) for node in atoms}
        fallen = [AtomLiteral(atom, True) for atom, degree in failed.items() if degree != degrees.fails[atom]]
        if not fallen:
            break
        degrees.fails.update(failed)
        ranks.update(dict.fromkeys(fallen, round_number))
    degrees.ranks.update(ranks)


# ----- one node


def _holds(degrees: Degrees, node: Node) -> float:
    clauses = degrees.structures.clauses.get(node)
    return max(map(degrees.possibility, clauses.bodies), default=0.0) if clauses else 0.0


def _fails(degrees: Degrees, node: Node) -> float:
    clauses = degrees.structures.clauses.get(node)
    return min(map(degrees.possibility, clauses.denials), default=1.0) if clauses else 1.0


def _distribution(degrees: Degrees, node: Node) -> list[float]:
    """Π of each value of a concept: by its uncertain rules, and no more than its ``:-`` rules derive."""
    row = [1.0] * degrees.structures.size(node[0])
    rule_set = degrees.structures.rule_sets.get(node)
    if rule_set:
        found = _rule_degrees(degrees, rule_set)
        degrees.rules[node] = found
        alpha, beta = np.array(found.alpha)[:, None], np.array(found.beta)[:, None]
        row = np.where(rule_set.signs, alpha, beta).min(0).tolist()
    clauses = degrees.structures.clauses.get(node)
    if clauses:
        bodies = list(map(degrees.possibility, clauses.bodies))
        for value, limit in enumerate(row):
            row[value] = min(limit, max((bodies[place] for place in clauses.setting(value)), default=0.0))
    return row


def _rule_degrees(degrees: Degrees, rule_set: SeparatedRules) -> RuleDegrees:
    premise = tuple(map(degrees.possibility, rule_set.premises))
    denial = tuple(map(degrees.possibility, rule_set.denials))
    alpha = tuple(max(rule.s, degree) for rule, degree in zip(rule_set.rules, premise, strict=True))
    beta = tuple(max(rule.r, degree) for rule, degree in zip(rule_set.rules, denial, strict=True))
    return RuleDegrees(premise, denial, alpha, beta)
