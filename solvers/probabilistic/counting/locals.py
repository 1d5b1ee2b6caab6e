"""Truth tables over few variables, and new variables where a table would have too many entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nesy.solvers.probabilistic.counting.expressions import (
    AtLeast,
    Both,
    Either,
    Expressions,
    Literal,
    Node,
    Opposite,
)

Flags = NDArray[np.bool_]

LIMIT = 1 << 10
"""Entries that a truth table may have; a part of a formula that needs more becomes a variable."""
FAN = 4
"""Parts that are joined at once where each of them has become a variable."""


@dataclass(frozen=True, eq=False)
class Local:
    """A truth table: ``flags`` has one axis for each variable of ``scope``."""

    scope: tuple[int, ...]
    flags: Flags


@dataclass
class Locals:
    """Makes truth tables of nodes. ``cards`` grows by the new variables, which the constants ``tables`` define.

    ``inlined`` are variables that are functions of others, with the places of their values.
    """

    expressions: Expressions
    cards: list[int]
    tables: list[tuple[tuple[int, ...], NDArray[np.float64]]] = field(default_factory=list)
    inlined: dict[int, tuple[tuple[int, ...], NDArray[np.int64]]] = field(default_factory=dict)
    _known: dict[Node, Local] = field(default_factory=dict)
    _named: dict[tuple[tuple[int, ...], bytes], int] = field(default_factory=dict)
    _counters: dict[tuple[tuple[Node, int], ...], int] = field(default_factory=dict)
    _made_counters: dict[tuple[tuple[tuple[Node, int], ...], int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for form in self.expressions.forms:
            if isinstance(form, AtLeast):
                self._counters[form.items] = max(form.lower, self._counters.get(form.items, 0))

    def local(self, node: Node) -> Local:
        """The truth table of ``node``, over variables of the program and new ones."""
        found = self._known.get(node)
        if found is None:
            found = self._known[node] = self._made(node)
        return found

    def name(self, local: Local) -> int:
        """A variable that is 1 exactly where ``local`` holds."""
        if len(local.scope) == 1 and self.cards[local.scope[0]] == 2 and local.flags.tolist() == [False, True]:
            return local.scope[0]
        key = (local.scope, local.flags.tobytes())
        if key not in self._named:
            self._named[key] = self.fresh(2)
            self.tables.append(
                ((*local.scope, self._named[key]), np.stack([~local.flags, local.flags], -1).astype(float))
            )
        return self._named[key]

    def fresh(self, card: int) -> int:
        """A new variable."""
        self.cards.append(card)
        return len(self.cards) - 1

    def size(self, scope: Iterable[int]) -> int:
        """Entries of a table over ``scope``."""
        found = 1
        for variable in scope:
            found *= self.cards[variable]
        return found

    def aligned(self, local: Local, scope: Sequence[int]) -> Flags:
        """The table with an axis for each variable of ``scope``, of extent 1 where it does not have it."""
        order = sorted(range(len(local.scope)), key=lambda axis: scope.index(local.scope[axis]))
        shape = [self.cards[variable] if variable in local.scope else 1 for variable in scope]
        return local.flags.transpose(order).reshape(shape)

    # ----- making

    def _made(self, node: Node) -> Local:
        form = self.expressions.forms[node]
        match form:
            case Literal(variable, values):
                return self._literal(variable, values)
            case Opposite(item):
                inner = self.local(item)
                return Local(inner.scope, ~inner.flags)
            case Both(items):
                return self._joined([self.local(item) for item in items], np.logical_and, empty=True)
            case Either(items):
                return self._joined([self.local(item) for item in items], np.logical_or, empty=False)
            case AtLeast(items, lower):
                return self._counted(items, lower)

    def _literal(self, variable: int, values: tuple[int, ...]) -> Local:
        if variable in self.inlined:
            scope, function = self.inlined[variable]
            return Local(scope, np.isin(function, values))
        flags = np.zeros(self.cards[variable], dtype=np.bool_)
        flags[list(values)] = True
        return Local((variable,), flags)

    def _joined(self, items: Sequence[Local], combine: Callable[[Flags, Flags], Flags], *, empty: bool) -> Local:
        """Items whose variables overlap are combined as far as the limit allows; the groups are joined as a tree."""
        if not items:
            return Local((), np.array(empty))
        groups: list[Local] = []
        for item in sorted(items, key=lambda each: each.scope):
            last = groups[-1] if groups else None
            if last is not None and self.size({*last.scope, *item.scope}) <= LIMIT:
                groups[-1] = self._combined(last, item, combine)
            else:
                groups.append(item)
        while len(groups) > 1:
            flags = [self._flag(self.name(group)) for group in groups]
            starts = range(0, len(flags), FAN)
            groups = [self._all_combined(flags[start : start + FAN], combine) for start in starts]
        return groups[0]

    def _all_combined(self, items: Sequence[Local], combine: Callable[[Flags, Flags], Flags]) -> Local:
        found = items[0]
        for item in items[1:]:
            found = self._combined(found, item, combine)
        return found

    def _combined(self, left: Local, right: Local, combine: Callable[[Flags, Flags], Flags]) -> Local:
        scope = tuple(sorted({*left.scope, *right.scope}))
        return Local(scope, combine(self.aligned(left, scope), self.aligned(right, scope)))

    @staticmethod
    def _flag(variable: int) -> Local:
        return Local((variable,), np.array([False, True]))

    # ----- counting

    def _counted(self, items: tuple[tuple[Node, int], ...], lower: int) -> Local:
        """Whether weights add up to ``lower``: one table, or counters from one variable's items to the next's."""
        added = [(self.local(node), weight) for node, weight in items]
        scope = tuple(sorted({variable for local, _ in added for variable in local.scope}))
        if self.size(scope) <= LIMIT:
            total = np.zeros([self.cards[variable] for variable in scope], dtype=np.int64)
            for local, weight in added:
                total = total + weight * self.aligned(local, scope)
            return Local(scope, total >= lower)
        counter = self._counter(items, self._counters[items])
        flags = np.arange(self.cards[counter]) >= lower
        return Local((counter,), flags)

    def _counter(self, items: tuple[tuple[Node, int], ...], most: int) -> int:
        """A variable that counts the weights of what holds, up to ``most``; items on the same variables go at once."""
        key = (items, most)
        if key in self._made_counters:
            return self._made_counters[key]
        sums: dict[tuple[int, ...], NDArray[np.int64]] = {}
        for node, weight in items:
            local = self.local(node)
            before = sums.get(local.scope, np.zeros(local.flags.shape, dtype=np.int64))
            sums[local.scope] = before + weight * local.flags
        parts = [(scope, sums[scope]) for scope in sorted(sums)]
        counter = self._sum(*parts[0], most)
        for scope, weights in parts[1:]:
            part = self._sum(scope, weights, most)
            counter = self._added(counter, part, most)
        self._made_counters[key] = counter
        return counter

    def _sum(self, scope: tuple[int, ...], weights: NDArray[np.int64], most: int) -> int:
        """A variable that is the weight of what ``scope`` has."""
        capped = np.minimum(weights, most)
        if len(scope) == 1 and capped.tolist() == list(range(self.cards[scope[0]])):
            return scope[0]
        found = self.fresh(int(capped.max()) + 1)
        self.tables.append(((*scope, found), np.eye(self.cards[found])[capped]))
        return found

    def _added(self, left: int, right: int, most: int) -> int:
        """A variable that is the sum of two."""
        values = np.minimum(np.arange(self.cards[left])[:, None] + np.arange(self.cards[right])[None], most)
        found = self.fresh(int(values.max()) + 1)
        self.tables.append(((left, right, found), np.eye(self.cards[found])[values]))
        return found


def constant(local: Local) -> bool | None:
    """Whether a table holds everywhere, nowhere (False), or neither (None)."""
    return bool(local.flags.flat[0]) if local.flags.all() or not local.flags.any() else None
