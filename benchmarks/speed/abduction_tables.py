"""What `abduction.py` has measured, as the Markdown tables of README.md."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from abduction_plain import PlainRow
from abduction_runs import ObjectRow, SceneRow, StartRow

NEAR = 0.98
"""What counts as close to the optimum."""


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:,.0f}" if seconds >= 0.01 else f"{seconds * 1e3:.1f}"


def show(data: dict[str, Any]) -> None:
    """Print a table for each part."""
    if "start" in data:
        _start(data["start"])
    if "objects" in data:
        _objects(data["objects"], "Up to 30 pairs")
        _heuristics(data["objects"])
    if "wide" in data:
        _objects(data["wide"], "More than 30 pairs")
        _heuristics(data["wide"])
    if "plain" in data:
        _plain(data["plain"])
    if "scenes" in data:
        _scenes(data["scenes"])


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1) -> None:
    """A table whose first ``texts`` columns are texts, the others numbers."""
    rule = ["---"] * texts + ["---:"] * (len(heads) - texts)
    print(f"\n{title}\n")
    for cells in (heads, rule, *rows):
        print(f"| {' | '.join(cells)} |")


def _start(rows: Sequence[StartRow]) -> None:
    lines = [[row.code, milliseconds(row.importing), milliseconds(row.first), milliseconds(row.second)] for row in rows]
    heads = ["compiled code", "importing", "first answer", "second answer"]
    _table("A new process, 1,000 × 6 × 4, δ = 0.02, CPU ms:", heads, lines)


def _objects(rows: Sequence[ObjectRow], title: str) -> None:
    groups: dict[Any, list[ObjectRow]] = {}
    for row in rows:
        groups.setdefault((row.objects, row.models, row.classes, row.epsilons, row.bound), []).append(row)
    lines = []
    for (objects, models, classes, epsilons, bound), found in groups.items():
        spread = [row.seconds for row in found]
        worst = f" ({milliseconds(max(spread))})" if len(found) > 1 else ""
        lines.append(
            [
                f"{objects:,} × {models} × {classes}" + (f", {epsilons} ε" if epsilons > 1 else ""),
                f"{bound:g}",
                f"{found[0].signatures:,}",
                milliseconds(median(row.compress for row in found)),
                milliseconds(median(row.within for row in found)),
                milliseconds(median(row.found for row in found)),
                milliseconds(median(spread)) + worst,
                f"{sum(row.proved for row in found)}/{len(found)}",
                f"{max(row.gap for row in found):.1%}",
                f"{1 - min(row.paper for row in found):.1%}",
                f"{1 - min(row.annealed for row in found):.1%}",
                f"{max(row.memory for row in found):.0f}",
            ]
        )
    heads = ["objects × models × classes", "δ", "signatures", "merging", "to 1 %", "found", "all", "proved", "gap"]
    _table(f"{title}, CPU ms:", [*heads, "paper's search", "annealed", "MB"], lines)


def _heuristics(rows: Sequence[ObjectRow]) -> None:
    proved = [row for row in rows if row.proved]
    counts = [
        f"{name} on {sum(getattr(row, field) >= NEAR for row in proved)}"
        for name, field in (("the annealed search", "annealed"), ("the paper's", "paper"))
    ]
    print(f"\nWithin 2 % of the optimum: {' and '.join(counts)} of {len(proved)} proved problems of {len(rows)}.")


def _plain(rows: Sequence[PlainRow]) -> None:
    lines = []
    for row in rows:
        slower = row.seconds / row.nesy
        lines.append(
            [
                f"{row.objects:,} × {row.models} × {row.classes}",
                row.solver,
                "signatures" if row.merged else "objects",
                f"{row.bound:g}",
                milliseconds(row.seconds),
                "yes" if row.status == "optimal" else "no",
                "–" if row.covered is None else f"{row.covered:,}",
                f"{row.most:,}" if row.nesy_status == "optimal" else f"≤ {row.most:,}",
                milliseconds(row.nesy),
                f"{'' if row.status == 'optimal' else '> '}{slower:,.{0 if slower >= 10 else 1}f}×",
            ]
        )
    heads = ["problem", "solver", "a row for each", "δ", "ms", "proved", "covered", "optimum", "nesy ms", "ratio"]
    _table("The integer program, CPU ms:", heads, lines, texts=3)


def _scenes(rows: Sequence[SceneRow]) -> None:
    lines = [
        [
            f"{row.scenes:,} × {row.size}",
            str(row.denials),
            f"{row.bound:g}",
            milliseconds(row.seconds),
            "" if row.base is None else milliseconds(row.base),
            "" if row.base is None else f"{row.base / row.seconds:.1f}×",
            f"{row.programs:,}",
            f"{1 - row.covered / max(1, row.most):.1%}",
            f"{row.covered / (row.scenes * row.size):.1%}",
            f"{row.memory:.0f}",
        ]
        for row in rows
    ]
    heads = ["scenes × objects", "denials", "δ", "ms", "SciPy loop", "ratio", "programs", "gap", "covered", "MB"]
    _table("Scenes of different objects, CPU ms:", heads, lines)
