"""A program over percepts as what its worlds are: variables, how concepts follow, what is excluded, what is asked.

A *world* gives every percept and every concept one value. Its weight is the product of the probabilities of its
percepts' values, of exp(−w) for each broken soft constraint, and of 1/n where the rules leave a concept n values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from nesy.solvers.ground_model import GroundModel, GroundQuery, Origin
from nesy.solvers.probabilistic.counting.expressions import Expressions, Node


@dataclass(frozen=True, slots=True)
class Variable:
    """An attribute at one index: places in ``GroundModel.attributes`` and its ``index``."""

    label: str
    attribute: int
    index: int
    percept: bool


@dataclass(frozen=True, slots=True)
class Implication:
    """“if ``premise`` then one of ``values``”; with ``converse``, “else none of them” in addition or, alone, instead.

    ``forward`` and ``converse`` say which of the two holds: r = 0 and s = 0.
    """

    premise: Node
    values: tuple[int, ...]
    forward: bool
    converse: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class ByRules:
    """A concept whose value uncertain rules restrict; what they leave open is shared evenly."""

    variable: int
    rules: tuple[Implication, ...]


@dataclass(frozen=True, slots=True)
class ByValues:
    """A concept whose values ``:-`` rules derive: ``holds[value]``. Where not exactly one holds, there is no world."""

    variable: int
    holds: tuple[Node, ...]


Definition: TypeAlias = ByRules | ByValues


@dataclass(frozen=True, slots=True)
class Condition:
    """``node`` never holds."""

    node: Node
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class Soft:
    """Where ``node`` holds, the weight of a world is exp(−``cost``) of what it would be."""

    node: Node
    cost: float
    origin: Origin | None


@dataclass(frozen=True)
class Worlds:
    """Everything that decides about worlds. ``definitions`` come in an order in which each draws on earlier ones only.

    ``model`` holds the attributes and the queries; ``asked[query]`` is the variable (for queries about an attribute) or
    the node (for formulas) of each.
    """

    model: GroundModel
    variables: tuple[Variable, ...]
    expressions: Expressions
    definitions: tuple[Definition, ...]
    conditions: tuple[Condition, ...]
    softs: tuple[Soft, ...]
    asked: tuple[int, ...]
    costs_are_nats: bool = True
    """Whether soft constraints, if there are any, stand at level 0, where their weights add to those of readings."""

    def percepts_of(self, query: GroundQuery) -> frozenset[int]:
        """The percepts on which a query of ``model`` depends, restrictions aside."""
        own = {definition.variable: definition for definition in self.definitions}
        asked = self.asked[self.model.queries.index(query)]
        waiting = [asked] if query.formula is None else list(self.expressions.variables([asked]))
        found: set[int] = set()
        while waiting:
            variable = waiting.pop()
            if variable not in found:
                found.add(variable)
                waiting += self.parents(own[variable]) if variable in own else ()
        return frozenset(variable for variable in found if self.variables[variable].percept)

    @property
    def log_reward(self) -> float:
        """The log weight of a world that earns all rewards (negative costs): routes weigh what is not earned."""
        return -sum(soft.cost for soft in self.softs if soft.cost < 0)

    @property
    def restrictions(self) -> tuple[Condition | Soft, ...]:
        """What decides about worlds beside the definitions."""
        return (*self.conditions, *self.softs)

    @property
    def spoken_percepts(self) -> tuple[int, ...]:
        """The percepts that definitions, restrictions or queries speak of, in order."""
        found = self.expressions.variables(each.node for each in self.restrictions)
        for definition in self.definitions:
            found |= self.parents(definition)
        for asked, query in zip(self.asked, self.model.queries, strict=True):
            found |= {asked} if query.formula is None else self.expressions.variables([asked])
        return tuple(sorted(place for place in found if self.variables[place].percept))

    def parents(self, definition: Definition) -> set[int]:
        """The variables on which a concept's value depends directly."""
        if isinstance(definition, ByRules):
            return self.expressions.variables(rule.premise for rule in definition.rules)
        return self.expressions.variables(definition.holds)
