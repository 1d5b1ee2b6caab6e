"""Concepts as conditions on percepts alone: what decides about each of their values."""

from __future__ import annotations

from dataclasses import dataclass, field

from nesy.solvers.probabilistic.counting.expressions import (
    AtLeast,
    Both,
    Either,
    Literal,
    Node,
    Opposite,
    parts,
)
from nesy.solvers.probabilistic.counting.worlds import ByRules, ByValues, Definition, Worlds


@dataclass
class Substitution:
    """Rewrites nodes over percepts and concepts into nodes over percepts. ``values[concept][value]`` are such nodes."""

    worlds: Worlds
    values: dict[int, tuple[Node, ...]] = field(default_factory=dict)
    _known: dict[Node, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for definition in self.worlds.definitions:
            self.values[definition.variable] = self._values(definition)

    def node(self, node: Node) -> Node:
        """``node`` with each concept's literals replaced."""
        expressions = self.worlds.expressions
        waiting = [node]
        while waiting:
            top = waiting[-1]
            if top in self._known:
                waiting.pop()
                continue
            missing = [part for part in parts(expressions.forms[top]) if part not in self._known]
            if missing:
                waiting += missing
            else:
                self._known[waiting.pop()] = self._rewritten(top)
        return self._known[node]

    def value(self, variable: int, value: int) -> Node:
        """The node of “a percept or concept has this value”."""
        if variable in self.values:
            return self.values[variable][value]
        return self.worlds.expressions.literal(variable, [value])

    def _rewritten(self, node: Node) -> Node:
        expressions = self.worlds.expressions
        form = expressions.forms[node]
        match form:
            case Literal(variable, chosen):
                if variable not in self.values:
                    return node
                return expressions.either(self.values[variable][value] for value in chosen)
            case Both(items):
                return expressions.both(self._known[item] for item in items)
            case Either(items):
                return expressions.either(self._known[item] for item in items)
            case Opposite(item):
                return expressions.negation(self._known[item])
            case AtLeast(items, lower):
                return expressions.at_least([(self._known[item], weight) for item, weight in items], lower)

    def _values(self, definition: Definition) -> tuple[Node, ...]:
        """What allows each value of a concept; in a world at least one is allowed, and of ``:-`` rules exactly one."""
        expressions = self.worlds.expressions
        count = expressions.cards[definition.variable]
        match definition:
            case ByRules(_, rules):
                premises = [self.node(rule.premise) for rule in rules]
                found = []
                for value in range(count):
                    said = []
                    for rule, premise in zip(rules, premises, strict=True):
                        if rule.forward and value not in rule.values:
                            said.append(expressions.negation(premise))
                        if rule.converse and value in rule.values:
                            said.append(premise)
                    found.append(expressions.both(said))
                return tuple(found)
            case ByValues(_, holds):
                return tuple(self.node(node) for node in holds)
