"""Learning for users: evidence and targets in any of their forms, as samples of one ground program."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from nesy.dsl.diagnostics import Diagnostic, NesyError, counted
from nesy.dsl.statements import Query
from nesy.dsl.syntax import Call, Variable
from nesy.engine import Evidence

if TYPE_CHECKING:
    from torch import Tensor

    from nesy.program import Program
    from nesy.solvers.backend import Options
    from nesy.solvers.ground_model import GroundModel
    from nesy.solvers.possibilistic.learning.learn import Learned
    from nesy.solvers.possibilistic.learning.options import LearningOptions
    from nesy.solvers.possibilistic.learning.report import LearningReport, Listener, RuleSetReport

Targets: TypeAlias = Mapping[str, object] | Sequence[Mapping[str, object]]
"""Tensors, arrays or nested lists ``[samples, index…, values]`` by concept; or one sample (or a list of samples) in the
form of target files, ``{"y": "8", "pair": {"1,2": "(5,6)"}}``."""

Samples: TypeAlias = tuple[Evidence, Targets]
"""Evidence and targets for the same samples in the same order."""


def ground_for_learning(
    program: Program, targets: Sequence[str], queries: Sequence[str] | None = None, *, strict: bool = False
) -> GroundModel:
    """The ground program for its queries (or for ``queries``) and for the concepts that have ``targets``.

    A concept on which a query depends adds nothing; the others are queried as well.
    """
    from nesy.solvers.grounding import ground
    from nesy.solvers.grounding.selection import names_in

    asked: Sequence[Query] | None = None
    if queries is not None:
        program, asked = program.with_queries(queries)
    checked = program.checked
    if asked is None:
        asked = [statement for statement in checked.program.statements if isinstance(statement, Query)]
    needed = checked.needed_by(names_in(checked, (query.formula for query in asked)))
    added = [
        Query(Call(name, tuple(Variable("_") for _ in checked.attributes[name].index)))
        for name in targets
        if name in checked.attributes and checked.attributes[name].kind == "concept" and name not in needed
    ]
    return ground(checked, [*asked, *added], strict=strict)


def learn_from(
    model: GroundModel,
    options: Options,
    samples: Samples,
    learning: LearningOptions,
    validation: Samples | float | None = None,
    progress: Listener | None = None,
) -> Learned:
    """Learn the parameters of ``model``; ``validation`` are other samples, or the share of ``samples`` to keep back."""
    from nesy.solvers.possibilistic.learning.learn import learn

    evidence, targets = read_samples(model, options, samples)
    if isinstance(validation, float | int):
        return _with_a_share(model, options, (evidence, targets), learning, validation, progress)
    other = None if validation is None else read_samples(model, options, validation, where="validation")
    return learn(model, options, evidence, targets, learning, validation=other, progress=progress)


def _with_a_share(
    model: GroundModel,
    options: Options,
    samples: tuple[Mapping[str, Tensor], Mapping[str, object]],
    learning: LearningOptions,
    share: float,
    progress: Listener | None,
) -> Learned:
    """Learn from a part of the samples and validate by the others; all are numbered as they were given."""
    from nesy.solvers.possibilistic.learning.learn import learn

    evidence, targets = samples
    count = next((len(tensor) for tensor in evidence.values()), 1)
    _check_targets(model, targets, count)
    places, others = divided(count, share, learning.seed)
    other = _taken(evidence, targets, others, count)
    try:
        learned = learn(
            model, options, *_taken(evidence, targets, places, count), learning, validation=other, progress=progress
        )
    except NesyError as error:
        raise NesyError(_renumbered(entry, places) for entry in error.diagnostics) from None
    return dataclasses.replace(learned, report=renumbered_report(learned.report, places))


def read_samples(
    model: GroundModel, options: Options, samples: Samples, *, where: str = ""
) -> tuple[Mapping[str, Tensor], Mapping[str, object]]:
    """Checked evidence, and targets as tensors, arrays or nested lists."""
    import torch

    from nesy.evidence_values import evidence_tensors
    from nesy.solvers.evidence import check_evidence
    from nesy.targets_values import target_arrays

    given, targets = samples
    dtype = torch.float32 if options.dtype == "float32" else torch.float64
    evidence = check_evidence(model, evidence_tensors(model, given), device=options.device, dtype=dtype)
    count = next((len(tensor) for tensor in evidence.values()), None)
    place = f"{where} targets".strip()
    return evidence, target_arrays(model, targets, count, where=place)


def _check_targets(model: GroundModel, targets: Mapping[str, object], count: int) -> None:
    """Refuse faulty targets while samples still have their own numbers."""
    import torch

    from nesy.solvers.possibilistic.learning.targets import read_targets

    read_targets(model, targets, count, torch.float64, torch.device("cpu"))


def divided(count: int, share: float, seed: int) -> tuple[list[int], list[int]]:
    """The numbers of the samples to learn from, and of the ``share`` of them, drawn at random, to validate by.

    Raises E570 where the share leaves none on one of the two sides.
    """
    import numpy as np

    kept_back = round(share * count) if 0 < share < 1 else 0
    if not 0 < kept_back < count:
        message = f"the share {share:g} of {counted(count, 'sample')} leaves none on one side"
        hint = "give a share between 0 and 1 such as 0.2, or validation samples of their own"
        raise NesyError(Diagnostic("E570", message, hint=hint, place="validation"))
    order = np.random.default_rng(seed).permutation(count).tolist()
    return sorted(order[kept_back:]), sorted(order[:kept_back])


def _taken(
    evidence: Mapping[str, Tensor], targets: Mapping[str, object], places: Sequence[int], count: int
) -> tuple[dict[str, Tensor], dict[str, object]]:
    """The samples at ``places``; what no query needs need not have ``count`` samples, and stays as it is."""
    import numpy as np
    import torch

    def part(value: object) -> object:
        if isinstance(value, torch.Tensor):
            return value[list(places)] if value.shape[:1] == (count,) else value
        try:
            array = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            return value
        return array[list(places)] if array.shape[:1] == (count,) else value

    return (
        {name: tensor[list(places)] for name, tensor in evidence.items()},
        {name: part(value) for name, value in targets.items()},
    )


def _renumbered(found: Diagnostic, places: Sequence[int]) -> Diagnostic:
    """A diagnostic about a sample of the part at ``places``, with its number in the whole."""
    message = re.sub(r"\bsample (\d+)", lambda match: f"sample {places[int(match[1])]}", found.message)
    return dataclasses.replace(found, message=message)


def renumbered_report(report: LearningReport, places: Sequence[int]) -> LearningReport:
    """The report of learning from the samples at ``places``, with their numbers in the whole."""

    def rule_set(entry: RuleSetReport) -> RuleSetReport:
        dropped = tuple(
            dataclasses.replace(part, samples=tuple(places[number] for number in part.samples))
            for part in entry.dropped
        )
        return dataclasses.replace(entry, dropped=dropped)

    stages = tuple(
        dataclasses.replace(stage, rule_sets=tuple(map(rule_set, stage.rule_sets))) for stage in report.stages
    )
    return dataclasses.replace(report, stages=stages)
