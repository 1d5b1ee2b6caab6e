"""What tables of answers say of posteriors: means and spreads of numbers, errors of estimates, method and evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from nesy.solvers.answer import Answer, Result

COLUMNS = ("mean", "sd", "90 % interval", "error")
"""The columns of numbers."""


def is_number(result: Result) -> bool:
    """Whether a result has a mean and no list of values."""
    return result.mean is not None and not len(result.domain)


def fill_numbers(answer: Answer, instance: int, table: Table) -> Table:
    """The numbers of an answer, one in a row; ``table`` is empty."""
    from rich.markup import escape

    numbers = [result for result in answer.results.values() if is_number(result)]
    missing = {
        "sd": all(result.sd is None for result in numbers),
        "90 % interval": all(result.quantiles is None for result in numbers),
        "error": all(result.error is None for result in answer.results.values()),
    }
    # a most probable state has values without spread
    columns = [name for name in COLUMNS if not missing.get(name)]
    table.add_column("query", overflow="fold")
    for column in ["value", *columns[1:]] if missing["sd"] else columns:
        table.add_column(column, justify="right", no_wrap=True)
    for result in answer.results.values():
        for label in result.labels if is_number(result) else ():
            table.add_row(escape(label), *_cells(result.at(label), instance, columns))
    return table


def _cells(result: Result, instance: int, columns: Sequence[str]) -> list[str]:
    data: Mapping[str, Any] = result.numbers(instance)
    quantiles = data.get("quantiles")
    shown = {
        "mean": number(data["mean"]) if "mean" in data else "",
        "sd": number(data["sd"]) if "sd" in data else "",
        "90 % interval": f"{number(quantiles['0.05'])} to {number(quantiles['0.95'])}" if quantiles else "",
        "error": error_cell(result, instance),
    }
    return [shown[column] for column in columns]


def error_cell(result: Result, instance: int) -> str:
    """The standard error of an estimate; empty where the result is exact."""
    data: Mapping[str, Any] = result.numbers(instance)
    return f"± {data['error']:.2g}" if "error" in data else ""


def number(value: float) -> str:
    """A number with four significant digits."""
    if not isfinite(value):
        return f"{value}"
    return f"{value:.4g}" if abs(value) >= 1e-3 or value == 0 else f"{value:.2e}"


def method_line(answer: Answer, instance: int) -> Iterator[str]:
    """``exact (elimination); log evidence -6.1734``; ``estimated (weighting, 22335 effective traces of 150000); …``."""
    if not answer.details:
        return
    data: Mapping[str, Any] = answer.details[instance]
    yield from data.get("remarks", ())
    if "method" not in data or data["method"] == "none":
        return
    diagnostics: Mapping[str, Any] = data.get("diagnostics", {})
    notes = [f"{words} {_plain(diagnostics[name])}" for name, words in NOTES.items() if name in diagnostics]
    kind = "estimated" if str(answer.status[instance]) == "estimated" else "exact"
    line = f"{kind} ({', '.join([data['method'], *notes])})" if str(answer.status[instance]) in DONE else data["method"]
    if data.get("log_evidence") is not None:
        line += f"; log evidence {round(data['log_evidence'], 4) + 0.0:.4f}"
        if data.get("log_evidence_error"):
            line += f" ± {data['log_evidence_error']:.2g}"
    if data.get("log_probability") is not None:
        line += f"; log probability {data['log_probability']:.4f}"
    if data.get("log_density") is not None:
        line += f"; log density {data['log_density']:.4f}"
    yield line


DONE = ("solved", "estimated")
NOTES = {
    "parts": "parts",
    "traces": "traces",
    "effective": "effective",
    "starts": "starts",
    "reached": "reached",
    "optima": "optima",
    "runs": "runs",
    "rungs": "rungs",
    "chains": "chains",
    "draws": "draws",
    "rhat": "R̂",
    "divergences": "divergences",
}
"""The diagnostics that the line under a table shows, with their words."""


def _plain(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
