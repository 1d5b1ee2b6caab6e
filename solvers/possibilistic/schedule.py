"""From a circuit to a plan: which nodes are evaluated together, in which order, and where their degrees lie.

Nodes of one kind do the same work for different indices. Where kinds depend on one another without a cycle, all nodes
of a kind are evaluated at once; kinds in a cycle (a carry that runs from digit to digit) are evaluated level by
level, and only they are. So the long part of a chain stays outside its sequential loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nesy.solvers.possibilistic.circuit import Circuit, Op
from nesy.solvers.possibilistic.graphs import components

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bucket:
    """Nodes that one tensor operation evaluates: same operation, same number of operands.

    Their degrees go to the rows ``start … start + count - 1``; ``rows`` has the shape ``[operands, count]`` and
    names the rows that are read; ``constants``, if not None, is one more operand, of shape ``[count]``.
    """

    op: Op
    start: int
    count: int
    rows: Places
    constants: NDArray[np.float64] | None


@dataclass(frozen=True, slots=True)
class LoopStep:
    """A fixpoint: reads ``rows`` into the first rows of ``body``, and puts its variables to ``start …``."""

    body: Plan
    rows: Places
    variables: int
    initial: float
    start: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A scheduled circuit over a table of degrees ``[rows, batch]``.

    Rows ``0 … inputs - 1`` are the inputs in their order, then come the ``constants``, then the nodes, step by
    step. ``outputs`` are the rows of the nodes that were asked for.
    """

    inputs: int
    constants: NDArray[np.float64]
    steps: tuple[Bucket | LoopStep, ...]
    outputs: Places
    rows: int

    @property
    def operations(self) -> int:
        """Number of binary operations for one instance, the body of a loop counted once."""
        total = 0
        for step in self.steps:
            if isinstance(step, LoopStep):
                total += step.body.operations
            else:
                total += step.count * (step.rows.shape[0] - 1 + (step.constants is not None))
        return total

    @property
    def widest(self) -> int:
        """The most rows that one step reads, which bounds the room for copies."""
        return max((int(step.rows.size) for step in self.steps), default=0)


def schedule(circuit: Circuit, inputs: Sequence[int], outputs: Sequence[int]) -> Plan:
    """Plan the nodes of ``circuit`` on which ``outputs`` depend; ``inputs`` are all its input nodes, in row order."""
    live = _live(circuit, outputs)
    order = _order(circuit, live)
    row_of = np.full(len(circuit), -1, dtype=np.int64)
    row_of[list(inputs)] = np.arange(len(inputs))
    fixed = _constants_in_rows(circuit, live, outputs)
    row_of[fixed] = len(inputs) + np.arange(len(fixed))
    next_row = len(inputs) + len(fixed)
    steps: list[Bucket | LoopStep] = []
    for nodes in order:
        if circuit.ops[nodes[0]] is Op.LOOP:
            loop = circuit.loops[nodes[0]]
            body = schedule(loop.body, (*loop.inputs, *loop.variables), loop.results)
            rows = row_of[list(circuit.operands[nodes[0]])]
            results = nodes[0] + 1 + np.arange(len(loop.variables))
            row_of[results] = next_row + np.arange(len(results))
            steps.append(LoopStep(body, rows, len(results), loop.start, next_row))
            next_row += len(results)
        else:
            row_of[nodes] = next_row + np.arange(len(nodes))
            steps.append(_bucket(circuit, nodes, row_of, next_row))
            next_row += len(nodes)
    constants = np.array([circuit.constants[node] for node in fixed], dtype=np.float64)
    return Plan(len(inputs), constants, tuple(steps), row_of[list(outputs)], next_row)


def _live(circuit: Circuit, outputs: Sequence[int]) -> list[int]:
    """The nodes on which ``outputs`` depend, in order of creation."""
    wanted = bytearray(len(circuit))
    for node in outputs:
        wanted[node] = 1
    for node in range(len(circuit) - 1, -1, -1):
        if wanted[node]:
            for operand in circuit.operands[node]:
                wanted[operand] = 1
    return [node for node, flag in enumerate(wanted) if flag]


def _constants_in_rows(circuit: Circuit, live: Sequence[int], outputs: Sequence[int]) -> list[int]:
    """Constants that need a row of their own: those asked for, and those that a loop reads."""
    found = dict.fromkeys(node for node in outputs if node in circuit.constants)
    for node in live:
        if circuit.ops[node] is Op.LOOP:
            found |= dict.fromkeys(operand for operand in circuit.operands[node] if operand in circuit.constants)
    return list(found)


def _order(circuit: Circuit, live: Sequence[int]) -> list[list[int]]:
    """The nodes to evaluate, grouped into steps, in an order in which operands come first."""
    working = [node for node in live if circuit.ops[node] not in (Op.INPUT, Op.CONSTANT, Op.LOOP_RESULT)]
    # the results of a loop stand for the loop itself
    maker = [circuit.operands[node][0] if op is Op.LOOP_RESULT else node for node, op in enumerate(circuit.ops)]
    kind_of = [circuit.kinds[node] for node in maker]
    kinds = {kind_of[node] for node in working}
    edges: dict[int, set[int]] = {kind: set() for kind in kinds}
    for node in working:
        edges[kind_of[node]].update(kind_of[operand] for operand in circuit.operands[node])
    for kind, others in edges.items():
        edges[kind] = {other for other in others if other in kinds}
    component_of: dict[int, int] = {}
    level_of: dict[int, int] = {}
    for place, members in enumerate(components(edges)):
        for kind in members:
            component_of[kind] = place
        below = {level_of[component_of[other]] for kind in members for other in edges[kind] if other not in members}
        level_of[place] = 1 + max(below, default=-1)
    inner = [0] * len(circuit)
    groups: dict[tuple[int, int, Op, int, bool], list[int]] = {}
    for node in working:
        own = component_of[kind_of[node]]
        operands = circuit.operands[node]
        inside = [inner[maker[o]] + 1 for o in operands if component_of.get(kind_of[o], -1) == own]
        inner[node] = max(inside, default=0)
        op = circuit.ops[node]
        constant = bool(operands) and operands[-1] in circuit.constants
        unit = node if op is Op.LOOP else len(operands)
        groups.setdefault((level_of[own], inner[node], op, unit, constant), []).append(node)
    return [sorted(groups[key], key=lambda node: (kind_of[node], node)) for key in sorted(groups)]


def _bucket(circuit: Circuit, nodes: Sequence[int], row_of: Places, start: int) -> Bucket:
    operands = np.array([circuit.operands[node] for node in nodes], dtype=np.int64).T
    constants = None
    if circuit.operands[nodes[0]][-1] in circuit.constants:
        constants = np.array([circuit.constants[node] for node in operands[-1].tolist()], dtype=np.float64)
        operands = operands[:-1]
    return Bucket(circuit.ops[nodes[0]], start, len(nodes), row_of[operands], constants)
