"""From ground bodies to denials over labels alone: derived atoms are unfolded, counts become ‘at most’.

An object without a label violates nothing. So a body is a set of cases, and a case says of some objects that their
labels lie in certain classes; ``not`` of “the label is a bus” is “the label is another one”. A bound on a count of
labels by itself stays one constraint; within a larger body it becomes the cases that reach it.

    :- count { O : at(O, S), label(O) = bus } > 2, scene(S).       at most 2 of these objects are buses
    :- label(B) = bicycle, count { P : inside(P, B), label(P) = wheel } != 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TypeAlias

from nesy.abduction.constraints.grounding import GroundConstraints
from nesy.abduction.problem import AtMost, Denial

Case: TypeAlias = "dict[int, frozenset[int]]"
"""The classes in which the label of each object lies."""

LARGEST = 20_000
"""So many cases may one ground body have."""


class TooManyCasesError(Exception):
    """A body that has more cases than can be written out, or that depends on something that is no label."""


@dataclass(frozen=True)
class Unfolded:
    """The constraints that a statement became; ``contradictions`` are pairs of classes of one object that it forbids.

    ``always`` tells that it is violated whatever the labels are.
    """

    at_most: tuple[AtMost, ...]
    denials: tuple[Denial, ...]
    contradictions: tuple[tuple[int, int, int], ...]
    always: bool


class Unfolder:
    """Unfolds the bodies of one grounding. ``candidates`` are the classes that each object can get, by row."""

    def __init__(self, ground: GroundConstraints, candidates: Sequence[Iterable[int]], classes: int) -> None:
        self._ground = ground
        self._candidates = [frozenset(places) for places in candidates]
        self._classes = classes
        self._known: dict[int, list[Case]] = {}
        self._open: set[int] = set()

    def unfold(self, number: int, origin: str) -> Unfolded:
        """The constraints of statement ``number``. Raises :class:`TooManyCasesError`."""
        at_most: list[AtMost] = []
        found: dict[tuple[tuple[int, frozenset[int]], ...], None] = {}
        contradictions: set[tuple[int, int, int]] = set()
        always = False
        for body in self._ground.bodies[number]:
            bound = self._bound(body[0], origin) if len(body) == 1 else None
            clash = self._clash(body)
            if bound is not None:
                at_most.append(bound)
            elif clash is not None:
                contradictions.add(clash)
            else:
                cases = self._conjunction(body)
                always = always or {} in cases
                found.update(dict.fromkeys(tuple(sorted(case.items(), key=_row)) for case in cases if case))
        denials = tuple(Denial(body, origin) for body in merged(list(found)))
        return Unfolded(tuple(at_most), denials, tuple(sorted(contradictions)), always)

    def _clash(self, body: tuple[int, ...]) -> tuple[int, int, int] | None:
        """The object and the two classes, where a body is no more than two different labels of one object."""
        entries = sorted({self._ground.labels.get(literal, (-1, -1)) for literal in body})
        if len(entries) != 2 or entries[0][0] != entries[1][0] or entries[0][0] < 0:
            return None
        return entries[0][0], entries[0][1], entries[1][1]

    # ----- cases

    def _product(self, left: list[Case], right: list[Case]) -> list[Case]:
        if len(left) * len(right) > LARGEST:
            raise TooManyCasesError
        found = []
        for one in left:
            for other in right:
                case = dict(one)
                for row, places in other.items():
                    case[row] = case[row] & places if row in case else places
                if all(case.values()):
                    found.append(case)
        return found

    def _literal(self, literal: int) -> list[Case]:
        found = self._known.get(literal)
        if found is None:
            if literal in self._open:
                raise TooManyCasesError
            self._open.add(literal)
            found = self._known[literal] = self._holds(literal) if literal > 0 else self._fails(-literal)
            self._open.discard(literal)
        return found

    def _holds(self, atom: int) -> list[Case]:
        entry = self._ground.labels.get(atom)
        if entry is not None:
            return [{entry[0]: frozenset({entry[1]})}]
        if atom in self._ground.chosen:
            raise TooManyCasesError
        found: list[Case] = []
        for body in self._ground.rules.get(atom, ()):
            found += self._conjunction(body)
        for lower, weighted in self._ground.weights.get(atom, ()):
            found += self._reached(lower, weighted)
        return _without_covered(found)

    def _fails(self, atom: int) -> list[Case]:
        entry = self._ground.labels.get(atom)
        if entry is not None:
            rest = self._candidates[entry[0]] - {entry[1]}
            return [{entry[0]: rest}] if rest else []
        if atom in self._ground.chosen:
            raise TooManyCasesError
        cases: list[Case] = [{}]
        for body in self._ground.rules.get(atom, ()):
            ways: list[Case] = []
            for literal in body:
                ways += self._literal(-literal)
            cases = self._product(cases, _without_covered(ways))
        for lower, weighted in self._ground.weights.get(atom, ()):
            total = sum(weight for _, weight in weighted)
            cases = self._product(
                cases, self._reached(total - lower + 1, [(-item, weight) for item, weight in weighted])
            )
        return _without_covered(cases)

    def _conjunction(self, body: tuple[int, ...]) -> list[Case]:
        cases: list[Case] = [{}]
        for literal in body:
            cases = self._product(cases, self._literal(literal))
        return cases

    def _reached(self, lower: int, weighted: Sequence[tuple[int, int]]) -> list[Case]:
        """The cases in which the weights of the literals that hold reach ``lower``."""
        if lower <= 0:
            return [{}]
        if any(weight != 1 for _, weight in weighted) or comb(len(weighted), min(lower, len(weighted))) > LARGEST:
            raise TooManyCasesError
        found: list[Case] = []
        for chosen in combinations([literal for literal, _ in weighted], lower):
            found += self._conjunction(chosen)
        return _without_covered(found)

    # ----- counts

    def _bound(self, literal: int, origin: str) -> AtMost | None:
        """A count of labels by itself as one constraint; None where it is something else."""
        atom = abs(literal)
        rules, weights = self._ground.rules.get(atom, ()), self._ground.weights.get(atom, ())
        if literal > 0 and len(rules) == 1 and not weights and len(rules[0]) == 1:
            return self._bound(rules[0][0], origin)
        if rules or len(weights) != 1:
            return None
        lower, weighted = weights[0]
        groups: dict[int, set[int]] = {}
        for item, weight in weighted:
            entry = self._ground.labels.get(item)
            if entry is None or weight != 1:
                return None
            groups.setdefault(entry[0], set()).add(entry[1])
        classes = frozenset(place for places in groups.values() for place in places)
        if any(self._candidates[row] & classes != places for row, places in groups.items()):
            return None
        rows = tuple(sorted(groups))
        if literal > 0:
            return AtMost(rows, classes, lower - 1, origin) if lower >= 1 else None
        if lower > len(rows):
            return None
        # fewer than ``lower`` have such a label where more than the rest have another one
        return AtMost(rows, frozenset(range(self._classes)) - classes, len(rows) - lower, origin)


def _row(entry: tuple[int, frozenset[int]]) -> int:
    return entry[0]


def _without_covered(cases: list[Case]) -> list[Case]:
    """Each case once, and none where a weaker one is among them (for few cases)."""
    distinct = list({frozenset(case.items()): case for case in cases}.values())
    if len(distinct) > 50:
        return distinct
    return [
        case
        for case in distinct
        if not any(
            other is not case and all(row in case and case[row] <= places for row, places in other.items())
            for other in distinct
        )
    ]


def merged(
    bodies: Sequence[tuple[tuple[int, frozenset[int]], ...]],
) -> list[tuple[tuple[int, frozenset[int]], ...]]:
    """Bodies that differ in the classes of one object only, as one: that object's label lies in either."""
    found = list(bodies)
    for place in range(max(map(len, found), default=0)):
        groups: dict[object, tuple[tuple[int, frozenset[int]], ...]] = {}
        for body in found:
            if place >= len(body):
                groups[body] = body
                continue
            row, classes = body[place]
            key = (body[:place], row, body[place + 1 :])
            known = groups.get(key)
            groups[key] = (
                body if known is None else (*body[:place], (row, known[place][1] | classes), *body[place + 1 :])
            )
        found = list(groups.values())
    return sorted(found, key=lambda body: [(row, sorted(classes)) for row, classes in body])
