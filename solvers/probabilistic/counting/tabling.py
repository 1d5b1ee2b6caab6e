"""From worlds to a network of tables: one factor for each concept, condition and soft constraint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.probabilistic.counting.expressions import ALWAYS, NEVER, Node
from nesy.solvers.probabilistic.counting.locals import Flags, Local, Locals
from nesy.solvers.probabilistic.counting.worlds import ByRules, ByValues, Definition, Worlds
from nesy.solvers.probabilistic.elimination import Input, Network, Table, table

LARGEST_FUNCTION = 1 << 14
"""Combinations of values of a concept's parents up to which its values are listed for each of them."""
LARGEST_TABLE = 1 << 22
"""Entries of the table of a concept and its parents."""
MOST_SETS = 4096
"""Different sets of values that rules may leave a concept, where there are too many parents to list them."""


@dataclass(frozen=True)
class Tabled:
    """A network, and for each query its variable, or the truth value where a formula is always or never true.

    ``open_concepts`` are the variables to which the rules may leave several values.
    """

    network: Network
    asked: tuple[int | bool, ...]
    open_concepts: tuple[int, ...]


def tabled(worlds: Worlds) -> Tabled:
    """The network of ``worlds``. E604 for a concept that is too large."""
    return _Tabling(worlds).run()


@dataclass
class _Tabling:
    worlds: Worlds
    locals: Locals = field(init=False)
    factors: dict[tuple[int, ...], NDArray[np.float64]] = field(default_factory=dict)
    open_concepts: list[int] = field(default_factory=list)
    _functions: dict[tuple[object, ...], NDArray[np.float64]] = field(default_factory=dict)
    _shared: dict[tuple[bytes, tuple[int, ...]], Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.locals = Locals(self.worlds.expressions, list(self.worlds.expressions.cards))
        queried = {a for a, q in zip(self.worlds.asked, self.worlds.model.queries, strict=True) if q.formula is None}
        self.queried = queried

    def run(self) -> Tabled:
        needed = self._needed()
        for definition in self.worlds.definitions:
            self._define(definition, needed)
        for condition in self.worlds.conditions:
            local = self.locals.local(condition.node)
            self._multiply(local.scope, ~local.flags)
        for soft in self.worlds.softs:
            local = self.locals.local(soft.node)
            flags = local.flags if soft.cost > 0 else ~local.flags
            self._multiply(local.scope, np.exp(-abs(soft.cost) * flags))
        asked = tuple(
            node if query.formula is None else self._answer(node)
            for node, query in zip(self.worlds.asked, self.worlds.model.queries, strict=True)
        )
        tables = [self._table(scope, values) for scope, values in (*self.factors.items(), *self.locals.tables)]
        spoken = {variable for each in tables for variable in each.scope} | {
            v for v in asked if not isinstance(v, bool)
        }
        inputs = []
        for place, variable in enumerate(self.worlds.variables):
            if variable.percept and place in spoken:
                attribute = self.worlds.model.attributes[variable.attribute]
                inputs.append(Input((place,), attribute.name, variable.index))
        network = Network(tuple(self.locals.cards), tuple(tables), tuple(inputs))
        return Tabled(network, asked, tuple(self.open_concepts))

    def _answer(self, node: Node) -> int | bool:
        if node in (NEVER, ALWAYS):
            return node == ALWAYS
        local = self.locals.local(node)
        if local.flags.all() or not local.flags.any():
            return bool(local.flags.all())
        return self.locals.name(local)

    def _needed(self) -> set[int]:
        """The variables that something else than their own definition speaks of."""
        worlds = self.worlds
        nodes = [each.node for each in worlds.restrictions]
        nodes += [a for a, q in zip(worlds.asked, worlds.model.queries, strict=True) if q.formula is not None]
        found = self.queried | worlds.expressions.variables(nodes)
        for definition in reversed(worlds.definitions):
            if definition.variable in found:
                found |= worlds.parents(definition)
        return found

    # ----- concepts

    def _define(self, definition: Definition, needed: set[int]) -> None:
        if isinstance(definition, ByRules):
            parts = [self.locals.local(rule.premise) for rule in definition.rules]
        else:
            parts = [self.locals.local(node) for node in definition.holds]
        scope = tuple(sorted({variable for part in parts for variable in part.scope}))
        size, card = self.locals.size(scope), self.locals.cards[definition.variable]
        if size <= LARGEST_FUNCTION and size * card <= LARGEST_TABLE:
            self._by_table(definition, scope, parts, needed)
        elif isinstance(definition, ByRules):
            self._by_sets(definition, parts)
        else:
            self._one_by_one(definition, parts)

    def _by_table(
        self, definition: Definition, scope: tuple[int, ...], parts: Sequence[Local], needed: set[int]
    ) -> None:
        """The shares of a concept's values for each combination of its parents' values."""
        variable = definition.variable
        shares = self._shares(definition, scope, parts)
        possible = shares.any(-1)
        if (np.count_nonzero(shares, -1) > 1).any():
            self.open_concepts.append(variable)
        elif variable not in self.queried and self.locals.size(scope) <= self.locals.cards[variable]:
            self.locals.inlined[variable] = (scope, shares.argmax(-1))
            if not possible.all():
                self._multiply(scope, possible.astype(float))
            return
        if variable in needed:
            self._multiply((*scope, variable), shares)
        elif not possible.all():
            self._multiply(scope, possible.astype(float))

    def _shares(self, definition: Definition, scope: tuple[int, ...], parts: Sequence[Local]) -> NDArray[np.float64]:
        """``[parents…, value]``; concepts of one form have one table."""
        card = self.locals.cards[definition.variable]
        form = tuple((tuple(map(scope.index, part.scope)), part.flags.tobytes()) for part in parts)
        said: object = None
        if isinstance(definition, ByRules):
            said = tuple((rule.values, rule.forward, rule.converse) for rule in definition.rules)
        key = (form, said, tuple(self.locals.cards[variable] for variable in scope), card)
        if key not in self._functions:
            flags = [self.locals.aligned(part, scope)[..., None] for part in parts]
            shape = [*(self.locals.cards[variable] for variable in scope), card]
            self._functions[key] = _shares(definition, flags, shape)
        return self._functions[key]

    def _by_sets(self, definition: ByRules, parts: Sequence[Local]) -> None:
        """One rule after the other narrows the set of values; the set is a variable."""
        card = self.locals.cards[definition.variable]
        sets: list[frozenset[int]] = [frozenset(range(card))]
        state: int | None = None
        for rule, part in zip(definition.rules, parts, strict=True):
            premise = self.locals.name(part)
            named = frozenset(rule.values)
            narrowed: list[frozenset[int]] = []
            places = np.zeros((len(sets), 2), dtype=np.int64)
            for row, before in enumerate(sets):
                without = before - named if rule.converse else before
                within = before & named if rule.forward else before
                for column, after in enumerate((without, within)):
                    if after not in narrowed:
                        narrowed.append(after)
                    places[row, column] = narrowed.index(after)
            if len(narrowed) > MOST_SETS:
                raise self._too_large(definition, f"its rules leave it {len(narrowed):,} different sets of values")
            following = self.locals.fresh(len(narrowed))
            values = np.eye(len(narrowed))[places]
            if state is None:
                self._multiply((premise, following), values[0])
            else:
                self._multiply((state, premise, following), values)
            sets, state = narrowed, following
        shares = np.array([[value in each for value in range(card)] for each in sets], dtype=float)
        counts = shares.sum(-1, keepdims=True)
        if (counts > 1).any():
            self.open_concepts.append(definition.variable)
        assert state is not None
        self._multiply((state, definition.variable), shares / np.maximum(counts, 1))

    def _one_by_one(self, definition: ByValues, parts: Sequence[Local]) -> None:
        """One value after the other holds or not; which one has held is a variable, and there must be just one."""
        card = self.locals.cards[definition.variable]
        state = self.locals.fresh(card + 1)
        self._multiply((state,), np.eye(card + 1)[card])
        for value, part in enumerate(parts):
            following = self.locals.fresh(card + 1)
            values = np.zeros((card + 1, 2, card + 1))
            values[:, 0] = np.eye(card + 1)
            values[card, 1, value] = 1.0
            self._multiply((state, self.locals.name(part), following), values)
            state = following
        self._multiply((state, definition.variable), np.eye(card + 1)[:, :card])

    def _too_large(self, definition: Definition, why: str) -> NesyError:
        variable = self.worlds.variables[definition.variable]
        span = self.worlds.model.attributes[variable.attribute].span
        hint = "write it in several steps, each with few values"
        return NesyError(Diagnostic("E604", f"'{variable.label}' is too large: {why}", span, hint))

    # ----- tables

    def _multiply(self, scope: tuple[int, ...], values: NDArray[np.float64] | Flags) -> None:
        before = self.factors.get(scope)
        self.factors[scope] = np.asarray(values, dtype=np.float64) if before is None else before * values

    def _table(self, scope: tuple[int, ...], values: NDArray[np.float64]) -> Table:
        key = (values.tobytes(), values.shape)
        if key not in self._shared:
            self._shared[key] = table(scope, values)
        return self._shared[key].over(scope)


def _shares(definition: Definition, flags: Iterable[Flags], shape: Sequence[int]) -> NDArray[np.float64]:
    card = shape[-1]
    if isinstance(definition, ByValues):
        columns = [np.broadcast_to(each, [*shape[:-1], 1]) for each in flags]
        holding = np.concatenate(columns, -1).astype(float)
        holding[holding.sum(-1) != 1] = 0.0
        return holding
    allowed = np.ones(shape, dtype=np.bool_)
    for rule, premise in zip(definition.rules, flags, strict=True):
        inside = np.isin(np.arange(card), rule.values)
        if rule.forward:
            allowed &= ~premise | inside
        if rule.converse:
            allowed &= premise | ~inside
    counts = allowed.sum(-1, keepdims=True)
    found: NDArray[np.float64] = allowed / np.maximum(counts, 1)
    return found
