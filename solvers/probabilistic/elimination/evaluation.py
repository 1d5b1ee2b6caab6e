"""Running a plan on one chunk of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from nesy.solvers.probabilistic.elimination.grouping import Plan, Run
from nesy.solvers.probabilistic.elimination.kernels import Kernel
from nesy.solvers.probabilistic.elimination.network import Table
from nesy.solvers.probabilistic.elimination.steps import Convolution, Product


@dataclass
class Evaluator:
    """A plan with the constants of one kernel, made once for each dtype and device."""

    plan: Plan
    kernel: Kernel
    log_constant: float
    _constants: dict[tuple[torch.dtype, torch.device], list[Tensor | None]] = field(default_factory=dict)

    def run(self, inputs: Mapping[str, Tensor], like: Tensor) -> Tensor:
        """The logarithm of the sum (or of the maximum), ``[batch or 1]``.

        ``inputs`` are tables ``[card…, row, batch or 1]`` in the form that the kernel's ``enter`` gives; ``like`` tells
        dtype and device.
        """
        constants = self._arranged(like)
        buffers: dict[str | int, Tensor] = {}
        buffers.update(inputs.items())
        total = like.new_full((1,), self.log_constant)
        for place, operation in enumerate(self.plan.operations):
            step = operation.step
            left = _take(buffers, operation.left)
            if isinstance(step, Convolution):
                found = self.kernel.convolution(step, left, _take(buffers, operation.right))
            else:
                right = constants[place] if isinstance(step.right, Table) else None
                right = _take(buffers, operation.right) if operation.right else right
                found = self.kernel.product(step, left, right)
            if step.rescale:
                found, scale = self.kernel.rescaled(found)
                total = total if scale is None else total + scale
            buffers[place] = found
            for buffer in operation.done_with:
                del buffers[buffer]
        for run in self.plan.results:
            total = total + self.kernel.total(_take(buffers, (run,)))
        return total

    def _arranged(self, like: Tensor) -> list[Tensor | None]:
        key = (like.dtype, like.device)
        if key not in self._constants:
            with torch.inference_mode(False), torch.no_grad():
                self._constants[key] = [
                    self.kernel.constant(step, like)
                    if isinstance(step := operation.step, Product) and isinstance(step.right, Table)
                    else None
                    for operation in self.plan.operations
                ]
        return self._constants[key]


def _take(buffers: Mapping[str | int, Tensor], runs: tuple[Run, ...]) -> Tensor:
    """The rows of ``runs``, ``[card…, row, batch or 1]``; a view where they are one run."""
    parts = [_rows(buffers[run.buffer], run) for run in runs]
    if len(parts) == 1:
        return parts[0]
    batch = max(part.shape[-1] for part in parts)
    return torch.cat([part if part.shape[-1] == batch else part.expand(*part.shape[:-1], batch) for part in parts], -2)


def _rows(buffer: Tensor, run: Run) -> Tensor:
    if run.count == 1 or run.step == 1:
        return buffer if run.count == buffer.shape[-2] else buffer.narrow(-2, run.start, run.count)
    if run.step == 0:
        return buffer.narrow(-2, run.start, 1)
    if run.step > 0:
        return buffer[..., run.start : run.start + run.step * run.count : run.step, :]
    places = torch.arange(run.count, device=buffer.device) * run.step + run.start
    return buffer.index_select(-2, places)
