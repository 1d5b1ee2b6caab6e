"""Predictions straight from perceivers: ``label@m1=PERCEIVER:INPUTS``."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.observations import fused_percept, value_domain
from nesy.dsl.checked import AttributeInfo, CheckedProgram
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.statements import Query
from nesy.dsl.syntax import Call, Variable
from nesy.solvers.ground_model import Attribute, GroundModel


def perceive_sources(
    checked: CheckedProgram,
    percept: str | None,
    requests: Mapping[str, str],
    classes: Mapping[str, str],
    evidence: str | None = None,
) -> dict[str, object]:
    """The evidence of each requested source, arrays ``[batch, objects, classes]``, with that of a file of arrays.

    Where the objects are of an open type without values, the inputs are the objects, and are numbered. Raises
    :class:`NesyError`: E429 unknown names, E418 a source that is given twice, E45x and E48x from perception.
    """
    from nesy.perceived import perceive_all
    from nesy.progress import ProgressBar

    info = fused_percept(checked, percept)
    model = _model(checked, info)
    found: dict[str, object] = dict(_arrays_of(evidence, info)) if evidence is not None else {}
    if twice := sorted(found.keys() & requests.keys()):
        hint = "leave one of the two out"
        message = f"the source '{twice[0]}' is given by --evidence and by --perceive"
        raise NesyError(Diagnostic("E418", message, hint=hint, place="--perceive"))
    tensors = perceive_all(model, requests, classes, progress=ProgressBar())
    for name, tensor in tensors.items():
        array: NDArray[np.float64] = tensor.detach().cpu().numpy().astype(np.float64)
        # without an index, each input of the batch is an object of one instance
        found[name] = array[None] if _is_open(info) else array
    return found


def _is_open(info: AttributeInfo) -> bool:
    return len(info.index) == 1 and info.index[0].is_open and not info.index[0].values


def _model(checked: CheckedProgram, info: AttributeInfo) -> GroundModel:
    """A ground model that knows the sources as percepts; the inputs of an open type have no index."""
    names = [f"{info.name}@{source}" for source in info.sources]
    if _is_open(info):
        domain = value_domain(info)
        attributes = tuple(Attribute(name, "percept", ((),), (), domain, info.span) for name in names)
        return GroundModel(checked, attributes, {}, (), (), (), (), ())
    from nesy.solvers.grounding import ground

    query = Query(Call(info.name, tuple(Variable("_") for _ in info.index)))
    return ground(checked, [query])


def _arrays_of(path: str, info: AttributeInfo) -> Mapping[str, object]:
    """The arrays in an evidence file; E572 for a file of another form."""
    from nesy.evidence_files import read_evidence

    content = read_evidence(path)
    if isinstance(content, Mapping) and all(hasattr(value, "shape") for value in content.values()):
        return content
    message = f"beside --perceive, predictions of '{info.name}' are arrays"
    hint = f"give an npz file with an array '{info.name}@{info.sources[-1]}'"
    raise NesyError(Diagnostic("E572", message, hint=hint, place=path))
