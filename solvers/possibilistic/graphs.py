"""Strongly connected components, without recursion."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def components(edges: Mapping[Node, Collection[Node]]) -> list[list[Node]]:
    """The strongly connected components of a graph (Tarjan), each after those that its nodes point to.

    ``edges`` maps every node to the nodes on which it depends; targets that are no keys are passed over.
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
