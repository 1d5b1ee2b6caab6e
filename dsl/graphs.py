"""Graphs of what depends on what: strongly connected components and shortest paths, without recursion.

A graph is a mapping from each node to the nodes on which it depends.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def components(edges: Mapping[Node, Collection[Node]]) -> list[list[Node]]:
    """The strongly connected components of a graph (Tarjan 1972), each after those that its nodes point to.

    Targets that are no keys of ``edges`` are passed over.
    """
    found: list[list[Node]] = []
    number: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    on_stack: set[Node] = set()
    for root in edges:
        if root in number:
            continue
        waiting: list[tuple[Node, Iterator[Node]]] = []
        _enter(root, edges, number, low, stack, on_stack, waiting)
        while waiting:
            node, targets = waiting[-1]
            target = next((t for t in targets if t in edges and (t not in number or t in on_stack)), None)
            if target is not None:
                if target not in number:
                    _enter(target, edges, number, low, stack, on_stack, waiting)
                else:
                    low[node] = min(low[node], number[target])
                continue
            waiting.pop()
            if waiting:
                above = waiting[-1][0]
                low[above] = min(low[above], low[node])
            if low[node] == number[node]:
                start = _last(stack, node)
                members = stack[start:]
                del stack[start:]
                on_stack.difference_update(members)
                found.append(members)
    return found


def _last(stack: list[Node], node: Node) -> int:
    place = len(stack) - 1
    while stack[place] != node:
        place -= 1
    return place


def _enter(
    node: Node,
    edges: Mapping[Node, Collection[Node]],
    number: dict[Node, int],
    low: dict[Node, int],
    stack: list[Node],
    on_stack: set[Node],
    waiting: list[tuple[Node, Iterator[Node]]],
) -> None:
    number[node] = low[node] = len(number)
    stack.append(node)
    on_stack.add(node)
    waiting.append((node, iter(edges[node])))


def shortest_path(start: Node, goal: Node, edges: Mapping[Node, Collection[Node]]) -> tuple[Node, ...]:
    """The nodes on a shortest path, both ends included; empty if there is none. Every target is a key of ``edges``."""
    return (start,) if start == goal else _walk(start, goal, edges)


def shortest_cycle(node: Node, edges: Mapping[Node, Collection[Node]]) -> tuple[Node, ...]:
    """The nodes on a shortest cycle through ``node``, which comes first; empty if there is none."""
    return _walk(node, node, edges)[:-1]


def _walk(start: Node, goal: Node, edges: Mapping[Node, Collection[Node]]) -> tuple[Node, ...]:
    """A shortest path of at least one step, by breadth-first search; empty if there is none."""
    came_from: dict[Node, Node] = {}
    frontier = [start]
    while frontier and goal not in came_from:
        following: list[Node] = []
        for node in frontier:
            for target in edges[node]:
                if target not in came_from:
                    came_from[target] = node
                    following.append(target)
        frontier = following
    if goal not in came_from:
        return ()
    path = [goal, came_from[goal]]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return tuple(reversed(path))
