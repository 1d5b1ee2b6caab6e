"""Local relevance: which conditions bear on a query at all, by the Bayes ball.

R. D. Shachter, “Bayes-Ball: The Rational Pastime” (UAI 1998). The ball starts at the queried nodes as if it came from a
child; a node that it enters from a child passes it to its parents and children unless it is observed; entered from a
parent, it passes it to its children if it is not observed, and back to its parents if it is. Observed nodes that the
ball visits are *requisite*: all other observations leave the posterior of the queries as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

FROM_CHILD, FROM_PARENT = True, False


def markov_blanket(parents: Mapping[str, Collection[str]], name: str) -> tuple[str, ...]:
    """What shields a node from all others: its parents, its children, and their other parents, in order."""
    children = [child for child, above in parents.items() if name in above]
    found = {*parents[name], *children, *(other for child in children for other in parents[child])} - {name}
    return tuple(node for node in parents if node in found)


def requisite_observations(
    parents: Mapping[str, Collection[str]], queried: Iterable[str], observed: Collection[str]
) -> frozenset[str]:
    """The observed nodes that are not d-separated from the queried ones by the others.

    ``parents`` has every node as a key. An observed node that is queried itself is requisite.
    """
    children: dict[str, list[str]] = {name: [] for name in parents}
    for name, above in parents.items():
        for parent in above:
            children[parent].append(name)
    seen: set[tuple[str, bool]] = set()
    waiting = [(name, FROM_CHILD) for name in queried]
    found: set[str] = set()
    while waiting:
        visit = waiting.pop()
        if visit in seen:
            continue
        seen.add(visit)
        name, direction = visit
        if name in observed:
            found.add(name)
        if direction is FROM_CHILD:
            if name not in observed:
                waiting.extend((parent, FROM_CHILD) for parent in parents[name])
                waiting.extend((child, FROM_PARENT) for child in children[name])
        elif name in observed:
            waiting.extend((parent, FROM_CHILD) for parent in parents[name])
        else:
            waiting.extend((child, FROM_PARENT) for child in children[name])
    return frozenset(found)
