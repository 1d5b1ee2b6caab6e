"""From a ground model to a circuit.

Concepts and derived atoms are taken in the order of their dependencies, index by index, so that ``w(J)`` may depend
on ``w(J + 1)``. A cycle through ``:-`` rules alone becomes a fixpoint; one through an uncertain rule has no
meaning and is refused.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.span import NOWHERE, Span
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
from nesy.solvers.possibilistic.circuit import TRUE, Circuit
from nesy.solvers.possibilistic.dependencies import Dependencies, Node, dependencies
from nesy.solvers.possibilistic.distributions import Classes, Distribution, Shapes, Values, plain, seen_through
from nesy.solvers.possibilistic.fixpoint import lower_loop
from nesy.solvers.possibilistic.premise import complement, literals, separate
from nesy.solvers.possibilistic.rulesets import Patterns, Weighted, distribution
from nesy.solvers.possibilistic.vectors import Vector


@dataclass(slots=True)
class Lowering:
    """A ground model on its way to a circuit.

    ``distributions`` holds what is known so far of attributes at an index, ``atoms`` the nodes of Π(h) and Π(¬h).
    ``asked`` are, for attributes with a product domain, the sets of values for which any rule or query asks.
    """

    model: GroundModel
    circuit: Circuit = field(default_factory=Circuit)
    shapes: Shapes = field(default_factory=Shapes)
    patterns: Patterns = field(default_factory=Patterns)
    distributions: dict[tuple[int, int], Distribution] = field(default_factory=dict)
    atoms: dict[int, tuple[int, int]] = field(default_factory=dict)
    asked: Mapping[int, tuple[Values, ...]] = field(default_factory=dict)
    _classes: dict[tuple[int, int, tuple[Values, ...]], Classes] = field(default_factory=dict)

    def size(self, attribute: int) -> int:
        """Number of values of an attribute."""
        return len(self.model.attributes[attribute].domain)

    # ----- degrees of formulas

    def membership(self, attribute: int, index: int, values: Values) -> int:
        """The node of Π(attribute at index takes one of values)."""
        return self.distributions[attribute, index].possibility(values)

    def degree(self, formula: GroundFormula, group: Hashable, classes: Mapping[Node, Classes] | None = None) -> int:
        """The node of Π(formula) of a separated formula (see :func:`~.premise.separate`).

        ``classes`` gives the view of each attribute that the rule set at hand has of it, where there is one.
        """
        match formula:
            case AttributeLiteral(attribute, index, values):
                seen = classes.get((attribute, index)) if classes else None
                return seen.possibility(values) if seen else self.membership(attribute, index, values)
            case AtomLiteral(atom, negated):
                return self.atoms[atom][1 if negated else 0]
            case AllOf(items):
                nodes = [self.degree(item, (group, place), classes) for place, item in enumerate(items)]
                return self.circuit.minimum(nodes, self.circuit.kind((group, "and")))
            case AnyOf(items):
                nodes = [self.degree(item, (group, place), classes) for place, item in enumerate(items)]
                return self.circuit.maximum(nodes, self.circuit.kind((group, "or")))

    # ----- concepts

    def concept(self, node: Node, rules: Sequence[GroundUncertainRule], clauses: Sequence[GroundRule]) -> None:
        """Work out the distribution of a concept at one index.

        Without any rule every value is fully possible. ``:-`` rules give the maximum over their bodies, 0 where there
        is none; where a concept has rules of both sorts, the two distributions are combined by minimum.
        """
        attribute, _ = node
        found = self.uncertain(node, rules)
        if clauses:
            group = ("clauses", attribute)
            outer = [found.possibility((value,)) if rules else TRUE for value in range(self.size(attribute))]
            nodes = []
            for value, limit in enumerate(outer):
                mine = [rule for rule in clauses if value in head_values(rule)]
                bodies = [self.body(rule, (group, value, place)) for place, rule in enumerate(mine)]
                best = self.circuit.maximum(bodies, self.circuit.kind((group, "head", value)))
                nodes.append(self.circuit.minimum((best, limit), self.circuit.kind((group, "both", value))))
            found = plain(Vector(self.circuit, nodes, group))
        self.distributions[node] = found

    def uncertain(self, node: Node, rules: Sequence[GroundUncertainRule]) -> Distribution:
        """The distribution by uncertain rules alone."""
        group = ("concept", node[0])
        weighted = []
        for place, (rule, (possible, excluded)) in enumerate(zip(rules, self.premises(node, rules), strict=True)):
            alpha = self._at_least(rule.s, possible, (group, "α", place))
            beta = self._at_least(rule.r, excluded, (group, "β", place))
            weighted.append(Weighted(rule.conclusion.values, alpha, beta))
        return self.weighted(node, weighted)

    def premises(self, node: Node, rules: Sequence[GroundUncertainRule]) -> list[tuple[int, int]]:
        """The nodes of λ = Π(premise) and ρ = Π(¬premise) of each of the ``rules`` on the concept ``node``."""
        group = ("concept", node[0])
        premises = []
        for rule in rules:
            premise = separate(rule.premise, rule.origin.span)
            denied = separate(complement(rule.premise, self.size), rule.origin.span)
            premises.append((premise, denied))
        classes = self._views([formula for pair in premises for formula in pair])
        return [
            (self.degree(premise, (group, "λ", place), classes), self.degree(denied, (group, "ρ", place), classes))
            for place, (premise, denied) in enumerate(premises)
        ]

    def weighted(self, node: Node, rules: Sequence[Weighted]) -> Distribution:
        """The distribution of the concept ``node`` from the nodes of its rules' α and β."""
        attribute, _ = node
        domain = self.model.attributes[attribute].domain
        asked = self.asked.get(attribute, ())
        return distribution(self.circuit, self.shapes, self.patterns, domain, rules, ("concept", attribute), asked)

    def _at_least(self, parameter: float, node: int, key: Hashable) -> int:
        return self.circuit.maximum((node, self.circuit.constant(parameter)), self.circuit.kind(key))

    def _views(self, formulas: Sequence[GroundFormula]) -> dict[Node, Classes]:
        """The view of each attribute through the sets for which ``formulas`` ask."""
        asked: dict[Node, dict[Values, None]] = {}
        for formula in formulas:
            for literal in literals(formula):
                if isinstance(literal, AttributeLiteral):
                    asked.setdefault((literal.attribute, literal.index), {})[literal.values] = None
        views = {}
        for node, sets in asked.items():
            key = (*node, tuple(sets))
            view = self._classes.get(key)
            if view is None:
                source = self.distributions[node]
                view = seen_through(source, self.circuit, self.shapes, key[2], ("attribute", node[0]))
                self._classes[key] = view
            views[node] = view
        return views

    # ----- `:-` rules

    def body(self, rule: GroundRule, group: Hashable) -> int:
        """Π of a rule's body."""
        return self.degree(separate(AllOf(rule.body), rule.origin.span), group)

    def denial(self, rule: GroundRule, group: Hashable) -> int:
        """Π of the negation of a rule's body."""
        denied = AnyOf(tuple(complement(item, self.size) for item in rule.body))
        return self.degree(denied, group)

    def atom(self, atom: int, rules: Sequence[GroundRule]) -> None:
        """Π(h) = max over the rules of Π(body), Π(¬h) = 1 − N(h) = min over the rules of Π(¬body)."""
        name = self.model.atoms[atom].name
        bodies = [self.body(rule, ("atom", name, place)) for place, rule in enumerate(rules)]
        denials = [self.denial(rule, ("denied", name, place)) for place, rule in enumerate(rules)]
        possible = self.circuit.maximum(bodies, self.circuit.kind(("atom", name, "any")))
        excluded = self.circuit.minimum(denials, self.circuit.kind(("denied", name, "all")))
        self.atoms[atom] = (possible, excluded)


def head_values(rule: GroundRule) -> Values:
    return rule.head.values if isinstance(rule.head, AttributeLiteral) else ()


@dataclass(frozen=True)
class Lowered:
    """The circuit of a model: ``inputs`` are the nodes of the percepts' degrees, by percept as ``[value][index]``.

    ``queries`` has, for each query, the nodes of Π of each value and of Π of all other values together.
    """

    circuit: Circuit
    inputs: Mapping[int, Sequence[Sequence[int]]]
    queries: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    depends: Dependencies


def lower(model: GroundModel) -> Lowered:
    """Lower what the queries depend on. Raises E520, E521, E522 (see the catalogue)."""
    refuse_negated_atoms(model)
    depends = dependencies(model)
    state = Lowering(model, asked=asked_sets(model))
    inputs = {}
    for place, attribute in enumerate(model.attributes):
        if attribute.kind == "percept":
            inputs[place] = _percept(state, place)
    for members in depends.order:
        if depends.is_loop(members):
            lower_loop(state, members, depends)
            continue
        (node,) = members
        if node[0] < 0:
            state.atom(node[1], depends.clauses.get(node, ()))
        else:
            state.concept(node, depends.uncertain.get(node, ()), depends.clauses.get(node, ()))
    queries = tuple(_query(state, place) for place in range(len(model.queries)))
    return Lowered(state.circuit, inputs, queries, depends)


def asked_sets(model: GroundModel) -> dict[int, tuple[Values, ...]]:
    """The sets of values, with their complements, for which rules and queries ask attributes with a product domain."""
    sizes = {
        place: len(attribute.domain)
        for place, attribute in enumerate(model.attributes)
        if len(attribute.domain.components) > 1
    }
    found: dict[int, dict[Values, None]] = {place: {} for place in sizes}
    for formula in model.formulas():
        for literal in literals(formula):
            if isinstance(literal, AttributeLiteral) and literal.attribute in found:
                found[literal.attribute][literal.values] = None
    for query in model.queries:
        if query.kind == "attribute" and query.attribute in found:
            found[query.attribute] |= {(value,): None for value in range(sizes[query.attribute])}
    return {
        place: tuple(dict.fromkeys([*sets, *(_others(values, sizes[place]) for values in sets)]))
        for place, sets in found.items()
    }


def _others(values: Values, size: int) -> Values:
    inside = set(values)
    return tuple(value for value in range(size) if value not in inside)


def _percept(state: Lowering, place: int) -> list[list[int]]:
    attribute = state.model.attributes[place]
    kinds = [state.circuit.kind(("percept", place, value)) for value in range(len(attribute.domain))]
    rows = [[state.circuit.input(kind) for _ in attribute.index] for kind in kinds]
    for index in range(len(attribute.index)):
        row = Vector(state.circuit, [nodes[index] for nodes in rows], ("percept", place))
        state.distributions[place, index] = plain(row)
    return rows


def _query(state: Lowering, place: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    query = state.model.queries[place]
    if query.kind == "formula":
        assert query.formula is not None
        group = ("query", query.family)
        true = state.degree(separate(query.formula, query.span), (group, "true"))
        denied = separate(complement(query.formula, state.size), query.span)
        false = state.degree(denied, (group, "false"))
        return (false, true), (true, false)
    found = state.distributions[query.attribute, query.index]
    nodes = [found.possibility((value,)) for value in range(found.size)]
    row = Vector(state.circuit, nodes, ("query", query.attribute))
    everything = range(len(nodes))
    others = tuple(row.maximum([v for v in everything if v != value]) for value in everything)
    return tuple(nodes), others


def _negated_atom(model: GroundModel, literal: AtomLiteral, span: Span | None) -> Diagnostic:
    return Diagnostic(
        "E521",
        f"`not {model.atoms[literal.atom]}` negates a relation that depends on attributes, which the possibilistic "
        "back end does not take",
        span or NOWHERE,
        "say when the opposite holds by rules of its own, or use the back end 'asp'",
    )


def refuse_negated_atoms(model: GroundModel) -> None:
    """E521 where a rule or a query negates a derived relation."""
    found: dict[tuple[Span | None, str], Diagnostic] = {}
    places: list[tuple[GroundFormula, Span | None]] = [(rule.premise, rule.origin.span) for rule in model.uncertain]
    places += [(AllOf(rule.body), rule.origin.span) for rule in model.rules]
    places += [(query.formula, query.span) for query in model.queries if query.formula is not None]
    for formula, span in places:
        for literal in literals(formula):
            if isinstance(literal, AtomLiteral) and literal.negated:
                name = model.atoms[literal.atom].name
                found.setdefault((span, name), _negated_atom(model, literal, span))
    if found:
        raise NesyError(found.values())
