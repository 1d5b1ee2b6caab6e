"""The compiled program: batches of evidence in, possibility and necessity of every query out."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from nesy.solvers.answer import Answer, Result, Status
from nesy.solvers.backend import Options
from nesy.solvers.evidence import check_evidence
from nesy.solvers.explanation import Explanation
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.possibilistic.assembly import Family, families
from nesy.solvers.possibilistic.forward import Program, run_functional
from nesy.solvers.possibilistic.interpreter import Structures, structures
from nesy.solvers.possibilistic.listing import listing
from nesy.solvers.possibilistic.lower import Lowered
from nesy.solvers.possibilistic.schedule import Plan, schedule
from nesy.solvers.possibilistic.transform import possibility

if TYPE_CHECKING:
    from nesy.solvers.possibilistic.learning.learn import Batch, Learned
    from nesy.solvers.possibilistic.learning.options import LearningOptions
    from nesy.solvers.possibilistic.learning.report import Listener

TABLE_BYTES = {"cpu": 12 << 20, "cuda": 1 << 30}
"""Room for the table of degrees of one chunk: about what the caches of a core hold, or a part of a GPU's memory."""

BLOCK = 24_000
"""Elements that are transformed at once."""

MOST = 4096
"""Most instances in one chunk."""


@dataclass
class PossibilisticEngine:
    """Answers batches. Made by :func:`nesy.solvers.possibilistic.compile_model`.

    Two threads may call one engine: the tables that a batch is evaluated in are taken by one at a time.
    """

    model: GroundModel
    options: Options
    lowered: Lowered
    plan: Plan
    compile_seconds: float
    dtype: torch.dtype
    device: torch.device
    families: tuple[Family, ...] = field(init=False)
    _programs: dict[int, Program] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.families = families(self.model)

    # ----- inference

    def infer(self, evidence: Mapping[str, Tensor]) -> Answer:
        """Answer one batch of percept distributions, ``[batch, *index shape, value]`` by percept name.

        The evidence is checked (see :func:`nesy.solvers.evidence.check_evidence`), transformed to possibility and
        evaluated in chunks. Where a tensor requires a gradient, sub-gradients flow to it.
        """
        started = time.perf_counter()
        checked = check_evidence(self.model, evidence, device=str(self.device), dtype=self.dtype)
        return self._answer(checked, started, transformed=False)

    def infer_possibility(self, distributions: Mapping[str, Tensor]) -> Answer:
        """Answer for possibility distributions, ``[batch, *index shape, value]`` in [0, 1], as they are.

        Nothing is transformed or renormalised. A percept that is not given is unknown: every value fully possible.
        """
        started = time.perf_counter()
        known = {
            name: tensor.to(device=self.device, dtype=self.dtype)
            for name, tensor in distributions.items()
            if name in self.model.attribute_places
        }
        return self._answer(known, started, transformed=True)

    def listing(self, *, every: bool = False) -> str:
        """The equation systems and how they are evaluated; of a family one index, or with ``every`` all."""
        return listing(self.model, self.plan, every=every)

    def possibilities(self, evidence: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Checked evidence transformed to possibility, in the same shapes."""
        checked = check_evidence(self.model, evidence, device=str(self.device), dtype=self.dtype)
        return {name: self._transform(tensor.movedim(-1, 0)).movedim(0, -1) for name, tensor in checked.items()}

    def _answer(self, tensors: Mapping[str, Tensor], started: float, *, transformed: bool) -> Answer:
        batch = next((len(tensor) for tensor in tensors.values()), 1)
        gradients = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors.values())
        degrees = (self._differentiable if gradients else self._fast)(tensors, batch, transformed=transformed)
        results = self._results(degrees, batch)
        statistics = {
            "seconds": time.perf_counter() - started,
            "compile_seconds": self.compile_seconds,
            "chunk": self.chunk,
            "rows": self.plan.rows,
            "steps": len(self.plan.steps),
            "operations": self.plan.operations,
            "inconsistency": {
                name: 1.0 - r.possibility.amax(-1) for name, r in results.items() if r.possibility is not None
            },
        }
        given = {name: tensor.detach().clone() for name, tensor in tensors.items()}  # callers may reuse their memory
        explainer = partial(self._explain, given, transformed)
        return Answer("possibilistic", results, [Status.SOLVED] * batch, statistics, self.model.warnings, explainer)

    @property
    def chunk(self) -> int:
        """Instances evaluated at once."""
        if self.options.chunk is not None:
            return max(1, self.options.chunk)
        room = TABLE_BYTES.get(self.device.type, TABLE_BYTES["cpu"])
        fitting = room // (max(1, self.plan.rows) * self.dtype.itemsize)
        return 1 << max(0, min(MOST, fitting).bit_length() - 1) if fitting else 1

    # ----- learning

    def learn(
        self,
        evidence: Mapping[str, object],
        targets: Mapping[str, object],
        learning: LearningOptions | None = None,
        *,
        validation: Batch | None = None,
        progress: Listener | None = None,
    ) -> Learned:
        """Learn parameters of the rules that are marked ``[learn]``; see :func:`~.learning.learn.learn`.

        The engine stays as it is; a program with the learned parameters is compiled anew.
        """
        from nesy.solvers.possibilistic.learning.learn import learn

        return learn(self.model, self.options, evidence, targets, learning, validation=validation, progress=progress)

    # ----- evaluation

    @cached_property
    def _separate_rows(self) -> Plan:
        """The plan in which no row is used twice, as differentiation needs it."""
        return plan_of(self.lowered, self.families, reuse=False)

    def _transform(self, probabilities: Tensor) -> Tensor:
        return possibility(probabilities, self.options.transform, self.options.ties)

    def _inputs(self, tensors: Mapping[str, Tensor], start: int, stop: int, *, transformed: bool) -> list[Tensor]:
        """The degrees of each percept, ``[values, indices, stop - start]``."""
        found = []
        for place, rows in self.lowered.inputs.items():
            attribute = self.model.attributes[place]
            given = tensors.get(attribute.name)
            shape = (len(rows), len(attribute.index), stop - start)
            if given is None:
                found.append(torch.ones(shape, dtype=self.dtype, device=self.device))
                continue
            part = given[start:stop].reshape(stop - start, shape[1], shape[0]).permute(2, 1, 0)
            found.append(part if transformed else self._transform(part.contiguous()))
        return found

    def _fill(self, tensors: Mapping[str, Tensor], start: int, program: Program, *, transformed: bool) -> None:
        """Put the degrees of the instances from ``start`` into a table, in blocks that stay in the cache."""
        row = 0
        for place, rows in self.lowered.inputs.items():
            attribute = self.model.attributes[place]
            values, count = len(rows), len(attribute.index)
            target = program.inputs[row : row + values * count].view(values, count, program.inputs.shape[-1])
            row += values * count
            given = tensors.get(attribute.name)
            if given is None:
                target.fill_(1.0)
                continue
            part = given[start : start + program.batch]
            part = part.reshape(len(part), count, values).permute(2, 1, 0)
            step = max(1, BLOCK // max(1, values * part.shape[2]))
            for first in range(0, count, step):
                block = part[:, first : first + step]
                degrees = block if transformed else self._transform(block.contiguous())
                target[:, first : first + step, : part.shape[2]] = degrees

    def _fast(self, tensors: Mapping[str, Tensor], batch: int, *, transformed: bool) -> Tensor:
        """All outputs, ``[outputs, batch]``, chunk by chunk in tables that are kept from batch to batch."""
        found = torch.empty((len(self.plan.outputs), batch), dtype=self.dtype, device=self.device)
        with self._lock, torch.inference_mode():
            for start in range(0, batch, self.chunk):
                stop = min(start + self.chunk, batch)
                program = self._program(stop - start)
                self._fill(tensors, start, program, transformed=transformed)
                program.run()
                found[:, start:stop] = program.read()[:, : stop - start]
        return found

    def _program(self, size: int) -> Program:
        """A table for at least ``size`` instances: sizes are powers of two, so that few are kept."""
        room = min(1 << (size - 1).bit_length(), max(self.chunk, size))
        program = self._programs.get(room)
        if program is None:
            program = self._programs[room] = Program(self.plan, room, self.dtype, self.device)
        return program

    def _differentiable(self, tensors: Mapping[str, Tensor], batch: int, *, transformed: bool) -> Tensor:
        parts = []
        for start in range(0, batch, self.chunk):
            stop = min(start + self.chunk, batch)
            blocks = self._inputs(tensors, start, stop, transformed=transformed)
            none = torch.empty((0, stop - start), dtype=self.dtype, device=self.device)
            inputs = torch.cat([block.reshape(-1, stop - start) for block in blocks] or [none])
            parts.append(run_functional(self._separate_rows, inputs))
        return torch.cat(parts, 1) if parts else torch.empty((len(self.plan.outputs), 0), dtype=self.dtype)

    def _results(self, degrees: Tensor, batch: int) -> dict[str, Result]:
        """Results as views of ``degrees``: the value axis is the last one, but the batch lies contiguous."""
        results = {}
        for family in self.families:
            count, size = len(family.labels), len(family.domain)
            block = degrees[family.start : family.start + 2 * count * size].view(2, count, size, batch)
            choice = single_best(block[0]).view(*family.shape, batch).movedim(-1, 0)
            possible, others = block.view(2, *family.shape, size, batch).movedim(-1, 1)
            results[family.name] = Result(
                family.name, family.labels, family.shape, family.domain, possible, 1.0 - others, choice=choice
            )
        return results

    def _explain(
        self, tensors: Mapping[str, Tensor], transformed: bool, instance: int, query: str | None
    ) -> tuple[Explanation, ...]:
        from nesy.solvers.possibilistic.explain import explain
        from nesy.solvers.possibilistic.explain_steps import Inputs

        given = {name: tensor[instance] for name, tensor in tensors.items()}
        degrees = {
            name: tensor if transformed else self._transform(tensor.movedim(-1, 0)).movedim(0, -1)
            for name, tensor in given.items()
        }
        read = {} if transformed else {name: tensor.cpu().numpy() for name, tensor in given.items()}
        inputs = Inputs({name: tensor.cpu().numpy() for name, tensor in degrees.items()}, read)
        return explain(self._structures, inputs, instance, query)

    @cached_property
    def _structures(self) -> Structures:
        """The index of the model from which explanations are made; only when one is asked for."""
        return structures(self.model)


def single_best(degrees: Tensor) -> Tensor:
    """The place of the largest degree along axis 1 of ``[labels, values, batch]``, −1 where several are largest."""
    found = degrees.detach()
    top = found == found.amax(1, keepdim=True)
    places = torch.arange(found.shape[1], dtype=torch.int32, device=found.device)[:, None]
    first = torch.where(top, places, found.shape[1]).amin(1)
    last = torch.where(top, places, -1).amax(1)
    return torch.where(first == last, first, -1).long()


def plan_of(lowered: Lowered, found: Sequence[Family], *, reuse: bool = True) -> Plan:
    """The plan whose outputs are, by family, first Π of all values, then of all other values."""
    inputs = [node for rows in lowered.inputs.values() for row in rows for node in row]
    outputs: list[int] = []
    for family in found:
        for part in (0, 1):
            for query in family.queries:
                outputs.extend(lowered.queries[query][part])
    return schedule(lowered.circuit, inputs, outputs, reuse=reuse)


def as_dtype(name: str) -> torch.dtype:
    """``float64`` or ``float32``."""
    return {"float64": torch.float64, "float32": torch.float32}[name]
