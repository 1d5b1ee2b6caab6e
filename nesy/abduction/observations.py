"""What was observed: the predictions of the models, by object, with all else that is known of the objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.error_rules.surroundings import Reading
from nesy.abduction.predictions import Predictions
from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain
from nesy.dsl.diagnostics import Diagnostic, NesyError, counted, did_you_mean
from nesy.dsl.values import Value
from nesy.findings import Findings
from nesy.value_text import index_text

Index = tuple[Value, ...]


@dataclass(frozen=True, eq=False)
class Observations:
    """Predictions with the ``index`` of each object, and the readings of ``others``, percepts of the same objects.

    ``instances`` [N] numbers the instances of a batch, in which the same indices occur again; None for one instance.
    """

    percept: str
    predictions: Predictions
    index: tuple[Index, ...]
    instances: NDArray[np.int64] | None = None
    others: Mapping[str, Reading] = field(default_factory=dict)


def fused_percept(checked: CheckedProgram, name: str | None = None) -> AttributeInfo:
    """The percept whose sources are to be fused: ``name``, or the only one that has sources. E579 otherwise."""
    found = {info.name: info for info in checked.attributes.values() if info.kind == "percept" and info.sources}
    if name is not None and name in found:
        return found[name]
    if name is None and len(found) == 1:
        return next(iter(found.values()))
    if not found:
        hint = "name them: percept label(object) : class from m1, m2."
        raise NesyError(Diagnostic("E579", "no percept of the program has sources", hint=hint, place="percept"))
    known = ", ".join(found)
    if name is None:
        raise NesyError(
            Diagnostic(
                "E579", f"several percepts have sources: {known}", hint="choose one with --percept", place="percept"
            )
        )
    hint = did_you_mean(name, found) or f"percepts with sources are {known}"
    raise NesyError(Diagnostic("E579", f"no percept '{name}' has sources", hint=hint, place="percept"))


def value_domain(info: AttributeInfo) -> Domain:
    """The finite type of a percept's values."""
    assert isinstance(info.value, Domain)
    return info.value


def object_names(index: Sequence[Index], instances: NDArray[np.int64] | None) -> tuple[str, ...]:
    """``o1``, ``1,2``; with several instances ``0:o1``."""
    if instances is None:
        return tuple(map(index_text, index))
    return tuple(f"{number}:{index_text(entry)}" for number, entry in zip(instances.tolist(), index, strict=True))


def check_models(
    info: AttributeInfo, models: Sequence[str], findings: Findings, place: str, places: Sequence[str] | None = None
) -> None:
    """E497 for models that the percept does not have, and for those of its sources that say nothing at all.

    ``places`` tells where each model is named first.
    """
    for model, named in zip(models, places or [place] * len(models), strict=True):
        if model not in info.sources:
            hint = did_you_mean(model, info.sources) or f"its sources are {', '.join(info.sources)}"
            findings.add("E497", f"'{info.name}' has no source '{model}'", hint=hint, place=named)
    unknown = any(model not in info.sources for model in models)
    for source in info.sources:
        # an unknown model is most likely this one, misspelt
        if source not in models and not unknown:
            hint = "give its predictions, or take it out of the declaration"
            findings.add("E497", f"there are no predictions of '{info.name}@{source}'", hint=hint, place=place)


def check_silence(
    predictions: Predictions, spoken: NDArray[np.bool_], missing: str, findings: Findings, places: Sequence[str]
) -> None:
    """E571 for models that do not say of every object whether they see something; ``spoken`` [N, F].

    ``places`` [N] tell where an object is named first; the first one that a model leaves out counts.
    """
    if missing == "abstain":
        return
    for column, model in enumerate(predictions.models):
        silent = np.flatnonzero(~spoken[:, column])
        if len(silent):
            first = ", ".join(predictions.objects[row] for row in silent[:3].tolist())
            more = ", …" if len(silent) > 3 else ""
            message = f"{model} says nothing of {counted(len(silent), 'object')} that other models read: {first}{more}"
            hint = "write a row with an empty class where a model abstains, or choose --missing abstain"
            findings.add("E571", message, hint=hint, place=places[silent[0]])
