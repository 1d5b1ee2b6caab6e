"""Targets: what the value of a concept, or of a percept, is known to be in each sample.

A target is a normalised possibility distribution: a label is 1 at one value and 0 elsewhere; a set of values, or
degrees, say less. A row of NaN means that nothing is known there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.dsl.values import format_value
from nesy.solvers.evidence import expected_shape
from nesy.solvers.ground_model import Attribute, GroundModel
from nesy.solvers.possibilistic.learning.stages import RuleSet

Targets = Mapping[int, Tensor]
"""``[samples, indices, values]`` by place of the attribute."""

TOLERANCE = 1e-6
"""How far the largest degree of a target may be from 1."""


def read_targets(
    model: GroundModel,
    raw: Mapping[str, object],
    samples: int,
    dtype: torch.dtype,
    device: torch.device,
    *,
    where: str = "targets",
) -> dict[int, Tensor]:
    """The targets as tensors ``[samples, indices, values]`` by place of the attribute.

    What the program knows but no query needs is left out. Raises :class:`NesyError` with a diagnostic for each faulty
    attribute: E531 unknown, E532 shape or number of samples, E533 not a degree, E534 not normalised, E536 a concept
    without rules.
    """
    problems: list[Diagnostic] = []
    found: dict[int, Tensor] = {}
    ruled = {rule.conclusion.attribute for rule in model.uncertain}
    ruled |= {rule.head.attribute for rule in model.rules if hasattr(rule.head, "attribute")}
    for name, value in raw.items():
        place = model.attribute_places.get(name)
        if place is None:
            if str(name).partition("@")[0] not in model.program.attributes:
                problems.append(_unknown(model, name, where))
            continue
        attribute = model.attributes[place]
        if attribute.kind == "concept" and place not in ruled:
            message = f"there are targets for '{name}', but no rule concludes anything about it"
            hint = f"give rules for {name}, or leave its targets out"
            problems.append(Diagnostic("E536", message, hint=hint, place=f"{where} for {name}"))
            continue
        read = _tensor(attribute, value, samples, dtype, device, f"{where} for {name}")
        if isinstance(read, Diagnostic):
            problems.append(read)
        else:
            found[place] = read
    if problems:
        raise NesyError(problems)
    return found


def _unknown(model: GroundModel, name: str, where: str) -> Diagnostic:
    known = sorted(attribute.name for attribute in model.attributes)
    hint = did_you_mean(str(name), known) or f"the program has {', '.join(known)}"
    return Diagnostic("E531", f"the program has no concept or percept '{name}'", hint=hint, place=where)


def _tensor(
    attribute: Attribute, value: object, samples: int, dtype: torch.dtype, device: torch.device, place: str
) -> Tensor | Diagnostic:
    try:
        tensor = value if isinstance(value, Tensor) else torch.from_numpy(np.array(value, dtype=np.float64))
    except (TypeError, ValueError, RuntimeError) as reason:
        message = f"the targets cannot be read as a tensor: {reason}"
        return Diagnostic("E532", message, hint=f"give {expected_shape(attribute)} of degrees", place=place)
    wanted = (samples, *attribute.shape, len(attribute.domain))
    if not tensor.dtype.is_floating_point or tuple(tensor.shape) != wanted:
        return _misshapen(attribute, tensor, samples, place)
    rows = tensor.detach().to(device=device, dtype=dtype).reshape(samples, len(attribute.index), len(attribute.domain))
    return _fault(attribute, rows, place) or rows


def _misshapen(attribute: Attribute, tensor: Tensor, samples: int, place: str) -> Diagnostic:
    wanted = expected_shape(attribute).replace("batch", str(samples))
    if not tensor.dtype.is_floating_point:
        kind = str(tensor.dtype).removeprefix("torch.")
        message = f"the targets hold {kind} instead of degrees, expected is {wanted} of decimal numbers"
        return Diagnostic("E532", message, hint="labels become degrees with torch.eye(n)[labels]", place=place)
    message = f"the targets have the shape {list(tensor.shape)}, expected is {wanted}"
    if (
        tensor.dim()
        and tensor.shape[0] != samples
        and tuple(tensor.shape[1:])
        == (
            *attribute.shape,
            len(attribute.domain),
        )
    ):
        hint = f"the evidence has {samples} samples; targets come in the same order, one for each"
    else:
        hint = "the axes are the samples, one for each index type in the order of the declaration, and the values"
    return Diagnostic("E532", message, hint=hint, place=place)


def _fault(attribute: Attribute, rows: Tensor, place: str) -> Diagnostic | None:
    """What is wrong with the numbers, at the first sample where something is."""
    missing = rows.isnan()
    whole = missing.all(-1)
    odd = (missing & ~whole[..., None]) | (rows < 0) | (rows > 1)
    if bool(odd.any()):
        sample, index, value = odd.nonzero()[0].tolist()
        shown = format_value(attribute.domain.values[value])
        number = float(rows[sample, index, value])
        message = f"the target {attribute.label(index)} = {shown} is {number:g} in sample {sample}"
        hint = "degrees lie between 0 and 1; a row of nothing but nan says that there is no target"
        return Diagnostic("E533", message, hint=hint, place=place)
    top = rows.amax(-1)
    low = ~whole & ((top - 1).abs() > TOLERANCE)
    if bool(low.any()):
        sample, index = low.nonzero()[0].tolist()
        message = (
            f"the largest degree of the target of {attribute.label(index)} is {float(top[sample, index]):g} in "
            f"sample {sample}; {int(low.sum())} such targets"
        )
        hint = (
            "a target is a possibility distribution: at least one value has degree 1; a label is 1 there, 0 elsewhere"
        )
        return Diagnostic("E534", message, hint=hint, place=place)
    return None


def cell_targets(values: Tensor, sets: Sequence[RuleSet]) -> Tensor:
    """Targets of cells ``[rule sets, samples, cells]`` from targets of values: the largest in each cell; NaN stays NaN.

    ``values`` ``[samples, indices, values]`` are those of the attribute of all the ``sets``, whose partitions are
    equal.
    """
    cells = sets[0].partition.cells
    rows = values[:, [entry.node[1] for entry in sets]].transpose(0, 1)
    if all(len(cell) == 1 for cell in cells):
        return rows[..., [cell[0] for cell in cells]]
    return torch.stack([rows[..., list(cell)].amax(-1) for cell in cells], -1)


def one_cell(cells: Tensor, count: int, dtype: torch.dtype) -> Tensor:
    """Targets ``[…, count]`` from numbers of cells: degree 1 there and 0 elsewhere; NaN where the number is −1."""
    found = torch.zeros((*cells.shape, count), dtype=dtype, device=cells.device)
    found.scatter_(-1, cells.clamp(min=0)[..., None], 1.0)
    return found.masked_fill_((cells < 0)[..., None], torch.nan)
