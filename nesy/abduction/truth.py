"""The true classes of objects, from a table, a file of targets, or Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.cells import is_empty, listed
from nesy.abduction.observations import Index, Observations
from nesy.abduction.prediction_files import TABLES, read_columns
from nesy.abduction.prediction_tables import CLASS, OBJECT, index_of
from nesy.dsl.checked import AttributeInfo, Domain
from nesy.dsl.diagnostics import did_you_mean
from nesy.findings import Findings
from nesy.value_text import ValueTable, is_value

Truth: TypeAlias = "str | Path | NDArray[np.int64] | Mapping[str, object] | Sequence[object]"
"""A path; places in the classes [N] (−1: none of them); ``{"label": {"o1": "bus"}}`` or a list of such for a batch;
``{"o1": "bus"}``; the columns of a table."""


def read_truth(info: AttributeInfo, observations: Observations, given: Truth) -> NDArray[np.int64]:
    """The class of each object [N], −1 for an object of none of the classes (an empty cell, or null).

    Raises :class:`NesyError`: E578 for objects without a truth or unknown ones, and for classes outside the type.
    """
    reader = _Reader(info, observations)
    if isinstance(given, np.ndarray) and given.dtype.kind in "iu":
        from nesy.abduction.error_rules.learning import check_truth

        check_truth(observations.predictions, given)
        return given.astype(np.int64)
    if isinstance(given, str | Path):
        return reader.file(str(given))
    return reader.entries(given, "targets")


class _Reader:
    def __init__(self, info: AttributeInfo, observations: Observations) -> None:
        self._info = info
        self._observations = observations
        self._findings = Findings()
        self._values = ValueTable(Domain(getattr(info.value, "name", ""), observations.predictions.classes))
        instances = observations.instances
        numbers = [0] * len(observations.index) if instances is None else instances.tolist()
        self._rows = {key: row for row, key in enumerate(zip(numbers, observations.index, strict=True))}
        self._found = np.full(len(observations.index), -2, dtype=np.int64)

    def file(self, path: str) -> NDArray[np.int64]:
        """A table with the columns ``object`` and ``class``, or a file of targets."""
        if not path.lower().endswith(TABLES):
            from nesy.targets_files import read_targets

            return self.entries(read_targets(path), "<stdin>" if path == "-" else path)
        table = read_columns(path)
        for name in (OBJECT, CLASS):
            if name not in table.columns:
                hint = did_you_mean(name, table.columns) or f"its columns are {', '.join(table.columns)}"
                self._findings.add("E484", f"the table has no column '{name}'", hint=hint, place=path)
        self._findings.raise_errors()
        for row, (name, label) in enumerate(zip(table.columns[OBJECT], table.columns[CLASS], strict=True)):
            self._enter(0, name, label, table.place(row, OBJECT), table.place(row, CLASS))
        return self._finished(path)

    def entries(self, given: Any, place: str) -> NDArray[np.int64]:
        """Classes by object, for each instance."""
        if isinstance(given, Mapping) and OBJECT in given and CLASS in given:
            for row, (name, label) in enumerate(zip(given[OBJECT], given[CLASS], strict=False), 1):
                self._enter(0, name, label, f"{place}, row {row}", f"{place}, row {row}")
            return self._finished(place)
        sequence = isinstance(given, Sequence | np.ndarray) and not isinstance(given, str | bytes)
        instances: list[Any] = list(given) if sequence else [given]
        if sequence and instances and all(is_value(entry) or entry is None for entry in instances):
            for row, label in enumerate(instances[: len(self._found)]):
                self._label(row, label, f"{place}[{row}]")
            return self._finished(place)
        entry: Any
        for number, entry in enumerate(instances):
            where = place if len(instances) == 1 else f"{place}, instance {number}"
            if not isinstance(entry, Mapping):
                hint = f'give {{"{self._info.name}": {{"o1": "…"}}}}'
                self._findings.add("E578", f"{entry!r} is no truth", hint=hint, place=where)
                continue
            by_object = entry.get(self._info.name, entry)
            if not self._info.index:
                self._enter(number, "", by_object, where, where)
            elif isinstance(by_object, Mapping):
                for name, label in by_object.items():
                    self._enter(number, name, label, where, f"{where}, {name}")
            else:
                hint = f'give {{"{self._info.name}": {{"o1": "…"}}}}'
                self._findings.add("E578", f"{by_object!r} names no objects", hint=hint, place=where)
        return self._finished(place)

    def _enter(self, number: int, name: object, label: object, place: str, label_place: str) -> None:
        index: Index | None = () if not self._info.index else index_of(self._info, name)
        row = None if index is None else self._rows.get((number, index))
        if row is None:
            message = f"there are no predictions of '{name}'"
            hint = "name the objects as the predictions do; let models abstain from what none has seen"
            self._findings.add("E578", message, hint=hint, place=place)
        else:
            earlier = self._found[row]
            self._label(row, label, label_place)
            if earlier not in (-2, self._found[row]):
                message = f"the truth of '{name}' is given twice, and differs"
                self._findings.add("E578", message, hint="keep one of the two", place=place)

    def _label(self, row: int, label: object, place: str) -> None:
        if isinstance(label, Mapping):
            certain = [value for value, degree in label.items() if degree == 1]
            label = certain[0] if len(certain) == 1 else label
        where = -1 if is_empty(label) else self._values.place(label)
        if where is None:
            names = self._values.names
            hint = did_you_mean(str(label), names) or f"the classes are {listed(names)}"
            self._findings.add("E578", f"'{label}' is none of the classes", hint=hint, place=place)
            where = -1
        self._found[row] = where

    def _finished(self, place: str) -> NDArray[np.int64]:
        missing = np.flatnonzero(self._found == -2)
        if len(missing):
            first = ", ".join(self._observations.predictions.objects[row] for row in missing[:3].tolist())
            more = ", …" if len(missing) > 3 else ""
            message = f"there is no truth for {len(missing)} of {len(self._found)} objects: {first}{more}"
            hint = "give the class of each object, an empty one for an object of none of the classes"
            self._findings.add("E578", message, hint=hint, place=place)
        self._findings.raise_errors()
        return self._found
