"""From a finite model graph to a network of tables: expressions are split until every table is small.

An expression over many variables becomes a chain of hidden variables: ``any`` of twenty causes is twenty tables of
eight entries, not one of a million. A probability that is a product of many factors (noisy-or) becomes a gate over
hidden causes that are independent of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite

import numpy as np
import torch

from nesy.dsl.checked import Domain
from nesy.solvers.probabilistic.elimination import Input, Network, Table, table
from nesy.solvers.probabilistic.inference.tables import Array, Dense, combined, constant, joined_scope, joint_size
from nesy.solvers.probabilistic.model.distributions import PERCEPT
from nesy.solvers.probabilistic.model.expressions import Apply, Constant, Expression, Lookup, Reference, Scalar
from nesy.solvers.probabilistic.model.graph import (
    Definition,
    Equation,
    Event,
    Factor,
    ModelGraph,
    Observation,
    RandomVariable,
)
from nesy.solvers.probabilistic.vectorised.codes import FLOAT, Codes
from nesy.solvers.probabilistic.vectorised.densities import log_density

WORTH_HIDING = 16
"""A function with more entries than this becomes a hidden variable if it has far fewer values."""
LARGEST = 1 << 16
"""A table with more entries than this is never made."""
LARGEST_LINK = 1 << 18
"""The same for tables that give a hidden variable its value."""
NARY = frozenset(("and", "or", "sum", "count", "min", "max"))


class TooLargeError(Exception):
    """A table would have too many entries."""


@dataclass
class Lowering:
    """Builds the network of one graph. Variables are numbered as they come.

    ``rows`` says which row of its family's evidence belongs to each percept. Numbers may be observed, not unknown:
    their densities are tables over what they depend on, divided by their largest entries; ``log_shift`` is the log of
    the product of these.
    """

    graph: ModelGraph
    codes: Codes
    cards: list[int] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    log_shift: float = 0.0
    _known: dict[str, Dense] = field(default_factory=dict)
    _hidden: dict[Expression, Dense] = field(default_factory=dict)

    def network(self) -> Network:
        """The network made so far."""
        return Network(tuple(self.cards), tuple(self.tables), tuple(self.inputs))

    def run(self) -> None:
        """Make tables of all nodes and conditions. Raises :class:`TooLargeError`."""
        for node in self.graph.nodes:
            if isinstance(node, RandomVariable):
                self._variable(node)
            else:
                self._known[node.label] = self._slim(self.function(node.expression))
        for condition in self.graph.conditions:
            match condition:
                case Event(expression):
                    self._event(expression)
                case Factor(expression):
                    found = self.function(expression)
                    self._add(Dense(found.scope, np.nan_to_num(np.exp(found.values), posinf=np.inf)))
                case Observation() | Equation():
                    continue

    # ----- variables

    def new(self, card: int) -> int:
        """A further variable."""
        self.cards.append(card)
        return len(self.cards) - 1

    def _add(self, found: Dense) -> None:
        self.tables.append(table(found.scope, found.values))

    def _axis(self, domain: Domain) -> Array:
        return np.array([float(self.codes.code(value)) for value in domain.values])

    def _number(self, variable: RandomVariable) -> None:
        """A number that is observed: its density, as a function of its arguments."""
        seen = self.graph.observed[variable.label]
        self._known[variable.label] = constant(float(self.codes.code(seen)))
        parts = self._few([self.function(argument) for argument in variable.distribution.arguments])
        scope = joined_scope(parts)
        arguments = [torch.as_tensor(part.over(scope), dtype=FLOAT) for part in parts]
        value = torch.tensor(float(self.codes.code(seen)), dtype=FLOAT)
        found = log_density(variable.distribution.name, value, arguments).nan_to_num(nan=-inf, posinf=inf, neginf=-inf)
        largest = float(found.max())
        shift = largest if isfinite(largest) else 0.0
        self.log_shift += shift
        self._add(Dense(scope, (found - shift).exp().numpy()))

    def _variable(self, variable: RandomVariable) -> None:
        if variable.domain is None:
            self._number(variable)
            return
        axis = self._axis(variable.domain)
        observed = self.graph.observed.get(variable.label)
        if observed is not None:
            self._known[variable.label] = constant(float(self.codes.code(observed)))
        else:
            self.numbers[variable.label] = number = self.new(len(axis))
            self._known[variable.label] = Dense((number,), axis)
        if variable.distribution.name == PERCEPT:
            self._percept(variable)
            return
        if variable.distribution.name == "bernoulli" and self._gate(variable):
            return
        parts = self._few([self.function(argument) for argument in variable.distribution.arguments])
        scope = joined_scope(parts)
        shares = np.broadcast_arrays(*(part.over(scope) for part in parts))
        with np.errstate(all="ignore"):
            found = np.nan_to_num(_shares(variable, shares, len(axis)))
        if observed is not None:
            self._add(Dense(scope, np.take(found, _place(variable.domain, observed), axis=-1)))
        else:
            self._add(Dense((*scope, self.numbers[variable.label]), found))

    def _percept(self, variable: RandomVariable) -> None:
        """The reading comes with the evidence: one row of the family's tensor for each index."""
        assert variable.domain is not None
        observed = self.graph.observed.get(variable.label)
        number = self.numbers.get(variable.label)
        if number is None:
            number = self.new(len(variable.domain))
            assert observed is not None
            only = np.zeros(len(variable.domain))
            only[_place(variable.domain, observed)] = 1.0
            self._add(Dense((number,), only))
        self.inputs.append(Input((number,), variable.family, self.rows[variable.label]))

    def _gate(self, variable: RandomVariable) -> bool:
        """``bernoulli(1 - a * b * c)``: true unless each of some independent hidden events happens."""
        (argument,) = variable.distribution.arguments
        negative = isinstance(argument, Apply) and argument.operator == "-" and argument.arguments[0] == Constant(1)
        product = argument.arguments[1] if negative and isinstance(argument, Apply) else argument
        factors = [self.function(factor) for factor in self._factors(product)]
        if len(factors) < 2 or joint_size(factors) <= WORTH_HIDING:
            return False
        if not all(part.values.min() >= 0 and part.values.max() <= 1 for part in factors):
            return False
        events = []
        for part in factors:
            number = self.new(2)
            self._add(Dense((*part.scope, number), np.stack([1 - part.values, part.values], -1)))
            events.append(Dense((number,), np.array([0.0, 1.0])))
        gate = self._chain("and", events)
        if negative:
            gate = combined("not", [gate])
        self._add(self._equal(gate, self._known[variable.label]))
        return True

    def _factors(self, expression: Expression) -> list[Expression]:
        match expression:
            case Apply("*", (left, right)):
                return [*self._factors(left), *self._factors(right)]
            case Apply("exp", (Apply("sum", terms),)):
                return [Apply("exp", (term,)) for term in terms]
            case Apply("exp", (Apply("+", (left, right)),)):
                return [*self._factors(Apply("exp", (left,))), *self._factors(Apply("exp", (right,)))]
            case Reference(label) if isinstance(node := self.graph.by_label[label], Definition):
                return self._factors(node.expression)
            case _:
                return [expression]

    @staticmethod
    def _equal(left: Dense, right: Dense) -> Dense:
        return combined("=", [left, right])

    # ----- conditions and what is asked

    def _event(self, expression: Expression) -> None:
        match expression:
            case Apply("and", items):
                for item in items:
                    self._event(item)
            case Reference(label) if isinstance(node := self.graph.by_label[label], Definition):
                self._event(node.expression)
            case _:
                self._add(self.function(expression))

    def asked(self, expression: Expression) -> tuple[int | None, Array]:
        """The variable that has the value of an expression (None if it is known), and the codes of its values."""
        found = self.function(expression)
        if not found.scope:
            return None, found.values.reshape(1)
        if isinstance(expression, Reference) and len(found.scope) == 1 and expression.label in self.numbers:
            return found.scope[0], found.values
        return self._named(found)

    # ----- functions

    def function(self, expression: Expression) -> Dense:
        """An expression as a function of few variables; hidden ones are added where it has many."""
        match expression:
            case Constant(value):
                return constant(float(self.codes.code(value)))
            case Reference(label):
                return self._known[label]
            case _:
                found = self._hidden.get(expression)
                if found is None:
                    found = self._hidden[expression] = self._applied(expression)
                return found

    def _applied(self, expression: Apply | Lookup) -> Dense:
        if isinstance(expression, Lookup):
            cases = [(float(self.codes.code(value)), self.function(case)) for value, case in expression.cases]
            return self._chosen(self.function(expression.selector), cases)
        parts = [self.function(argument) for argument in expression.arguments]
        if expression.operator == "if":
            return self._chosen(parts[0], [(1.0, parts[1]), (0.0, parts[2])])
        if expression.operator in NARY:
            return self._chain(expression.operator, parts)
        return self._slim(combined(expression.operator, self._few(parts)))

    def _chain(self, operator: str, parts: Sequence[Dense]) -> Dense:
        found = parts[0]
        for part in parts[1:]:
            found = self._slim(combined(operator, self._few([found, part])))
        return found

    def _chosen(self, selector: Dense, cases: Sequence[tuple[float, Dense]]) -> Dense:
        """The case that belongs to the selector's value."""
        parts = [selector, *(case for _, case in cases)]
        if joint_size(parts) <= WORTH_HIDING or not selector.scope:
            return self._slim(_selected(selector, cases))
        items = np.unique(np.concatenate([case.items for _, case in cases]))
        spread = sum(joint_size([selector, case]) for _, case in cases) * len(items)
        if joint_size(parts) <= min(spread, LARGEST):
            return self._slim(_selected(selector, cases))
        number = self.new(len(items))
        value = Dense((number,), items)
        for code, case in cases:
            self._check([selector, case, value])
            other = combined("!=", [selector, constant(code)])
            self._add(combined("or", [other, Dense(*_near(case, items, number))]))
        return value

    def _slim(self, found: Dense) -> Dense:
        """A function of many variables with few values becomes a hidden variable."""
        if found.size <= WORTH_HIDING or len(found.scope) < 2 or 4 * len(found.items) > found.size:
            return found
        number, items = self._named(found)
        return Dense((number,), items)

    def _named(self, found: Dense) -> tuple[int, Array]:
        """A variable that has the value of a function, and its values."""
        items = found.items
        if found.size * len(items) > LARGEST_LINK:
            raise TooLargeError
        number = self.new(len(items))
        scope, values = _near(found, items, number)
        self._add(Dense(scope, values))
        return number, items

    def _few(self, parts: list[Dense]) -> list[Dense]:
        """``parts`` with hidden variables for the largest ones until their joint table is not too large."""
        while joint_size(parts) > LARGEST:
            place = max(range(len(parts)), key=lambda number: parts[number].size / len(parts[number].items))
            if 2 * len(parts[place].items) > parts[place].size or len(parts[place].scope) < 2:
                raise TooLargeError
            number, items = self._named(parts[place])
            parts = [*parts[:place], Dense((number,), items), *parts[place + 1 :]]
        return parts

    @staticmethod
    def _check(parts: Sequence[Dense]) -> None:
        if joint_size(parts) > LARGEST:
            raise TooLargeError


def _place(domain: Domain, value: Scalar) -> int:
    """The place of an observed value, which checks have found in the domain."""
    place = None if isinstance(value, float) else domain.position(value)
    assert place is not None
    return place


def _near(found: Dense, items: Array, number: int) -> tuple[tuple[int, ...], Array]:
    """The scope and values of “variable ``number`` has the value of ``found``”, whose values are ``items``."""
    places = found.places(items)
    return (*found.scope, number), (places[..., None] == np.arange(len(items))).astype(np.float64)


def _selected(selector: Dense, cases: Sequence[tuple[float, Dense]]) -> Dense:
    scope = joined_scope([selector, *(case for _, case in cases)])
    chosen = selector.over(scope)
    found = cases[-1][1].over(scope)
    for code, case in cases[:-1]:
        found = np.where(chosen == code, case.over(scope), found)
    full = np.broadcast_shapes(chosen.shape, found.shape)
    return Dense(scope, np.array(np.broadcast_to(found, full)))


def _shares(variable: RandomVariable, arguments: Sequence[Array], card: int) -> Array:
    """The probabilities of a variable's values, ``[…, card]``, given its arguments."""
    match variable.distribution.name:
        case "bernoulli":
            return np.stack([1 - arguments[0], arguments[0]], -1)
        case "categorical":
            stacked = np.stack(arguments, -1)
            found: Array = stacked / stacked.sum(-1, keepdims=True)
            return found
        case "binomial":
            return _binomial(arguments[0], arguments[1], card)
        case name:
            raise ValueError(f"{name} is not finite")


def _binomial(count: Array, probability: Array, card: int) -> Array:
    from math import lgamma

    values = np.arange(card)
    logarithms: Callable[[Array], Array] = np.vectorize(lambda x: lgamma(x + 1))
    count, probability = count[..., None], probability[..., None]
    inside = values <= count
    left = np.where(inside, count - values, 0)
    ways = logarithms(count) - logarithms(values.astype(np.float64)) - logarithms(left)
    found: Array = np.where(inside, np.exp(ways) * probability**values * (1 - probability) ** left, 0.0)
    return found
