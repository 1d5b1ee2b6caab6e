"""Evidence written value by value, as evidence files have it, made into arrays.

One instance is a mapping from percepts to readings:

    {"cell": {"1,1": {"5": 0.9, "6": 0.1}, "1,2": "3"}, "lamp": "red", "wet": 0.8}

A reading of a percept with index is a mapping from indices to distributions; without index it is the distribution
itself. A distribution is a mapping from values to probabilities (values left out have probability 0), a single
value (certain), or, for ``bool``, the probability of true. Every index needs a distribution, except that
an index of a ``bool`` percept that is left out counts as false (W412). A batch is a list of instances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from nesy.dsl.checked import Domain
from nesy.dsl.diagnostics import Diagnostic, did_you_mean
from nesy.dsl.values import format_value
from nesy.findings import Findings
from nesy.value_text import IndexTable, ValueTable

if TYPE_CHECKING:
    from nesy.solvers.ground_model import Attribute, GroundModel


def evidence_tensors(
    model: GroundModel, evidence: object, warnings: list[Diagnostic] | None = None
) -> Mapping[str, object]:
    """``evidence`` as a mapping from percepts to tensors, arrays or nested lists with a batch axis, unchecked.

    A mapping to tensors, arrays or lists is taken as it is. An instance, or a list of instances, written value by
    value becomes float64 arrays ``[batch, *index shape, value]``; faults raise one :class:`NesyError`: E401 unknown
    percept, E410 index, E411 value, E412 missing index, E413 given twice, E414 not of this form, E419 no instance.
    What is worth saying all the same (W412) is added to ``warnings``.
    """
    if isinstance(evidence, Mapping) and not _is_instance(evidence):
        return evidence
    findings = Findings()
    instances: Sequence[object]
    if isinstance(evidence, Mapping):
        instances = [evidence]
    elif isinstance(evidence, Sequence) and not isinstance(evidence, str | bytes):
        instances = evidence
        if not instances:
            findings.add("E419", "the evidence holds no instance", hint="give at least one", place="evidence")
    else:
        instances = ()
        message = f"evidence is a mapping from percepts or a list of such, not {shown(evidence)}"
        findings.add("E414", message, hint=_FORM, place="evidence")
    remarks = Findings()
    arrays = _read(model, instances, findings, remarks)
    findings.raise_errors()
    if warnings is not None:
        warnings += remarks.shown()
    return arrays


SHORT = 8
"""So many names are listed whole."""

_FORM = 'the form is {"cell": {"1,1": {"5": 0.9, "6": 0.1}}}'


def _is_instance(evidence: Mapping[object, object]) -> bool:
    """Whether a mapping is written value by value: some percept has a mapping or a single value."""
    return any(isinstance(entry, Mapping | str | bool | int | float) for entry in evidence.values())


def _read(model: GroundModel, instances: Sequence[object], findings: Findings, remarks: Findings) -> dict[str, object]:
    from nesy.solvers.evidence import known_percepts, unknown_percept

    for number, instance in enumerate(instances):
        if not isinstance(instance, Mapping):
            message = f"an instance is a mapping from percepts, not {shown(instance)}"
            findings.add("E414", message, hint=_FORM, place=f"instance {number}")
    known = known_percepts(model.program)
    if len(instances) > 1 and not known:
        message = f"the program has no percepts, so that {len(instances)} instances cannot differ"
        findings.add("E414", message, hint="give no evidence, and there is one answer", place="instance 0")
    findings.raise_errors()
    readers = {attribute.name: _Reader(attribute, len(instances), findings, remarks) for attribute in model.percepts}
    for number, instance in enumerate(instances):
        assert isinstance(instance, Mapping)
        for name, reading in instance.items():
            if name not in known:
                findings.append(unknown_percept(name, known, f"instance {number}"))
            elif name in readers:
                readers[name].read(number, reading)
    return {name: array for name, reader in readers.items() if (array := reader.finish()) is not None}


class _Reader:
    """Fills the array of one percept."""

    def __init__(self, attribute: Attribute, batch: int, findings: Findings, remarks: Findings) -> None:
        self._attribute = attribute
        self._findings = findings
        self._remarks = remarks
        self._values = ValueTable(attribute.domain)
        self._indices = IndexTable(attribute.index)
        self._array = np.zeros((batch, len(attribute.index), len(attribute.domain)))
        self._given = np.zeros(batch, dtype=bool)

    def read(self, instance: int, reading: object) -> None:
        """Enter what one instance says about the percept."""
        attribute = self._attribute
        self._given[instance] = True
        if attribute.index == ((),):
            self._distribution(instance, 0, reading)
            return
        if not isinstance(reading, Mapping):
            message = f"the percept has an index, and its reading is {shown(reading)}"
            example = self._indices.names[0] if attribute.index else "index"
            hint = f'give a mapping from indices to distributions: {{"{example}": …}}'
            self._findings.add("E414", message, hint=hint, place=f"instance {instance}, {attribute.name}")
            return
        seen: set[int] = set()
        for key, distribution in reading.items():
            place = self._indices.place(key)
            if place is None:
                self._unknown_index(instance, key)
            elif place in seen:
                message = f"the index {attribute.label(place)} is given twice"
                self._findings.add("E413", message, hint="keep one of the two", place=f"instance {instance}")
            else:
                seen.add(place)
                self._distribution(instance, place, distribution)
        if len(seen) < len(attribute.index):
            self._missing_indices(instance, seen)

    def finish(self) -> object | None:
        """The array ``[batch, *index shape, value]``; None where no instance speaks of the percept."""
        if not self._given.any():
            return None
        for instance in (~self._given).nonzero()[0].tolist():
            message = f"there is no evidence on the percept '{self._attribute.name}', which other instances have"
            hint = "every instance of a batch gives the same percepts"
            self._findings.add("E402", message, hint=hint, place=f"instance {instance}")
        return self._array.reshape(len(self._given), *self._attribute.shape, len(self._attribute.domain))

    def _distribution(self, instance: int, index: int, entry: object) -> None:
        row = self._array[instance, index]
        where = f"instance {instance}, {self._attribute.label(index)}"
        domain = self._attribute.domain
        if isinstance(entry, Mapping):
            self._probabilities(row, entry, where)
        elif domain.is_bool and isinstance(entry, int | float) and not isinstance(entry, bool):
            if not 0 <= entry <= 1:
                hint = "the number is the probability of true, between 0 and 1"
                code = "E406" if isfinite(_as_float(entry)) else "E405"
                self._findings.add(code, f"{shown(entry)} is not a probability", hint=hint, place=where)
            row[:] = (1 - _as_float(entry), _as_float(entry))
        elif isinstance(entry, str | bool | int):
            place = self._values.place(entry)
            if place is None:
                self._unknown_value(entry, where)
            else:
                row[place] = 1
        else:
            self._findings.add(
                "E414", f"{shown(entry)} is not a distribution", hint=self._distribution_hint(), place=where
            )

    def _probabilities(self, row: np.ndarray, entry: Mapping[object, object], where: str) -> None:
        seen: set[int] = set()
        for key, probability in entry.items():
            place = self._values.place(key)
            if place is None:
                self._unknown_value(key, where)
            elif place in seen:
                value = format_value(self._attribute.domain.values[place])
                self._findings.add("E413", f"the value {value} is given twice", hint="keep one of the two", place=where)
            elif isinstance(probability, bool) or not isinstance(probability, int | float):
                message = f"the probability of {key} is {shown(probability)}, which is not a number"
                self._findings.add("E414", message, hint=self._distribution_hint(), place=where)
            elif not isfinite(_as_float(probability)):
                message = f"the probability of {key} is {shown(probability)}, which is not a probability"
                self._findings.add("E405", message, hint="numbers lie between 0 and 1", place=where)
            else:
                seen.add(place)
                row[place] = _as_float(probability)

    def _distribution_hint(self) -> str:
        value = self._values.names[0] if self._values.names else "value"
        number = ", or the probability of true" if self._attribute.domain.is_bool else ""
        return f'a distribution is {{"{value}": 0.9, …}} or a single value{number}'

    def _unknown_index(self, instance: int, key: object) -> None:
        attribute = self._attribute
        message = f"{attribute.name} has no index {shown(key)}"
        names = self._indices.names
        near = did_you_mean(str(key), names) if len(names) > SHORT else ""
        hint = near or f"the indices are {listing(names)}"
        self._findings.add("E410", message, hint=hint, place=f"instance {instance}, {attribute.name}")

    def _missing_indices(self, instance: int, seen: set[int]) -> None:
        attribute = self._attribute
        places = [place for place in range(len(attribute.index)) if place not in seen]
        missing = [attribute.label(place) for place in places]
        if attribute.domain.is_bool:
            self._array[instance, places] = (1.0, 0.0)
            message = f"{len(missing)} of {len(attribute.index)} indices have no reading and count as false: "
            hint = "give them a number, or restrict the index of the percept with 'for'"
            where = f"instance {instance}, {attribute.name}"
            self._remarks.add("W412", message + listing(missing), hint=hint, place=where)
            return
        message = f"{len(missing)} of {len(attribute.index)} indices have no reading: {listing(missing)}"
        hint = "every index needs a distribution; for one about which nothing is known give equal probabilities"
        self._findings.add("E412", message, hint=hint, place=f"instance {instance}, {attribute.name}")

    def _unknown_value(self, key: object, where: str) -> None:
        domain: Domain = self._attribute.domain
        message = f"{shown(key)} is no value of {domain.name or 'its type'}"
        hint = did_you_mean(str(key), self._values.names) or f"the values are {listing(self._values.names)}"
        self._findings.add("E411", message, hint=hint, place=where)


def _as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf")


def listing(names: Sequence[str]) -> str:
    """The first names of a list, and how many there are beyond."""
    return ", ".join(names[:SHORT]) + (f", … ({len(names)} in all)" if len(names) > SHORT else "")


def shown(value: object) -> str:
    """A value in a message, cut where it is long."""
    try:
        text = repr(value)
    except ValueError:
        text = "a number with thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}…"
