"""Validation of evidence: whatever passes here is what every back end may rely on.

In go tensors, arrays or nested lists by percept name, out come tensors ``[batch, *index shape, value]`` on the asked
device, in the asked dtype. Every row along the value axis is a probability distribution: finite, not below 0, and its
sum is 1 up to a tolerance of 1e-4 (1e-2 for float16 and bfloat16, whose own rounding is that coarse). Rows are never
renormalised: a wrong sum mostly means logits, percentages or a wrong axis. Gradients flow through.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from nesy.dsl.checked import AttributeInfo, CheckedProgram
from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.dsl.values import format_value
from nesy.solvers.ground_model import AllOf, AnyOf, Attribute, AttributeLiteral, GroundFormula, GroundModel

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
COARSE = {torch.float16: 1e-2, torch.bfloat16: 1e-2}
TOLERANCE = 1e-4
DUST = 1e-7
"""What rounding may leave below 0."""


def check_evidence(
    model: GroundModel, raw: Mapping[str, object], *, device: str, dtype: torch.dtype
) -> dict[str, Tensor]:
    """The evidence that ``model`` needs, ``[batch, *index shape, value]``, on ``device``, in ``dtype``.

    Percepts of the program that no query needs are accepted and left out. Raises :class:`NesyError` with one
    diagnostic per faulty percept: E401 unknown, E402 missing, E403 shape, E404 batch sizes, E405 not finite, E406
    outside 0 to 1, E407 sum, E408 not floating point.
    """
    known = known_percepts(model.program)
    problems = [unknown_percept(name, known) for name in raw if name not in known]
    found: dict[str, Tensor] = {}
    for attribute in model.percepts:
        if attribute.name not in raw:
            if is_needed(model, attribute):
                problems.append(_missing(attribute, known))
            continue
        read = _tensor(attribute, raw[attribute.name])
        if isinstance(read, Tensor):
            found[attribute.name] = read
        else:
            problems.append(read)
    problems += _uneven_batches(found)
    by_name = {attribute.name: attribute for attribute in model.percepts}
    if not problems:
        problems += [fault for name, tensor in found.items() if (fault := _fault(by_name[name], tensor)) is not None]
    if problems:
        raise NesyError(problems)
    return {name: tensor.to(device=device, dtype=dtype) for name, tensor in found.items()}


# ----- names


def known_percepts(program: CheckedProgram) -> dict[str, AttributeInfo]:
    """The names that evidence may have: each percept, and ``label@m1`` for each of its sources."""
    found = {}
    for info in program.attributes.values():
        if info.kind == "percept":
            found[info.name] = info
            found |= {f"{info.name}@{source}": info for source in info.sources}
    return found


def unknown_percept(name: str, known: Mapping[str, AttributeInfo], where: str = "") -> Diagnostic:
    """E401 for evidence on something that the program does not declare as a percept."""
    percepts = f"the percepts are {', '.join(sorted(known))}" if known else "the program has no percepts"
    hint = did_you_mean(str(name), known) or percepts
    return Diagnostic("E401", f"the program has no percept '{name}'", hint=hint, place=where or "evidence")


def is_needed(model: GroundModel, attribute: Attribute) -> bool:
    """Whether the model cannot be answered without evidence on a percept of its own.

    A percept without any index, such as over an open type that has no values, has nothing to be read. Where a percept
    has sources, the model holds the percept and all its sources; those that no rule and no query mentions may be left
    out.
    """
    if not attribute.index:
        return False
    base, _, source = attribute.name.partition("@")
    info = model.program.attributes.get(base)
    if (not source and (info is None or not info.sources)) or attribute.name in model.readings:
        return True
    place = model.attribute_places[attribute.name]
    return any(query.attribute == place for query in model.queries) or any(
        _mentions(formula, place) for formula in model.formulas()
    )


def _mentions(formula: GroundFormula, place: int) -> bool:
    match formula:
        case AttributeLiteral():
            return formula.attribute == place
        case AllOf(items) | AnyOf(items):
            return any(_mentions(item, place) for item in items)
        case _:
            return False


def _missing(attribute: Attribute, known: Mapping[str, AttributeInfo]) -> Diagnostic:
    message = f"there is no evidence on the percept '{attribute.name}', which a query needs"
    info = known[attribute.name]
    if info.sources and "@" not in attribute.name:
        each = ", ".join(f"{info.name}@{source}" for source in info.sources)
        hint = f"give '{attribute.name}' itself: the evidence of its sources ({each}) is not merged"
    else:
        hint = f"give a tensor {expected_shape(attribute)}"
    return Diagnostic("E402", message, hint=hint, place="evidence")


# ----- shapes


def expected_shape(attribute: Attribute) -> str:
    """``[batch, 9 row, 9 col, 9 digit]``: the extent and the meaning of each axis of a percept's evidence."""
    axes = ["batch"]
    if len(attribute.shape) == 1 and len(attribute.index[0] if attribute.index else ()) != 1:
        axes.append(f"{attribute.shape[0]} indices")
    else:
        axes += [str(extent) for extent in attribute.shape]
    name = attribute.domain.name
    values = "values" if not name or not name[0].isalpha() else f"values of {name}"
    return f"[{', '.join(axes)}, {len(attribute.domain)} {values}]"


def _tensor(attribute: Attribute, value: object) -> Tensor | Diagnostic:
    """``value`` as a tensor of the right shape, or what is wrong with it."""
    place = f"evidence on {attribute.name}"
    if isinstance(value, Tensor):
        tensor = value
    else:
        plain = not hasattr(value, "dtype")
        try:
            array = np.asarray(value, dtype=np.float64) if plain else np.asarray(value)
            array = array.astype(array.dtype.newbyteorder("="), order="C", copy=False)
            tensor = torch.from_numpy(array if array.flags.writeable else array.copy())
        except (TypeError, ValueError, RuntimeError, OverflowError):
            message = f"the evidence cannot be read as a tensor: {_what_hinders(value)}"
            return Diagnostic("E408", message, hint=f"give {expected_shape(attribute)} of decimal numbers", place=place)
    if tensor.layout is not torch.strided or tensor.is_nested or tensor.is_meta:
        kind = "meta" if tensor.is_meta else "nested" if tensor.is_nested else "sparse"
        hint = "a meta tensor has no numbers" if tensor.is_meta else "give a dense tensor: tensor.to_dense()"
        return Diagnostic("E408", f"the evidence is a {kind} tensor", hint=hint, place=place)
    if tensor.dtype not in DTYPES:
        kind = str(tensor.dtype).removeprefix("torch.")
        hint = "give probabilities, one for each value; class labels become certain readings with torch.eye(n)[labels]"
        return Diagnostic("E408", f"the evidence holds {kind} instead of decimal numbers", hint=hint, place=place)
    return tensor if _fits(attribute, tensor) else _wrong_shape(attribute, tensor, place)


def _what_hinders(value: object) -> str:
    dtype = getattr(value, "dtype", None)
    if dtype is None:
        return "its lists differ in length, or hold something else than numbers"
    held = {"O": "Python objects", "U": "texts", "S": "texts"}.get(getattr(dtype, "kind", ""), str(dtype))
    return f"the array holds {held}"


def _fits(attribute: Attribute, tensor: Tensor) -> bool:
    return tensor.dim() > 0 and tuple(tensor.shape[1:]) == (*attribute.shape, len(attribute.domain))


def _wrong_shape(attribute: Attribute, tensor: Tensor, place: str) -> Diagnostic:
    given = tuple(tensor.shape)
    wanted = (*attribute.shape, len(attribute.domain))
    message = f"the evidence has the shape {list(given)}, expected is {expected_shape(attribute)}"
    if given == wanted:
        hint = "the batch axis is missing: tensor[None] makes it a batch of one"
    elif len(given) == len(wanted) + 1 and given[1:-1] == wanted[:-1]:
        shown = [format_value(value) for value in attribute.domain.values[:12]]
        more = ", …" if len(attribute.domain) > len(shown) else ""
        hint = f"the values are, in this order, {', '.join(shown)}{more}"
    elif sorted(given[1:]) == sorted(wanted):
        hint = "the axes seem to be in another order: the values come last (tensor.permute)"
    else:
        hint = "the axes are the batch, one for each index type in the order of the declaration, and the values"
    return Diagnostic("E403", message, hint=hint, place=place)


def _uneven_batches(found: Mapping[str, Tensor]) -> list[Diagnostic]:
    sizes = {name: tensor.shape[0] for name, tensor in found.items()}
    if len(set(sizes.values())) < 2:
        empty = [name for name, size in sizes.items() if size == 0]
        if not empty:
            return []
        hint = "a batch holds at least one instance"
        return [Diagnostic("E404", "the batch is empty", hint=hint, place=f"evidence on {empty[0]}")]
    listed = ", ".join(f"{name}: {size}" for name, size in sizes.items())
    hint = "the first axis is the batch, and has the same extent everywhere"
    return [Diagnostic("E404", f"the batch sizes differ ({listed})", hint=hint, place="evidence")]


# ----- numbers


def _fault(attribute: Attribute, tensor: Tensor) -> Diagnostic | None:
    """What is wrong with the numbers of a percept; None when all is well."""
    values = tensor.detach()
    tolerance = COARSE.get(values.dtype, TOLERANCE)
    sums = values.sum(-1, dtype=torch.float64 if values.dtype is torch.float64 else torch.float32)
    lowest = values.amin(-1) if values.shape[-1] else sums  # an open type may have no values
    good = ((sums - 1).abs() <= tolerance) & (lowest >= -DUST)
    if bool(good.all()):
        return None
    place = f"evidence on {attribute.name}"
    odd = ~torch.isfinite(values)
    if bool(odd.any()):
        hint = "look for a division by zero or log(0) before the evidence"
        return Diagnostic("E405", _entries(attribute, values, odd), hint=hint, place=place)
    outside = (values < -DUST) | (values > 1 + tolerance)
    if bool(outside.any()):
        hint = "give probabilities: logits need a softmax, percentages a division by 100"
        return Diagnostic("E406", _entries(attribute, values, outside), hint=hint, place=place)
    hint = f"every distribution along the last axis sums to 1 (up to {tolerance:g}); nothing is renormalised silently"
    return Diagnostic("E407", _rows(attribute, sums, ~good), hint=hint, place=place)


def _entries(attribute: Attribute, values: Tensor, wrong: Tensor) -> str:
    """``P(cell(1,2) = 3) is nan in instance 7, and 4 more``."""
    instance, index, place = _first(wrong.reshape(wrong.shape[0], -1, wrong.shape[-1]))
    number = float(values.reshape(values.shape[0], -1, values.shape[-1])[instance, index, place])
    value = format_value(attribute.domain.values[place])
    text = f"the probability of {attribute.label(index)} = {value} is {number:g} in instance {instance}"
    return text + _more(int(wrong.sum()) - 1, "such number")


def _rows(attribute: Attribute, sums: Tensor, wrong: Tensor) -> str:
    """``the probabilities of cell(1,2) sum to 0.93 in instance 7, and 4 more``."""
    instance, index = _first(wrong.reshape(wrong.shape[0], -1))
    total = float(sums.reshape(sums.shape[0], -1)[instance, index])
    text = f"the probabilities of {attribute.label(index)} sum to {_away_from_one(total)} in instance {instance}"
    return text + _more(int(wrong.sum()) - 1, "such distribution")


def _away_from_one(total: float) -> str:
    shown = f"{total:.4g}"
    return shown if shown != "1" else f"{total:.7g}"


def _more(count: int, what: str) -> str:
    return (
        "" if count == 0 else f"; there {'is' if count == 1 else 'are'} {count} more {what}{'' if count == 1 else 's'}"
    )


def _first(wrong: Tensor) -> tuple[int, ...]:
    """Place of the first true entry."""
    return tuple(wrong.nonzero()[0].tolist())
