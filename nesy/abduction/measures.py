"""Violations as sums of missed weights, whatever classes are incompatible.

For a set of classes Q, let miss(X) be the weight of the signatures that keep no prediction of a class in X. A
signature is free of conflict if all that it keeps lies in one set of pairwise compatible classes. These sets overlap,
so that the count is an inclusion–exclusion over the intersections Q of the maximal ones: Σ c_Q · miss(complement of
Q), where c_Q = 1 − Σ of the coefficients of the sets above Q (Möbius inversion). If all classes exclude one another,
these are the single classes with coefficient 1, and the empty set.
"""

from __future__ import annotations

from collections.abc import Iterator

from numpy import bool_
from numpy.typing import NDArray

MOST = 512
"""Terms that are worth tabulating."""


def conflict_terms(incompatible: NDArray[bool_], classes: frozenset[int]) -> dict[frozenset[int], int] | None:
    """X → c with weight without conflict = Σ c · miss(X); None where there are more than :data:`MOST` terms."""
    compatible = {one: {other for other in classes if other != one and not incompatible[one, other]} for one in classes}
    family: set[frozenset[int]] = set()
    for clique in _maximal_cliques(compatible):
        family |= {clique} | {clique & known for known in family}
        if len(family) > MOST:
            return None
    family.add(frozenset())
    coefficients: dict[frozenset[int], int] = {}
    for inner in sorted(family, key=lambda group: (-len(group), sorted(group))):
        coefficients[inner] = 1 - sum(value for outer, value in coefficients.items() if inner < outer)
    return {classes - inner: value for inner, value in coefficients.items() if value}


def _maximal_cliques(neighbours: dict[int, set[int]]) -> Iterator[frozenset[int]]:
    """Bron–Kerbosch with a pivot."""

    def extend(clique: frozenset[int], candidates: set[int], done: set[int]) -> Iterator[frozenset[int]]:
        if not candidates and not done:
            yield clique
            return
        pivot = max(sorted(candidates | done), key=lambda node: len(neighbours[node] & candidates))
        for node in sorted(candidates - neighbours[pivot]):
            yield from extend(clique | {node}, candidates & neighbours[node], done & neighbours[node])
            candidates.remove(node)
            done.add(node)

    yield from extend(frozenset(), set(neighbours), set())
