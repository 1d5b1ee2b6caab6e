"""In which order, and which together, the nodes of a circuit are evaluated.

Kinds of nodes form a graph of their own. Kinds that are in no cycle of it are evaluated at once, for all indices;
those in a cycle level by level. The work is done on arrays, since circuits have 100,000 nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from nesy.dsl.graphs import components
from nesy.solvers.possibilistic.circuit import Circuit, Op

Numbers = NDArray[np.int64]


def live_nodes(circuit: Circuit, outputs: Sequence[int]) -> list[int]:
    """The nodes on which ``outputs`` depend, in order of creation."""
    wanted = bytearray(len(circuit))
    for node in outputs:
        wanted[node] = 1
    for node in range(len(circuit) - 1, -1, -1):
        if wanted[node]:
            for operand in circuit.operands[node]:
                wanted[operand] = 1
    return [node for node, flag in enumerate(wanted) if flag]


def in_order(circuit: Circuit, live: Sequence[int]) -> tuple[list[list[int]], list[int]]:
    """The nodes to evaluate, grouped into steps, in an order in which operands come first.

    Beside it, for each step, the number of the cycle of kinds to which its nodes belong, -1 where they are in none.
    """
    ops = np.array(circuit.ops, dtype=np.int64)
    nodes = np.array(live, dtype=np.int64)
    nodes = nodes[np.isin(ops[nodes], (Op.MINIMUM, Op.MAXIMUM, Op.LOOP))]
    if not len(nodes):
        return [], []
    maker = _makers(circuit, ops)
    kinds = np.array(circuit.kinds, dtype=np.int64)[maker]
    sizes = np.array([len(circuit.operands[node]) for node in nodes.tolist()], dtype=np.int64)
    flat = np.fromiter(chain.from_iterable(circuit.operands[node] for node in nodes.tolist()), np.int64, sizes.sum())
    users = np.repeat(nodes, sizes)
    component, level, cyclic = _components(kinds, nodes, users, flat)
    inner = _inner_levels(users, flat, maker, component[kinds], cyclic)
    last = np.full(len(nodes), -1, dtype=np.int64)
    last[sizes > 0] = flat[np.cumsum(sizes)[sizes > 0] - 1]
    constant = (last >= 0) & (ops[last] == Op.CONSTANT)
    own = component[kinds[nodes]]
    cycle = np.where(cyclic[own], own, -1)
    unit = np.where(ops[nodes] == Op.LOOP, nodes, sizes)
    keys = np.stack([level[own], inner[nodes], cycle, ops[nodes], unit, constant])
    order = np.lexsort((nodes, kinds[nodes], *keys[::-1]))
    keys, nodes = keys[:, order], nodes[order]
    cuts = np.flatnonzero((keys[:, 1:] != keys[:, :-1]).any(0)) + 1
    starts = [0, *cuts.tolist()]
    return [part.tolist() for part in np.split(nodes, cuts)], keys[2, starts].tolist()


def _makers(circuit: Circuit, ops: Numbers) -> Numbers:
    """For each node the node that makes it: itself, or the loop of which it is a result."""
    maker = np.arange(len(ops))
    for node in np.flatnonzero(ops == Op.LOOP_RESULT).tolist():
        maker[node] = circuit.operands[node][0]
    return maker


def _components(
    kinds: Numbers, nodes: Numbers, users: Numbers, operands: Numbers
) -> tuple[Numbers, Numbers, NDArray[np.bool_]]:
    """The strongly connected components of the kinds: the component of each kind (-1: none, as for inputs), the
    level of each component, and whether it has a cycle."""
    present = np.unique(kinds[nodes])
    count = int(kinds.max()) + 2
    pairs = np.unique(kinds[users] * count + kinds[operands] + 1)
    edges: dict[int, set[int]] = {kind: set() for kind in present.tolist()}
    for user, used in zip((pairs // count).tolist(), (pairs % count - 1).tolist(), strict=True):
        if used in edges:
            edges[user].add(used)
    found = components(edges)
    component = np.full(count, -1, dtype=np.int64)
    level = np.zeros(len(found), dtype=np.int64)
    cyclic = np.zeros(len(found), dtype=np.bool_)
    for place, members in enumerate(found):
        component[members] = place
        inside = set(members)
        below = {int(level[component[used]]) for kind in members for used in edges[kind] - inside}
        level[place] = 1 + max(below, default=-1)
        cyclic[place] = any(not inside.isdisjoint(edges[kind]) for kind in members)
    return component, level, cyclic


def _inner_levels(
    users: Numbers, operands: Numbers, maker: Numbers, component: Numbers, cyclic: NDArray[np.bool_]
) -> Numbers:
    """For each node the longest path to it inside its component; 0 where that has no cycle."""
    inner = np.zeros(len(maker), dtype=np.int64)
    inside = (component[users] == component[operands]) & cyclic[component[users]]
    levels = inner.tolist()
    for user, used in zip(users[inside].tolist(), maker[operands[inside]].tolist(), strict=True):
        if levels[used] >= levels[user]:
            levels[user] = levels[used] + 1
    return np.array(levels, dtype=np.int64)
