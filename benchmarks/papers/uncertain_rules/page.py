"""The page ``docs/uncertain_rules.md`` and its figures, made from the results."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from figures import Line, Panel, figure
from names import (
    ATTAINABLE,
    BY_RULES,
    CLOSEST,
    FLIP_RATES,
    KEEP_ALL,
    LOGISTIC,
    NOTHING,
    POOLED,
    SPECIFIC,
    THREE_MISTAKES,
    THRESHOLD,
    TRIAGE_SIZES,
    TRIMMED,
)
from summaries import Summary, load

TEXT = Path(__file__).with_name("page.md")
FEW = (NOTHING, POOLED, LOGISTIC)


def page() -> str:
    """The page as Markdown: the text with its tables filled in."""
    text = TEXT.read_text(encoding="utf-8")
    for name, table in _tables().items():
        text = text.replace(f"<!-- {name} -->", table)
    return text


def figures() -> dict[str, str]:
    """SVG texts by file name."""
    return {
        "degrees.svg": _degrees(),
        "flipped.svg": _flipped_scores(),
        "filed.svg": _filed(),
        "triage.svg": _triage(),
        "calibration.svg": _calibration(),
    }


# ----- tables


def _tables() -> dict[str, str]:
    flipped, made = load("flipped")
    filed, _ = load("filed")
    triage, extra = load("triage")
    tumours, _ = load("tumours")
    seeds = len(next(iter(flipped.values())).units)
    versions = ", ".join(f"{name} {version}" for name, version in made["made_with"].items())
    return {
        "made with": f"{seeds} draws of everything; {versions}",
        "flipped degrees": _flipped_degrees(flipped),
        "flipped scores": _scores({"mnist | 20%": flipped["mnist | 20%"]}),
        "flipped digits": _scores({"digits | 20%": flipped["digits | 20%"]}, (NOTHING, ATTAINABLE, POOLED, LOGISTIC)),
        "flipped asymmetric": _scores(
            {n: s for n, s in flipped.items() if "odd" in n}, [NOTHING, ATTAINABLE, POOLED, LOGISTIC]
        ),
        "filed degrees": _filed_degrees(filed[f"mnist | {THREE_MISTAKES}"]),
        "filed scores": _scores({n: s for n, s in filed.items() if "mnist" in n}),
        "filed digits": _scores({n: s for n, s in filed.items() if "digits" in n}, FEW),
        "triage degrees": _triage_degrees(triage, extra["as_read"]),
        "triage scores": _scores({name: triage[name] for name in ("200 patients", "2,000 patients")}),
        "tumours degrees": _tumour_degrees(tumours["halves"]),
        "tumours scores": _scores(tumours),
    }


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _pm(pair: tuple[float, float], digits: int = 3) -> str:
    return f"{pair[0]:.{digits}f} ± {pair[1]:.{digits}f}"


def _many(values: np.ndarray, digits: int = 2) -> str:
    """Mean ± standard deviation of values."""
    return _pm((float(values.mean()), float(values.std())), digits)


def _scores(settings: dict[str, Summary], methods: Sequence[str] = ()) -> str:
    """Scores of the last concept; undecided cases are a column where there are any."""
    undecided = any(s.score(m, "undecided")[0] > 0.005 for s in settings.values() for m in methods or s.methods)
    rows = []
    for name, summary in settings.items():
        for method in methods or summary.methods:
            cells = [_spaced(name.replace(" | ", ", ")), method, _percent(summary.score(method, "accuracy"))]
            cells += [_pm(summary.score(method, score)) for score in ("brier", "log", "outcomes", "right")]
            rows.append([*cells, _percent(summary.score(method, "undecided"))] if undecided else cells)
    head = ["setting", "method", "accuracy %", "Brier", "log", "AUC outcomes", "AUC right"]
    text = _table([*head, "undecided %"] if undecided else head, rows)
    return text.replace("| --- | ---: |", "| --- | --- |", 1)


def _percent(pair: tuple[float, float]) -> str:
    return _pm((100 * pair[0], 100 * pair[1]), 1)


def _spaced(text: str) -> str:
    """``20 %`` for ``20%``."""
    return re.sub(r"(?<=\d)%", " %", text)


def _flipped_degrees(flipped: dict[str, Summary]) -> str:
    rows = []
    for data in ("digits", "mnist"):
        for rate in FLIP_RATES:
            summary = flipped[f"{data} | {rate:.0%}"]
            row = [_spaced(f"{data}, {rate:.0%}"), f"{2 * rate:.1f}"]
            methods = (KEEP_ALL, THRESHOLD, TRIMMED, ATTAINABLE, POOLED)
            row += [_many(summary.parameters(method)[:, 0, 1]) for method in methods]
            row += [f"{rate:.2f}", _many(summary.parameters(SPECIFIC)[:, 0, 1])]
            rows.append(row)
    head = ["labels turned", "2f", "all samples", "threshold", "trimmed", "attainable", "**pooled**", "f"]
    return _table([*head, "**pooled**, specificity"], rows)


def _filed_degrees(summary: Summary) -> str:
    rates = summary.rates()
    rows = []
    for digit in range(10):
        if rates[digit].max() == 0 and digit not in (0, 2):
            continue
        for half, name in enumerate("sr"):
            row = [f"{name} of {digit}", f"{2 * rates[digit, half]:.1f}"]
            methods = (KEEP_ALL, TRIMMED, CLOSEST, POOLED, BY_RULES)
            row += [_many(summary.parameters(method)[:, digit, half]) for method in methods]
            rows.append(row)
    return _table(
        ["parameter", "2f", "all samples", "trimmed", "pooled, closest", "**pooled**", "pooled by rules"], rows
    )


def _triage_degrees(triage: dict[str, Summary], as_read: list[list[float]]) -> str:
    summaries = {size: triage[f"{size:,} patients"] for size in TRIAGE_SIZES}
    made = summaries[TRIAGE_SIZES[0]].rates()
    rows = []
    for place, rule in enumerate(("infection", "shock", "respiratory failure", "immediate")):
        for half, name in enumerate("sr"):
            row = [f"{name} of {rule}", f"{made[place, half]:.2f}", f"{as_read[place][half]:.3f}"]
            row += [_many(summary.parameters(POOLED)[:, place, half] / 2, 3) for summary in summaries.values()]
            row.append(_many(summaries[TRIAGE_SIZES[-1]].parameters(KEEP_ALL)[:, place, half] / 2, 3))
            rows.append(row)
    sizes = [f"n = {size:,}" for size in TRIAGE_SIZES]
    return _table(["parameter", "made with", "as read", *sizes, "all samples, n = 10,000"], rows)


def _tumour_degrees(summary: Summary) -> str:
    rates = summary.rates()
    rows = []
    for place, rule in enumerate(("large", "dented", "rough", "uneven", "asymmetric")):
        for half, name in enumerate("sr"):
            row = [f"{name} of {rule}", f"{rates[place, half]:.3f}"]
            row += [
                _many(summary.parameters(method)[:, place, half] / 2, 3) for method in (BY_RULES, KEEP_ALL, TRIMMED)
            ]
            rows.append(row)
    head = ["parameter", "rate on the test half", "**pooled** / 2", "all samples / 2", "trimmed / 2"]
    return _table(head, rows)


# ----- figures


def _degrees() -> str:
    flipped, _ = load("flipped")
    panels = []
    for data, title in (("digits", "scikit-learn's digits"), ("mnist", "MNIST")):
        lines = []
        for method in (KEEP_ALL, ATTAINABLE, POOLED, SPECIFIC):
            points = []
            for rate in FLIP_RATES:
                found = flipped[f"{data} | {rate:.0%}"].parameters(method)[:, 0, 1]
                points.append((rate, float(found.mean()), float(found.std())))
            lines.append(Line(method, points))
        panels.append(
            Panel(title, "rate f at which the rule fails", "learned r", lines, (0, 0.3), (0, 1), ((0, 0), (0.3, 0.6)))
        )
    return figure(panels, 2)


def _flipped_scores() -> str:
    flipped, _ = load("flipped")
    panels = []
    for data, title in (("digits", "scikit-learn's digits"), ("mnist", "MNIST")):
        lines = []
        for method in (NOTHING, ATTAINABLE, POOLED, LOGISTIC):
            points = [(rate, *flipped[f"{data} | {rate:.0%}"].score(method, "log")) for rate in FLIP_RATES]
            lines.append(Line(method, points))
        panels.append(
            Panel(title, "rate f at which the rule fails", "logarithmic score (nats)", lines, (0, 0.3), (0, 2.2))
        )
    return figure(panels, 2)


def _filed() -> str:
    filed, _ = load("filed")
    summary = filed[f"mnist | {THREE_MISTAKES}"]
    rates = summary.rates()
    panels = []
    for half, name in enumerate(("s: filed under K, though not K", "r: not filed under K, though K")):
        lines = [Line("true (2f)", [(digit, float(2 * rates[digit, half]), 0.0) for digit in range(10)])]
        for method in (POOLED, CLOSEST, BY_RULES, KEEP_ALL):
            found = summary.parameters(method)[:, :, half]
            lines.append(Line(method, [(k, float(found[:, k].mean()), float(found[:, k].std())) for k in range(10)]))
        ticks = [(digit, str(digit)) for digit in range(10)]
        panels.append(Panel(name, "digit K", "learned", lines, (-0.5, 9.5), (0, 0.8), (), ticks))
    return figure(panels, 2)


def _triage() -> str:
    triage, extra = load("triage")
    wanted = np.array(extra["as_read"])
    ticks = [(float(np.log10(size)), f"{size:,}") for size in TRIAGE_SIZES]
    across = (ticks[0][0] - 0.1, ticks[-1][0] + 0.1)
    errors, scores = [], []
    for method in (NOTHING, POOLED):
        points = []
        for size, (x, _) in zip(TRIAGE_SIZES, ticks, strict=True):
            found = np.abs(triage[f"{size:,} patients"].parameters(method) / 2 - wanted).mean((1, 2))
            points.append((x, float(found.mean()), float(found.std())))
        errors.append(Line(method, points))
    for method in FEW:
        found = [triage[f"{size:,} patients"].score(method, "log") for size in TRIAGE_SIZES]
        scores.append(Line(method, [(x, *pair) for (x, _), pair in zip(ticks, found, strict=True)]))
    panels = [
        Panel(
            "distance from the true rates",
            "patients",
            "mean |learned / 2 − rate|",
            errors,
            across,
            (0, 0.14),
            (),
            ticks,
        ),
        Panel(
            "decisions on “immediate”", "patients", "logarithmic score (nats)", scores, across, (0.3, 1.2), (), ticks
        ),
    ]
    return figure(panels, 2)


def _calibration() -> str:
    panels = []
    for experiment, setting, title in (
        ("flipped", "mnist | 20%", "even digits, 20 % turned (MNIST)"),
        ("filed", f"mnist | {THREE_MISTAKES}", "filed digits, three mistakes (MNIST)"),
        ("triage", "2,000 patients", "triage, “immediate”, n = 2,000"),
        ("tumours", "halves", "tumours"),
    ):
        summary = load(experiment)[0][setting]
        lines = [Line(method, summary.calibration(method)) for method in FEW]
        panels.append(Panel(title, "probability said", "relative frequency", lines, (0, 1), (0, 1), ((0, 0), (1, 1))))
    return figure(panels, 2)
