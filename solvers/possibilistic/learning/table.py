"""The table of all degrees of a batch of samples, worked out stage by stage under changing parameters.

``[rows, samples]``; what the rows hold is said by :class:`~nesy.solvers.possibilistic.learning.cutting.Layout`. A
parameter is a floor under its row: where a stage reads λ_i it reads max(s_i, λ_i). Rows and stages remember what they
were made from, so that after a change of parameters only that is worked out again which the change reaches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nesy.solvers.possibilistic.forward import Program
from nesy.solvers.possibilistic.learning.stages import RuleSet, Stage, Stages

ROOM = 64 << 20
"""Bytes that the working tables of all stages may take together, and each in turn a small part at least."""

LEAST = 1 << 20
"""Bytes that each of them may take in any case."""


class Table:
    """Degrees of one batch. ``given`` are possibility distributions ``[samples, *index shape, values]`` by attribute
    name.

    An attribute that is not given is unknown: every value is fully possible. ``floors`` ``[rows]`` hold the parameters.
    """

    def __init__(
        self, stages: Stages, given: Mapping[str, Tensor], samples: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        self.stages = stages
        self.samples = samples
        self.degrees = torch.ones((stages.layout.count, samples), dtype=dtype, device=device)
        for place, first in stages.layout.given.items():
            attribute = stages.model.attributes[place]
            tensor = given.get(attribute.name)
            if tensor is not None:
                count, size = len(attribute.index), len(attribute.domain)
                rows = tensor.reshape(samples, count, size).permute(2, 1, 0).reshape(size * count, samples)
                self.degrees[first : first + size * count] = rows.to(self.degrees)
        self.versions: NDArray[np.int64] = np.zeros(stages.layout.count, dtype=np.int64)
        self._made: dict[int, tuple[Tensor, NDArray[np.int64]]] = {}
        self._programs: dict[int, Program] = {}

    def update(self, stage: int, floors: Tensor) -> None:
        """Bring the rows of a stage up to date with the rows that it reads and with their floors."""
        entry = self.stages.stages[stage]
        reads = np.array(entry.reads, dtype=np.int64)
        floor = floors[torch.from_numpy(reads).to(floors.device)]
        made = self._made.get(stage)
        if made is not None and np.array_equal(made[1], self.versions[reads]) and torch.equal(made[0], floor):
            return
        before = self.degrees[entry.start : entry.stop].clone() if made is not None else None
        self._run(stage, entry, floor, self.degrees[entry.start : entry.stop])
        rows = slice(entry.start, entry.stop)
        if before is None:
            self.versions[rows] += 1
        else:
            self.versions[rows] += (before != self.degrees[rows]).any(1).cpu().numpy()
        self._made[stage] = (floor, self.versions[reads])

    def evaluate(self, entry: Stage, floors: Tensor) -> Tensor:
        """The outputs ``[outputs, samples]`` of a stage above all others; its rows are not part of the table."""
        reads = torch.tensor(entry.reads, dtype=torch.int64, device=floors.device)
        found = self.degrees.new_empty((entry.stop - entry.start, self.samples))
        self._run(-1, entry, floors[reads], found)
        return found

    def premises(self, sets: Sequence[RuleSet]) -> tuple[Tensor, Tensor]:
        """λ and ρ, each ``[rule sets, samples, rules]``, of rule sets with equally many rules."""
        rules, count = len(sets[0].rules), len(sets)
        starts = [entry.start for entry in sets]
        if all(later - earlier == 2 * rules for earlier, later in pairwise(starts)):
            block = self.degrees[starts[0] : starts[-1] + 2 * rules]
        else:
            block = torch.cat([self.degrees[start : start + 2 * rules] for start in starts])
        block = block.view(count, rules, 2, self.samples)
        return block[:, :, 0].transpose(1, 2).contiguous(), block[:, :, 1].transpose(1, 2).contiguous()

    def _run(self, number: int, entry: Stage, floor: Tensor, target: Tensor) -> None:
        reads = torch.tensor(entry.reads, dtype=torch.int64, device=self.degrees.device)
        lowest = floor.to(self.degrees)[:, None]
        with torch.no_grad():
            program = self._program(number, entry)
            for start in range(0, self.samples, program.batch):
                stop = min(start + program.batch, self.samples)
                inputs = program.inputs[:, : stop - start]
                torch.maximum(self.degrees[:, start:stop].index_select(0, reads), lowest, out=inputs)
                program.run()
                target[:, start:stop] = program.read()[:, : stop - start]

    def _program(self, number: int, entry: Stage) -> Program:
        """The working table of a stage, for as many samples as fit."""
        program = self._programs.get(number)
        if program is None or program.plan is not entry.plan:
            room = max(LEAST, ROOM // max(1, len(self.stages.stages)))
            fitting = max(1, room // (max(1, entry.plan.rows) * self.degrees.element_size()))
            size = max(1, min(self.samples, fitting))
            program = self._programs[number] = Program(entry.plan, size, self.degrees.dtype, self.degrees.device)
        return program
