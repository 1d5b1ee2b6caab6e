"""What tables of answers say where models were searched for: costs, bounds, violated constraints, several models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nesy.solvers.answer import Status

if TYPE_CHECKING:
    from rich.table import Table

    from nesy.solvers.answer import Answer
    from nesy.solvers.certificate import Certificate

LARGEST_MODELS = 8
"""How many models a table shows side by side."""
WITHOUT_MODEL = (Status.INFEASIBLE, Status.UNKNOWN, Status.TIMEOUT)


def has_answer(answer: Answer, instance: int) -> bool:
    """Whether there is anything to draw of an instance."""
    return answer.status[instance] not in WITHOUT_MODEL


def heading(answer: Answer, instance: int) -> str:
    """``optimal, cost 0.847``; ``feasible, cost 3.2, bound 2.9, gap 9.4 %``; empty for what is simply solved."""
    status = answer.status[instance]
    certificate = certificate_of(answer, instance)
    parts = [] if status in (Status.SOLVED, Status.ESTIMATED) else [str(status)]
    if certificate is not None:
        parts += _costs(certificate)
        if status is not Status.SOLVED and certificate.gap != 0.0:
            parts += _bound(certificate)
    return ", ".join(parts)


def certificate_of(answer: Answer, instance: int) -> Certificate | None:
    """The certificate of an instance, where the back end gives any."""
    return answer.certificates[instance] if answer.certificates else None


def _costs(certificate: Certificate) -> Iterator[str]:
    for level, cost in sorted(certificate.costs.items(), reverse=True):
        yield f"cost {cost:.6g}" if level == 0 else f"cost {cost:.6g} at level {level}"


def _bound(certificate: Certificate) -> Iterator[str]:
    level = next((n for n in sorted(certificate.costs, reverse=True) if certificate.bounds.get(n) is not None), None)
    if level is None:
        yield "no bound"
        return
    yield f"bound {certificate.bounds[level]:.6g}" + (f" at level {level}" if level else "")
    if certificate.gap is not None:
        yield f"gap {100 * certificate.gap:.1f} %"


def remarks(answer: Answer, instance: int) -> Iterator[str]:
    """Below a table: the soft constraints that the answer breaks, and what the check of the model has found wrong."""
    certificate = certificate_of(answer, instance)
    if certificate is None:
        return
    for entry in certificate.violated:
        often = f", {entry.count} times" if entry.count > 1 else ""
        span = entry.origin.span
        yield f"violated: {span.file}:{span.line}: {entry.origin.statement}{often}"
    for fault in certificate.faults:
        yield f"not a model: {fault}"


def models_table(models: list[Mapping[str, Any]], table: Table) -> Table:
    """The queries in rows, the models side by side, their costs below; ``table`` is empty."""
    from rich.markup import escape

    shown = models[:LARGEST_MODELS]
    table.add_column("query", overflow="fold")
    for number in range(1, len(shown) + 1):
        table.add_column(f"model {number}", overflow="fold")
    for label in shown[0]["answers"]:
        table.add_row(escape(label), *(escape(_text(model["answers"][label])) for model in shown))
    if any("cost" in model for model in shown):
        table.add_row("cost", *(f"{model['cost']:.6g}" if "cost" in model else "" for model in shown))
    return table


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"({', '.join(map(_text, value))})" if isinstance(value, list) else str(value)
