"""From a ground logic program to an integer program whose solutions are its stable models.

The completion says of every atom that it holds exactly if the body of one of its rules does; choices only allow. That
is enough for tight programs. Atoms that support each other in a circle (a strongly connected component of the positive
dependencies) also get levels: a rule may support an atom only from atoms of lower levels (level mappings, after
Janhunen, Niemelä and Sevalnev, “Computing Stable Models via Reductions to Difference Logic”, LPNMR 2009).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nesy.dsl.diagnostics import NesyError
from nesy.solvers.integer.cliques import cliques
from nesy.solvers.integer.counting import filled
from nesy.solvers.integer.integer_program import IntegerProgram, Linear
from nesy.solvers.logic.linear import inexpressible
from nesy.solvers.logic.program import LogicProgram, Rule, WeightRule


@dataclass(frozen=True, slots=True)
class _Support:
    """One way to derive an atom: the variable of its body (0: always), and the body's atoms in the atom's component."""

    body: int
    choice: bool
    inside: tuple[int, ...]


@dataclass
class _Completion:
    program: LogicProgram
    component: Mapping[int, int]
    size: int
    clauses: list[tuple[int, ...]] = field(default_factory=list)
    linear: list[Linear] = field(default_factory=list)
    ranges: dict[int, int] = field(default_factory=dict)
    supports: dict[int, list[_Support]] = field(default_factory=lambda: defaultdict(list))
    bodies: dict[tuple[int, ...], int] = field(default_factory=dict)
    levels: dict[int, int] = field(default_factory=dict)
    extents: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.extents = Counter(self.component.values())

    def fresh(self) -> int:
        self.size += 1
        return self.size

    # ----- bodies

    def conjunction(self, body: Iterable[int]) -> int:
        """A literal that is equivalent to a conjunction; 0 for the empty one."""
        key = tuple(sorted(set(body)))
        if len(key) < 2:
            return key[0] if key else 0
        found = self.bodies.get(key)
        if found is None:
            found = self.bodies[key] = self.fresh()
            self.clauses += [(-found, literal) for literal in key]
            self.clauses.append((found, *(-literal for literal in key)))
        return found

    def weighted(self, rule: WeightRule) -> int:
        """A variable that holds exactly if the weights of the literals that hold reach the bound; 0: always."""
        total = sum(weight for _, weight in rule.body)
        if rule.lower <= 0:
            return 0
        found = self.fresh()
        if rule.lower > total:
            self.clauses.append((-found,))
            return found
        # Σ w·l ≥ lower · found, and Σ w·l ≤ lower − 1 + (total − lower + 1) · found
        terms, constant = _as_terms(rule.body)
        self.linear.append(Linear((*terms, (-rule.lower, found)), -constant))
        self.linear.append(Linear((*terms, (-(total - rule.lower + 1), found)), None, rule.lower - 1 - constant))
        return found

    # ----- rules

    def rule(self, rule: Rule | WeightRule) -> None:
        if isinstance(rule, WeightRule):
            self._derive(rule, self.weighted(rule), (), ())
        elif not rule.head:
            self.clauses.append(tuple([-literal for literal in rule.body]))
        else:
            inside = tuple(literal for literal in rule.body if literal > 0)
            self._derive(rule, self.conjunction(rule.body), inside, rule.body)

    def _derive(self, rule: Rule | WeightRule, body: int, positive: Sequence[int], literals: Sequence[int]) -> None:
        if not rule.choice:
            self.clauses.append(tuple(rule.head) if body == 0 else (*rule.head, -body))
        for atom in rule.head:
            support = body
            if not rule.choice and len(rule.head) > 1:
                others = tuple(-other for other in rule.head if other != atom)
                support = self.conjunction((*literals, *others) if literals or body == 0 else (body, *others))
            mine = self.component.get(atom)
            inside = tuple(b for b in positive if mine is not None and self.component.get(b) == mine)
            self.supports[atom].append(_Support(support, rule.choice, inside))

    # ----- support

    def complete(self, atom: int) -> None:
        """``atom`` holds only if one of its supports does; a body in which it stands itself supports nothing."""
        supports = [support for support in self.supports.get(atom, []) if atom not in support.inside]
        if any(support.body == 0 and not support.inside for support in supports):
            return
        self.clauses.append((-atom, *(self._founded(atom, support) for support in supports)))

    def _founded(self, atom: int, support: _Support) -> int:
        """A literal that implies that ``support`` holds and, in a component, comes from lower levels."""
        if not support.inside:
            return support.body
        found = self.fresh()
        self.clauses.append((-found, support.body))
        count = self.ranges[self._level(atom)] + 1
        for below in support.inside:
            # level(atom) − level(below) ≥ 1 − count · (1 − found)
            terms = ((1, self._level(atom)), (-1, self._level(below)), (-count, found))
            self.linear.append(Linear(terms, 1 - count))
        return found

    def _level(self, atom: int) -> int:
        if atom not in self.levels:
            mine = self.component[atom]
            self.levels[atom] = self.fresh()
            self.ranges[self.levels[atom]] = self.extents[mine] - 1
        return self.levels[atom]


def complete(program: LogicProgram) -> IntegerProgram:
    """The integer program of ``program``; E550, E551 for recursion that it cannot express."""
    refused = next(inexpressible(program), None)
    if refused is not None:
        raise NesyError(refused)
    state = _Completion(program, program.loops, program.size)
    for rule in program.rules:
        state.rule(rule)
    for atom in range(1, program.size + 1):
        state.complete(atom)
    groups, impossible = [], False
    for table in program.values:
        for row in table:
            atoms = tuple(atom for atom in row if atom)
            impossible = impossible or not atoms
            groups.append(atoms)
    clauses = [clause for clause in map(_without_repetition, state.clauses) if not _is_trivial(clause)]
    pairs = [clause for clause in clauses if len(clause) == 2]
    others = [clause for clause in clauses if len(clause) != 2]
    merged = cliques((-first, -second) for first, second in pairs)
    ones = tuple(filter(None, groups))
    exact = filled(merged, ones)
    return IntegerProgram(
        state.size,
        (*others, ()) if impossible else tuple(others),
        tuple(group for place, group in enumerate(merged) if place not in exact),
        (*ones, *(group for place, group in enumerate(merged) if place in exact)),
        tuple(state.linear),
        state.ranges,
        program.names,
    )


def _without_repetition(clause: tuple[int, ...]) -> tuple[int, ...]:
    return clause if len(set(clause)) == len(clause) else tuple(dict.fromkeys(clause))


def _is_trivial(clause: Sequence[int]) -> bool:
    """Whether a clause holds a literal and its negation."""
    if len(clause) == 2:
        return clause[0] == -clause[1]
    return not set(clause).isdisjoint([-literal for literal in clause])


def _as_terms(body: Iterable[tuple[int, int]]) -> tuple[tuple[tuple[int, int], ...], int]:
    """Σ weight · literal as Σ weight · variable plus a constant."""
    terms: list[tuple[int, int]] = []
    constant = 0
    for literal, weight in body:
        if literal > 0:
            terms.append((weight, literal))
        else:
            terms.append((-weight, -literal))
            constant += weight
    return tuple(terms), constant
