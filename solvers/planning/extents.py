"""The tuples that relations can have: worked out from facts and rules where they are few, else estimated.

As for a grounder, an atom is possible if a rule derives it, whatever `not` says of open atoms and whichever values
attributes take. Recursion is followed round by round as long as little comes of it; beyond that a relation is taken to
hold every combination of the values that the checks allow at its places.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, inf, log1p

from nesy.dsl.checked import AttributeInfo, CheckedProgram
from nesy.dsl.graphs import components
from nesy.dsl.statements import ClingoStatement, Rule
from nesy.dsl.syntax import Call, Formula, Node, Variable, walk
from nesy.dsl.values import Value
from nesy.solvers.grounding.walking import clauses
from nesy.solvers.planning.heads import LONGEST_INTERVAL, Head, ends_of, heads_of, instances
from nesy.solvers.planning.joins import COUNTED, Effort, Matches, join
from nesy.solvers.planning.literals import Body
from nesy.solvers.planning.relations import Relation, Table, Tuple, Vague

Key = tuple[str, int]

ROUNDS = 300
"""Rounds after which a recursion is no longer followed; the checks give up after as many."""
RECURSION = 60_000
"""Partial matches that one recursion may look at."""


@dataclass
class Estimates:
    """The relations and index sets of a checked program, worked out when they are first asked for."""

    checked: CheckedProgram
    effort: Effort
    relations: dict[Key, Relation] = field(default_factory=dict)
    indices: dict[str, Relation] = field(default_factory=dict)
    at_most: set[str] = field(default_factory=set)
    """The relations and attributes of whose size only an upper bound is known."""
    estimated: set[str] = field(default_factory=set)
    """Those whose size is an estimate."""
    unknown: set[str] = field(default_factory=set)
    """Those on which included clingo code decides, whose size is not known; and what rests on them."""

    def __post_init__(self) -> None:
        self._heads: dict[Key, list[Head]] = {}
        for statement in self.checked.program.statements:
            if isinstance(statement, Rule):
                for head in heads_of(statement):
                    self._heads.setdefault((head.atom.name, len(head.atom.arguments)), []).append(head)
            elif isinstance(statement, ClingoStatement):
                self.unknown.update(atom.plain for atom in statement.heads)
        self._edges = self._dependencies()
        found = components(self._edges)
        self._component = {member: tuple(members) for members in found for member in members}

    @staticmethod
    def of(checked: CheckedProgram) -> Estimates:
        """Nothing is worked out yet."""
        return Estimates(checked, Effort(checked.constants))

    # ----- what bodies ask for

    def relation(self, name: str, arity: int) -> Relation:
        """What is known of a relation."""
        key = (name, arity)
        if key not in self.relations:
            members = self._component.get(key, (key,))
            if name in self.unknown and not self._heads.get(key):
                self.relations[key] = spread(self._columns(key), 1.0)
            elif len(members) > 1 or key in self._edges.get(key, ()):
                self._recursive(members)
            else:
                self.relations[key] = self._union(key, [self._derived(head) for head in self._heads.get(key, ())])
        return self.relations[key]

    def index(self, info: AttributeInfo) -> Relation:
        """The indices of an attribute."""
        found = self.indices.get(info.name)
        if found is None:
            found = self.indices[info.name] = self._index(info)
        return found

    def _index(self, info: AttributeInfo) -> Relation:
        columns = [domain.values for domain in info.index]
        if not info.condition:
            return Vague.product(columns)
        body = Body(self)
        names = [
            item if isinstance(item, Variable) and not item.anonymous else Variable(f"X'{place}")
            for place, item in enumerate(info.index_items)
        ]
        body.typed((name.name, domain) for name, domain in zip(names, info.index, strict=True))
        body.add_all(info.condition)
        matches = join(body.atoms, body.conditions, self.effort)
        self._note(info.name, body, matches)
        if matches.exact:
            rows = dict.fromkeys(tuple(row[name.name] for name in names) for row in matches.rows)
            return Table(list(rows), len(names))
        return spread(tuple(columns), matches.size)

    # ----- one relation

    def body(self, formulas: Iterable[Formula]) -> Body:
        """A conjunction, read."""
        body = Body(self)
        body.add_all(formulas)
        return body

    def _derived(self, head: Head) -> Iterator[tuple[Matches, Sequence[Tuple] | None]]:
        """For each way to satisfy the body its matches, and the tuples of the head where they are known."""
        if not head.body:
            yield from self._fact(head.atom)
            return
        for clause in clauses(head.body):
            body = self.body(clause)
            matches = join(body.atoms, body.conditions, self.effort)
            self._note(head.atom.name, body, matches)
            yield matches, self._head_rows(head.atom, matches)

    def _fact(self, atom: Call) -> Iterator[tuple[Matches, Sequence[Tuple] | None]]:
        rows = list(instances(atom, {}, self.effort.constants))
        known = all(None not in row for row in rows)
        yield Matches(float(len(rows)), float(len(rows)), known, (), ()), rows if known else None

    def _head_rows(self, atom: Call, matches: Matches) -> Sequence[Tuple] | None:
        if not matches.exact:
            return None
        rows = dict.fromkeys(one for row in matches.rows for one in instances(atom, row, self.effort.constants))
        return None if any(None in row for row in rows) else list(rows)

    def _union(self, key: Key, parts: Iterable[Iterable[tuple[Matches, Sequence[Tuple] | None]]]) -> Relation:
        """All that the rules of a relation derive."""
        rows: dict[Tuple, None] = {}
        size, known = 0.0, True
        for part in parts:
            for matches, derived in part:
                size += matches.size
                if derived is None:
                    known = False
                else:
                    rows |= dict.fromkeys(derived)
        if known:
            return Table(list(rows), key[1])
        self.estimated.add(key[0])
        return spread(self._columns(key), size)

    def _columns(self, key: Key) -> tuple[Sequence[Value] | None, ...]:
        info = self.checked.relations.get(key)
        domains = (None,) * key[1] if info is None else info.arguments
        return tuple(None if domain is None else domain.values for domain in domains)

    def _note(self, name: str, body: Body, matches: Matches) -> None:
        """Estimates and bounds pass from what a body speaks of to what it defines."""
        read = {relation for relation, _ in body.read}
        if read & self.at_most:
            self.at_most.add(name)
        if read & self.unknown:
            self.unknown.add(name)
        if not matches.exact or read & self.estimated:
            self.estimated.add(name)

    # ----- recursion

    def _recursive(self, members: Sequence[Key]) -> None:
        """Round by round, each with what the last has found; an upper bound where that leads too far."""
        known: dict[Key, dict[Tuple, None]] = {key: {} for key in members}
        fresh = {key: Table((), key[1]) for key in members}
        for key in members:
            self.relations[key] = fresh[key]
        heads = [head for key in members for head in self._heads.get(key, ())]
        left = min(self.effort.left, RECURSION)
        for round_number in range(ROUNDS):
            before = self.effort.left
            found: dict[Key, dict[Tuple, None]] = {key: {} for key in members}
            for head in heads:
                key = (head.atom.name, len(head.atom.arguments))
                for rows in self._continued(head, fresh, first=round_number == 0):
                    if rows is None:
                        self._bound(members)
                        return
                    found[key] |= {row: None for row in rows if row not in known[key]}
            if not any(found.values()):
                return
            for key, rows_found in found.items():
                known[key] |= rows_found
                fresh[key] = Table(list(rows_found), key[1])
                self.relations[key] = Table(list(known[key]), key[1])
            left -= before - self.effort.left
            if sum(map(len, known.values())) > COUNTED or left < 0:
                break
        self._bound(members)

    def _continued(self, head: Head, fresh: Mapping[Key, Table], *, first: bool) -> Iterator[Sequence[Tuple] | None]:
        """What a rule derives with at least one tuple that is ``fresh``; without recursive atoms, at ``first`` only."""
        if not head.body:
            yield from (rows for _, rows in self._fact(head.atom)) if first else ()
            return
        for clause in clauses(head.body):
            body = self.body(clause)
            places = [p for p, atom in enumerate(body.atoms) if (atom.name, len(atom.arguments)) in fresh]
            changed = [
                [
                    replace(atom, relation=fresh[atom.name, len(atom.arguments)]) if p == place else atom
                    for p, atom in enumerate(body.atoms)
                ]
                for place in places
            ]
            for atoms in changed or ([body.atoms] if first else []):
                matches = join(atoms, body.conditions, self.effort)
                self._note(head.atom.name, body, matches)
                yield self._head_rows(head.atom, matches)

    def _bound(self, members: Sequence[Key]) -> None:
        for key in members:
            columns = tuple(
                self._counted(key, place) if column is None else column
                for place, column in enumerate(self._columns(key))
            )
            filled = [column for column in columns if column is not None]
            self.at_most.add(key[0])
            endless = len(filled) < len(columns)
            self.relations[key] = Vague(columns, inf) if endless else Vague.product(filled)

    def _counted(self, key: Key, place: int) -> Sequence[Value] | None:
        """The numbers at a place where rules count step by step up to a limit: ``n(X + 1) :- n(X), X < 5000``."""
        table = self.relations[key]
        seen = [row[place] for row in table.rows] if isinstance(table, Table) else []
        numbers = [value for value in seen if type(value) is int]
        ends = [ends_of(head.atom.arguments[place], head.body, self.checked.constants) for head in self._heads[key]]
        if not numbers or len(numbers) < len(seen):
            return None
        low, high = min(numbers), max(numbers)
        for end in ends:
            if end is None:
                return None
            low, high = min((low, *end)), max((high, *end))
        return range(low, high + 1) if high - low <= LONGEST_INTERVAL * 100 else None

    def _dependencies(self) -> dict[Key, set[Key]]:
        """What the rules of each relation speak of, by themselves or by way of an index."""
        keys = set(self.checked.relations)
        indices = {
            info.name: _read(info.condition, keys) for info in self.checked.attributes.values() if info.condition
        }
        edges: dict[Key, set[Key]] = {key: set() for key in keys}
        for key, heads in self._heads.items():
            for head in heads:
                read = _read(head.body, keys)
                for part in (part for formula in head.body for part in walk(formula)):
                    if isinstance(part, Call) and part.name in indices:
                        read |= indices[part.name]
                edges.setdefault(key, set()).update(read)
        return edges


def _read(nodes: Iterable[Node], keys: set[Key]) -> set[Key]:
    """The relations in ``nodes``."""
    calls = (part for node in nodes for part in walk(node) if isinstance(part, Call))
    return {key for call in calls if (key := (call.name, len(call.arguments))) in keys}


def spread(columns: tuple[Sequence[Value] | None, ...], matches: float) -> Vague:
    """About so many different tuples as ``matches`` draws from all combinations give (Cardenas 1975)."""
    largest = Vague(columns, inf).largest if None not in columns else inf
    if largest == inf or matches == inf:
        return Vague(columns, min(largest, matches))
    if largest <= 1:
        return Vague(columns, min(largest, matches))
    different = largest * -(exp(matches * log1p(-1 / largest)) - 1)
    return Vague(columns, min(largest, matches, different))
