"""Drawing what abduction found: the hypothesis, what each model contributed, conflicts, figures, objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan
from typing import TYPE_CHECKING

from nesy.abduction.report_json import conflicts
from nesy.dsl.diagnostics import counted
from nesy.dsl.values import format_value
from nesy.solvers.answer import Status

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from nesy.abduction.contributions import PairContribution
    from nesy.abduction.result import Abduction
    from nesy.abduction.staircase import Staircase

LARGEST_PAIRS = 60
"""So many pairs of model and class are listed one by one."""
LARGEST_OBJECTS = 12
"""So many objects are listed one by one."""
SHOWN = 5
"""So many conflicts are listed."""
LARGEST_CLASSES = 8
"""So many classes have a column of their own."""


def draw_report(found: Abduction, console: Console, objects: Sequence[str] = ()) -> None:
    """Draw the report; ``objects`` are explained one by one."""
    console.print(heading(found), markup=False, soft_wrap=True)
    if found.status in (Status.INFEASIBLE, Status.TIMEOUT, Status.UNKNOWN):
        for line in _demands(found):
            console.print(line, markup=False, soft_wrap=True)
        return
    console.print(_models_table(found))
    if len(found.pairs) <= LARGEST_PAIRS:
        console.print()
        console.print(_pairs_table(found))
    for line in _conflict_lines(found):
        console.print(line, markup=False, soft_wrap=True)
    if found.truth is not None:
        console.print()
        console.print(_scores_table(found))
    if len(found.objects) <= LARGEST_OBJECTS and not objects:
        console.print()
        console.print(_objects_table(found))
    for name in objects:
        console.print()
        console.print(found.explain(name).text(), markup=False, soft_wrap=True)


def heading(found: Abduction) -> str:
    """``optimal: 38 of 40 objects have a label (auto: branch), inconsistency 0.05 of at most 0.1``"""
    hypothesis, problem = found.hypothesis, found.problem
    if hypothesis.status in (Status.INFEASIBLE, Status.TIMEOUT, Status.UNKNOWN):
        return f"{hypothesis.status}: no hypothesis keeps the inconsistency at or below {problem.bound:g}"
    text = f"{hypothesis.status}: {hypothesis.covered} of {counted(len(found.objects), 'object')} have a label"
    if hypothesis.status is Status.FEASIBLE:
        text += f", at most {hypothesis.bound} can have one (gap {100 * hypothesis.gap:.1f} %)"
    of = {"objects": "", "covered": " among those with a label", "denials": " of the ground denials"}
    rate = f"inconsistency {hypothesis.rate:.4g}{of[problem.denominator]}, at most {problem.bound:g}"
    return f"{text}; {rate} ({hypothesis.method})"


def _demands(found: Abduction) -> Iterator[str]:
    demands = found.hypothesis.demands
    if demands is None:
        return
    predictions = found.problem.predictions
    pairs = ", ".join(
        f"{predictions.models[model]}:{format_value(predictions.classes[label])}" for model, label in demands.conflict
    )
    yield f"the least rate that can be reached is {demands.least:.4g}"
    if pairs:
        yield f"these cannot be accepted together: {pairs}"


# ----- models and pairs


def _models_table(found: Abduction) -> Table:
    names = found.problem.predictions.models
    table = _table(("model", "said", "flagged", "rejected", "kept", "gave", "overruled"), left=1)
    for entry in found.models:
        counts = (entry.predictions, entry.flagged, entry.rejected, entry.kept, entry.labels, entry.overruled)
        table.add_row(names[entry.model], *map(str, counts))
    return table


def _pairs_table(found: Abduction) -> Table:
    predictions = found.problem.predictions
    budgets = len(found.problem.epsilons) > 1
    columns = ("model", "class", "believed", "said", "flagged", "kept", "gave", "would gain", "would clash")
    table = _table(columns, left=3)
    for pair in found.pairs:
        name = format_value(predictions.classes[pair.label])
        counts = (pair.predictions, pair.flagged, pair.kept, pair.labels)
        believed = _believed(pair, budgets=budgets)
        would = ("", "") if pair.epsilon is not None else (str(pair.gain), str(pair.conflicts))
        table.add_row(predictions.models[pair.model], name, believed, *map(str, counts), *would)
    return table


def _believed(pair: PairContribution, *, budgets: bool) -> str:
    if pair.epsilon is None:
        return "no"
    return f"budget {pair.epsilon:g}" if budgets else "yes"


def _conflict_lines(found: Abduction) -> Iterator[str]:
    entries = conflicts(found)
    if not entries:
        return
    yield ""
    yield f"{counted(len(entries), 'conflict')} left:"
    for entry in entries[:SHOWN]:
        witnesses = entry["witnesses"]
        assert isinstance(witnesses, list)
        said = ", ".join(f"{part['object']} {part['class']} ({part['model']})" for part in witnesses)
        yield f"  {entry['constraint']}: {said}"
    if len(entries) > SHOWN:
        yield f"  … and {len(entries) - SHOWN} more"


# ----- figures and objects


def _scores_table(found: Abduction) -> Table:
    names = [*map(format_value, found.problem.predictions.classes)]
    shown = names if len(names) <= LARGEST_CLASSES else []
    table = _table(("labels by", "F1", "accuracy", "coverage", *shown), left=1)
    for method, scores in found.scores().items():
        by_class = [_figure(number) for number in scores.class_f1.tolist()] if shown else []
        table.add_row(method, _figure(scores.f1), _figure(scores.accuracy), _figure(scores.coverage), *by_class)
    return table


def _objects_table(found: Abduction) -> Table:
    from rich.markup import escape

    predictions = found.problem.predictions
    table = _table(("object", "label", *predictions.models), left=2 + len(predictions.models))
    for name in found.objects:
        explanation = found.explain(name)
        cells = [
            ""
            if fate.label is None
            else f"{format_value(fate.label)} {fate.confidence:.2f}{'' if fate.fate == 'kept' else f', {fate.fate}'}"
            for fate in explanation.fates
        ]
        label = "" if explanation.label is None else format_value(explanation.label)
        table.add_row(escape(name), label, *map(escape, cells))
    return table


def draw_staircase(found: Abduction, stairs: Staircase, console: Console) -> None:
    """The steps: from which bound on how many objects can have a label, and what each further violation brings."""
    counts = (len(stairs.steps), "step")
    end = "" if stairs.complete else " (not all are proved)"
    console.print(f"\n{counted(*counts)} up to an inconsistency of {stairs.most:g}{end}:", markup=False, soft_wrap=True)
    table = _table(("inconsistency", "violations", "covered", "of", "labels for each violation more", "pairs"), left=0)
    size = len(found.objects)
    for step, price in zip(stairs.steps, ("", *(f"{price:.3g}" for price in stairs.prices())), strict=True):
        pairs = str(len(step.accepted)) if step.accepted else ""
        table.add_row(f"{step.rate:.4g}", str(step.violations), str(step.covered), str(size), price, pairs)
    console.print(table)


def _figure(number: float) -> str:
    return "" if isnan(number) else f"{number:.3f}"


def _table(columns: Sequence[str], left: int) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place < left else "right", overflow="fold")
    return table
