"""Compiling conditions on percepts to a circuit by PySDD: sentential decision diagrams (Darwiche 2011).

A percept with n values is n − 1 Boolean variables, “it has value 0”, “else value 1”, …, the last value where none
holds; so each Boolean is a choice with two weights that sum to 1, and nothing has to be smoothed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nesy.solvers.probabilistic.counting.circuits.layers import ALWAYS as SURE
from nesy.solvers.probabilistic.counting.circuits.layers import NEVER as NOWHERE
from nesy.solvers.probabilistic.counting.circuits.layers import Circuit, layered
from nesy.solvers.probabilistic.counting.expressions import (
    ALWAYS,
    AtLeast,
    Both,
    Either,
    Expressions,
    Literal,
    Node,
    Opposite,
)

NODES = 2_000_000
"""Nodes that a manager may hold before compilation is given up."""


class TooLargeError(Exception):
    """The diagram grows beyond the budget; ``size`` nodes so far."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


@dataclass
class Compiler:
    """Compiles nodes over ``percepts``, ``extra`` Booleans and ``others``; the same node is compiled once.

    Booleans are numbered in this order; number b (from 0) has the leaves 2 + 2b (true) and 3 + 2b (false) of circuits.
    """

    expressions: Expressions
    percepts: Sequence[int]
    extra: int = 0
    others: Sequence[int] = ()
    first: dict[int, int] = field(init=False)
    count: int = field(init=False)
    first_extra: int = field(init=False)
    manager: Any = field(init=False)
    _known: dict[Node, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from pysdd.sdd import SddManager, Vtree

        self.first, self.count = {}, 0
        for variable in (*self.percepts, None, *self.others):
            if variable is None:
                self.first_extra = self.count
                self.count += self.extra
            else:
                self.first[variable] = self.count
                self.count += self.expressions.cards[variable] - 1
        self.manager = SddManager.from_vtree(Vtree(var_count=max(1, self.count), vtree_type="balanced"))
        self._known = {0: self.manager.false(), ALWAYS: self.manager.true()}

    def compiled(self, node: Node) -> Any:
        """The diagram of ``node``."""
        if node not in self._known:
            self._known[node] = self._compile(node)
            self._check()
        return self._known[node]

    def extra_literal(self, number: int) -> Any:
        """The diagram of one of the extra Booleans."""
        return self.manager.vars[self.first_extra + number + 1]

    def conjoined(self, items: Iterable[Any]) -> Any:
        """The conjunction of diagrams, small ones first."""
        found = self.manager.true()
        for item in sorted(items, key=lambda each: each.size()):
            found = found & item
            self._check()
        return found

    def _compile(self, node: Node) -> Any:
        form = self.expressions.forms[node]
        match form:
            case Literal(variable, values):
                return self._literal(variable, values)
            case Opposite(item):
                return ~self.compiled(item)
            case Both(items):
                return self.conjoined(map(self.compiled, items))
            case Either(items):
                return ~self.conjoined(~self.compiled(item) for item in items)
            case AtLeast(items, lower):
                return self._at_least(items, lower)

    def _literal(self, variable: int, values: tuple[int, ...]) -> Any:
        true, false = self.manager.true(), self.manager.false()
        last = self.expressions.cards[variable] - 1
        found = true if last in values else false
        for value in reversed(range(last)):
            chosen = self.manager.vars[self.first[variable] + value + 1]
            found = (chosen & (true if value in values else false)) | (~chosen & found)
        return found

    def _at_least(self, items: tuple[tuple[Node, int], ...], lower: int) -> Any:
        """A sum as a decision about one item after the other, from the last one back."""
        true, false = self.manager.true(), self.manager.false()
        left = sum(weight for _, weight in items)
        reached: dict[int, Any] = {}

        def at(total: int) -> Any:
            return true if total >= lower else reached.get(total, false)

        for node, weight in reversed(items):
            left -= weight
            condition = self.compiled(node)
            reached = {
                total: (condition & at(total + weight)) | (~condition & at(total))
                for total in range(min(left, lower - 1) + 1)
            }
            self._check()
        return at(0)

    def _check(self) -> None:
        size = self.manager.count()
        if size > NODES:
            raise TooLargeError(size)

    # ----- circuits

    def circuit(self, roots: Sequence[Any]) -> Circuit:
        """One circuit for all of ``roots``."""
        leaves = 2 + 2 * self.count
        places: dict[int, int] = {}
        nodes: list[list[tuple[int, int]]] = []

        def place(diagram: Any) -> int:
            if diagram.is_false():
                return NOWHERE
            if diagram.is_true():
                return SURE
            if diagram.is_literal():
                literal: int = diagram.literal
                return 2 * abs(literal) + (literal < 0)
            return places[diagram.id]

        waiting = list(roots)
        while waiting:
            top = waiting[-1]
            if not top.is_decision() or top.id in places:
                waiting.pop()
                continue
            elements = list(top.elements())
            missing = [part for pair in elements for part in pair if part.is_decision() and part.id not in places]
            if missing:
                waiting += missing
                continue
            products = [(place(prime), place(sub)) for prime, sub in elements if not sub.is_false()]
            places[top.id] = leaves + len(nodes)
            nodes.append(products)
            waiting.pop()
        return layered(leaves, nodes, [place(root) for root in roots])
