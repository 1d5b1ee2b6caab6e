"""Sets of which at most one holds, found to be sets of which exactly one holds, by counting.

Nine cells with one digit each, and of each of the nine digits at most one: then each digit stands in one of the cells.
A relaxation sees the difference: where a set must sum up to one, what its members pay bounds the cost from below.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

Group = tuple[int, ...]


def filled(at_most_one: Sequence[Group], exactly_one: Sequence[Group]) -> frozenset[int]:
    """The places in ``at_most_one`` of sets of which one member has to hold.

    Let the members of some disjoint sets be all members of as many groups of ``exactly_one``, which are disjoint. As
    many members hold as there are groups, so that no set is left without one.
    """
    home = {atom: place for place, group in enumerate(exactly_one) for atom in group}
    if len(home) < sum(map(len, exactly_one)):
        return frozenset()  # groups that share members are not counted
    alike: dict[frozenset[int], list[int]] = defaultdict(list)
    for place, clique in enumerate(at_most_one):
        groups = frozenset(home.get(atom, -1) for atom in clique)
        if -1 not in groups:
            alike[groups].append(place)
    found: set[int] = set()
    for groups, places in alike.items():
        if len(places) < len(groups):
            continue
        disjoint: list[int] = []
        covered: set[int] = set()
        for place in places:
            if covered.isdisjoint(at_most_one[place]):
                disjoint.append(place)
                covered.update(at_most_one[place])
        if len(disjoint) == len(groups) and len(covered) == sum(len(exactly_one[group]) for group in groups):
            found.update(disjoint)
    return frozenset(found)
