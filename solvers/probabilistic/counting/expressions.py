"""Conditions on the values of variables, as a graph in which equal parts are one node.

A literal says that a variable takes one of some values; conjunctions, disjunctions, negations and weighted counts are
made of other nodes. Nodes are numbers; 0 is never true, 1 is always true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

NEVER = 0
ALWAYS = 1

Node: TypeAlias = int


@dataclass(frozen=True, slots=True)
class Literal:
    """Variable ``variable`` takes one of ``values`` (places on its value axis, increasing)."""

    variable: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """All of ``items`` hold."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of ``items`` holds at least."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Opposite:
    """``item`` does not hold."""

    item: Node


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The weights of the items that hold add up to ``lower`` at least; weights are positive."""

    items: tuple[tuple[Node, int], ...]
    lower: int


Form: TypeAlias = Literal | Both | Either | Opposite | AtLeast


@dataclass
class Expressions:
    """The graph. ``cards[variable]`` is the number of values of a variable."""

    cards: list[int]
    forms: list[Form] = field(default_factory=lambda: [Either(()), Both(())])
    _places: dict[Form, Node] = field(default_factory=dict)

    def literal(self, variable: int, values: Iterable[int]) -> Node:
        """The node of “``variable`` takes one of ``values``”."""
        chosen = tuple(sorted(set(values)))
        if not chosen:
            return NEVER
        return ALWAYS if len(chosen) == self.cards[variable] else self._node(Literal(variable, chosen))

    def negation(self, node: Node) -> Node:
        """The node of “``node`` does not hold”."""
        if node in (NEVER, ALWAYS):
            return 1 - node
        form = self.forms[node]
        if isinstance(form, Literal):
            rest = set(range(self.cards[form.variable])).difference(form.values)
            return self.literal(form.variable, rest)
        return form.item if isinstance(form, Opposite) else self._node(Opposite(node))

    def both(self, items: Iterable[Node]) -> Node:
        """The conjunction; literals on one variable are merged."""
        return self._join(items, conjunction=True)

    def either(self, items: Iterable[Node]) -> Node:
        """The disjunction; literals on one variable are merged."""
        return self._join(items, conjunction=False)

    def at_least(self, items: Sequence[tuple[Node, int]], lower: int) -> Node:
        """Whether the weights of the items that hold reach ``lower``; simple cases become conjunctions and so on."""
        lower -= sum(weight for node, weight in items if node == ALWAYS)
        open_items = [(node, weight) for node, weight in items if node not in (NEVER, ALWAYS)]
        if lower <= 0:
            return ALWAYS
        total = sum(weight for _, weight in open_items)
        if total < lower:
            return NEVER
        if all(weight >= lower for _, weight in open_items):
            return self.either(node for node, _ in open_items)
        if all(total - weight < lower for _, weight in open_items):
            return self.both(node for node, _ in open_items)
        return self._node(AtLeast(tuple(sorted(open_items)), lower))

    def variables(self, nodes: Iterable[Node]) -> set[int]:
        """The variables that some of ``nodes`` speak of."""
        found: set[int] = set()
        seen: set[Node] = set()
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                form = self.forms[node]
                if isinstance(form, Literal):
                    found.add(form.variable)
                else:
                    waiting.extend(parts(form))
        return found

    def _join(self, items: Iterable[Node], *, conjunction: bool) -> Node:
        absorbing, neutral = (NEVER, ALWAYS) if conjunction else (ALWAYS, NEVER)
        kind = Both if conjunction else Either
        values: dict[int, set[int]] = {}
        others: dict[Node, None] = {}
        waiting = list(items)[::-1]
        while waiting:
            node = waiting.pop()
            if node == absorbing:
                return absorbing
            form = self.forms[node]
            if node == neutral:
                continue
            if isinstance(form, Literal):
                if form.variable not in values:
                    values[form.variable] = set(form.values)
                elif conjunction:
                    values[form.variable] &= set(form.values)
                else:
                    values[form.variable] |= set(form.values)
            elif isinstance(form, kind):
                waiting.extend(reversed(form.items))
            else:
                others[node] = None
        literals = [self.literal(variable, chosen) for variable, chosen in values.items()]
        if absorbing in literals or any(self.negation(node) in others for node in others):
            return absorbing
        nodes = [node for node in (*literals, *others) if node != neutral]
        if len(nodes) == 1:
            return nodes[0]
        return self._node(kind(tuple(nodes))) if nodes else neutral

    def _node(self, form: Form) -> Node:
        found = self._places.get(form)
        if found is None:
            found = self._places[form] = len(self.forms)
            self.forms.append(form)
        return found


def parts(form: Form) -> tuple[Node, ...]:
    """The nodes that a form is made of."""
    match form:
        case Both(items) | Either(items):
            return items
        case Opposite(item):
            return (item,)
        case AtLeast(items, _):
            return tuple(node for node, _ in items)
        case Literal():
            return ()


def holds(expressions: Expressions, node: Node, values: Mapping[int, int], known: dict[Node, bool]) -> bool:
    """Whether ``node`` holds where variables have these ``values``; ``known`` remembers what has been worked out."""
    if node not in known:
        form = expressions.forms[node]
        match form:
            case Literal(variable, chosen):
                known[node] = values[variable] in chosen
            case Both(items):
                known[node] = all(holds(expressions, item, values, known) for item in items)
            case Either(items):
                known[node] = any(holds(expressions, item, values, known) for item in items)
            case Opposite(item):
                known[node] = not holds(expressions, item, values, known)
            case AtLeast(items, lower):
                known[node] = sum(w for item, w in items if holds(expressions, item, values, known)) >= lower
    return known[node]
