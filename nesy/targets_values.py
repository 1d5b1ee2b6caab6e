"""Targets written value by value, as target files have them, made into arrays.

One sample is a mapping from concepts, or percepts, to what is known of them:

    {"y": "8", "pair": {"1,1,1,2": "(5,6)"}, "valid": true, "kind": {"left": {"car": 1, "bicycle": 0.4}}, "c": null}

A label is fully possible and every other value impossible; a mapping from values to degrees is a possibility
distribution, with degree 1 for at least one value and 0 for those left out. Where an index, or the whole concept, is
left out or null there is no target. Several samples are a list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nesy.dsl.diagnostics import Diagnostic, NesyError, counted, did_you_mean
from nesy.dsl.values import format_value
from nesy.evidence_values import SHORT, listing, shown
from nesy.findings import Findings
from nesy.value_text import IndexTable, ValueTable, is_value

if TYPE_CHECKING:
    from nesy.solvers.ground_model import Attribute, GroundModel

FORM = 'the form is {"y": "8", "pair": {"1,2": "(5,6)"}, "kind": {"car": 1, "bicycle": 0.4}}'
TOLERANCE = 1e-6
"""How far the largest degree of a target may be from 1."""


def is_written_out(targets: object) -> bool:
    """Whether targets are written value by value, rather than as tensors, arrays or nested lists."""
    if not isinstance(targets, Mapping):
        return True
    return any(entry is None or isinstance(entry, Mapping | float) or is_value(entry) for entry in targets.values())


def target_names(targets: object) -> tuple[str, ...]:
    """The concepts and percepts of which targets speak, in order of first appearance."""
    samples = [targets] if isinstance(targets, Mapping) else targets if isinstance(targets, Sequence) else ()
    return tuple(
        dict.fromkeys(
            name for sample in samples if isinstance(sample, Mapping) for name in sample if isinstance(name, str)
        )
    )


def target_arrays(
    model: GroundModel, targets: object, samples: int | None = None, *, where: str = "targets"
) -> Mapping[str, object]:
    """``targets`` as a mapping from concepts and percepts to tensors, arrays or nested lists, ``[samples, …, values]``.

    What is a mapping to tensors, arrays or lists already is taken as it is. What is written value by value becomes
    float64 arrays ``[samples, *index shape, values]`` with rows of nan where there is no target. ``samples`` is the
    number that the evidence has. Raises one :class:`NesyError`: E531 unknown name, E532 number of samples, E533 not a
    degree, E534 not normalised, E566 index, E567 value, E568 given twice, E569 not of this form.
    """
    if not is_written_out(targets):
        assert isinstance(targets, Mapping)
        return _decimal(targets, where)
    findings = Findings()
    entries: Sequence[object] = ()
    if isinstance(targets, Mapping):
        entries = [targets]
    elif isinstance(targets, Sequence) and not isinstance(targets, str | bytes):
        entries = targets
    else:
        message = f"targets are a mapping from concepts or a list of such, not {shown(targets)}"
        findings.add("E569", message, hint=FORM, place=where)
    findings.raise_errors()
    if samples is not None and len(entries) != samples:
        message = f"there are targets for {counted(len(entries), 'sample')}, and evidence for {samples}"
        hint = "targets are a list with an object for each sample, in the order of the evidence"
        raise NesyError(Diagnostic("E532", message, hint=hint, place=where))
    return _read(model, entries, findings)


def _decimal(targets: Mapping[str, object], where: str) -> Mapping[str, object]:
    """``targets``, unless an array among them holds labels or other things that are no decimal numbers: E532."""
    findings = Findings()
    for name, value in targets.items():
        if isinstance(value, np.ndarray) and value.dtype.kind != "f":
            message = f"the targets hold {value.dtype.name} instead of degrees, which are decimal numbers"
            hint = "labels become degrees with numpy.eye(n)[labels]"
            findings.add("E532", message, hint=hint, place=f"{where} for {name}")
    findings.raise_errors()
    return targets


def _read(model: GroundModel, samples: Sequence[object], findings: Findings) -> dict[str, object]:
    known = known_targets(model)
    readers = {attribute.name: _Reader(attribute, len(samples), findings) for attribute in model.attributes}
    for number, sample in enumerate(samples):
        if not isinstance(sample, Mapping):
            message = f"a sample is a mapping from concepts, not {shown(sample)}"
            findings.add("E569", message, hint=FORM, place=f"sample {number}")
            continue
        for name, reading in sample.items():
            if name not in known:
                findings.append(unknown_target(name, known, f"sample {number}"))
            elif name in readers:
                readers[name].read(number, reading)
    findings.raise_errors()
    given = {name for sample in samples if isinstance(sample, Mapping) for name in sample}
    return {name: reader.array() for name, reader in readers.items() if name in given}


def known_targets(model: GroundModel) -> list[str]:
    """The names that targets may have: concepts and percepts of the program, and the sources of these."""
    declared = [info.name for info in model.program.attributes.values() if info.kind in ("percept", "concept")]
    return sorted({*declared, *(attribute.name for attribute in model.attributes)})


def unknown_target(name: object, known: Sequence[str], place: str) -> Diagnostic:
    """E531 for targets of something that the program does not declare as a concept or a percept."""
    hint = did_you_mean(str(name), known) or f"the program has {', '.join(known)}"
    return Diagnostic("E531", f"the program has no concept or percept '{name}'", hint=hint, place=place)


class _Reader:
    """Fills the array of one concept or percept."""

    def __init__(self, attribute: Attribute, samples: int, findings: Findings) -> None:
        self._attribute = attribute
        self._findings = findings
        self._values = ValueTable(attribute.domain)
        self._indices = IndexTable(attribute.index)
        self._array = np.full((samples, len(attribute.index), len(attribute.domain)), np.nan)

    def array(self) -> np.ndarray:
        """``[samples, *index shape, values]``."""
        return self._array.reshape(len(self._array), *self._attribute.shape, len(self._attribute.domain))

    def read(self, sample: int, reading: object) -> None:
        """Enter what one sample says."""
        attribute = self._attribute
        if reading is None:
            return
        if attribute.index == ((),):
            self._target(sample, 0, reading)
            return
        if not isinstance(reading, Mapping):
            message = f"{attribute.name} has an index, and its target is {shown(reading)}"
            example = self._indices.names[0] if attribute.index else "index"
            hint = f'give a mapping from indices to targets: {{"{example}": …}}'
            self._findings.add("E569", message, hint=hint, place=f"sample {sample}, {attribute.name}")
            return
        seen: set[int] = set()
        for key, entry in reading.items():
            place = self._indices.place(key)
            if place is None:
                message = f"{attribute.name} has no index {shown(key)}"
                names = self._indices.names
                near = did_you_mean(str(key), names) if len(names) > SHORT else ""
                hint = near or f"the indices are {listing(names)}"
                self._findings.add("E566", message, hint=hint, place=f"sample {sample}, {attribute.name}")
            elif place in seen:
                message = f"there are two targets for {attribute.label(place)}"
                self._findings.add("E568", message, hint="keep one of the two", place=f"sample {sample}")
            else:
                seen.add(place)
                if entry is not None:
                    self._target(sample, place, entry)

    def _target(self, sample: int, index: int, entry: object) -> None:
        where = f"sample {sample}, {self._attribute.label(index)}"
        if isinstance(entry, Mapping):
            self._degrees(self._array[sample, index], entry, where)
        elif self._attribute.domain.is_bool and isinstance(entry, int | float) and not isinstance(entry, bool):
            hint = 'say true or false, or give degrees of both: {"true": 1, "false": 0.2}'
            self._findings.add("E569", f"{shown(entry)} is no target", hint=hint, place=where)
        elif is_value(entry):
            place = self._values.place(entry)
            if place is None:
                self._unknown_value(entry, where)
                return
            self._array[sample, index] = 0.0
            self._array[sample, index, place] = 1.0
        else:
            self._findings.add("E569", f"{shown(entry)} is no target", hint=FORM, place=where)

    def _degrees(self, row: np.ndarray, entry: Mapping[object, object], where: str) -> None:
        """Enter a possibility distribution."""
        found: dict[int, float] = {}
        faults = 0
        for key, degree in entry.items():
            place = self._values.place(key)
            number = degree if isinstance(degree, int | float) and not isinstance(degree, bool) else None
            if place is None:
                self._unknown_value(key, where)
            elif place in found:
                value = format_value(self._attribute.domain.values[place])
                message = f"the value {value} is given twice"
                self._findings.add("E568", message, hint="keep one of the two", place=where)
            elif number is None or not 0 <= number <= 1:
                what = "is no number" if number is None else "is not between 0 and 1"
                message = f"the degree of {key} is {shown(degree)}, which {what}"
                self._findings.add("E533", message, hint="give degrees between 0 and 1", place=where)
            else:
                found[place] = float(number)
                continue
            faults += 1
        if faults:
            return
        top = max(found.values(), default=0.0)
        if abs(top - 1.0) > TOLERANCE:
            message = f"the largest degree of this target is {top:g}"
            hint = "a target is a possibility distribution: at least one value has degree 1; null means no target"
            self._findings.add("E534", message, hint=hint, place=where)
            return
        row[:] = 0.0
        row[list(found)] = list(found.values())

    def _unknown_value(self, key: object, where: str) -> None:
        domain = self._attribute.domain
        names = self._values.names
        message = f"{shown(key)} is no value of {domain.name or 'its type'}"
        hint = did_you_mean(str(key), names) or f"the values are {listing(names)}"
        self._findings.add("E567", message, hint=hint, place=where)
