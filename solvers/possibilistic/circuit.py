"""A circuit of minima and maxima over degrees: the one form to which every program is brought.

Everything that the possibilistic meaning asks for is a minimum or a maximum of degrees, so a ground program becomes
a directed acyclic graph whose nodes are inputs (possibility degrees of percept values), constants (the parameters
s and r), minima and maxima. Equal nodes are made once (hash-consing), which is how equal sub-computations of
different rules are shared; constants are folded by the laws of the lattice [0, 1].

Each node carries a *kind*: nodes of one kind do the same work for different indices of an attribute. The
scheduler lays nodes of one kind next to each other, so that they are evaluated as one tensor operation.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum


class Op(IntEnum):
    """What a node does."""

    INPUT = 0
    CONSTANT = 1
    MINIMUM = 2
    MAXIMUM = 3
    LOOP = 4
    """A fixpoint: its operands are what the loop reads, its results are its ``LOOP_RESULT`` nodes."""
    LOOP_RESULT = 5


FALSE = 0
"""The node of the constant 0: the maximum of nothing."""
TRUE = 1
"""The node of the constant 1: the minimum of nothing."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A fixpoint: ``variables`` start at ``start`` and are replaced by ``results`` until nothing changes.

    ``inputs`` are input nodes of ``body`` that stand for the operands of the loop node, in their order;
    ``variables`` are further input nodes, ``results`` nodes of ``body``, one for each variable.
    """

    body: Circuit
    inputs: tuple[int, ...]
    variables: tuple[int, ...]
    results: tuple[int, ...]
    start: float


@dataclass(slots=True)
class Circuit:
    """A growing circuit; nodes are numbered in order of creation, operands before their users."""

    ops: list[Op] = field(default_factory=list)
    operands: list[tuple[int, ...]] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    """Length of the longest path from an input."""
    constants: dict[int, float] = field(default_factory=dict)
    inputs: list[int] = field(default_factory=list)
    loops: dict[int, Loop] = field(default_factory=dict)
    _known: dict[tuple[Op, tuple[int, ...]], int] = field(default_factory=dict)
    _constant_nodes: dict[float, int] = field(default_factory=dict)
    _kind_places: dict[Hashable, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.constant(0.0)
        self.constant(1.0)

    def __len__(self) -> int:
        return len(self.ops)

    def _append(self, op: Op, operands: tuple[int, ...], kind: int, depth: int) -> int:
        self.ops.append(op)
        self.operands.append(operands)
        self.kinds.append(kind)
        self.depths.append(depth)
        return len(self.ops) - 1

    def kind(self, key: Hashable) -> int:
        """The number of a kind of nodes; kinds are numbered in order of first use."""
        return self._kind_places.setdefault(key, len(self._kind_places))

    def input(self, kind: int) -> int:
        """A new input node."""
        node = self._append(Op.INPUT, (), kind, 0)
        self.inputs.append(node)
        return node

    def constant(self, value: float) -> int:
        """The node of a constant in [0, 1]."""
        node = self._constant_nodes.get(value)
        if node is None:
            node = self._constant_nodes[value] = self._append(Op.CONSTANT, (), -1, 0)
            self.constants[node] = value
        return node

    def extreme(self, op: Op, items: Iterable[int], kind: int) -> int:
        """The minimum or the maximum of ``items``; of none it is the neutral element (1, 0)."""
        wanted = tuple(dict.fromkeys(items))
        if FALSE in wanted or TRUE in wanted:
            neutral, absorbing = (TRUE, FALSE) if op is Op.MINIMUM else (FALSE, TRUE)
            if absorbing in wanted:
                return absorbing
            wanted = tuple(item for item in wanted if item != neutral)
        if len(wanted) < 2:
            return wanted[0] if wanted else TRUE if op is Op.MINIMUM else FALSE
        known = self._known.get((op, wanted))
        if known is not None:
            return known
        folded = wanted if self.constants.keys().isdisjoint(wanted) else self._fold(op, wanted)
        if len(folded) == 1:
            node = folded[0]
        else:
            depth = 1 + max([self.depths[item] for item in folded])
            node = self._append(op, folded, kind, depth)
        self._known[op, wanted] = node
        return node

    def _fold(self, op: Op, items: tuple[int, ...]) -> tuple[int, ...]:
        """``items`` with at most one constant, which comes last."""
        constants = [item for item in items if item in self.constants]
        pick = min if op is Op.MINIMUM else max
        value = pick([self.constants[item] for item in constants])
        return (*[item for item in items if item not in self.constants], self.constant(value))

    def minimum(self, items: Iterable[int], kind: int) -> int:
        return self.extreme(Op.MINIMUM, items, kind)

    def maximum(self, items: Iterable[int], kind: int) -> int:
        return self.extreme(Op.MAXIMUM, items, kind)

    def fixpoint(self, loop: Loop, operands: Sequence[int], kind: int) -> tuple[int, ...]:
        """Add a loop over ``operands``; the nodes of its variables' final values."""
        depth = 1 + max((self.depths[node] for node in operands), default=0)
        node = self._append(Op.LOOP, tuple(operands), self.kind(("loop", len(self.loops))), depth)
        self.loops[node] = loop
        return tuple(self._append(Op.LOOP_RESULT, (node,), kind, depth + 1) for _ in loop.variables)
