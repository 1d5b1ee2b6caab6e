"""The further columns of a table: other percepts of the objects, and metadata.

A column belongs to the objects where all rows of an object agree, and to each model's view of them elsewhere; a
declaration says it as well: ``relation light(object, real)``, ``relation width(object, source, real)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.cells import each, is_empty, listed, number_of, value_of
from nesy.abduction.error_rules.surroundings import Reading
from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain
from nesy.dsl.diagnostics import did_you_mean
from nesy.dsl.statements import NamedType, RelationDeclaration, TypeExpression
from nesy.findings import Findings
from nesy.value_text import ValueTable, is_value

if TYPE_CHECKING:
    from nesy.abduction.prediction_tables import Table

Rows = tuple[NDArray[np.int64], NDArray[np.int64]]
"""The object and the model of each row."""


def metadata_columns(
    checked: CheckedProgram,
    info: AttributeInfo,
    table: Table,
    names: Sequence[str],
    rows: Rows,
    findings: Findings,
) -> tuple[dict[str, Reading], dict[str, NDArray[Any]]]:
    """Readings of other percepts, and metadata [N] or [N, F], of the columns ``names``; E488 for what does not fit."""
    percepts = {
        name: other
        for name, other in checked.attributes.items()
        if other.kind == "percept" and not other.sources and other.index == info.index
    }
    reader = _Columns(checked, info, table, rows, findings)
    others: dict[str, Reading] = {}
    metadata: dict[str, NDArray[Any]] = {}
    for name in names:
        if name in percepts:
            others[name] = reader.reading(percepts[name])
        elif not (name.startswith("confidence(") and name[len("confidence(") : -1] in percepts):
            metadata[name] = reader.metadata(name)
    return others, metadata


class _Columns:
    def __init__(
        self, checked: CheckedProgram, info: AttributeInfo, table: Table, rows: Rows, findings: Findings
    ) -> None:
        self._checked = checked
        self._width = len(info.index)
        self._models = len(info.sources)
        self._table = table
        self._objects, self._model_of = rows
        self._findings = findings
        self._refused: set[str] = set()
        _, self._first = np.unique(self._objects, return_index=True)

    def reading(self, percept: AttributeInfo) -> Reading:
        """A column as the reading of another percept, sure where no column ``confidence(…)`` says how sure."""
        assert isinstance(percept.value, Domain)
        cells = self._values(percept.name, percept.value)
        self._agree(percept.name, cells)
        places = [-1 if cell is None else percept.value.position(cell) for cell in cells]
        labels = np.array(places, dtype=np.int64)[self._first]
        sure = f"confidence({percept.name})"
        if sure not in self._table.columns:
            return Reading(percept.value.values, labels, (labels >= 0).astype(np.float64))
        numbers = self._numbers(sure, whole=False)
        for row in np.flatnonzero(~((numbers >= 0) & (numbers <= 1)))[:1000].tolist():
            self._refuse(row, sure, "this is no probability", "a confidence lies between 0 and 1")
        return Reading(percept.value.values, labels, np.where(labels >= 0, numbers[self._first], 0.0))

    def metadata(self, name: str) -> NDArray[Any]:
        """A column as its declaration types it, or as its cells look."""
        per_object, declared = self._declared(name)
        match declared:
            case NamedType("real"):
                found: NDArray[Any] = self._numbers(name, whole=False)
            case NamedType("int"):
                found = _whole(self._numbers(name, whole=True))
            case None:
                found = self._guessed(name)
            case _:
                domain = self._domain(name, per_object is not False)
                found = _array(self._guessed(name).tolist() if domain is None else self._values(name, domain))
        if per_object or (per_object is None and self._agrees(found.tolist())):
            if per_object:
                self._agree(name, found.tolist())
            return np.asarray(found[self._first])
        return self._spread(found)

    def _spread(self, found: NDArray[Any]) -> NDArray[Any]:
        """[N, F]; where a model says nothing there is no value either."""
        shape = (len(self._first), self._models)
        if found.dtype.kind in "iu" and len(found) < shape[0] * shape[1]:
            found = found.astype(object)
        if found.dtype.kind == "f":
            spread: NDArray[Any] = np.full(shape, np.nan)
        elif found.dtype.kind in "iu":
            spread = np.zeros(shape, dtype=np.int64)
        else:
            spread = np.full(shape, None, dtype=object)
        spread[self._objects, self._model_of] = found
        return spread

    # ----- types

    def _declared(self, name: str) -> tuple[bool | None, TypeExpression | None]:
        """Whether the column is declared as one of objects (True) or of models (False), and the type of its values."""
        for statement in self._checked.program.statements:
            if isinstance(statement, RelationDeclaration) and statement.name == name:
                arity = len(statement.arguments)
                if arity in (self._width + 1, self._width + 2):
                    return arity == self._width + 1, statement.arguments[-1]
                message = f"the relation '{name}' has {arity} arguments, which no column can fill"
                hint = "a column of metadata is a relation of an object and a value (with a model between them)"
                self._findings.add("E488", message, hint=hint, place=f"{self._table.file}, column '{name}'")
        return None, None

    def _domain(self, name: str, per_object: bool) -> Domain | None:
        relation = self._checked.relations.get((name, self._width + (1 if per_object else 2)))
        return None if relation is None else relation.arguments[-1]

    # ----- cells

    def _numbers(self, name: str, *, whole: bool) -> NDArray[np.float64]:
        cells = self._table.columns[name]
        found = np.array(each(cells, number_of), dtype=np.float64)
        wrong = ~np.isfinite(found) | (whole & (found != np.round(found)))
        for row in np.flatnonzero(wrong)[:1000].tolist():
            if not is_empty(cells[row]):
                kind = "a whole number" if whole else "a number"
                self._refuse(
                    row, name, f"'{cells[row]}' is not {kind}", f"the relation '{name}' is declared with numbers"
                )
        return found

    def _values(self, name: str, domain: Domain) -> list[Any]:
        """The values of the cells in a finite type; None where there is none."""
        if domain.is_open:
            return each(self._table.columns[name], lambda cell: None if is_empty(cell) else value_of(cell))
        values = ValueTable(domain)
        found: list[Any] = []
        for row, cell in enumerate(self._table.columns[name]):
            if is_empty(cell):
                found.append(None)
                continue
            place = values.place(str(cell) if not is_value(cell) else cell)
            if place is None:
                hint = did_you_mean(str(cell), values.names) or f"its values are {listed(values.names)}"
                self._refuse(row, name, f"'{cell}' is not a value of the type {domain.name}", hint)
            found.append(None if place is None else domain.values[place])
        return found

    def _guessed(self, name: str) -> NDArray[Any]:
        """Whole numbers, numbers, truth values or names, whichever all cells are."""
        return _array(each(self._table.columns[name], lambda cell: None if is_empty(cell) else _guess(cell)))

    # ----- objects and models

    def _agrees(self, cells: Sequence[Any]) -> bool:
        return self._first_difference(cells) is None

    def _agree(self, name: str, cells: Sequence[Any]) -> None:
        """E488 unless all rows of an object say the same."""
        row = self._first_difference(cells)
        if row is not None and name not in self._refused:
            earlier = self._table.rows[self._first[self._objects[row]]]
            hint = "the column is one of objects: say the same in all rows of an object"
            self._refuse(row, name, f"row {earlier} says something else of this object", hint)

    def _first_difference(self, cells: Sequence[Any]) -> int | None:
        codes: dict[object, int] = {}
        found = each(cells, lambda cell: -1 if is_empty(cell) else codes.setdefault((type(cell), cell), len(codes)))
        places = np.array(found, dtype=np.int64)
        different = np.flatnonzero(places != places[self._first][self._objects])
        return int(different[0]) if len(different) else None

    def _refuse(self, row: int, name: str, message: str, hint: str) -> None:
        self._refused.add(name)
        self._findings.add("E488", message, hint=hint, place=self._table.place(row, name))


def _guess(cell: object) -> Any:
    """A cell as the plainest thing that it can be."""
    if not isinstance(cell, str):
        return value_of(cell) if not isinstance(cell, float) else cell
    value = value_of(cell)
    if not isinstance(value, str):
        return value
    number = number_of(cell)
    return value if np.isnan(number) else number


def _array(values: Sequence[Any]) -> NDArray[Any]:
    kinds = {type(value) for value in values if value is not None}
    whole = None not in values
    if kinds == {int} and whole:
        return np.array(values, dtype=np.int64)
    if kinds and kinds <= {int, float} and float in kinds:
        return np.array([np.nan if value is None else float(value) for value in values])
    if kinds == {bool} and whole:
        return np.array(values, dtype=np.bool_)
    if kinds == {str} and whole:
        return np.array(values, dtype=str)
    found = np.empty(len(values), dtype=object)
    found[:] = values if float not in kinds else [None if value is None else str(value) for value in values]
    return found


def _whole(numbers: NDArray[np.float64]) -> NDArray[Any]:
    if not np.isnan(numbers).any():
        return numbers.astype(np.int64)
    return _array([None if np.isnan(number) else int(number) for number in numbers.tolist()])
