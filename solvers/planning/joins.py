"""How many ways are there to satisfy a body? Counted where there are few, estimated by sampling where there are many.

Literals are joined one after the other, those first that multiply least, as a grounder does it. As long as the partial
matches are few, all of them are kept and the count is exact. Beyond that a sample of them is carried on, and the count
grows by the mean number of continuations (index-based join sampling, after Leis, Radke, Gubichev, Kemper and Neumann,
“Cardinality Estimation Done Right”, CIDR 2017).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate, product
from math import isinf
from operator import itemgetter
from random import Random

from nesy.dsl.syntax import Term, Variable
from nesy.solvers.grounding.walking import variables
from nesy.solvers.planning.conditions import Condition, alternatives, holds, names_of
from nesy.solvers.planning.matching import Constants, matched, value_of
from nesy.solvers.planning.relations import Known, Relation, Table, Tuple, Vague

COUNTED = 10_000
"""Partial matches up to which everything is counted."""
SAMPLE = 400
"""Partial matches in a sample."""
EFFORT = 150_000
"""Partial matches that one plan may look at before even small bodies are sampled."""

Row = dict[str, Known]


@dataclass(frozen=True)
class Atom:
    """A positive literal: a relation, the terms at its places, and what it is called in messages."""

    relation: Relation
    arguments: tuple[Term, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Growth:
    """A step that multiplies the matches: the variables that it binds, by how much, and what it draws on."""

    names: tuple[str, ...]
    factor: float
    source: str


@dataclass(frozen=True)
class Matches:
    """What a join gives: the number of matches, of partial matches on the way, and whether these are counts.

    ``rows`` are all matches if ``exact``, otherwise a sample. ``growth`` tells the steps that multiplied.
    """

    size: float
    tried: float
    exact: bool
    rows: Sequence[Row]
    growth: tuple[Growth, ...]


@dataclass
class Effort:
    """What a plan has spent on joins, and its random numbers, which are the same each time."""

    constants: Constants
    left: int = EFFORT
    random: Random = field(default_factory=lambda: Random(0))

    @property
    def counted(self) -> int:
        """Matches up to which a join counts."""
        return COUNTED if self.left > 0 else SAMPLE


def join(atoms: Iterable[Atom], conditions: Iterable[Condition], effort: Effort) -> Matches:
    """The matches of a conjunction."""
    return _Join(list(map(_projected, atoms)), list(conditions), effort).run()


def _projected(atom: Atom) -> Atom:
    """Without the places at which ``_`` stands: gringo projects them away."""
    hidden = [place for place, term in enumerate(atom.arguments) if isinstance(term, Variable) and term.anonymous]
    if not hidden:
        return atom
    kept = tuple(term for place, term in enumerate(atom.arguments) if place not in hidden)
    return Atom(atom.relation.without(hidden), kept, atom.name)


class _Join:
    """A join while it is worked out: ``rows`` stand for ``size`` partial matches."""

    def __init__(self, atoms: list[Atom], conditions: list[Condition], effort: Effort) -> None:
        self.atoms = atoms
        self.conditions = conditions
        self.effort = effort
        self.rows: list[Row] = [{}]
        self.bound: set[str] = set()
        self.size = 1.0
        self.tried = 0.0
        self.exact = True
        self.growth: list[Growth] = []

    def run(self) -> Matches:
        self._settle()
        while self.atoms and self.rows:
            atom = min(self.atoms, key=lambda each: each.relation.fan_out(self._known(each)))
            self.atoms.remove(atom)
            self._grow(set(variables(atom.arguments)), atom.name, partial(self._continue, atom))
            self._settle()
        return Matches(self.size, max(self.tried, self.size), self.exact, self.rows, tuple(self.growth))

    def _known(self, atom: Atom) -> tuple[int, ...]:
        """The places whose values follow from what is bound."""
        arguments = enumerate(atom.arguments)
        return tuple(place for place, term in arguments if self.bound.issuperset(variables([term])))

    def _grow(self, names: set[str], source: str, step: Callable[[], None]) -> None:
        before, new = self.size, tuple(sorted(names - self.bound))
        step()
        self.bound |= names
        self.tried += self.size
        if self.size > before:
            self.growth.append(Growth(new, self.size / max(before, 1.0), source))

    # ----- atoms

    def _continue(self, atom: Atom) -> None:
        known = self._known(atom)
        free = [place for place in range(len(atom.arguments)) if place not in known]
        patterns = [atom.arguments[place] for place in free]
        if isinstance(atom.relation, Table):
            self._look_up(atom, atom.relation, known, free, patterns)
        else:
            self._spread(atom, atom.relation, known, free, patterns)

    def _look_up(
        self, atom: Atom, table: Table, known: tuple[int, ...], free: Sequence[int], patterns: Sequence[Term]
    ) -> None:
        """Continue each match by the tuples that agree with it."""
        index = table.index(known)
        found: list[Sequence[Tuple]] = []
        terms = [self._reader(atom.arguments[place]) for place in known]
        for row in self.rows:
            key = tuple([read(row) for read in terms])
            found.append(table.rows if None in key else index.get(key, ()))
        ends = list(accumulate(map(len, found)))
        total = ends[-1]
        if total <= self.effort.counted:
            chosen: Iterable[tuple[Row, Tuple]] = (
                (row, values) for row, group in zip(self.rows, found, strict=True) for values in group
            )
            count = total
        else:
            self.exact = False
            count = SAMPLE
            rows = self.rows
            picked = sorted(self.effort.random.sample(range(total), count))
            owners = [bisect_right(ends, place) for place in picked]
            pairs_of = zip(picked, owners, strict=True)
            chosen = [(rows[owner], found[owner][place - ends[owner]]) for place, owner in pairs_of]
        pairs = ((row, tuple(values[place] for place in free)) for row, values in chosen)
        self._match(pairs, patterns, count, total / len(self.rows))

    def _spread(
        self, atom: Atom, relation: Vague, known: tuple[int, ...], free: Sequence[int], patterns: Sequence[Term]
    ) -> None:
        """Continue each match by the values of columns."""
        rows = [row for row in self.rows if self._belongs(atom, relation, known, row)]
        share = len(rows) / len(self.rows)
        factor = relation.fan_out(known)
        self.exact = self.exact and relation.is_full
        columns = [relation.columns[place] for place in free]
        known_columns = [column for column in columns if column is not None]
        if not rows or isinf(factor) or len(known_columns) < len(columns):
            names = variables(patterns)
            self.rows = [dict.fromkeys(names) | row for row in rows[:SAMPLE]]
            self.size *= share * factor if rows else share
            return
        if self.exact and len(rows) * factor <= self.effort.counted:
            count = round(len(rows) * factor)
            pairs: Iterable[tuple[Row, Tuple]] = ((row, values) for row in rows for values in product(*known_columns))
        else:
            self.exact = False
            count = SAMPLE if factor >= 1 else max(1, round(min(SAMPLE, len(rows) * factor)))
            pick = self.effort.random.choice
            pairs = [(pick(rows), tuple(map(pick, known_columns))) for _ in range(count)]
        self._match(pairs, patterns, count, share * factor)

    def _belongs(self, atom: Atom, relation: Vague, known: Sequence[int], row: Row) -> bool:
        for place in known:
            members = relation.members[place]
            value = value_of(atom.arguments[place], row, self.effort.constants)
            if members is not None and value is not None and value not in members:
                return False
        return True

    def _reader(self, term: Term) -> Callable[[Row], Known]:
        """The value of ``term`` in a row that binds its variables."""
        if isinstance(term, Variable):
            return itemgetter(term.name)
        return lambda row: value_of(term, row, self.effort.constants)

    def _match(self, pairs: Iterable[tuple[Row, Tuple]], patterns: Sequence[Term], count: int, factor: float) -> None:
        """Bind the variables of ``patterns``; of ``count`` continuations, ``factor`` a match, those that agree stay."""
        names = [pattern.name for pattern in patterns if isinstance(pattern, Variable)]
        if len(set(names)) == len(patterns):  # each takes any value: the usual case, and the quick one
            rows = [{**row, **dict(zip(names, values, strict=True))} for row, values in pairs]
            self._settle_match(rows, count, factor)
            return
        rows = []
        for row, values in pairs:
            kept: Row | None = dict(row)
            for pattern, value in zip(patterns, values, strict=True):
                more = matched(pattern, value, kept or {}, self.effort.constants)
                if more is None:
                    kept = None
                    break
                if more and kept is not None:
                    kept |= more
            if kept is not None:
                rows.append(kept)
        self._settle_match(rows, count, factor)

    def _settle_match(self, rows: list[Row], count: int, factor: float) -> None:
        self.effort.left -= count
        self.size *= factor
        self._replace(rows, count)

    def _replace(self, rows: list[Row], count: int) -> None:
        """``rows`` are what is left of ``count``. A sample of which nothing is left has lost about half a match."""
        left = float(len(rows)) if rows or self.exact else 0.5
        self.size *= left / count if count else 0.0
        self.rows = rows

    # ----- conditions

    def _settle(self) -> None:
        """Apply the conditions whose variables are bound, and bind those that equations give."""
        progress = True
        while progress and self.rows:
            progress = False
            for condition in list(self.conditions):
                unbound = names_of(condition) - self.bound
                if not unbound:
                    self.conditions.remove(condition)
                    kept = [row for row in self.rows if holds(condition, row, self.effort.constants) is not False]
                    self.effort.left -= len(self.rows)
                    self._replace(kept, len(self.rows))
                    progress = True
                elif self._binds(condition, unbound):
                    self.conditions.remove(condition)
                    progress = True
                if not self.rows:
                    return

    def _binds(self, condition: Condition, unbound: set[str]) -> bool:
        """Whether ``condition`` gives its one unbound variable a value; then it has."""
        if len(unbound) > 1:
            return False
        (name,) = unbound
        found = [alternatives(condition, name, row, self.effort.constants) for row in self.rows]
        if any(values is None for values in found):
            return False
        total = sum(len(values or ()) for values in found)

        def extend() -> None:
            pairs: list[tuple[Row, Known]] = [
                (row, value) for row, values in zip(self.rows, found, strict=True) for value in values or ()
            ]
            self.size *= total / len(self.rows)
            if total > self.effort.counted:
                self.exact = False
                pairs = self.effort.random.sample(pairs, SAMPLE)
            self.effort.left -= len(pairs)
            self.rows = [{**row, name: value} for row, value in pairs]

        self._grow({name}, "", extend)
        return True
