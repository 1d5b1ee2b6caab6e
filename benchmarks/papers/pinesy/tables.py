"""The tables of the page, as Markdown, by the name that they have in ``page.md``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from benchmarks.papers.pinesy.problems import DIGITS, IMAGES, PROBLEMS, RUNS, SETTINGS, TRANSFORMS, WIDE
from benchmarks.papers.pinesy.published import COLUMNS, INFERENCE, PUBLISHED, TRAINING
from benchmarks.papers.pinesy.summaries import Results, Runs

PAPER, COMMITTEE, WIDE_COMMITTEE = "paper", "committee", "wide committee"
NONE = "–"
GOALS = {1: 99.2, 4: 97.5, 15: 91.0, 100: 50.0}
"""Accuracy in per cent that is aimed at on MNIST-Addition-k with the best network."""
AREA_GOAL = 0.99


def tables(results: Results) -> dict[str, str]:
    """All tables."""
    return {
        "made with": _made_with(results),
        "runs": _runs(results),
        "goals": _goals(results),
        "networks": _networks(results),
        "committee": _committee(results),
        "addition": _addition(results, PAPER),
        "addition committee": _addition(results, COMMITTEE),
        "addition wide committee": _addition(results, WIDE_COMMITTEE),
        "addition settings": _addition_settings(results),
        "sudoku 4": _sudoku(results, 4),
        "sudoku 9": _sudoku(results, 9),
        "differences": _differences(results),
        "learning": _learning(results),
        "times": _times(results),
        "published": _published(results),
        "published times": table(["system", "seconds a query"], [list(row) for row in INFERENCE]),
        "published training": table(["system", "k = 4", "k = 15", "k = 100"], [list(row) for row in TRAINING]),
    }


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """A Markdown table; the first ``left`` columns are text."""
    rule = "| " + " | ".join(["---"] * left + ["---:"] * (len(head) - left)) + " |"
    return "\n".join(["| " + " | ".join(row) + " |" if row is not None else rule for row in (head, None, *rows)])


def percent(runs: Runs, name: str, places: int = 1) -> str:
    """Mean ± deviation of a share, in per cent."""
    if not len(runs.values(name)):
        return NONE
    return f"{100 * runs.mean(name):.{places}f} ± {100 * runs.spread(name):.{places}f}"


def _area(runs: Runs, name: str) -> str:
    if not len(runs.values(name)):
        return NONE
    return f"{runs.mean(name):.4f} ± {runs.spread(name):.4f}"


def bound(runs: Runs, images: int) -> float:
    """p^images, averaged over the runs; p is each run's accuracy on the single images of its test samples."""
    return runs.derived(lambda unit: unit["image_accuracy"] ** images)


def _bounds(runs: Runs, digits: int) -> str:
    return f"*{100 * bound(runs, 2 * digits):.1f}*" if len(runs) else NONE


def _made_with(results: Results) -> str:
    path = results.folder / "networks.json"
    made = json.loads(path.read_text(encoding="utf-8"))["made_with"]
    return f"Python {made['python']}, torch {made['torch']}, {made['machine']}, one thread, float64"


def _runs(results: Results) -> str:
    counts = [
        len(found)
        for problem in PROBLEMS
        for setting in SETTINGS
        for transform in TRANSFORMS
        if len(found := results.runs(problem.name, setting.name, transform)) or setting.committee is None
    ]
    least, most = min(counts), max(counts)
    if least == most == RUNS:
        return f"All {RUNS} runs of every setting are in."
    return f"Between {least} and {most} of {RUNS} runs of each setting are in; the command does the rest."


def _goals(results: Results) -> str:
    """One transformation suffices where both give the same; the other is named where it does not."""
    settings = ((PAPER, "own network"), (COMMITTEE, "committee"), (WIDE_COMMITTEE, "wide committee"))
    rows = []
    for digits, goal in GOALS.items():
        cells = [_verdicts(results, f"addition-{digits}", setting, "accuracy", goal) for setting, _ in settings]
        rows.append([f"addition k = {digits}, accuracy", f"≥ {goal:g} %", *cells])
    for score, name in _SCORES.items():
        cells = [_verdicts(results, "sudoku-9", setting, score, AREA_GOAL) for setting, _ in settings]
        rows.append([f"Sudoku 9×9, AUC of {name}", f"≥ {AREA_GOAL}", *cells])
    return table(["figure", "aim", *(name for _, name in settings)], rows)


def _verdicts(results: Results, problem: str, setting: str, name: str, goal: float) -> str:
    found = (results.runs(problem, setting, transform) for transform in TRANSFORMS)
    return " / ".join(dict.fromkeys(_verdict(runs.mean(name), goal) for runs in found))


_SCORES = {"margin_area": "λ − ρ", "paper_area": "the paper's score"}


def _verdict(value: float, goal: float) -> str:
    if value != value:
        return NONE
    shown, reached = (f"{100 * value:.2f} %", 100 * value >= goal) if goal > 1 else (f"{value:.4f}", value >= goal)
    return f"{shown} ✓" if reached else f"{shown} missed"


def _networks(results: Results) -> str:
    rows = []
    for images in (*IMAGES, WIDE):
        runs = results.networks(images.name)
        if not len(runs):
            continue
        rows.append(
            [
                images.name,
                str(len(runs)),
                f"{runs.mean('train_images'):,.0f}",
                percent(runs, "validation_accuracy", 2),
                percent(runs, "test_accuracy", 2),
                f"{100 * runs.mean('test_calibration_error'):.2f}",
                f"{runs.mean('training_seconds'):.0f}",
            ]
        )
    head = ["images", "runs", "trained on", "validation %", "test %", "calibration error %", "training s"]
    return table(head, rows)


def _committee(results: Results) -> str:
    rows = []
    for name in (COMMITTEE, WIDE_COMMITTEE):
        found = results.committee(name)
        if found is not None:
            shares = [f"{100 * found[key]:.3f}" for key in ("single_accuracy", "held_out_accuracy")]
            losses = [f"{found[key]:.4f}" for key in ("single_log_loss", "held_out_log_loss")]
            rows.append([name, str(found["members"]), *shares, *losses, f"{100 * found['test_accuracy']:.2f}"])
    head = ["", "networks", "single, held out %", "committee, held out %", "single, log loss", "committee, log loss"]
    return table([*head, "committee, test %"], rows)


def _addition(results: Results, setting: str) -> str:
    rows = []
    for digits in DIGITS:
        first, second = (results.runs(f"addition-{digits}", setting, transform) for transform in TRANSFORMS)
        if not len(first):
            continue
        rows.append(
            [
                str(digits),
                f"{first.mean('samples'):,.0f}",
                percent(first, "accuracy"),
                percent(second, "accuracy"),
                percent(first, "ambiguous"),
                percent(first, "network_alone"),
                f"{100 * bound(first, 2 * digits):.1f}",
            ]
        )
    head = ["k", "test samples a run", "Π-NeSy-1", "Π-NeSy-2", "ambiguous", "network alone", "p²ᵏ"]
    return table(head, rows)


def _addition_settings(results: Results) -> str:
    """The settings that share their networks stand together, and below them what p²ᵏ is for these."""
    rows = []
    for (low, committee), group in groupby(SETTINGS, lambda setting: (setting.low, setting.committee)):
        bounds: list[str] = []
        name = ""
        for setting in group:
            name = name or setting.name
            for transform in TRANSFORMS:
                found = [results.runs(f"addition-{digits}", setting.name, transform) for digits in DIGITS]
                if any(len(runs) for runs in found):
                    rows.append([setting.name, transform, *(percent(runs, "accuracy") for runs in found)])
                    bounds = bounds or [_bounds(runs, digits) for runs, digits in zip(found, DIGITS, strict=True)]
        if bounds:
            of = "low-data networks" if low else "networks" if committee is None else name
            rows.append([f"*p²ᵏ of the {of}*", "", *bounds])
    return table(["setting", "transformation", *(f"k = {digits}" for digits in DIGITS)], rows, 2)


def _sudoku(results: Results, size: int) -> str:
    rows = []
    for setting in SETTINGS:
        for transform in TRANSFORMS:
            runs = results.runs(f"sudoku-{size}", setting.name, transform)
            if len(runs):
                rows.append(
                    [
                        setting.name,
                        transform,
                        percent(runs, "accuracy"),
                        percent(runs, "ambiguous"),
                        percent(runs, "network_alone"),
                        f"{50 * (1 + bound(runs, size * size)):.1f}",
                        percent(runs, "cut_accuracy"),
                        _area(runs, "paper_area"),
                        _area(runs, "margin_area"),
                    ]
                )
    power = "p¹⁶" if size == 4 else "p⁸¹"
    head = ["setting", "transformation", "accuracy", "ambiguous", "network alone", f"(1 + {power}) / 2"]
    return table([*head, "accuracy by cut", "AUC, paper's score", "AUC, λ − ρ"], rows, 2)


def _all_units(results: Results) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for problem in PROBLEMS:
        for setting in SETTINGS:
            for transform in TRANSFORMS:
                for unit in results.runs(problem.name, setting.name, transform).units:
                    yield problem.name, setting.name, transform, unit


def _differences(results: Results) -> str:
    """How many units of work the rules, learning or the transformation change the accuracy of."""
    units = list(_all_units(results))
    alone = sum(unit["accuracy"] != unit["network_alone"] for *_, unit in units)
    learned = [unit for *_, unit in units if "parameters" in unit]
    positive = sum(unit["parameters_above_0"] > 0 for unit in learned)
    ambiguous = sum(unit["ambiguous"] > 0 for *_, unit in units)
    rows = [
        ["units of work (problem, setting, transformation, run)", f"{len(units):,}"],
        ["… whose accuracy is not that of the network's single best reading", f"{alone:,}"],
        ["… with an ambiguous answer", f"{ambiguous:,}"],
        ["units that learned", f"{len(learned):,}"],
        ["… with a learned parameter above 0", f"{positive:,}"],
    ]
    return table(["", "number"], rows)


def _learning(results: Results) -> str:
    rows = []
    for problem in PROBLEMS:
        for setting in SETTINGS:
            for transform in TRANSFORMS:
                runs = results.runs(problem.name, setting.name, transform)
                if setting.policy is None or setting.low or setting.committee or not len(runs):
                    continue
                parameters = f"{runs.mean('parameters_above_0'):,.0f} of {runs.mean('parameters'):,.0f}"
                rows.append(
                    [
                        problem.name,
                        setting.name,
                        transform,
                        f"{runs.mean('train_samples'):,.0f}",
                        percent(runs, "kept"),
                        f"{max(runs.values('largest_distance')):.1g}",
                        parameters,
                        f"{max(runs.values('largest_parameter')):.1g}",
                    ]
                )
    head = ["problem", "setting", "transformation", "samples", "kept %", "largest ∇", "parameters above 0", "largest"]
    return table(head, rows, 3)


def _times(results: Results) -> str:
    rows = []
    for problem in PROBLEMS:
        network = results.networks(problem.images(low=False).name)
        paper, exact = (results.runs(problem.name, name, TRANSFORMS[0]) for name in (PAPER, "exact"))
        if not len(paper):
            continue
        inference = [
            f"{1e3 * results.runs(problem.name, PAPER, transform).mean('inference_seconds'):.3g}"
            for transform in TRANSFORMS
        ]
        rows.append(
            [
                problem.name,
                f"{network.mean('training_seconds'):.0f}",
                f"{paper.mean('learning_seconds'):.2g}",
                f"{exact.mean('learning_seconds'):.2g}",
                *inference,
            ]
        )
    head = ["problem", "network s", "rules, `reference` s", "rules, `exact` s"]
    return table([*head, "a test sample, Π-NeSy-1 ms", "Π-NeSy-2 ms"], rows)


_OWN_ROWS = (
    ("these rules, own network", PAPER),
    ("these rules, committee", COMMITTEE),
    ("these rules, wide committee", WIDE_COMMITTEE),
)


def _published(results: Results) -> str:
    rows = []
    for name, setting in _OWN_ROWS:
        cells = []
        for digits in COLUMNS:
            runs = results.runs(f"addition-{digits}", setting, TRANSFORMS[0])
            cells.append(f"**{percent(runs, 'accuracy')}**" if len(runs) else NONE)
        rows.append([name, *cells, "digits", "measured here"])
        bounds = [_bounds(results.runs(f"addition-{digits}", setting, TRANSFORMS[0]), digits) for digits in COLUMNS]
        if any(cell != NONE for cell in bounds):
            rows.append(["*p²ᵏ of the same readings*", *bounds, "digits", "measured here"])
    rows += [
        [entry.method, *(entry.accuracy.get(digits, NONE) for digits in COLUMNS), "sums", entry.source]
        for entry in PUBLISHED
    ]
    return table(["method", *(f"k = {digits}" for digits in COLUMNS), "labels of", "source"], rows)
