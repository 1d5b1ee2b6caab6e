"""Cycles in the graph of names that go through a negation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from nesy.dsl.span import Span

Edges = Mapping[tuple[str, str], Span]

MOST_CYCLES = 10
"""So many cycles are shown of names that all depend on one another."""


def knots(positive: Edges, negative: Edges) -> list[tuple[frozenset[str], list[tuple[str, str]]]]:
    """The sets of names that all depend on one another, some of it through negation, with the negative pairs."""
    component = _components(_successors((*positive, *negative)))
    inside: dict[int, list[tuple[str, str]]] = {}
    for name, other in negative:
        if component[name] == component[other]:
            inside.setdefault(component[name], []).append((name, other))
    members: dict[int, set[str]] = {number: set() for number in inside}
    for name, number in component.items():
        if number in members:
            members[number].add(name)
    return [(frozenset(members[number]), pairs) for number, pairs in inside.items()]


def cycles_through_negation(positive: Edges, negative: Edges) -> list[tuple[str, ...]]:
    """Short cycles through negative pairs: the names in order, the negative pair first."""
    cycles: list[tuple[str, ...]] = []
    for names, pairs in knots(positive, negative):
        edges = _successors(pair for pair in (*positive, *negative) if pair[0] in names and pair[1] in names)
        covered: set[str] = set()
        shown = 0
        for name, other in pairs:
            if shown < MOST_CYCLES and not (name in covered and other in covered):
                path = _path(other, name, edges)
                cycles.append((name, *path[:-1]))
                covered.update(path)
                shown += 1
    return cycles


def _successors(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    edges: dict[str, list[str]] = {}
    for name, other in pairs:
        edges.setdefault(name, []).append(other)
        edges.setdefault(other, [])
    return edges


def _path(start: str, goal: str, edges: Mapping[str, Collection[str]]) -> list[str]:
    """A shortest path between two names of one component, both included."""
    came: dict[str, str] = {start: start}
    waiting = [start]
    while goal not in came:
        following: list[str] = []
        for name in waiting:
            for other in edges[name]:
                if other not in came:
                    came[other] = name
                    following.append(other)
        waiting = following
    path = [goal]
    while path[-1] != start:
        path.append(came[path[-1]])
    return path[::-1]


def shortest_cycle(name: str, edges: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The names on a shortest cycle through ``name``, which comes first; empty if there is none."""
    came: dict[str, str] = {}
    waiting = [name]
    while waiting and name not in came:
        following: list[str] = []
        for current in waiting:
            for other in edges[current]:
                if other not in came:
                    came[other] = current
                    following.append(other)
        waiting = following
    if name not in came:
        return ()
    cycle = [came[name]]
    while cycle[-1] != name:
        cycle.append(came[cycle[-1]])
    return tuple(reversed(cycle))


def _components(edges: Mapping[str, Collection[str]]) -> dict[str, int]:
    """The strongly connected component of each name, by Tarjan's algorithm without recursion."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    component: dict[str, int] = {}
    for root in edges:
        if root in order:
            continue
        work = [(root, iter(edges[root]))]
        order[root] = lowest[root] = len(order)
        stack.append(root)
        while work:
            name, rest = work[-1]
            following = next((other for other in rest if other not in component), None)
            if following is None:
                work.pop()
                if work:
                    lowest[work[-1][0]] = min(lowest[work[-1][0]], lowest[name])
                if lowest[name] == order[name]:
                    _close(name, stack, component)
            elif following in order:
                lowest[name] = min(lowest[name], order[following])
            else:
                order[following] = lowest[following] = len(order)
                stack.append(following)
                work.append((following, iter(edges[following])))
    return component


def _close(root: str, stack: list[str], component: dict[str, int]) -> None:
    number = len(component)
    while True:
        name = stack.pop()
        component[name] = number
        if name == root:
            return
