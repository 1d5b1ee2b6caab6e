"""Learning for users: evidence and targets in any of their forms, as samples of one ground program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from nesy.dsl.diagnostics import Diagnostic, NesyError
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
    from nesy.solvers.possibilistic.learning.report import Listener

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
    other = None
    if isinstance(validation, tuple):
        other = read_samples(model, options, validation, where="validation")
    elif validation is not None:
        (evidence, targets), other = divided(evidence, targets, validation, learning.seed)
    return learn(model, options, evidence, targets, learning, validation=other, progress=progress)


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


def divided(
    evidence: Mapping[str, Tensor], targets: Mapping[str, object], share: float, seed: int
) -> tuple[tuple[dict[str, Tensor], dict[str, object]], tuple[dict[str, Tensor], dict[str, object]]]:
    """Samples to learn from, and the ``share`` of them, drawn at random, by which thresholds are chosen.

    Raises E570 where the share leaves none on one of the two sides.
    """
    import numpy as np
    import torch

    count = next((len(tensor) for tensor in evidence.values()), 1)
    kept_back = round(share * count) if 0 < share < 1 else 0
    if not 0 < kept_back < count:
        message = f"the share {share:g} of {count} samples leaves none on one side"
        hint = "give a share between 0 and 1 such as 0.2, or validation samples of their own"
        raise NesyError(Diagnostic("E570", message, hint=hint, place="validation"))
    order = torch.from_numpy(np.random.default_rng(seed).permutation(count))

    def side(places: Tensor) -> tuple[dict[str, Tensor], dict[str, object]]:
        return (
            {name: tensor[places.to(tensor.device)] for name, tensor in evidence.items()},
            {name: _taken(value, places, count) for name, value in targets.items()},
        )

    return side(order[kept_back:].sort().values), side(order[:kept_back].sort().values)


def _taken(value: object, places: Tensor, count: int) -> object:
    """The samples at ``places``; what has not ``count`` samples is left as it is, to be refused when it is read."""
    import numpy as np
    import torch

    if isinstance(value, torch.Tensor):
        return value[places.to(value.device)] if value.shape[:1] == (count,) else value
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return value
    return array[places.numpy()] if array.shape[:1] == (count,) else value
