"""Blocks of finite variables that are drawn together, given all others: so many that their tables stay small.

Which variables have to be held so that the rest has narrow tables is a cutset (Pearl 1988, ch. 4.3). Holding one cutset
after another and drawing all the rest at once is Gibbs sampling by trees (Hamze, de Freitas 2004), here of any width.
A block is eliminated forwards and drawn backwards, for many chains in the same tensor operations.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

Scope = tuple[int, ...]
Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Factor:
    """A table, ``[card…]`` over the variables of ``scope``."""

    scope: Scope
    values: Numbers


@dataclass(frozen=True, eq=False)
class Gathered:
    """A factor as a bucket sees it: a row for the values of the ``held`` variables, ``[rows, card…]``, with an axis of
    length 1 for each of the bucket's variables that it does not speak of."""

    held: Scope
    strides: Scope
    free: Scope
    rows: Numbers

    def at(self, values: Places) -> Numbers:
        """The factor for each chain, ``[chains or 1, card…]``; ``values`` are ``[variables, chains]``."""
        if not self.held:
            return self.rows
        place = values[self.held[0]] * self.strides[0]
        for variable, stride in zip(self.held[1:], self.strides[1:], strict=True):
            place = place + stride * values[variable]
        found: Numbers = self.rows[place]
        return found


@dataclass(frozen=True)
class Bucket:
    """One step: the factors and earlier messages that speak of ``variable``, which comes last in ``scope``."""

    variable: int
    scope: Scope
    factors: tuple[Gathered, ...]
    messages: tuple[tuple[int, tuple[int, ...]], ...]
    """Numbers of earlier buckets, and the shape in which their messages are multiplied here."""


@dataclass(frozen=True)
class Block:
    """The variables that are drawn together, in the order of elimination."""

    cards: tuple[int, ...]
    buckets: tuple[Bucket, ...]

    @property
    def variables(self) -> frozenset[int]:
        """Those that are drawn."""
        return frozenset(bucket.variable for bucket in self.buckets)

    def draw(
        self, values: Places, random: np.random.Generator, noted: Collection[int]
    ) -> tuple[dict[int, Numbers], Numbers]:
        """Draw the block in ``values``, ``[variables, chains]``, in place.

        Gives the conditional probabilities of each ``noted`` variable that is drawn, ``[chains, card]``, whose means
        are its probabilities (Rao-Blackwell), and the log weight of all that the block may be, ``[chains]``; −∞ where
        nothing is possible (what is drawn then means nothing).
        """
        chains = values.shape[1]
        total, every = np.zeros(chains), np.arange(chains)
        tables = self._forwards(values, total)
        uniform = random.random((len(self.buckets), chains))
        found: dict[int, Numbers] = {}
        for number in reversed(range(len(self.buckets))):
            bucket, table = self.buckets[number], tables[number]
            card = self.cards[bucket.variable]
            place = np.zeros(chains, dtype=np.int64)
            for variable in bucket.scope[:-1]:
                place = place * self.cards[variable] + values[variable]
            flat = table.reshape(len(table), -1, card)
            weights = flat[every if len(table) > 1 else 0, place]
            sums = weights.cumsum(-1)
            values[bucket.variable] = np.minimum((sums < uniform[number, :, None] * sums[:, -1:]).sum(-1), card - 1)
            if bucket.variable in noted:
                with np.errstate(invalid="ignore"):
                    found[bucket.variable] = weights / sums[:, -1:]
        return found, total

    def _forwards(self, values: Places, total: Numbers) -> list[Numbers]:
        """The table of each bucket and its sum over the bucket's variable, divided by the largest entry, whose
        logarithm goes to ``total``."""
        tables: list[Numbers] = []
        messages: list[Numbers] = []
        for bucket in self.buckets:
            table: Numbers | None = None
            for factor in bucket.factors:
                table = factor.at(values) if table is None else table * factor.at(values)
            for number, shape in bucket.messages:
                message = messages[number].reshape(-1, *shape)
                table = message if table is None else table * message
            assert table is not None
            full = [self.cards[variable] for variable in bucket.scope]
            table = np.broadcast_to(table, (len(table), *full))
            message = table.sum(-1)
            largest = message.reshape(len(message), -1).max(-1)
            with np.errstate(divide="ignore"):
                total += np.log(largest)
            largest = np.where(largest > 0, largest, 1.0)
            tables.append(table)
            messages.append(message / largest.reshape(-1, *(1,) * (message.ndim - 1)))
        return tables


def blocks(cards: Sequence[int], factors: Sequence[Factor], holdable: Collection[int], most: int) -> list[Block] | None:
    """Blocks that cover all variables; only ``holdable`` ones are ever held. None where tables of ``most`` entries are
    too small for that."""
    left = set(range(len(cards)))
    found: list[Block] = []
    while left:
        order = _order(cards, factors, holdable, left, most) or []
        some, size = sorted(left & set(holdable)), len(left)
        while size and not left & set(order):
            # everything else is held
            order, _, done = _tried(cards, _graph(cards, factors), (), left, set(holdable) - set(some[:size]), most)
            order, size = order if done else [], size // 2
        if not left & set(order):
            return None
        found.append(_block(cards, factors, order))
        left -= set(order)
    return found


def _order(
    cards: Sequence[int], factors: Sequence[Factor], holdable: Collection[int], wanted: Collection[int], most: int
) -> list[int] | None:
    """An order of elimination with tables of at most ``most`` entries; what would exceed them is held instead.

    Variables that are not ``wanted`` are held first, of these those with many neighbours. Where only others are left
    that cannot be held, what was held comes too late, and too much was eliminated before: both are held from the start.
    """
    near = _graph(cards, factors)
    held: set[int] = set()
    while True:
        order, late, done = _tried(cards, near, holdable, wanted, held, most)
        if done:
            return order
        able = sorted((v for v in reversed(order) if v in holdable), key=lambda variable: variable in wanted)
        if not able and not late:
            return None
        held.update(late, able[: len(able) // 10 + (not late)])


def _graph(cards: Sequence[int], factors: Sequence[Factor]) -> dict[int, set[int]]:
    """The variables that stand in a factor with each."""
    near: dict[int, set[int]] = {variable: set() for variable in range(len(cards))}
    for factor in factors:
        for variable in factor.scope:
            near[variable].update(factor.scope)
    for variable, others in near.items():
        others.discard(variable)
    return near


def _tried(
    cards: Sequence[int],
    graph: Mapping[int, set[int]],
    holdable: Collection[int],
    wanted: Collection[int],
    held: Collection[int],
    most: int,
) -> tuple[list[int], list[int], bool]:
    """The order as far as it goes with ``held`` out of the way, what else is held, and whether it goes to the end."""
    near = {variable: others.difference(held) for variable, others in graph.items() if variable not in held}
    sizes = {variable: _size(cards, variable, others) for variable, others in near.items()}
    order: list[int] = []
    late: list[int] = []
    while near:
        variable = min(near, key=lambda each: (sizes[each], each))
        taken = sizes[variable] <= most
        if taken:
            order.append(variable)
            for other in near[variable]:
                near[other] |= near[variable]
                near[other].discard(other)
        else:
            able = [each for each in near if each in holdable]
            if not able:
                return order, late, False
            variable = max(able, key=lambda each: (each not in wanted, len(near[each]), each))
            late.append(variable)
        for other in near.pop(variable):
            near[other].discard(variable)
            sizes[other] = _size(cards, other, near[other])
    return order, late, True


def _size(cards: Sequence[int], variable: int, others: Collection[int]) -> int:
    return cards[variable] * prod(cards[other] for other in others)


def _block(cards: Sequence[int], factors: Sequence[Factor], order: Sequence[int]) -> Block:
    """The buckets of an order; variables outside it are held."""
    rank = {variable: place for place, variable in enumerate(order)}
    own: dict[int, list[tuple[Factor, Scope]]] = {variable: [] for variable in order}
    for factor in factors:
        free = tuple(variable for variable in factor.scope if variable in rank)
        if free:
            own[min(free, key=rank.__getitem__)].append((factor, free))
    waiting: dict[int, list[int]] = {variable: [] for variable in order}
    buckets: list[Bucket] = []
    for number, variable in enumerate(order):
        scopes = [free for _, free in own[variable]]
        scopes += [buckets[message].scope[:-1] for message in waiting[variable]]
        others = {each for scope in scopes for each in scope} - {variable}
        # the message's variables stand in the order in which later buckets hold them: the first one to go comes last
        scope = (*sorted(others, key=rank.__getitem__, reverse=True), variable)
        gathered = tuple(_gathered(cards, factor, free, scope) for factor, free in own[variable])
        messages = tuple((each, _shape(cards, buckets[each].scope[:-1], scope)) for each in waiting[variable])
        if not gathered and not messages:
            gathered = (Gathered((), (), (variable,), np.ones((1, cards[variable]))),)
        buckets.append(Bucket(variable, scope, gathered, messages))
        if others:
            waiting[min(others, key=rank.__getitem__)].append(number)
    return Block(tuple(cards), tuple(buckets))


def _shape(cards: Sequence[int], own: Collection[int], scope: Scope) -> tuple[int, ...]:
    return tuple(cards[variable] if variable in own else 1 for variable in scope)


def _gathered(cards: Sequence[int], factor: Factor, free: Scope, scope: Scope) -> Gathered:
    held = tuple(variable for variable in factor.scope if variable not in free)
    ordered = [variable for variable in scope if variable in free]
    axes = [factor.scope.index(variable) for variable in (*held, *ordered)]
    sizes = [cards[variable] for variable in held]
    strides = tuple(prod(sizes[place + 1 :]) for place in range(len(sizes)))
    rows = np.ascontiguousarray(factor.values.transpose(axes).reshape(prod(sizes), *_shape(cards, free, scope)))
    return Gathered(held, strides, free, rows)
