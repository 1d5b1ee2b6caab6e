"""Pairs that exclude each other, merged into sets of which at most one holds.

Rules such as “no two cells of a row are equal” ground to pairs. A linear relaxation sees little in a pair (both may be
one half), but in a set of nine it sees that they add up to at most one: the bound, and with it the time of the proof,
depends on this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable


def cliques(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Sets of literals that cover all ``pairs``, each a clique of the graph that the pairs make.

    Greedy: a pair that no set covers yet is grown by the neighbours, those with the most pairs left first.
    """
    neighbours: dict[int, set[int]] = defaultdict(set)
    ordered = []
    for first, second in pairs:
        if second not in neighbours[first]:
            neighbours[first].add(second)
            neighbours[second].add(first)
            ordered.append((first, second))
    left = {node: set(others) for node, others in neighbours.items()}
    found = []
    for first, second in ordered:
        if second not in left[first]:
            continue
        members = [first, second]
        candidates = neighbours[first] & neighbours[second]
        while candidates:
            # prefer what covers new pairs; ties by number, so that the result does not depend on hashing
            best = max(candidates, key=lambda node: (sum(member in left[node] for member in members), -node))
            members.append(best)
            candidates &= neighbours[best]
        for member in members:
            left[member].difference_update(members)
        found.append(tuple(members))
    return found
