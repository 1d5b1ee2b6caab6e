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
from nesy.solvers.possibilistic.ordering import in_order, live_nodes

Places = NDArray[np.int64]

CHAIN = 6
"""Number of steps from which a cycle of kinds is worth preparing for."""


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


def schedule(circuit: Circuit, inputs: Sequence[int], outputs: Sequence[int], *, reuse: bool = True) -> Plan:
    """Plan the nodes of ``circuit`` on which ``outputs`` depend; ``inputs`` are all its input nodes, in row order.

    With ``reuse`` the rows of a step are given to later steps once nothing reads them any more, so that the table
    stays small enough for a cache; without, every node has a row of its own and rows increase from step to step.
    """
    live = live_nodes(circuit, outputs)
    order, cycles = in_order(circuit, live)
    fixed = _constants_in_rows(circuit, live, outputs)
    rows = _Rows(len(inputs) + len(fixed))
    row_of = np.full(len(circuit), -1, dtype=np.int64)
    row_of[list(inputs)] = np.arange(len(inputs))
    row_of[fixed] = len(inputs) + np.arange(len(fixed))
    ending = _endings(circuit, order, outputs) if reuse else {}
    copies = _Copies(circuit, order, cycles)
    steps: list[Bucket | LoopStep] = []
    slabs: list[tuple[int, int]] = []
    for place, nodes in enumerate(order):
        brought = copies.before(place, row_of, rows)
        if brought is not None:
            steps.append(brought)
        made = _made(circuit, nodes)
        start = rows.take(len(made))
        slabs.append((start, len(made)))
        row_of[made] = start + np.arange(len(made))
        if circuit.ops[nodes[0]] is Op.LOOP:
            loop = circuit.loops[nodes[0]]
            body = schedule(loop.body, (*loop.inputs, *loop.variables), loop.results, reuse=reuse)
            read = row_of[list(circuit.operands[nodes[0]])]
            steps.append(LoopStep(body, read, len(made), loop.start, start))
        else:
            steps.append(copies.read_by(place, _bucket(circuit, nodes, row_of, start)))
        for done in ending.get(place, ()):
            rows.give(*slabs[done])
    constants = np.array([circuit.constants[node] for node in fixed], dtype=np.float64)
    return Plan(len(inputs), constants, tuple(steps), row_of[list(outputs)], rows.count)


def _made(circuit: Circuit, nodes: Sequence[int]) -> Sequence[int]:
    """The nodes to which a step gives degrees: its own, or the results of its loop."""
    if circuit.ops[nodes[0]] is Op.LOOP:
        return range(nodes[0] + 1, nodes[0] + 1 + len(circuit.loops[nodes[0]].variables))
    return nodes


def _endings(circuit: Circuit, order: Sequence[Sequence[int]], outputs: Sequence[int]) -> dict[int, list[int]]:
    """For each step the steps whose results are read there for the last time; those of ``outputs`` never end."""
    owner = np.full(len(circuit), -1, dtype=np.int64)
    last = np.arange(len(order))
    for place, nodes in enumerate(order):
        owner[_made(circuit, nodes)] = place
        used = np.unique(owner[[operand for node in nodes for operand in circuit.operands[node]]])
        last[used[used >= 0]] = place
    kept = owner[list(outputs)]
    last[kept[kept >= 0]] = len(order)
    endings: dict[int, list[int]] = {}
    for place, step in enumerate(last.tolist()):
        endings.setdefault(step, []).append(place)
    return endings


class _Copies:
    """Brings what a chain reads from outside into the order in which it is read, once before the chain begins.

    Without this each level of the chain would copy its few rows on its own. ``cycles`` gives, for each step, the
    cycle of kinds to which it belongs, or -1.
    """

    def __init__(self, circuit: Circuit, order: Sequence[Sequence[int]], cycles: Sequence[int]) -> None:
        self._wanted: dict[int, list[tuple[int, int, list[int]]]] = {}
        self._starts: dict[tuple[int, int], int] = {}
        members: dict[int, list[int]] = {}
        made: dict[int, set[int]] = {}
        for place, number in enumerate(cycles):
            if number < 0:
                continue
            made.setdefault(number, set()).update(_made(circuit, order[place]))
            if circuit.ops[order[place][0]] is not Op.LOOP:
                members.setdefault(number, []).append(place)
        for number, places in members.items():
            if len(places) < CHAIN:
                continue
            inside = made[number]
            wanted = self._wanted.setdefault(places[0], [])
            for place in places:
                operands = map(circuit.operands.__getitem__, order[place])
                for position, column in enumerate(map(list, zip(*operands, strict=True))):
                    if inside.isdisjoint(column) and not any(node in circuit.constants for node in column):
                        wanted.append((place, position, column))

    def before(self, place: int, row_of: Places, rows: _Rows) -> Bucket | None:
        """The copying step that has to go before step ``place``, if any. Its rows are not given back."""
        wanted = self._wanted.get(place)
        if not wanted:
            return None
        sources = row_of[[node for _, _, column in wanted for node in column]]
        start = free = rows.take(len(sources))
        for step, position, column in wanted:
            self._starts[step, position] = free
            free += len(column)
        return Bucket(Op.MAXIMUM, start, len(sources), sources[None], None)

    def read_by(self, place: int, bucket: Bucket) -> Bucket:
        """``bucket``, reading the copies where there are some."""
        for position, row in enumerate(bucket.rows):
            start = self._starts.get((place, position))
            if start is not None:
                row[:] = start + np.arange(bucket.count)
        return bucket


class _Rows:
    """Hands out stretches of rows; those given back are used again, the lowest fitting one first."""

    def __init__(self, reserved: int) -> None:
        self.count = reserved
        self._free: list[tuple[int, int]] = []

    def take(self, size: int) -> int:
        """The first row of ``size`` free rows."""
        for place, (start, room) in enumerate(self._free):
            if room >= size:
                self._free[place : place + 1] = [(start + size, room - size)] if room > size else []
                return start
        if self._free and sum(self._free[-1]) == self.count:
            start, _ = self._free.pop()
        else:
            start = self.count
        self.count = start + size
        return start

    def give(self, start: int, size: int) -> None:
        """Take rows back, joining neighbouring stretches."""
        found: list[tuple[int, int]] = []
        for entry in sorted([*self._free, (start, size)]):
            if found and sum(found[-1]) == entry[0]:
                found[-1] = (found[-1][0], found[-1][1] + entry[1])
            else:
                found.append(entry)
        self._free = found


def _constants_in_rows(circuit: Circuit, live: Sequence[int], outputs: Sequence[int]) -> list[int]:
    """Constants that need a row of their own: those asked for, and those that a loop reads."""
    found = dict.fromkeys(node for node in outputs if node in circuit.constants)
    for node in live:
        if circuit.ops[node] is Op.LOOP:
            found |= dict.fromkeys(operand for operand in circuit.operands[node] if operand in circuit.constants)
    return list(found)


def _bucket(circuit: Circuit, nodes: Sequence[int], row_of: Places, start: int) -> Bucket:
    operands = np.array([circuit.operands[node] for node in nodes], dtype=np.int64).T
    constants = None
    if circuit.operands[nodes[0]][-1] in circuit.constants:
        constants = np.array([circuit.constants[node] for node in operands[-1].tolist()], dtype=np.float64)
        operands = operands[:-1]
    return Bucket(circuit.ops[nodes[0]], start, len(nodes), row_of[operands], constants)
