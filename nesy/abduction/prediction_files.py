"""Predictions from wherever they come: tables, archives of arrays, evidence files, perceivers, Python objects."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, cast

from nesy.abduction.observations import Observations
from nesy.abduction.prediction_arrays import is_archive, read_archive, read_given
from nesy.abduction.prediction_tables import MODEL, OBJECT, Missing, Table, read_predictions_table
from nesy.abduction.prediction_values import read_arrays, read_values, refuse_empty
from nesy.abduction.predictions import Predictions
from nesy.dsl.checked import AttributeInfo, CheckedProgram
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.evidence_files import read_bytes, read_evidence

Given: TypeAlias = "str | Path | Predictions | Observations | Mapping[str, object] | Sequence[Mapping[str, object]]"
"""A path; predictions as an object; evidence (arrays, or written value by value); the columns of a table, as a mapping
or a data frame."""

TABLES = (".csv", ".tsv", ".parquet", ".pq")


def read_observations(
    checked: CheckedProgram, info: AttributeInfo, given: Given, missing: Missing = "error"
) -> Observations:
    """The observations in ``given``. Raises :class:`NesyError` for all that is wrong with it, with its place."""
    if isinstance(given, Observations):
        return given
    if isinstance(given, Predictions):
        return read_given(info, given)
    if isinstance(given, str | Path):
        found = _read_file(checked, info, str(given), missing)
        refuse_empty(found.predictions, "<stdin>" if str(given) == "-" else str(given))
        return found
    columns = _columns_of(given)
    if columns is not None:
        size = len(next(iter(columns.values()), ()))
        return read_predictions_table(checked, info, Table(columns, range(1, size + 1), "<table>"), missing)
    if isinstance(given, Mapping):
        return _from_evidence(checked, info, given, missing)
    return read_values(checked, info, _instances(given), missing)


def _instances(given: object) -> list[Mapping[str, object]]:
    """A batch of instances; E495 for anything else."""
    entries: list[object] = list(given) if isinstance(given, list | tuple) else [given]
    found: list[Mapping[str, object]] = []
    for number, instance in enumerate(entries):
        if isinstance(instance, Mapping):
            found.append(instance)
        else:
            hint = 'predictions are a table, arrays, or {"label@m1": {"o1": "bus"}, …} (a list of such is a batch)'
            message = f"{type(instance).__name__} is no form of predictions"
            raise NesyError(Diagnostic("E495", message, hint=hint, place=f"instance {number}"))
    return found


def _read_file(checked: CheckedProgram, info: AttributeInfo, path: str, missing: Missing) -> Observations:
    if path.lower().endswith(TABLES):
        return read_predictions_table(checked, info, read_columns(path), missing)
    content = read_evidence(path)
    try:
        if isinstance(content, list):
            return read_values(checked, info, _instances(content), missing)
        return _from_evidence(checked, info, content, missing)
    except NesyError as error:
        name = "<stdin>" if path == "-" else path
        found = [
            entry
            if entry.place.startswith(name)
            else dataclasses.replace(entry, place=f"{name}, {entry.place}" if entry.place else name)
            for entry in error.diagnostics
        ]
        raise NesyError(found, error.sources) from None


def _from_evidence(
    checked: CheckedProgram, info: AttributeInfo, content: Mapping[str, object], missing: Missing
) -> Observations:
    if is_archive(content):
        return read_archive(info, content)
    own = [value for name, value in content.items() if name.startswith(f"{info.name}@")]
    if own and all(isinstance(value, list) or hasattr(value, "shape") for value in own):
        return read_arrays(checked, info, content)
    return read_values(checked, info, [content], missing)


def _columns_of(given: object) -> Mapping[str, Sequence[Any]] | None:
    """The columns of a table: a mapping that has the columns of predictions, or a data frame."""
    if isinstance(given, Mapping):
        return cast("Mapping[str, Sequence[Any]]", given) if OBJECT in given and MODEL in given else None
    to_dict = getattr(given, "to_dict", None)
    if to_dict is None or not hasattr(given, "columns"):
        return None
    return cast("Mapping[str, Sequence[Any]]", to_dict("list"))


# ----- tables


def read_columns(path: str) -> Table:
    """A table with a header, by its ending. Raises E415 unreadable, E416 no table, E424 Parquet without pyarrow."""
    if path.lower().endswith((".parquet", ".pq")):
        return _parquet(path)
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        message = f"the file is no text in UTF-8: byte {reason.start} cannot be read"
        raise NesyError(Diagnostic("E416", message, hint="save the table as UTF-8", place=path)) from None
    delimiter = "\t" if path.lower().endswith(".tsv") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    numbers: list[int] = []
    start = 1
    try:
        for cells in reader:
            if cells:
                rows.append(cells)
                numbers.append(start)
            start = reader.line_num + 1
    except csv.Error as reason:
        hint = "cells with commas, quotes or line breaks stand in double quotes"
        message = f"the table cannot be read: {reason}"
        raise NesyError(Diagnostic("E416", message, hint=hint, place=f"{path}:{start}")) from None
    if not rows:
        raise NesyError(Diagnostic("E495", "the table is empty", hint="begin with a row of column names", place=path))
    header = [name.strip() for name in rows[0]]
    _check_header(header, path, numbers[0])
    _check_widths(rows, numbers, len(header), path)
    columns = [*zip(*rows[1:], strict=True)] if len(rows) > 1 else [()] * len(header)
    if re.search(rf" {delimiter}|{delimiter} |^ | $", text, re.MULTILINE):
        columns = [tuple(cell.strip() for cell in column) for column in columns]
    return Table(dict(zip(header, columns, strict=True)), numbers[1:], path)


def _check_header(header: Sequence[str], path: str, line: int) -> None:
    seen: set[str] = set()
    for name in header:
        if name in seen or not name:
            message = (
                f"the column '{name}' stands twice in the header" if name else "a column of the header has no name"
            )
            raise NesyError(
                Diagnostic("E484", message, hint="give each column a name of its own", place=f"{path}:{line}")
            )
        seen.add(name)


def _check_widths(rows: Sequence[Sequence[str]], numbers: Sequence[int], width: int, path: str) -> None:
    wrong = [place for place, row in enumerate(rows) if len(row) != width]
    if wrong:
        row = wrong[0]
        message = f"the row has {len(rows[row])} cells, the header has {width}"
        more = f" (and {len(wrong) - 1} more like this)" if len(wrong) > 1 else ""
        hint = "write one cell for each column; an empty one is still a cell"
        raise NesyError(Diagnostic("E484", message + more, hint=hint, place=f"{path}:{numbers[row]}"))


def _parquet(path: str) -> Table:
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        message = "reading Parquet files needs the package pyarrow, which is not installed"
        hint = "pip install pyarrow, or save the table as CSV"
        raise NesyError(Diagnostic("E424", message, hint=hint, place=path))
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except (OSError, pa.ArrowException) as reason:
        message = f"the file cannot be read as Parquet: {str(reason).splitlines()[0] if str(reason) else 'damaged'}"
        raise NesyError(Diagnostic("E415", message, hint="check the path and the file", place=path)) from None
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    return Table(columns, range(1, table.num_rows + 1), path)
