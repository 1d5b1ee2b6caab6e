"""The page ``docs/experiments.md`` and its figures, made from the results."""

from __future__ import annotations

import re
from math import log10
from pathlib import Path

from benchmarks.papers.pinesy.problems import DIGITS, TRANSFORMS
from benchmarks.papers.pinesy.published import PUBLISHED
from benchmarks.papers.pinesy.summaries import Results
from benchmarks.papers.pinesy.tables import COMMITTEE, PAPER, WIDE_COMMITTEE, bound, tables
from benchmarks.papers.uncertain_rules.figures import Line, Panel, figure

TEXT = Path(__file__).with_name("page.md")
DRAWN = ("A-NeSI", "DeepSoftLog", "DeepProofLog")
"""Competitors with figures for several k of those that are drawn."""


def page(results: Results) -> str:
    """The page as Markdown: the text with its tables filled in."""
    text = TEXT.read_text(encoding="utf-8")
    found = tables(results)
    return re.sub(r"<!-- table: ([a-z0-9 ]+) -->", lambda match: found[match[1]], text)


def figures(results: Results) -> dict[str, str]:
    """SVG texts by file name."""
    return {"addition.svg": _addition(results), "sudoku.svg": _sudoku(results)}


_TICKS = [(log10(digits), str(digits)) for digits in DIGITS]
_ACROSS = (-0.1, 2.1)


def _addition(results: Results) -> str:
    accuracy: list[Line] = []
    seconds: list[Line] = []
    for name, setting in (("wide committee", WIDE_COMMITTEE), ("own network", PAPER), ("2,500 images", "low data")):
        found = [(digits, results.runs(f"addition-{digits}", setting, TRANSFORMS[0])) for digits in DIGITS]
        points = [(log10(k), runs.mean("accuracy"), runs.spread("accuracy")) for k, runs in found if len(runs)]
        accuracy.append(Line(name, points))
    own = [(digits, results.runs(f"addition-{digits}", PAPER, TRANSFORMS[0])) for digits in DIGITS]
    own = [(digits, runs) for digits, runs in own if len(runs)]
    for published in PUBLISHED:
        if published.method in DRAWN:
            known = [(log10(k), mean / 100, 0.0) for k in (*DIGITS[:2], 3, *DIGITS[2:]) if (mean := published.mean(k))]
            accuracy.append(Line(f"{published.method} (sums only)", known))
    seconds = [
        Line(name, [(log10(k), log10(runs.mean(figure)), 0.0) for k, runs in own])
        for name, figure in (("learning the rules", "learning_seconds"), ("one test sample", "inference_seconds"))
    ]
    reference = [(log10(k), bound(runs, 2 * k)) for k, runs in own]
    panels = [
        Panel("accuracy (dashed: p²ᵏ)", "k", "share of right sums", accuracy, _ACROSS, (0, 1), reference, _TICKS),
        Panel("time, one core, without network", "k", "log₁₀ seconds", seconds, _ACROSS, (-6, 2), (), _TICKS),
    ]
    return figure(panels, 2)


def _sudoku(results: Results) -> str:
    places = {"low data": 0.0, PAPER: 1.0, COMMITTEE: 2.0}
    ticks = [(place, name) for name, place in places.items()]
    panels = []
    for size in (4, 9):
        lines = []
        for name, score in (
            ("AUC, paper's score", "paper_area"),
            ("AUC, λ − ρ", "margin_area"),
            ("accuracy", "accuracy"),
            ("accuracy by cut", "cut_accuracy"),
        ):
            points = []
            for setting, place in places.items():
                runs = results.runs(f"sudoku-{size}", setting, TRANSFORMS[0])
                if len(runs):
                    points.append((place, runs.mean(score), runs.spread(score)))
            lines.append(Line(name, points))
        panels.append(Panel(f"Sudoku {size}×{size}", "setting", "", lines, (-0.4, 2.4), (0.5, 1), (), ticks))
    return figure(panels, 2)
