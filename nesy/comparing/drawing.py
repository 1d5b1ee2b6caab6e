"""Drawing a comparison: one table for each instance, then the relations that were checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from nesy.comparing.relations import labels, solved
from nesy.dsl.values import format_value
from nesy.solvers.answer import Status

if TYPE_CHECKING:
    from rich.console import Console

    from nesy.comparing.comparison import Comparison
    from nesy.dsl.diagnostics import Diagnostic
    from nesy.solvers.answer import Answer, Result

LARGEST = 10
"""Up to so many instances get a table each."""


def draw_comparison(comparison: Comparison, console: Console) -> None:
    """The back ends side by side, why some are missing, the relations."""
    answers = comparison.answers
    for instance in range(comparison.batch if comparison.batch <= LARGEST else 0):
        if comparison.batch > 1:
            console.print(f"instance {instance}")
        _table(answers, instance, console)
    if comparison.batch > LARGEST:
        console.print(f"{comparison.batch} instances, {len(comparison.differences)} queries answered differently")
    for line in _lines(comparison):
        console.print(line, markup=False, soft_wrap=True)


def _table(answers: Mapping[str, Answer], instance: int, console: Console) -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("query", overflow="fold")
    for name in answers:
        table.add_column(name, overflow="fold")
    shown = labels(answers)
    for label in shown:
        table.add_row(escape(label), *(escape(_cell(answer, label, instance)) for answer in answers.values()))
    table.add_row("", *(escape(_state(answer, instance)) for answer in answers.values()))
    console.print(table)


def _cell(answer: Answer, label: str, instance: int) -> str:
    """``8 (Π 1, N 0.97)``: the answered value and how sure it is; of a number its mean."""
    if not solved(answer, instance) and answer.status[instance] is not Status.ESTIMATED:
        return str(answer.status[instance])
    result = answer[label]
    if result.choice is None and result.mean is not None:
        return ", ".join((f"{float(result.mean[instance]):.4g}", *_spread(result, instance)))
    place = -1 if result.choice is None else int(result.choice[instance])
    value = format_value(result.domain.values[place]) if place >= 0 else "undecided"
    degrees = ", ".join((*_degrees(result, instance, place), *_error(result, instance)))
    return f"{value} ({degrees})" if degrees else value


def _degrees(result: Result, instance: int, place: int) -> Iterator[str]:
    signs = {"possibility": "Π", "necessity": "N", "probability": "P"}
    for name, tensor in result.measures.items():
        if place >= 0:
            yield f"{signs[name]} {float(tensor[instance].detach()[place]):.3g}"


def _spread(result: Result, instance: int) -> Iterator[str]:
    if result.sd is not None:
        yield f"sd {float(result.sd[instance]):.4g}"
    yield from _error(result, instance)


def _error(result: Result, instance: int) -> Iterator[str]:
    """The standard error of what was estimated."""
    if result.error is not None and float(result.error[instance]) > 0:
        yield f"± {float(result.error[instance]):.2g}"


def _state(answer: Answer, instance: int) -> str:
    """What holds of the whole instance: the cost of an optimum, the probability of the constraints."""
    certificate = answer.certificates[instance] if answer.certificates else None
    if certificate is not None:
        return f"cost {certificate.cost:.4g}"
    details = answer.details[instance] if answer.details else {}
    evidence = details.get("log_evidence")
    return f"log evidence {evidence:.4g}" if isinstance(evidence, float) else ""


def _lines(comparison: Comparison) -> Iterator[str]:
    for run in comparison.runs:
        if run.answer is None:
            yield f"{run.backend} cannot take it: {_reason(run.refusals)}"
    left_out = [entry for entry in comparison.warnings if entry.code == "W515"]
    if left_out:
        lines = ", ".join(str(entry.span.line) for entry in left_out)
        yield f"possibilistic leaves out line{'' if len(left_out) == 1 else 's'} {lines}"
    yield "relations"
    for relation, (count, failed) in comparison.relations().items():
        yield f"  {'FAILS ' if failed else 'holds '}{relation} ({failed or count}{f' of {count}' if failed else ''})"
    if not comparison.checks:
        yield "  none could be checked: fewer than two back ends take this program"


def _reason(refusals: Sequence[Diagnostic]) -> str:
    """The first reason, and how many more there are."""
    first = refusals[0]
    where = f"line {first.span.line}: " if first.span.line else ""
    more = f" (and {len(refusals) - 1} more)" if len(refusals) > 1 else ""
    return f"{where}{first.message}{more}"
