"""Tables of text: CSV, TSV and Parquet files as rows of cells that know their place.

A table has no header: a first row of names could be a fact. Rows that begin with ``#`` are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from nesy.dsl.diagnostics import Diagnostic, NesyError, reason_of
from nesy.evidence_files import read_bytes

ENDINGS = (".csv", ".tsv", ".parquet", ".pq")

Source: TypeAlias = "tuple[str, str]"
"""A file's name and text."""

Row: TypeAlias = "tuple[int, list[tuple[int, str]]]"
"""The line of a row, and for each cell its column in that line and its text."""


def read_table(path: Path) -> tuple[list[Row], list[Source]]:
    """The rows of a table by its ending, and its text where it has one.

    Raises :class:`NesyError`: E415 unreadable, E416 not a table, E424 Parquet without pyarrow.
    """
    kind = path.suffix.lower()
    return _parquet_rows(path) if kind in (".parquet", ".pq") else _csv_rows(path, kind)


def _csv_rows(path: Path, kind: str) -> tuple[list[Row], list[Source]]:
    try:
        text = read_bytes(str(path)).decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        hint = "save the table as UTF-8"
        message = f"the file is no text in UTF-8: byte {reason.start} cannot be read"
        raise NesyError(Diagnostic("E416", message, hint=hint, place=str(path))) from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if kind == ".tsv" else ",", strict=True)
    lines = text.splitlines()
    rows: list[Row] = []
    start = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped) and not stripped[0].startswith("#"):
                line = lines[start - 1] if start <= len(lines) else ""
                rows.append((start, list(zip(_starts(line, cells), stripped, strict=True))))
            start = reader.line_num + 1
    except csv.Error as reason:
        hint = "cells with commas, quotes or line breaks stand in double quotes"
        raise NesyError(
            Diagnostic("E416", f"the table cannot be read: {reason}", hint=hint, place=f"{path}:{start}")
        ) from None
    return rows, [(str(path), text)]


def _starts(line: str, cells: Sequence[str]) -> list[int]:
    """The column of each cell in its line, counted from 1."""
    starts, place = [], 0
    for cell in cells:
        found = line.find(cell.strip(), place)
        place = found if found >= 0 else place
        starts.append(place + 1)
        place += len(cell.strip())
    return starts


def _parquet_rows(path: Path) -> tuple[list[Row], list[Source]]:
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        message = "reading Parquet files needs the package pyarrow, which is not installed"
        hint = "pip install pyarrow, or save the table as CSV"
        raise NesyError(Diagnostic("E424", message, hint=hint, place=str(path)))
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(str(path))
    except (OSError, pa.ArrowException) as reason:
        message = f"the file cannot be read as Parquet: {reason_of(reason)}"
        raise NesyError(Diagnostic("E415", message, hint="check the path and the file", place=str(path))) from None
    columns = [[_parquet_cell(cell) for cell in column.to_pylist()] for column in table.columns]
    return [(number, [(1, cell) for cell in row]) for number, row in enumerate(zip(*columns, strict=True), 1)], []


def _parquet_cell(cell: object) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return "" if cell is None else str(cell)
