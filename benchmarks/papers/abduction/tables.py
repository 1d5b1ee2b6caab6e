"""The tables of the page, as Markdown, by the name that they have in ``page.md``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.papers.abduction.published import PUBLISHED
from benchmarks.papers.abduction.settings import (
    CEILING,
    COMPARED,
    DATA,
    DELTAS,
    EACH,
    EPSILONS,
    REGIMES,
    TEST_SETS,
    WEATHERS,
)
from benchmarks.papers.abduction.summaries import Results, Runs
from benchmarks.papers.pinesy.tables import table

IP, HEURISTIC, ACCEPT_ALL = "IP + tie-breaker", "heuristic + tie-breaker", "accept all + tie-breaker"
NONE = "–"

SINGLE = ("model mean", "single model chosen before")
AIMED = (("A", "A"), ("D", "D, as A but more often silent"))
"""Regimes in which the paper's problem has an aim, and what they are called there."""

VOTES = (
    "strict majority",
    "plurality",
    "confidence-weighted vote",
    "precision-weighted vote",
    "Dawid–Skene",
    ACCEPT_ALL,
    "error rules + tie-breaker",
)
ABDUCTION = ("IP", IP, "heuristic", HEURISTIC, "annealed + tie-breaker")
SCENES = ("scenes", "scenes, completed")
ABLATIONS = (
    "IP, no error rules",
    "IP, ε by pair",
    "IP, ε and δ as in the pilot",
    "IP, rate among covered",
    "IP, rate among denials",
    "heuristic, one ε",
    "heuristic, classes first",
    "heuristic, largest first",
    "heuristic, most precise first",
    "heuristic, random order",
)


def tables(results: Results) -> dict[str, str]:
    """All tables."""
    found = {
        "made with": _made_with(results),
        "runs": _runs(results),
        "data": "; ".join(data.title for data in DATA),
        "aims": _aims(results),
        "paper A": _paper(results, "A"),
        "paper D": _paper(results, "D"),
        "specialists": _specialists(results),
        "ablations": _ablations(results),
        "intervals": _intervals(results),
        "solving": _solving(results),
    }
    makers = {"methods": _methods, "sets": _sets, "grid": _grid}
    for data in DATA:
        for regime in REGIMES:
            runs = results.runs(data.name, regime.name)
            for name, make in makers.items():
                found[f"{name} {regime.name} {data.name}"] = make(runs) if len(runs) else "(not run yet)"
    return found


def _all(results: Results) -> Iterator[tuple[str, str, Runs]]:
    for data in DATA:
        for regime in REGIMES:
            runs = results.runs(data.name, regime.name)
            if len(runs):
                yield data.name, regime.name, runs


def signed(pair: tuple[float, float]) -> str:
    """Mean ± deviation of a relative difference, in per cent."""
    return f"{100 * pair[0]:+.1f} ± {100 * pair[1]:.1f}"


def percent(value: float) -> str:
    """A share in per cent; – where there is none."""
    return NONE if np.isnan(value) else f"{100 * value:.1f}"


def _made_with(results: Results) -> str:
    made = json.loads((results.folder / f"{DATA[0].name}.json").read_text(encoding="utf-8"))["made_with"]
    return f"Python {made['python']}, torch {made['torch']}, {made['machine']}, one thread"


def _runs(results: Results) -> str:
    counts = sorted({len(runs) for _, _, runs in _all(results)})
    return f"{counts[0]} to {counts[-1]} seeds" if len(counts) > 1 else f"{counts[0]} seeds"


# ----- aims


def _aims(results: Results) -> str:
    rows = []
    for data in DATA:
        runs = {regime.name: results.runs(data.name, regime.name) for regime in REGIMES}
        if not all(len(found) for found in runs.values()):
            continue
        for regime, title in AIMED:
            rows += [[data.name, *row] for row in _aims_of_the_problem(runs[regime], title)]
        for regime, found in runs.items():
            for method, title in (
                ("scenes", "scenes minus accept-all, points of F1"),
                (SCENES[1], "the same, completed"),
            ):
                gap = float((found.values(method) - found.values(ACCEPT_ALL)).mean())
                rows.append([data.name, f"{regime}: {title}", "≥ +4", *_verdict(gap, 0.04)])
    return table(["data", "figure", "aim", "found", ""], rows, 3)


def _aims_of_the_problem(runs: Runs, title: str) -> list[list[str]]:
    ip, heuristic, majority = (runs.gain(method)[0] for method in (IP, HEURISTIC, "strict majority"))
    _, not_lost = runs.record(IP)
    return [
        [f"{title}: IP + tie-breaker over the best single model, F1", "≥ +9 %", *_verdict(ip, 0.09)],
        [f"{title}: {CEILING}, F1", "–", f"{100 * runs.gain(CEILING)[0]:+.1f}", ""],
        [f"{title}: sets that it wins or ties", "≥ 13 of 15", f"{not_lost:.1f}", _reached(not_lost >= 13)],
        [f"{title}: heuristic minus IP, points", "≥ −1", *_verdict(heuristic - ip, -0.01)],
        [f"{title}: strict majority, F1", "≤ −15 %", *_verdict(-majority, 0.15, -1)],
    ]


def _verdict(value: float, aim: float, sign: int = 1) -> list[str]:
    return [f"{100 * sign * value:+.1f}", _reached(value >= aim)]


def _reached(yes: bool) -> str:
    return "✓" if yes else "missed"


# ----- methods


def _paper(results: Results, regime: str) -> str:
    rows = []
    for method, published in PUBLISHED.items():
        row = [method, f"{published.f1:+.1f}", f"{published.accuracy:+.1f}"]
        for data in DATA:
            runs = results.runs(data.name, regime)
            row += [signed(runs.gain(method, "f1")), signed(runs.gain(method, "accuracy"))] if len(runs) else [NONE] * 2
        rows.append([*row, published.source])
    names = [f"{data.name}, {figure}" for data in DATA for figure in ("F1", "accuracy")]
    return table(["method", "paper, F1", "paper, accuracy", *names, "source of the paper's figures"], rows)


def _methods(runs: Runs) -> str:
    rows = []
    for method in (*SINGLE, *VOTES, *ABDUCTION, *SCENES, CEILING):
        mean = method == "model mean"
        if method == CEILING and not runs.has(method):
            continue
        figures = [NONE] * 3 if mean else [percent(runs.mean(method, name)) for name in ("coverage", "contradicting")]
        if not mean:
            figures.append(percent(runs.mean(method, "repeated")))
        won = NONE if mean else f"{runs.record(method)[0]:.1f}"
        gains = [signed(runs.gain(method, "f1")), signed(runs.gain(method, "accuracy"))]
        rows.append([method, f"{100 * float(runs.values(method).mean()):.1f}", *gains, won, *figures])
    best = f"{100 * float(runs.best().mean()):.1f}"
    rows.insert(0, ["best single model of each set", best, "0", "0", *[NONE] * 4])
    head = ["method", "F1", "F1 against best", "accuracy against best", "sets won", "coverage", "contradicting"]
    return table([*head, "scenes with a label twice"], rows)


def _sets(runs: Runs) -> str:
    methods = ("strict majority", ACCEPT_ALL, IP, HEURISTIC, "scenes")
    best, mean = runs.best().mean(0), runs.values("model mean").mean(0)
    rows = []
    for place, name in enumerate(runs.sets):
        kinds = TEST_SETS[name]
        shown = [best[place], mean[place], *(runs.values(method).mean(0)[place] for method in methods)]
        rows.append([name, ", ".join(kinds) if kinds else "any one", *(f"{100 * value:.1f}" for value in shown)])
    return table(["test set", "corruptions", "best single", "model mean", *methods], rows, 2)


def _ablations(results: Results) -> str:
    return _by_regime(results, (IP, *ABLATIONS[:5], HEURISTIC, *ABLATIONS[5:], ACCEPT_ALL))


def _by_regime(results: Results, methods: Sequence[str]) -> str:
    cells = list(_all(results))
    rows = [[method, *(signed(runs.gain(method)) for _, _, runs in cells)] for method in methods]
    return table(["F1 against best", *(f"{data}, {regime}" for data, regime, _ in cells)], rows)


def _specialists(results: Results) -> str:
    rows = []
    for data, regime, runs in _all(results):
        f1, answered = runs.models("f1").mean((0, 1)), runs.models("answered").mean((0, 1))
        cells = [f"{100 * one:.0f} ({100 * share:.0f})" for one, share in zip(f1, answered, strict=True)]
        rows.append([f"{data}, {regime}", *cells])
    return table(["F1 (share answered), %", *WEATHERS], rows)


# ----- intervals, grids, solvers


def _intervals(results: Results) -> str:
    rows = []
    for first, second in COMPARED:
        for data, regime, runs in _all(results):
            value, low, high, clear = runs.interval(first, second)
            interval = f"{100 * low:+.1f} … {100 * high:+.1f}"
            rows.append(
                [first, second, f"{data}, {regime}", f"{100 * value:+.1f}", interval, f"{clear} of {len(runs)}"]
            )
    head = ["method", "against", "data, regime", "F1, %", "95 % interval", "seeds without 0 in it"]
    return table(head, rows, 3)


def _grid(runs: Runs) -> str:
    """Held-out gains of the optimum by ε and δ, and those of the heuristic by δ."""
    rows = [[f"IP, {epsilon:g}", *_cells(runs, "IP", epsilon)] for epsilon in EPSILONS]
    rows.append(["heuristic, by pair", *_cells(runs, "heuristic", EACH)])
    return table(["method, ε", *(f"δ = {delta:g}" for delta in DELTAS)], rows)


def _cells(runs: Runs, name: str, epsilon: float) -> Iterator[str]:
    found = runs.grid(name)
    for delta in DELTAS:
        gain, chosen = found[epsilon, delta]
        text = f"{100 * gain:+.1f}"
        yield f"**{text}** ({chosen})" if chosen else text


def _solving(results: Results) -> str:
    rows = []
    for data, regime, runs in _all(results):
        cells = []
        for method in (IP, "annealed + tie-breaker", HEURISTIC, "scenes"):
            cells.append(f"{1000 * runs.solving(method, 'seconds'):.0f} ms")
            cells.append(percent(runs.solving(method, "proved")))
        lost = runs.mean(IP, "coverage") - runs.mean("annealed + tie-breaker", "coverage")
        rows.append([f"{data}, {regime}", *cells, f"{100 * lost:.2f}"])
    head = ["data, regime"]
    for method in ("IP", "annealed", "heuristic", "scenes"):
        head += [method, "proved %"]
    return table([*head, "coverage that annealing misses, %"], rows)
