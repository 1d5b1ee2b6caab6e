"""Predictions in a table: one row for what one model says of one object.

    object,model,class,confidence,light
    o1,m1,bus,0.83,0.31
    o1,m2,,,0.31

The columns ``object``, ``model``, ``class`` and ``confidence`` come in any order; an empty class says that the model
abstains. Columns ``p(bus)``, ``p(car)``, … are whole distributions, and make ``class`` and ``confidence`` superfluous.
All others are metadata: of the object where all its rows agree, of the model's view of it elsewhere. Columns that the
program has as a percept of the objects are readings of that percept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.cells import NAN_HINT, each, is_empty, is_nan, listed, number_of, value_of
from nesy.abduction.metadata import metadata_columns
from nesy.abduction.observations import Index, Observations, check_models, check_silence, object_names, value_domain
from nesy.abduction.predictions import ABSTAINED, Predictions
from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain
from nesy.dsl.diagnostics import did_you_mean
from nesy.dsl.values import Value
from nesy.findings import Findings
from nesy.value_text import ValueTable, index_text, read_values

Missing = Literal["error", "abstain"]

OBJECT, MODEL, CLASS, CONFIDENCE = "object", "model", "class", "confidence"
TOLERANCE = 1e-4
"""How far a distribution may be from the sum 1."""


@dataclass(frozen=True)
class Table:
    """Columns of a table by name, with the number of each row in the file. Cells are texts, numbers or None."""

    columns: Mapping[str, Sequence[Any]]
    rows: Sequence[int]
    file: str

    def __len__(self) -> int:
        return len(self.rows)

    def place(self, row: int, column: str) -> str:
        """Where a cell stands: ``predictions.csv:7, column 'class'``."""
        return f"{self.file}:{self.rows[row]}, column '{column}'"


def read_predictions_table(
    checked: CheckedProgram, info: AttributeInfo, table: Table, missing: Missing = "error"
) -> Observations:
    """The observations in a table.

    Raises one :class:`NesyError`: E484 missing columns, E485, E498 and E499 confidences, E486 a prediction that stands
    twice, E487 a class outside its type, E488 metadata, E494 objects outside their type, E495 no rows, E497 models,
    E571 objects of which a model says nothing (unless ``missing`` is ``abstain``).
    """
    return _Reader(checked, info, table, missing).read()


class _Reader:
    def __init__(self, checked: CheckedProgram, info: AttributeInfo, table: Table, missing: Missing) -> None:
        self._checked = checked
        self._info = info
        self._table = table
        self._missing = missing
        self._findings = Findings()
        self._shares = {name: name[2:-1] for name in table.columns if name.startswith("p(") and name.endswith(")")}

    def read(self) -> Observations:
        self._check_columns()
        if not len(self._table):
            hint = "write one row for each object and model"
            self._findings.add("E495", "the table has no rows", hint=hint, place=self._table.file)
        self._findings.raise_errors()
        columns = self._table.columns
        index, objects = self._objects(columns[OBJECT])
        names = each(columns[MODEL], lambda name: str(name).strip())
        models = list(dict.fromkeys(names))
        places = [self._table.place(names.index(name), MODEL) for name in models]
        check_models(self._info, models, self._findings, f"{self._table.file}, column '{MODEL}'", places)
        self._findings.raise_errors()
        seen = {name: place for place, name in enumerate(self._info.sources)}
        model_of = np.array([seen[name] for name in names], dtype=np.int64)
        self._check_twice(objects, model_of, index)
        classes = self._classes()
        labels, confidence, shares = self._says(classes)
        self._findings.raise_errors()
        predictions, spoken = self._arrays(index, objects, model_of, classes, labels, confidence, shares)
        first = [self._table.place(row, OBJECT) for row in np.unique(objects, return_index=True)[1].tolist()]
        check_silence(predictions, spoken, self._missing, self._findings, first)
        others, metadata = metadata_columns(
            self._checked, self._info, self._table, self._metadata_names(), (objects, model_of), self._findings
        )
        self._findings.raise_errors()
        found = Predictions(**{**vars(predictions), "columns": metadata})
        return Observations(self._info.name, found, index, None, others)

    # ----- columns

    def _check_columns(self) -> None:
        needed = [OBJECT, MODEL] if self._shares else [OBJECT, MODEL, CLASS, CONFIDENCE]
        for name in needed:
            if name not in self._table.columns:
                known = f"its columns are {', '.join(self._table.columns)}"
                hint = did_you_mean(name, self._table.columns) or known
                self._findings.add("E484", f"the table has no column '{name}'", hint=hint, place=self._table.file)

    def _metadata_names(self) -> list[str]:
        return [name for name in self._table.columns if name not in (OBJECT, MODEL, CLASS, CONFIDENCE, *self._shares)]

    # ----- objects and models

    def _objects(self, cells: Sequence[Any]) -> tuple[tuple[Index, ...], NDArray[np.int64]]:
        """The indices of the objects in order of first appearance, and the object of each row."""
        places: dict[object, int] = {}
        index: list[Index] = []
        first: dict[Index, int] = {}
        rows = np.empty(len(cells), dtype=np.int64)
        for row, cell in enumerate(cells):
            place = places.get(cell)
            if place is None:
                entry = index_of(self._info, cell)
                if entry is None:
                    self._refuse_object(row, cell)
                    entry = (str(cell),)
                place = places[cell] = first.setdefault(entry, len(index))
                if place == len(index):
                    index.append(entry)
            rows[row] = place
        return tuple(index), rows

    def _refuse_object(self, row: int, cell: object) -> None:
        wanted = ", ".join(domain.name for domain in self._info.index)
        shown = "nothing" if cell in (None, "") else f"'{cell}'"
        message = f"{shown} stands where an object of '{self._info.name}' belongs"
        hint = f"an object is named by its index: {wanted or 'the percept has none'}"
        self._findings.add("E494", message, hint=hint, place=self._table.place(row, OBJECT))

    def _check_twice(self, objects: NDArray[np.int64], models: NDArray[np.int64], index: Sequence[Index]) -> None:
        keys = objects * len(self._info.sources) + models
        order = np.argsort(keys, kind="stable")
        again = order[1:][np.diff(keys[order]) == 0]
        for row in np.sort(again).tolist():
            earlier = int(np.flatnonzero(keys == keys[row])[0])
            name, model = index_text(index[objects[row]]), self._info.sources[models[row]]
            message = f"{model} has said already what it sees in {name}, in row {self._table.rows[earlier]}"
            hint = "keep one row for each object and model"
            self._findings.add("E486", message, hint=hint, place=self._table.place(row, OBJECT))
            if len(again) > 1000:
                break

    # ----- what the models say

    def _classes(self) -> Domain:
        """The type of the classes; an open one has the classes of the table as well, in order of first appearance."""
        domain = value_domain(self._info)
        if not domain.is_open:
            return domain
        cells = [*self._shares.values(), *(cell for cell in self._table.columns.get(CLASS, ()) if not is_empty(cell))]
        known: dict[tuple[type, Value], Value] = {(type(value), value): value for value in domain.values}
        for cell in dict.fromkeys(cells):
            value = value_of(cell)
            known.setdefault((type(value), value), value)
        return Domain(domain.name, tuple(known.values()), is_open=True)

    def _says(self, classes: Domain) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64] | None]:
        """For each row: place of the class or −1, confidence, and the distribution where there is one."""
        shares = self._distributions(classes) if self._shares else None
        if CLASS in self._table.columns:
            labels = self._labels(classes)
        else:
            assert shares is not None
            labels = np.where(np.isnan(shares[:, 0]), ABSTAINED, np.nan_to_num(shares).argmax(axis=1))
        answered = labels != ABSTAINED
        if CONFIDENCE in self._table.columns:
            confidence = self._confidences(answered)
        else:
            assert shares is not None
            confidence = np.where(answered, np.nan_to_num(shares)[np.arange(len(labels)), labels], 0.0)
        if shares is not None:
            self._check_sums(shares, answered)
            shares = np.where(answered[:, None], shares, 0.0)
        return labels, confidence, shares

    def _labels(self, classes: Domain) -> NDArray[np.int64]:
        values = ValueTable(classes)
        places: dict[object, int] = {}
        found = np.empty(len(self._table), dtype=np.int64)
        for row, cell in enumerate(self._table.columns[CLASS]):
            place = places.get(cell)
            if place is None:
                place = ABSTAINED if is_empty(cell) else -2
                if place == -2 and (known := values.place(cell)) is not None:
                    place = known
                places[cell] = place
            if place == -2:
                hint = did_you_mean(str(cell), values.names) or f"its values are {listed(values.names)}"
                message = f"'{cell}' is not a value of the type {classes.name}"
                self._findings.add("E487", message, hint=hint, place=self._table.place(row, CLASS))
            found[row] = place
        return found

    def _confidences(self, answered: NDArray[np.bool_]) -> NDArray[np.float64]:
        numbers = self._numbers(CONFIDENCE)
        with np.errstate(invalid="ignore"):
            wrong = answered & ~((numbers >= 0) & (numbers <= 1))
        for row in np.flatnonzero(wrong)[:1000].tolist():
            self._refuse_number(row, CONFIDENCE, "confidence")
        return np.where(answered, numbers, 0.0)

    def _refuse_number(self, row: int, column: str, what: str) -> None:
        """E498 for a cell that is empty, E499 for NaN, E485 for what is no probability."""
        cell = self._table.columns[column][row]
        if cell is None or cell == "":
            code, message = "E498", f"the {what} is missing"
            hint = "give a number between 0 and 1 with every class"
        elif is_nan(cell):
            code, message, hint = "E499", f"the {what} is {cell}, which is no number", NAN_HINT
        else:
            code, message, hint = "E485", f"the {what} is {cell}", "a confidence is a probability, between 0 and 1"
        self._findings.add(code, message, hint=hint, place=self._table.place(row, column))

    def _numbers(self, name: str) -> NDArray[np.float64]:
        """A column as numbers, nan where a cell is none."""
        return np.array(each(self._table.columns[name], number_of), dtype=np.float64)

    def _distributions(self, classes: Domain) -> NDArray[np.float64]:
        values = ValueTable(classes)
        found = np.zeros((len(self._table), len(classes)))
        given: list[int] = []
        for name, text in self._shares.items():
            place = values.place(text)
            if place is None:
                hint = did_you_mean(text, values.names) or f"its values are {listed(values.names)}"
                message = f"the column '{name}' speaks of no value of the type {classes.name}"
                self._findings.add("E487", message, hint=hint, place=self._table.file)
                continue
            found[:, place] = self._numbers(name)
            given.append(place)
        found[np.isnan(found[:, given]).all(axis=1)] = np.nan
        return found

    def _check_sums(self, shares: NDArray[np.float64], answered: NDArray[np.bool_]) -> None:
        with np.errstate(invalid="ignore"):
            good = (shares >= 0).all(axis=1) & (np.abs(shares.sum(axis=1) - 1) <= TOLERANCE)
        for row in np.flatnonzero(answered & ~good)[:1000].tolist():
            holes = [name for name in self._shares if np.isnan(number_of(self._table.columns[name][row]))]
            if holes:
                self._refuse_number(row, holes[0], "probability")
                continue
            message = f"the probabilities sum to {shares[row].sum():.4g}"
            hint = "the columns p(…) of a row are numbers from 0 to 1 with the sum 1"
            self._findings.add("E485", message, hint=hint, place=self._table.place(row, next(iter(self._shares))))

    # ----- arrays

    def _arrays(
        self,
        index: tuple[Index, ...],
        objects: NDArray[np.int64],
        models: NDArray[np.int64],
        classes: Domain,
        labels: NDArray[np.int64],
        confidence: NDArray[np.float64],
        shares: NDArray[np.float64] | None,
    ) -> tuple[Predictions, NDArray[np.bool_]]:
        size, width = len(index), len(self._info.sources)
        all_labels = np.full((size, width), ABSTAINED, dtype=np.int64)
        all_confidence = np.zeros((size, width))
        spoken = np.zeros((size, width), dtype=np.bool_)
        all_labels[objects, models] = labels
        all_confidence[objects, models] = confidence
        spoken[objects, models] = True
        whole = None
        if shares is not None:
            whole = np.zeros((size, width, len(classes)))
            whole[objects, models] = shares
        names = object_names(index, None)
        return Predictions(names, self._info.sources, classes.values, all_labels, all_confidence, whole), spoken


def index_of(info: AttributeInfo, cell: object) -> Index | None:
    """The index that a cell names, within the types of the percept; None if it names none."""
    if is_empty(cell):
        return None
    values: tuple[Value, ...] | None
    if isinstance(cell, str):
        values = read_values(cell) if len(info.index) > 1 or cell.startswith(("(", '"')) else None
        if values is not None and len(values) == 1 and isinstance(values[0], tuple) and len(info.index) > 1:
            values = values[0]
        if values is None:
            values = (value_of(cell),)
    elif isinstance(cell, tuple):
        values = cell
    else:
        values = (value_of(cell),)
    if len(values) != len(info.index):
        return None
    return _within(info, values)


def _within(info: AttributeInfo, values: tuple[Value, ...]) -> Index | None:
    found: list[Value] = []
    for domain, value in zip(info.index, values, strict=True):
        if domain.is_open:
            found.append(value)
            continue
        if domain.position(value) is None:
            other = str(value) if isinstance(value, int) else value
            if domain.position(other) is None:
                return None
            value = other
        found.append(value)
    return tuple(found)
