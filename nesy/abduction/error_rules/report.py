"""The figures of error rules as a table."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING

from nesy.dsl.values import format_value

if TYPE_CHECKING:
    from rich.table import Table

    from nesy.abduction.error_rules.evaluation import Measured


def measured_table(figures: Sequence[Measured]) -> Table:
    """One row for each model and class: what the rules catch and lose, and what that does to precision and recall."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("model", "class"):
        table.add_column(name, overflow="fold")
    for name in ("said", "wrong", "caught", "lost", "precision", "recall"):
        table.add_column(name, justify="right", no_wrap=True)
    for entry in figures:
        counts = map(str, (entry.predictions, entry.wrong, entry.caught, entry.lost))
        table.add_row(
            entry.model,
            format_value(entry.label),
            *counts,
            _change(*entry.precision),
            _change(*entry.recall),
        )
    return table


def _change(before: float, after: float) -> str:
    return f"{_figure(before)} → {_figure(after)}"


def _figure(number: float) -> str:
    return "–" if isnan(number) else f"{number:.3f}"
