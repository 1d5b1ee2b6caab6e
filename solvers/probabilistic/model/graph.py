"""The model graph: a ground probabilistic program, from which every executor and every method of inference starts.

A :class:`ModelGraph` holds random variables, definitions, conditions and estimands, each ground and each with the
place in the rule file from which it came. Variables and definitions are in topological order: a node refers only to
nodes before it. The types are frozen, compare by value, and can be written and read as JSON
(:mod:`nesy.solvers.probabilistic.model.serialisation`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from nesy.dsl.checked import Domain
from nesy.dsl.span import NOWHERE, Span
from nesy.dsl.values import Value
from nesy.solvers.probabilistic.model.expressions import Constant, Expression, Kind, Scalar, references


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution by its name in rule files, with its arguments in Pyro's order, all of them given.

    ``percept``: a categorical distribution without arguments, whose probabilities come with the evidence.
    """

    name: str
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class RandomVariable:
    """One random variable: ``strength(ann)`` of the family ``strength`` at the index ``(ann,)``.

    ``domain`` lists the values of a finite one, and is None for numbers (``integer`` for whole ones). ``unit`` is what
    its values are measured in, for reading.
    """

    label: str
    family: str
    index: tuple[Value, ...]
    distribution: Distribution
    domain: Domain | None = None
    integer: bool = False
    unit: str = ""
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def kind(self) -> Kind:
        """``bool`` for truth values, ``number`` for real, whole and numbered finite ones, ``symbol`` for names."""
        return "number" if self.domain is None else kind_of_domain(self.domain)

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """The labels of the nodes on which its distribution depends."""
        return _labels(self.distribution.arguments)


@dataclass(frozen=True)
class Definition:
    """A value that is computed from other nodes."""

    label: str
    family: str
    index: tuple[Value, ...]
    expression: Expression
    kind: Kind
    unit: str = ""
    span: Span = field(default=NOWHERE, compare=False)

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """The labels of the nodes to which its expression refers."""
        return references(self.expression)


Node: TypeAlias = RandomVariable | Definition


@dataclass(frozen=True, slots=True)
class Observation:
    """A random variable whose value is known: it enters by its density (or probability)."""

    label: str
    value: Scalar
    text: str
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def parents(self) -> tuple[str, ...]:
        """The observed node."""
        return (self.label,)


@dataclass(frozen=True)
class Event:
    """Something known to be true: a bool expression over the nodes. It enters by conditioning."""

    expression: Expression
    text: str
    span: Span = field(default=NOWHERE, compare=False)

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """The labels of the nodes that it speaks of."""
        return references(self.expression)


@dataclass(frozen=True)
class Equation:
    """A definition with continuous values whose value is known: ``total = 12.5``.

    Its probability is 0, so it enters by the density of ``expression`` at ``value``; only methods that can work this
    out take it (linear-Gaussian conditioning).
    """

    expression: Expression
    value: float
    text: str
    span: Span = field(default=NOWHERE, compare=False)

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """The labels of the nodes that it speaks of."""
        return references(self.expression)


@dataclass(frozen=True)
class Factor:
    """Soft evidence: the density is multiplied by exp of ``expression``, a number (minus the weight of what holds)."""

    expression: Expression
    text: str
    span: Span = field(default=NOWHERE, compare=False)

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """The labels of the nodes that it speaks of."""
        return references(self.expression)


Condition: TypeAlias = Observation | Event | Equation | Factor


@dataclass(frozen=True)
class Estimand:
    """What is asked: the posterior of an expression. ``label`` is its key in answers, ``family`` that of its group.

    ``domain`` lists the values of a finite one (truth values for formulas) and is None for numbers.
    """

    label: str
    family: str
    expression: Expression
    domain: Domain | None = None
    unit: str = ""
    span: Span = field(default=NOWHERE, compare=False)

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """The labels of the nodes that it speaks of."""
        return references(self.expression)


@dataclass(frozen=True)
class ModelGraph:
    """A ground probabilistic program. ``nodes`` are in topological order."""

    nodes: tuple[Node, ...]
    conditions: tuple[Condition, ...] = ()
    estimands: tuple[Estimand, ...] = ()

    @cached_property
    def by_label(self) -> Mapping[str, Node]:
        """Each node by its label."""
        return {node.label: node for node in self.nodes}

    @property
    def variables(self) -> tuple[RandomVariable, ...]:
        """The random variables, in order."""
        return tuple(node for node in self.nodes if isinstance(node, RandomVariable))

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """The definitions, in order."""
        return tuple(node for node in self.nodes if isinstance(node, Definition))

    @cached_property
    def observed(self) -> Mapping[str, Scalar]:
        """The value of each observed random variable."""
        return {entry.label: entry.value for entry in self.conditions if isinstance(entry, Observation)}

    def kind(self, label: str) -> Kind:
        """What the node called ``label`` yields."""
        return self.by_label[label].kind

    @cached_property
    def edges(self) -> Mapping[str, tuple[str, ...]]:
        """The dependency graph: each node's parents, definitions included."""
        return {node.label: node.parents for node in self.nodes}

    @cached_property
    def sources(self) -> Mapping[str, frozenset[str]]:
        """For each node the random variables on which it depends directly, through definitions only.

        For a random variable these are its parents in the Bayesian network; for a definition what it is computed from.
        """
        found: dict[str, frozenset[str]] = {}
        for node in self.nodes:
            found[node.label] = self._through(node.parents, found)
        return found

    def sources_of(self, labels: tuple[str, ...]) -> frozenset[str]:
        """The random variables that nodes are, or are computed from."""
        return self._through(labels, self.sources)

    def _through(self, labels: tuple[str, ...], found: Mapping[str, frozenset[str]]) -> frozenset[str]:
        names: set[str] = set()
        for label in labels:
            if isinstance(self.by_label[label], RandomVariable):
                names.add(label)
            else:
                names |= found[label]
        return frozenset(names)

    def ancestors(self, labels: tuple[str, ...]) -> frozenset[str]:
        """All nodes on which ``labels`` depend, themselves included."""
        seen: set[str] = set()
        waiting = list(labels)
        while waiting:
            label = waiting.pop()
            if label not in seen:
                seen.add(label)
                waiting.extend(self.edges[label])
        return frozenset(seen)


def kind_of_domain(domain: Domain) -> Kind:
    """Truth values, numbers, or names."""
    if domain.is_bool:
        return "bool"
    plain = all(isinstance(value, int) and not isinstance(value, bool) for value in domain.values)
    return "number" if plain else "symbol"


def _labels(expressions: tuple[Expression, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label for expression in expressions for label in references(expression)))


def constants_of(distribution: Distribution) -> tuple[Scalar, ...] | None:
    """The arguments of a distribution if all of them are constants."""
    values = [argument.value for argument in distribution.arguments if isinstance(argument, Constant)]
    return tuple(values) if len(values) == len(distribution.arguments) else None


def unobserved(graph: ModelGraph) -> Iterator[RandomVariable]:
    """The random variables whose values are not known."""
    return (variable for variable in graph.variables if variable.label not in graph.observed)
