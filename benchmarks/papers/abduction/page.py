"""The page ``docs/abduction_experiments.md`` and its figures, made from the results."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.papers.abduction.settings import DATA, REGIMES
from benchmarks.papers.abduction.summaries import Results
from benchmarks.papers.abduction.tables import ACCEPT_ALL, HEURISTIC, IP, tables
from benchmarks.papers.uncertain_rules.figures import Line, Panel, figure

TEXT = Path(__file__).with_name("page.md")

DRAWN = ("scenes", "scenes, completed", IP, HEURISTIC, ACCEPT_ALL, "strict majority", "model mean")


def page(results: Results) -> str:
    """The page as Markdown: the text with its tables filled in."""
    text = TEXT.read_text(encoding="utf-8")
    found = tables(results)
    return re.sub(r"<!-- table: ([A-Za-z0-9 -]+) -->", lambda match: found[match[1]], text)


def figures(results: Results) -> dict[str, str]:
    """SVG texts by file name."""
    return {"regimes.svg": _regimes(results), "sets.svg": _sets(results)}


def _regimes(results: Results) -> str:
    """Mean gain over the best single model by regime."""
    places = {regime.name: float(place) for place, regime in enumerate(REGIMES)}
    ticks = [(place, name) for name, place in places.items()]
    panels = []
    for data in DATA:
        lines = []
        for method in DRAWN:
            points = []
            for regime, place in places.items():
                runs = results.runs(data.name, regime)
                if len(runs):
                    mean, deviation = runs.gain(method)
                    points.append((place, 100 * mean, 100 * deviation))
            lines.append(Line(method, points))
        last = len(REGIMES) - 0.7
        zero = [(-0.3, 0.0), (last, 0.0)]
        panels.append(Panel(data.name, "regime", "F1 against best, %", lines, (-0.3, last), _range(lines), zero, ticks))
    return figure(panels, 2)


def _sets(results: Results) -> str:
    """Gain on each test set, mean over the seeds, in regimes A and C."""
    panels = []
    for data in DATA:
        for regime in ("A", "C"):
            runs = results.runs(data.name, regime)
            if not len(runs):
                continue
            lines = []
            for method in ("scenes", IP, ACCEPT_ALL):
                means = 100 * runs.gains(method).mean(0)
                lines.append(Line(method, [(float(place), float(mean), 0.0) for place, mean in enumerate(means, 1)]))
            ticks = [(float(place), name.split()[-1]) for place, name in enumerate(runs.sets, 1)]
            panel = Panel(
                f"{data.name}, regime {regime}",
                "MDS-A 1–3, UM 1–4, BM 1–4, MM 1–4",
                "F1 against best, %",
                lines,
                (0.5, len(ticks) + 0.5),
                _range(lines),
                [(0.5, 0.0), (len(ticks) + 0.5, 0.0)],
                ticks,
            )
            panels.append(panel)
    return figure(panels, 2)


def _range(lines: list[Line]) -> tuple[float, float]:
    """Whole tens around all points with their error bars."""
    low = min(y - error for line in lines for _, y, error in line.points)
    high = max(y + error for line in lines for _, y, error in line.points)
    return 10 * (low // 10), 10 * (high // 10 + 1)
