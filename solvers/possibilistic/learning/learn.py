"""Learning from end to end: evidence and targets in, parameters and a report out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.backend import Options
from nesy.solvers.evidence import check_evidence
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.possibilistic.dependencies import Node
from nesy.solvers.possibilistic.engine import as_dtype
from nesy.solvers.possibilistic.learning.accuracy import Accuracy, accuracy_of
from nesy.solvers.possibilistic.learning.estimates import estimator
from nesy.solvers.possibilistic.learning.fitting import Fitter, Thresholds
from nesy.solvers.possibilistic.learning.floors import floors_of, with_parameters
from nesy.solvers.possibilistic.learning.options import LearningOptions, check_options
from nesy.solvers.possibilistic.learning.report import LearningReport, Listener, Progress, SearchStep
from nesy.solvers.possibilistic.learning.reporting import stage_reports
from nesy.solvers.possibilistic.learning.search import Search
from nesy.solvers.possibilistic.learning.stages import Stages, cut
from nesy.solvers.possibilistic.learning.table import Table
from nesy.solvers.possibilistic.learning.targets import cell_targets, one_cell, read_targets
from nesy.solvers.possibilistic.learning.tasks import tasks_of
from nesy.solvers.possibilistic.learning.truths import determined_cells
from nesy.solvers.possibilistic.lower import refuse_negated_atoms
from nesy.solvers.possibilistic.transform import possibility

if TYPE_CHECKING:
    from nesy.solvers.possibilistic.learning.parameters import Parameters

Batch = tuple[Mapping[str, object], Mapping[str, object]]
"""Evidence and targets by name, ``[samples, *index shape, values]``."""


@dataclass(frozen=True)
class Learned:
    """What was learned: ``model`` is the ground program with the new parameters, ``report`` says how they were found.

    ``every``: all uncertain rules were learned, not only those that are marked.
    """

    model: GroundModel
    report: LearningReport
    every: bool = False

    @cached_property
    def parameters(self) -> Parameters:
        """The parameters of all rules that can be learned, bound to the program, to be saved and loaded."""
        from nesy.solvers.possibilistic.learning.parameters import parameters_of

        return parameters_of(self.model, every=self.every)


def learn(
    model: GroundModel,
    options: Options,
    evidence: Mapping[str, object],
    targets: Mapping[str, object],
    learning: LearningOptions | None = None,
    *,
    validation: Batch | None = None,
    progress: Listener | None = None,
) -> Learned:
    """Learn the parameters of the rules that are marked ``[learn]`` (all of them with ``learning.every``).

    ``evidence`` are percept probabilities, as :meth:`PossibilisticEngine.infer` takes them; ``targets`` what is known
    of concepts and, to determine concepts without targets of their own, of percepts. ``validation`` are such a pair of
    other samples, by which thresholds are chosen. Nothing is changed but what is returned. Raises :class:`NesyError`:
    E40x for the evidence, E530–E539 for what cannot be learned from.
    """
    started = time.perf_counter()
    learning = learning or LearningOptions()
    check_options(learning)
    refuse_negated_atoms(model)
    session = _Session(model, options, learning, progress)
    _refuse_idle(session.stages, learning)
    session.prepare(evidence, targets)
    accuracy = None if validation is None else session.accuracy(*validation)
    return session.learn(accuracy, started)


class _Session:
    """The state of one call of :func:`learn`: the samples read, and where it has got to."""

    def __init__(
        self, model: GroundModel, options: Options, learning: LearningOptions, progress: Listener | None
    ) -> None:
        self.model, self.options, self.learning, self.progress = model, options, learning, progress
        self.dtype, self.device = as_dtype(options.dtype), torch.device(options.device)
        self.stages = cut(model)
        self.fits_told = 0
        self.at: tuple[str, float | None, float | None] = ("", None, None)

    # ----- data

    def prepare(self, evidence: Mapping[str, object], targets: Mapping[str, object]) -> None:
        """Read the training samples, and determine the targets that are not given."""
        self.table = self._table(evidence, targets)
        self.given = read_targets(self.model, targets, self.table.samples, self.dtype, self.device)
        self.tasks = tasks_of(self.stages, self.table.samples, every=self.learning.every)
        nodes = [self.stages.sets[place].node for task in self.tasks for place in task.sets]
        wanted = [node for node in nodes if node[0] not in self.given]
        self.cells: dict[Node, Tensor] = {}
        if wanted:
            self.cells = determined_cells(self.model, self.given, wanted, self.table.samples)

    def _table(self, evidence: Mapping[str, object], targets: Mapping[str, object]) -> Table:
        checked = check_evidence(self.model, evidence, device=str(self.device), dtype=self.dtype)
        degrees = {
            name: possibility(
                tensor.detach().movedim(-1, 0).contiguous(), self.options.transform, self.options.ties
            ).movedim(0, -1)
            for name, tensor in checked.items()
        }
        return Table(self.stages, degrees, _count(checked, targets), self.dtype, self.device)

    def accuracy(self, evidence: Mapping[str, object], targets: Mapping[str, object]) -> Accuracy:
        """The measure of the search."""
        table = self._table(evidence, targets)
        where = "validation targets"
        read = read_targets(self.model, targets, table.samples, self.dtype, self.device, where=where)
        return accuracy_of(self.model, self.stages, table, read)

    def targets_of(self, sets: Sequence[int]) -> Tensor:
        """Targets of cells ``[rule sets, samples, cells]``."""
        entries = [self.stages.sets[place] for place in sets]
        attribute = entries[0].node[0]
        if attribute in self.given:
            return cell_targets(self.given[attribute], entries)
        cells = torch.stack([self.cells[entry.node] for entry in entries])
        return one_cell(cells, len(entries[0].partition.cells), self.dtype)

    # ----- learning

    def learn(self, accuracy: Accuracy | None, started: float) -> Learned:
        """Fit, search where that is asked for, and tell about it."""
        fitter = Fitter(
            self.table,
            self.tasks,
            floors_of(self.stages, self.dtype, self.device),
            self.targets_of,
            estimator(self.learning, self.options),
            self.learning.grid,
            self.learning.rounds,
            self._tell,
        )
        before = None if accuracy is None else accuracy(fitter.floors)
        thresholds, steps, after = self._run(fitter, accuracy)
        names = self.model.attributes
        report = LearningReport(
            policy=self.learning.policy,
            estimate=self.learning.estimator,
            samples=self.table.samples,
            stages=stage_reports(self.stages, self.tasks, fitter.fits),
            thresholds=tuple((names[place].name, limit) for place, limit in thresholds.items()),
            search=steps,
            accuracy_before=before,
            accuracy_after=after,
            rounds=fitter.rounds_used,
            settled=fitter.settled,
            determined=tuple(dict.fromkeys(names[node[0]].name for node in self.cells)),
            seconds=time.perf_counter() - started,
        )
        return Learned(with_parameters(self.model, self.stages, fitter.floors), report, self.learning.every)

    def _run(
        self, fitter: Fitter, accuracy: Accuracy | None
    ) -> tuple[Thresholds, tuple[SearchStep, ...], float | None]:
        """The thresholds of the last fit, the steps of their search if there was one, and the accuracy."""
        attributes = dict.fromkeys(task.attribute for task in self.tasks)
        threshold = self.learning.threshold
        if threshold == "auto":
            # groups of alike samples need their exceptions, which a threshold drops
            keeps_all = accuracy is None or self.learning.estimate == "pooled"
            threshold = None if keeps_all else "validation"
        if not isinstance(threshold, str):
            thresholds = dict.fromkeys(attributes, threshold)
            fitter.run(thresholds, raised=False)
            return thresholds, (), None if accuracy is None else accuracy(fitter.floors)
        if accuracy is None:
            raise NesyError(_no_validation())
        names = {attribute: self.model.attributes[attribute].name for attribute in attributes}
        search = Search(fitter, accuracy, self.learning, names, self._at)
        found, after = search.run()
        return found, tuple(search.steps), after

    def _at(self, attribute: int, threshold: float, accuracy: float | None) -> None:
        self.at = (self.model.attributes[attribute].name, threshold, accuracy)

    def _tell(self, done: int, total: int) -> None:
        self.fits_told += done == 0
        if self.progress is not None:
            self.progress(Progress(self.fits_told, done, total, *self.at))


def _refuse_idle(stages: Stages, learning: LearningOptions) -> None:
    """E530 if no rule on which the queries depend is to be learned."""
    rules = [rule for entry in stages.sets for rule in entry.rules]
    if learning.every and not rules:
        message, hint = "the program has no uncertain rule", "parameters belong to rules: 'if … then …' or '… iff …'"
    elif not learning.every and not any(rule.learn for rule in rules):
        message = "no rule that the queries depend on is marked [learn]"
        hint = "write [learn] after a rule, query what it bears on, or learn all rules (--all-rules)"
    else:
        return
    raise NesyError(Diagnostic("E530", message, hint=hint, place="learn"))


def _count(evidence: Mapping[str, Tensor], targets: Mapping[str, object]) -> int:
    """The number of samples: that of the evidence, of the targets where the program has no percepts."""
    for table in [*evidence.values(), *targets.values()]:
        shape = getattr(table, "shape", None)
        if shape is not None and len(shape):
            return int(shape[0])
        if shape is None and isinstance(table, Sized):
            return len(table)
    return 1


def _no_validation() -> Diagnostic:
    message = "thresholds are to be chosen by validation, but there are no validation samples"
    hint = "give validation evidence and targets, a threshold as a number, or None to keep every sample"
    return Diagnostic("E539", message, hint=hint, place="option threshold")
