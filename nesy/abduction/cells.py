"""Cells of tables, whether they are texts from a file or values from Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from nesy.dsl.values import Value
from nesy.value_text import read_values

Found = TypeVar("Found")


def each(cells: Sequence[Any], function: Callable[[Any], Found]) -> list[Found]:
    """``function`` of every cell, computed once for equal ones: columns repeat themselves."""
    try:
        # 1, 1.0 and True are equal, but not the same cell
        known = {(type(cell), cell): function(cell) for cell in dict.fromkeys(cells)}
        return [known[type(cell), cell] for cell in cells]
    except (TypeError, KeyError):
        return [function(cell) for cell in cells]


def is_empty(cell: object) -> bool:
    """Whether a cell says nothing: no text, None, or nan."""
    return cell is None or cell == "" or (isinstance(cell, float) and bool(np.isnan(cell)))


NAN_HINT = "NaN is what a division of zeros leaves: where a model sees nothing, leave its class empty"


def is_nan(cell: object) -> bool:
    """Whether a cell holds NaN, as a number or written out."""
    return bool(np.isnan(number_of(cell))) and str(cell).strip().lower().lstrip("+-") == "nan"


def number_of(cell: object) -> float:
    """A cell as a number, nan if it is none."""
    try:
        return float(cell)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError):
        return float("nan")


def value_of(cell: object) -> Value:
    """A cell as a value: whole numbers and truth values as such, everything else as a name."""
    if isinstance(cell, str):
        if cell.isidentifier() and cell.isascii() and cell not in ("true", "false"):
            return cell
        found = read_values(cell)
        if found is not None and len(found) == 1 and (not isinstance(found[0], str) or cell.startswith('"')):
            return found[0]
        return cell
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    if isinstance(cell, int | np.integer):
        return int(cell)
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return str(cell)


def listed(names: list[str]) -> str:
    """The first few of many names."""
    return ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
