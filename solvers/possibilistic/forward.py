"""Running a plan on tensors.

Degrees lie in a table ``[rows, batch]`` with the batch last, so that copying a row is copying contiguous memory
and every minimum and maximum is vectorised over the batch. Two ways to run the same plan:

* :class:`Program` writes into a table that is laid out once for a batch of fixed size; all views of it are made
  beforehand, so a step costs one or two calls into torch;
* :func:`run_functional` makes a new tensor at each step, which is what automatic differentiation needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nesy.solvers.possibilistic.circuit import Op
from nesy.solvers.possibilistic.schedule import Bucket, LoopStep, Places, Plan

Instruction = tuple[Callable[..., object], tuple[object, ...], Tensor]
"""A function, its arguments, and the tensor that it fills."""

_BINARY: dict[Op, Callable[..., Tensor]] = {Op.MINIMUM: torch.minimum, Op.MAXIMUM: torch.maximum}
_REDUCE: dict[Op, Callable[..., Tensor]] = {Op.MINIMUM: torch.amin, Op.MAXIMUM: torch.amax}

CALL = 4_000
"""Elements whose copying costs about as much as one more call into torch: where several calls on views of
the table replace one call on a copy."""


class Program:
    """A plan laid out for ``batch`` instances on one device. Not to be run by two threads at once."""

    def __init__(self, plan: Plan, batch: int, dtype: torch.dtype, device: torch.device) -> None:
        self.plan = plan
        self.batch = batch
        self.table = torch.zeros((plan.rows, batch) if batch > 1 else (plan.rows,), dtype=dtype, device=device)
        self.scratch = torch.empty_like(self.table[:1]).repeat(plan.widest, *([1] if batch > 1 else []))
        if len(plan.constants):
            values = torch.from_numpy(plan.constants).to(self.table)
            self.table[plan.inputs : plan.inputs + len(values)] = values[:, None] if batch > 1 else values
        self.instructions: list[Instruction] = []
        for step in plan.steps:
            if isinstance(step, LoopStep):
                self._loop(step)
            else:
                self._bucket(step)
        self.outputs = self._index(plan.outputs)

    @property
    def inputs(self) -> Tensor:
        """The rows to fill before :meth:`run`, ``[inputs, batch]``."""
        return self.table[: self.plan.inputs].view(self.plan.inputs, self.batch)

    def run(self) -> None:
        """Evaluate all rows from the inputs."""
        for function, arguments, target in self.instructions:
            function(*arguments, out=target)

    def read(self) -> Tensor:
        """The outputs, ``[outputs, batch]``; a new tensor."""
        return self.table.index_select(0, self.outputs).view(len(self.plan.outputs), self.batch)

    def _index(self, rows: Places) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(rows)).to(self.table.device)

    def _loop(self, step: LoopStep) -> None:
        body = LoopProgram(step, self.batch, self.table.dtype, self.table.device)
        target = self.table[step.start : step.start + step.variables]
        self.instructions.append((body.run_on, (self.table, self._index(step.rows)), target))

    def _bucket(self, step: Bucket) -> None:
        """Evaluate a step by calls on views of the table, run by run, or by one call on copies: what is cheaper."""
        if step.constants is None and len(step.rows) == 1:
            self._piece(step)
            return
        starts = _runs(step.rows)
        pieces = []
        for start, stop in zip(starts, [*starts[1:], step.count], strict=True):
            constants = None if step.constants is None else step.constants[start:stop]
            pieces.append(Bucket(step.op, step.start + start, stop - start, step.rows[:, start:stop], constants))
        if len(pieces) > 1 and self._cost(step) <= sum(map(self._cost, pieces)):
            pieces = [step]
        for piece in pieces:
            self._piece(piece)

    def _cost(self, step: Bucket) -> int:
        """Roughly what a step costs, in elements."""
        copied = [rows for rows in step.rows if not _steady(rows)]
        calls = len(copied) + len(step.rows) - 1 + (step.constants is not None)
        if self._reduces(step):
            calls = 2 + (step.constants is not None)
        moved = (2 * len(copied) + len(step.rows)) * step.count * self.batch
        return calls * CALL + moved

    def _reduces(self, step: Bucket) -> bool:
        """Whether three or more operands are brought together and reduced at once."""
        arity = len(step.rows)
        if arity < 3:
            return False
        return step.count * self.batch <= CALL or not all(map(_steady, step.rows))

    def _piece(self, step: Bucket) -> None:
        target = self.table[step.start : step.start + step.count]
        arity = len(step.rows)
        if arity == 1 and step.constants is None:
            self.instructions.append((_copy, (self._operand(step.rows[0], self.scratch),), target))
            return
        if arity == 1:
            first = self._operand(step.rows[0], self.scratch)
        elif arity == 2:
            first = self._operand(step.rows[0], self.scratch)
            second = self._operand(step.rows[1], self.scratch[step.count :])
            self.instructions.append((_BINARY[step.op], (first, second), target))
            first = target
        elif not self._reduces(step):
            first = self._operand(step.rows[0], self.scratch)
            for rows in step.rows[1:]:
                self.instructions.append((_BINARY[step.op], (first, self._operand(rows, self.scratch)), target))
                first = target
        else:
            rows = step.rows
            flat = self._operand(rows.reshape(-1), self.scratch)
            block = flat.view(*rows.shape, *flat.shape[1:])
            self.instructions.append((_REDUCE[step.op], (block, 0), target))
            first = target
        if step.constants is not None:
            constants = torch.from_numpy(np.ascontiguousarray(step.constants)).to(self.table)
            other = constants if self.batch == 1 else constants[:, None]
            self.instructions.append((_BINARY[step.op], (first, other), target))

    def _operand(self, rows: Places, room: Tensor) -> Tensor:
        """The rows as a view of the table where they are evenly spaced, else as a copy made at run time."""
        if _steady(rows):
            start = int(rows[0])
            stride = int(rows[1] - rows[0]) if len(rows) > 1 else 1
            return self.table[start : int(rows[-1]) + 1 : stride]
        target = room[: len(rows)]
        self.instructions.append((torch.index_select, (self.table, 0, self._index(rows)), target))
        return target


def _copy(source: Tensor, out: Tensor) -> None:
    out.copy_(source)


class LoopProgram:
    """The body of a fixpoint, laid out for a batch."""

    def __init__(self, step: LoopStep, batch: int, dtype: torch.dtype, device: torch.device) -> None:
        self.initial = step.initial
        self.body = Program(step.body, batch, dtype, device)
        self.read = len(step.rows)
        self.iterations = 0

    def run_on(self, table: Tensor, rows: Tensor, out: Tensor) -> None:
        """Iterate to the fixpoint; degrees are picked among finitely many, so it is reached exactly."""
        body = self.body
        torch.index_select(table, 0, rows, out=body.table[: self.read])
        variables = body.table[self.read : body.plan.inputs]
        variables.fill_(self.initial)
        self.iterations = 0
        while True:
            body.run()
            self.iterations += 1
            found = body.table.index_select(0, body.outputs)
            if torch.equal(found, variables):
                break
            variables.copy_(found)
        out.copy_(variables)


def _runs(rows: Places) -> list[int]:
    """Starts of the maximal runs of columns over which every row of ``rows`` is evenly spaced."""
    count = rows.shape[1]
    if count < 3:
        return [0]
    steps = np.diff(rows, axis=1)
    breaks = (steps[:, 1:] != steps[:, :-1]).any(axis=0)
    if not breaks.any():
        return [0]
    starts = [0]
    for place in (np.flatnonzero(breaks) + 2).tolist():
        # two columns always make a run, so a new one starts only after them
        if place - starts[-1] >= 2:
            starts.append(place)
    return starts


def _steady(rows: Places) -> bool:
    """Whether the rows increase by the same step: a view of the table shows them."""
    if len(rows) == 1:
        return True
    steps = np.diff(rows)
    return bool(steps[0] > 0 and (steps == steps[0]).all())


# ----- with gradients


@dataclass(slots=True)
class _Pieces:
    """The tensors made so far and the first row of each."""

    starts: list[int]
    tensors: list[Tensor]

    def add(self, start: int, tensor: Tensor) -> None:
        self.starts.append(start)
        self.tensors.append(tensor)

    def select(self, rows: Places) -> Tensor:
        """The rows, gathered from the tensors in which they lie; ``[len(rows), batch]``."""
        if not len(rows):
            return self.tensors[0][:0]
        owners = np.searchsorted(np.array(self.starts), rows, side="right") - 1
        parts: list[Tensor] = []
        positions: list[Places] = []
        for owner in np.unique(owners).tolist():
            mine = np.flatnonzero(owners == owner)
            tensor = self.tensors[owner]
            local = torch.from_numpy(rows[mine] - self.starts[owner]).to(tensor.device)
            parts.append(tensor.index_select(0, local))
            positions.append(mine)
        if len(parts) == 1:
            return parts[0]
        back = torch.from_numpy(np.argsort(np.concatenate(positions), kind="stable"))
        return torch.cat(parts).index_select(0, back.to(parts[0].device))


def run_functional(plan: Plan, inputs: Tensor) -> Tensor:
    """Evaluate ``plan`` on ``inputs`` of shape ``[inputs, batch]`` by operations that autograd follows."""
    pieces = _Pieces([0], [inputs])
    if len(plan.constants):
        column = torch.from_numpy(plan.constants).to(inputs)[:, None]
        pieces.add(plan.inputs, column.expand(-1, inputs.shape[1]))
    for step in plan.steps:
        if isinstance(step, LoopStep):
            pieces.add(step.start, _loop_functional(step, pieces.select(step.rows)))
            continue
        arity = len(step.rows)
        found = pieces.select(step.rows.reshape(-1)).view(arity, step.count, -1)
        degrees = found[0] if arity == 1 else _BINARY[step.op](found[0], found[1]) if arity == 2 else None
        if degrees is None:
            degrees = _REDUCE[step.op](found, 0)
        if step.constants is not None:
            degrees = _BINARY[step.op](degrees, torch.from_numpy(step.constants).to(inputs)[:, None])
        pieces.add(step.start, degrees)
    return pieces.select(plan.outputs)


def _loop_functional(step: LoopStep, read: Tensor) -> Tensor:
    variables = read.new_full((step.variables, read.shape[1]), step.initial)
    while True:
        found = run_functional(step.body, torch.cat([read, variables]))
        if torch.equal(found, variables):
            return found
        variables = found
