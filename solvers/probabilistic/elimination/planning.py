"""From a network and an order to steps: constants are multiplied at once, sums of variables become convolutions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations, count
from math import inf, log

from nesy.solvers.probabilistic.elimination.constants import Folding, irrelevant
from nesy.solvers.probabilistic.elimination.network import Network, Table
from nesy.solvers.probabilistic.elimination.ordering import Order, min_fill
from nesy.solvers.probabilistic.elimination.steps import Convolution, Product, Row, Step

FOLDED = 1 << 16
"""Entries up to which a product of constant tables is made even if it is larger than these."""
MATRIX = 5
"""How many times quicker an entry is handled as part of a matrix product."""
RESCALED_AFTER = 12
"""Inputs in a table after which it is divided by its largest entry."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A table that is not constant: its variables, where it lies, how many inputs it holds since it was rescaled."""

    scope: tuple[int, ...]
    row: Row
    weight: int


@dataclass(frozen=True)
class Steps:
    """A plan: steps in order; the sum of the network is the product of the tables without variables in ``results``.

    ``log_constant`` is the logarithm of the factor that comes from constant tables.
    """

    steps: tuple[Step, ...]
    results: tuple[Row, ...]
    log_constant: float
    order: Order


def plan_steps(network: Network, *, maximal: bool = False) -> Steps:
    """Steps that sum (or maximise) all variables of ``network`` out."""
    return _Planner(network, maximal).run()


def rough_order(network: Network, *, stop_at: float) -> Order:
    """The order of elimination alone, to see whether it is worth making a plan: see :func:`min_fill`."""
    planner = _Planner(network)
    planner.prepare()
    return planner.order(stop_at)


@dataclass
class _Planner:
    network: Network
    maximal: bool = False
    cards: dict[int, int] = field(init=False)
    live: dict[int, Table | Piece] = field(default_factory=dict)
    holding: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    steps: list[Step] = field(default_factory=list)
    results: list[Row] = field(default_factory=list)
    log_constant: float = 0.0
    folding: Folding = field(init=False)

    def __post_init__(self) -> None:
        self.folding = Folding(self.maximal)
        self.cards = dict(enumerate(self.network.cards))
        self._numbers = count()
        self._fresh = count(len(self.network.cards))

    def run(self) -> Steps:
        self.prepare()
        order = self.order()
        for variable in order.variables:
            self._eliminate(variable)
        return Steps(tuple(self.steps), tuple(self.results), self.log_constant, order)

    def order(self, stop_at: float = inf) -> Order:
        """The order for what is live."""
        return min_fill(self.cards_list(), (piece.scope for piece in self.live.values()), stop_at=stop_at)

    def cards_list(self) -> list[int]:
        return [self.cards[place] for place in range(len(self.cards))]

    # ----- preparing

    def prepare(self) -> None:
        """Simplify, without looking at inputs: what is constant in a variable, alone on it, or folds away."""
        for table in self.network.tables:
            self._add(self._relevant(table))
        for given in self.network.inputs:
            self._add(Piece(given.scope, Row(given.name, given.row), 1))
        for variable in {variable for table in self.network.tables for variable in table.scope}:
            if not self.holding[variable] and not self.maximal:
                self.log_constant += log(self.cards[variable])
        self._join_unary()
        self._fold_hidden()
        self._sums()

    def _relevant(self, table: Table) -> Table:
        """The table without variables along which it does not change."""
        gone = irrelevant(table)
        if not gone:
            return table
        values = table.values
        for variable in gone:
            values = values.narrow(table.scope.index(variable), 0, 1)
        scope = tuple(variable for variable in table.scope if variable not in gone)
        return Table(scope, values.reshape([self.cards[variable] for variable in scope]).contiguous())

    def _join_unary(self) -> None:
        """Multiply the inputs that speak of the same variable alone."""
        alone: dict[int, list[int]] = defaultdict(list)
        for place, piece in self.live.items():
            if len(piece.scope) == 1:
                alone[piece.scope[0]].append(place)
        for places in alone.values():
            tables = [place for place in places if isinstance(self.live[place], Table)]
            pieces = [place for place in places if isinstance(self.live[place], Piece)]
            for group in (tables, pieces):
                self._join_all(group)

    def _join_all(self, places: list[int]) -> None:
        while len(places) > 1:
            places = [*places[2:], self._merge(places[0], places[1], keep_all=True)]

    def _fold_hidden(self) -> None:
        """Sum out variables that only constant tables speak of, where that makes nothing larger."""
        changed = True
        while changed:
            changed = False
            for variable in sorted(self.holding):
                places = self.holding[variable]
                if not places or not all(isinstance(self.live[place], Table) for place in places):
                    continue
                scope = {other for place in places for other in self.live[place].scope} - {variable}
                if self._size(scope) <= max(self._size(self.live[place].scope) for place in places):
                    self._eliminate(variable)
                    changed = True

    def _sums(self) -> None:
        """Where constant tables depend on two variables through their sum alone, let the sum be a variable."""
        waiting = [place for place, piece in self.live.items() if isinstance(piece, Table)]
        while waiting:
            place = waiting.pop()
            if place in self.live:
                leaves = [variable for variable in self.live[place].scope if self._is_leaf(variable)]
                for first, second in combinations(leaves, 2):
                    found = self._summed(first, second)
                    if found is not None:
                        waiting.append(found)
                        break

    def _is_leaf(self, variable: int) -> bool:
        """Whether one table that is not constant speaks of a variable, and of it alone."""
        pieces = [piece for place in self.holding[variable] if isinstance(piece := self.live[place], Piece)]
        return len(pieces) == 1 and len(pieces[0].scope) == 1

    def _summed(self, first: int, second: int) -> int | None:
        """Replace two variables by their sum or difference; the place of the table over it, None if it cannot be."""
        places = [p for p in self.holding[first] | self.holding[second] if isinstance(self.live[p], Table)]
        scope = {variable for place in places for variable in self.live[place].scope}
        if self._size(scope) > FOLDED or not self._pays(first, second, self._size(scope - {first, second})):
            return None
        tables = [piece for place in sorted(places) if isinstance(piece := self.live[place], Table)]
        whole = tables[0]
        for other in tables[1:]:
            whole = self.folding.product(whole, other, ())
        if first not in whole.scope or second not in whole.scope:
            return None
        found = self.folding.as_sum(whole, first, second)
        if found is None:
            return None
        for place in places:
            self._take(place)
        left, right = (self._take_unary(variable) for variable in (first, second))
        number = next(self._fresh)
        cards = self.cards[first], self.cards[second]
        self.cards[number] = sum(cards) - 1
        weight = left.weight + right.weight
        rescale = weight > RESCALED_AFTER
        row = self._emit(Convolution(cards, left.row, right.row, found[1], rescale))
        self._add(Piece((number,), row, 0 if rescale else weight))
        rest = tuple(variable for variable in whole.scope if variable not in (first, second))
        return self._add(found[0].over((number, *rest)))

    def _pays(self, first: int, second: int, rest: int) -> bool:
        """Whether a convolution is cheaper than a product with the table, which has ``rest`` further entries."""
        smaller, larger = sorted((self.cards[first], self.cards[second]))
        plain = smaller * larger * rest / MATRIX + smaller * rest
        return smaller * larger + (smaller + larger - 1) * rest / MATRIX < plain

    def _take_unary(self, variable: int) -> Piece:
        (place,) = [p for p in self.holding[variable] if isinstance(self.live[p], Piece)]
        piece = self._take(place)
        assert isinstance(piece, Piece)
        return piece

    # ----- eliminating

    def _eliminate(self, variable: int) -> None:
        """Join what speaks of ``variable`` and sum it out."""
        if variable not in self.holding:
            return
        while len(self.holding[variable]) > 1:
            places = sorted(self.holding[variable])
            first, second = min(combinations(places, 2), key=lambda pair: self._price(*pair))
            self._merge(first, second)
        for place in list(self.holding[variable]):
            self._sum_out(place)
        del self.holding[variable]

    def _price(self, first: int, second: int) -> tuple[int, int]:
        """Constants first where their product stays small, else the smallest joint table."""
        left, right = self.live[first], self.live[second]
        joint = self._size(tuple({*left.scope, *right.scope}))
        if isinstance(left, Table) and isinstance(right, Table):
            kept = self._size(self._kept(first, second))
            larger = max(self._size(left.scope), self._size(right.scope))
            return (0, kept) if kept <= max(FOLDED, larger) else (1, joint)
        return (1, joint)

    def _kept(self, *places: int) -> tuple[int, ...]:
        """The variables of tables that other tables speak of too, in order of appearance."""
        scope = dict.fromkeys(variable for place in places for variable in self.live[place].scope)
        return tuple(variable for variable in scope if self.holding[variable] - set(places))

    def _merge(self, first: int, second: int, *, keep_all: bool = False) -> int:
        """The product of two tables, without the variables that no other table speaks of; its place."""
        kept = tuple(dict.fromkeys((*self.live[first].scope, *self.live[second].scope)))
        if not keep_all:
            kept = self._kept(first, second)
        left, right = self._take(first), self._take(second)
        if isinstance(left, Table) and isinstance(right, Table):
            return self._add(self.folding.product(left, right, {*left.scope, *right.scope} - {*kept}))
        if isinstance(left, Table):
            left, right = right, left
        if isinstance(right, Piece) and len(right.scope) > len(left.scope):
            left, right = right, left
        assert isinstance(left, Piece)
        return self._add(self._product(left, right, set(kept)))

    def _product(self, left: Piece, right: Table | Piece, kept: set[int]) -> Piece:
        """Emit the steps of a product; variables of one operand alone that are not kept have been summed before."""
        left = self._reduced(left, {*kept, *right.scope})
        if isinstance(right, Piece):
            right = self._reduced(right, {*kept, *left.scope})
        else:
            right = self.folding.sum_out(right, set(right.scope) - kept - set(left.scope))
        shared = [variable for variable in left.scope if variable in right.scope and variable in kept]
        own = [variable for variable in right.scope if variable not in left.scope]
        others = [variable for variable in left.scope if variable not in right.scope]
        summed = [variable for variable in left.scope if variable in right.scope and variable not in kept]
        scope = (*shared, *own, *others)
        local = {variable: place for place, variable in enumerate((*scope, *summed))}
        if isinstance(right, Table):
            right = self.folding.arranged(right, (*shared, *own, *summed))
        weight = left.weight + (right.weight if isinstance(right, Piece) else 0)
        rescale = weight > RESCALED_AFTER
        step = Product(
            tuple(self.cards[variable] for variable in local),
            len(scope),
            left.row,
            tuple(local[variable] for variable in left.scope),
            right.row if isinstance(right, Piece) else right,
            tuple(local[variable] for variable in right.scope),
            rescale,
        )
        return Piece(scope, self._emit(step), 0 if rescale else weight)

    def _reduced(self, piece: Piece, kept: set[int]) -> Piece:
        """The piece with the variables outside ``kept`` summed out."""
        scope = tuple(variable for variable in piece.scope if variable in kept)
        if scope == piece.scope:
            return piece
        summed = [variable for variable in piece.scope if variable not in kept]
        local = {variable: place for place, variable in enumerate((*scope, *summed))}
        cards = tuple(self.cards[variable] for variable in local)
        axes = tuple(local[variable] for variable in piece.scope)
        return Piece(scope, self._emit(Product(cards, len(scope), piece.row, axes, None, ())), piece.weight)

    def _sum_out(self, place: int) -> None:
        """Sum the variables that no other table speaks of out of one table."""
        kept = self._kept(place)
        piece = self._take(place)
        if isinstance(piece, Table):
            self._add(self.folding.sum_out(piece, set(piece.scope) - set(kept)))
        else:
            self._add(self._reduced(piece, set(kept)))

    # ----- bookkeeping

    def _add(self, piece: Table | Piece) -> int:
        place = next(self._numbers)
        if not piece.scope:
            if isinstance(piece, Table):
                value = float(piece.values)
                self.log_constant += log(value) if value > 0 else -inf
            else:
                self.results.append(piece.row)
            return place
        self.live[place] = piece
        for variable in piece.scope:
            self.holding[variable].add(place)
        return place

    def _take(self, place: int) -> Table | Piece:
        piece = self.live.pop(place)
        for variable in piece.scope:
            self.holding[variable].discard(place)
        return piece

    def _emit(self, step: Step) -> Row:
        self.steps.append(step)
        return Row(len(self.steps) - 1, 0)

    def _size(self, scope: Iterable[int]) -> int:
        size = 1
        for variable in scope:
            size *= self.cards[variable]
        return size
