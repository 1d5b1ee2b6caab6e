"""One pass of learning: stage by stage, premises worked out, rule sets fitted, parameters put to use above.

Distances of single samples do not depend on thresholds, and a rule set whose premises and threshold are as before need
not be fitted again; both are remembered, so that a search over thresholds pays only for what a step changes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.possibilistic.learning.equations import Equations, TargetsOf, equations
from nesy.solvers.possibilistic.learning.estimates import Estimate, Estimator, compact
from nesy.solvers.possibilistic.learning.table import Table
from nesy.solvers.possibilistic.learning.tasks import Task
from nesy.solvers.possibilistic.systems.rule_system import residuals, sample_distances

Thresholds = Mapping[int, float | None]
"""The threshold for the rule sets of each attribute; None keeps every sample."""


@dataclass(frozen=True)
class Single:
    """What does not depend on thresholds, each ``[rule sets, samples]``.

    ``alone`` are the ∇ᵘ, ``at_zero`` the residuals if all parameters are 0, ``known`` says whether there is a target,
    ``excess`` how far fixed rules alone keep the equations from their targets. ``versions`` are of the rows that all
    this was made from.
    """

    versions: NDArray[np.int64]
    alone: Tensor
    at_zero: Tensor
    known: Tensor
    excess: Tensor


@dataclass(frozen=True)
class Fit:
    """The last fit of a task, with its ``thresholds`` ``[systems]``."""

    single: Single
    thresholds: Tensor
    estimate: Estimate
    seconds: float


@dataclass
class Fitter:
    """Fits all tasks on one table of samples. ``floors`` ``[rows]`` are the parameters as they stand.

    With ``raised`` a threshold that would keep no sample of a rule set is raised, for this rule set alone, to the least
    one of the ``grid`` that does; without, this is E537.
    """

    table: Table
    tasks: tuple[Task, ...]
    floors: Tensor
    targets: TargetsOf
    estimator: Estimator
    grid: tuple[float, ...]
    rounds: int
    told: Callable[[int, int], None]
    fits: dict[int, Fit] = field(default_factory=dict)
    rounds_used: int = 1
    settled: bool = True

    def __post_init__(self) -> None:
        self._initial = self.floors.clone()

    def run(self, thresholds: Thresholds, *, raised: bool) -> None:
        """Learn all tasks with these thresholds, and bring all stages up to date.

        Parameters that several stages share are fitted at the last of these stages. They are then used below as well,
        and the pass is repeated until they come to rest. They start from the parameters of the file each time, so that
        the result does not depend on thresholds that were tried before.
        """
        spanning = [place for place, task in enumerate(self.tasks) if task.spanning]
        for place in spanning:
            self.fits.pop(place, None)
            rows = torch.from_numpy(np.concatenate([self._rows(one) for one in self.tasks[place].sets]))
            self.floors[rows] = self._initial[rows]
        for number in range(1, self.rounds + 1):
            before = [self._parameters(place) for place in spanning]
            self._pass(thresholds, raised=raised)
            self.rounds_used = number
            after = [self._parameters(place) for place in spanning]
            self.settled = all(
                old is not None and new is not None and torch.equal(old, new)
                for old, new in zip(before, after, strict=True)
            )
            if self.settled:
                break

    def _parameters(self, place: int) -> Tensor | None:
        fit = self.fits.get(place)
        return None if fit is None else fit.estimate.parameters

    def _pass(self, thresholds: Thresholds, *, raised: bool) -> None:
        waiting = list(enumerate(self.tasks))
        total = len(self.table.stages.stages)
        for stage in range(total):
            self.told(stage, total)
            self.table.update(stage, self.floors)
            while waiting and waiting[0][1].stage == stage:
                place, task = waiting.pop(0)
                self._fit(place, task, thresholds[task.attribute], raised=raised)
        self.told(total, total)

    def _fit(self, place: int, task: Task, threshold: float | None, *, raised: bool) -> None:
        started = time.perf_counter()
        versions = self.table.versions[np.concatenate([self._rows(one) for one in task.sets])]
        last = self.fits.get(place)
        system: Equations | None = None
        if last is not None and np.array_equal(last.single.versions, versions):
            single = last.single
        else:
            system = equations(task, self.table, self.floors, self.targets)
            single = self._single(task, system, versions)
            last = None
        limits = self._limits(task, single, threshold, raised=raised)
        if last is not None and torch.equal(last.thresholds, limits):
            self._put(task, last.estimate.parameters)
            return
        keep = single.known & (single.alone < limits[:, None])
        self._refuse_empty(task, single, keep, threshold)
        estimate = self._solved(task, system, single, keep, limits)
        self.fits[place] = Fit(single, limits, estimate, time.perf_counter() - started)
        self._put(task, estimate.parameters)

    def _single(self, task: Task, system: Equations, versions: NDArray[np.int64]) -> Single:
        known = system.known
        alone = sample_distances(system.system, keep=known)
        zero = alone.new_zeros(task.unknowns)
        at_zero = residuals(system.system, zero, keep=known) if self.estimator.certain else torch.ones_like(alone)
        single = Single(versions, alone, at_zero, known, _excess(system))
        self._refuse_contradictions(task, single)
        return single

    def _solved(self, task: Task, system: Equations | None, single: Single, keep: Tensor, limits: Tensor) -> Estimate:
        """The estimate; only systems of which the solution is not known beforehand are solved."""
        count = len(limits)
        solved = torch.zeros(count, dtype=torch.bool, device=keep.device)
        distances = single.alone.new_zeros(count)
        if self.estimator.certain is not None:
            alone = single.alone.where(keep, 0.0).view(count, -1)
            solved, distances = self.estimator.certain(alone, single.at_zero.where(keep, 0.0).view(count, -1))
        parameters = single.alone.new_zeros((count, task.unknowns))
        dropped = torch.zeros(count, dtype=torch.int64, device=keep.device)
        kept = keep.clone()
        if not bool(solved.all()):
            system = system or equations(task, self.table, self.floors, self.targets)
            open_ = ~solved
            smaller, mine, samples = compact(system.system, keep, open_)
            found = self.estimator.solve(smaller, mine, limits[open_])
            parameters[open_], distances[open_] = found.parameters, found.distance
            dropped[open_] = found.equations_dropped
            rows = slice(None) if task.shared else open_
            kept[rows] = torch.zeros_like(kept[rows]).scatter_(1, samples, found.kept)
        return Estimate(parameters, distances, kept, dropped)

    def _rows(self, place: int) -> NDArray[np.int64]:
        """The rows on which the equations of a rule set rest."""
        stages = self.table.stages
        entry = stages.sets[place]
        rows = np.arange(entry.start, entry.start + 2 * len(entry.rules))
        first = stages.layout.clauses.get(entry.node)
        if first is None or entry.node in stages.loops:
            return rows
        return np.concatenate([rows, np.arange(first, first + entry.partition.size)])

    def _limits(self, task: Task, single: Single, threshold: float | None, *, raised: bool) -> Tensor:
        """The threshold of each system; infinite where every sample is kept."""
        count = 1 if task.shared else len(single.alone)
        if threshold is None:
            return single.alone.new_full((count,), torch.inf)
        limits = single.alone.new_full((count,), threshold)
        return torch.maximum(limits, self.minimal(task, single)) if raised else limits

    def minimal(self, task: Task, single: Single) -> Tensor:
        """The least threshold of the grid that keeps a sample of each system; infinite where none does."""
        count = 1 if task.shared else len(single.alone)
        nearest = single.alone.where(single.known, torch.inf).view(count, -1).amin(1)
        grid = torch.tensor([*self.grid, torch.inf], dtype=nearest.dtype, device=nearest.device)
        return grid[torch.searchsorted(grid[:-1], nearest, right=True)]

    def _put(self, task: Task, parameters: Tensor) -> None:
        """Use learned parameters: as floors under the rows of λ and ρ."""
        for part in task.parts:
            columns = torch.tensor(part.columns, device=parameters.device)
            learned = (columns >= 0).nonzero()[:, 0]
            starts = torch.tensor([self.table.stages.sets[one].start for one in part.sets], device=parameters.device)
            rows = starts[:, None] + learned
            values = parameters[:, columns[learned]].expand(len(part.sets), -1)
            self.floors[rows.to(self.floors.device)] = values.to(self.floors)

    # ----- refusals

    def _refuse_empty(self, task: Task, single: Single, keep: Tensor, threshold: float | None) -> None:
        count = 1 if task.shared else len(keep)
        empty = ~keep.view(count, -1).any(1)
        if not bool(empty.any()):
            return
        system = int(empty.nonzero()[0])
        label = self._label(task, system)
        mine, there = single.alone.view(count, -1)[system], single.known.view(count, -1)[system]
        if not bool(there.any()):
            message = f"no sample has a target for {label}, so that its rules cannot be learned"
            hint = "give a target in one sample at least, or take [learn] from its rules"
        else:
            best = int(mine.where(there, torch.inf).argmin())
            sample = best % self.table.samples
            message = (
                f"no sample is kept for {label}: the threshold is {threshold:g}, and the least distance of a "
                f"sample is {float(mine[best]):g}, of sample {sample}"
            )
            hint = "raise the threshold, or search for it by validation data"
        raise NesyError(Diagnostic("E537", message, hint=hint, place=f"targets for {label}"))

    def _refuse_contradictions(self, task: Task, single: Single) -> None:
        known, excess = single.known, single.excess
        count = 1 if task.shared else len(excess)
        hopeless = ((excess >= 1.0) | ~known).view(count, -1).all(1) & known.view(count, -1).any(1)
        if not bool(hopeless.any()):
            return
        system = int(hopeless.nonzero()[0])
        label = self._label(task, system)
        sample = int(known.view(count, -1)[system].nonzero()[0]) % self.table.samples
        message = (
            f"every target for {label} is excluded by rules that are not learned, first in sample {sample}: "
            "with its readings they make the target impossible"
        )
        hint = "check the order of the values in the targets; a rule with exceptions needs [learn], or r above 0"
        raise NesyError(Diagnostic("E538", message, hint=hint, place=f"targets for {label}"))

    def _label(self, task: Task, system: int) -> str:
        stages = self.table.stages
        node = stages.sets[task.sets[0 if task.shared else system]].node
        label = stages.depends.label(node)
        more = len(task.sets) - 1 if task.shared else 0
        return f"{label} and {more} more that share parameters" if more else label


def _excess(system: Equations) -> Tensor:
    """By how much fixed rules alone fall short of the targets, ``[rule sets, samples]``."""
    bound = system.system.bound
    if bound is None:
        return torch.zeros_like(system.known, dtype=system.system.targets.dtype)
    return (system.system.targets - bound).clamp(min=0).amax(-1)
