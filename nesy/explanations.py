"""Drawing explanations: as text with source lines, and as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nesy.dsl.diagnostics import span_to_json
from nesy.dsl.span import NOWHERE
from nesy.dsl.values import format_value
from nesy.solvers.answer import json_value

if TYPE_CHECKING:
    from nesy.solvers.explanation import Explanation, Reading, Step

SYMBOLS = {"possibility": "Π", "necessity": "N", "probability": "P"}


def explanation_text(explanation: Explanation) -> str:
    """An explanation as lines: the degree, the rules that decide it, the readings, the next-best value."""
    symbol = SYMBOLS.get(explanation.measure, explanation.measure)
    head = f"{symbol}({membership(explanation.query, explanation.value)}) = {explanation.degree:.3f}"
    lines = [f"{head}   [instance {explanation.instance}]"]
    lines += _chain(explanation.steps, explanation.readings)
    other = explanation.alternative
    if other is not None:
        lines.append(f"  next best: {membership(explanation.query, other.value)} with {other.degree:.3f}")
        lines += [f"  {line}" for line in _chain(other.steps, other.readings)]
    return "\n".join(lines) + "\n"


def membership(query: str, value: str) -> str:
    """``y = 8``; for a query that is itself a statement, ``valid`` and ``not valid``."""
    if value == "true":
        return query
    if value == "false":
        return f"not {query}" if " " not in query else f"not ({query})"
    return f"{query} = {value}"


def _chain(steps: Sequence[Step], readings: Sequence[Reading]) -> list[str]:
    lines = []
    for step in steps:
        lines.append(f"  {step.statement} = {step.degree:.3f}  {step.because}".rstrip())
        if step.source:
            where = f"{step.span.file}:{step.span.line}" if step.span not in (None, NOWHERE) and step.span else ""
            bound = ", ".join(f"{name} = {format_value(value)}" for name, value in step.bindings)
            lines.append(f"      {f'{where}: ' if where else ''}{step.source}" + (f"   with {bound}" if bound else ""))
    if readings:
        lines.append("  readings that decide it:")
    lines += [f"    {_reading(reading)}" for reading in readings]
    return lines


def _reading(reading: Reading) -> str:
    text = f"Π({reading.statement}) = {reading.degree:.3f}"
    if reading.probability is not None:
        text += f" (probability {reading.probability:.3f})"
    down, up = reading.slack
    if down or up:
        text += f", may fall by {down:.3f} and rise by {up:.3f}"
    return text


def explanation_to_json(explanation: Explanation) -> dict[str, object]:
    """An explanation as plain data."""
    data: dict[str, object] = {
        "instance": explanation.instance,
        "query": explanation.query,
        "value": explanation.value,
        "measure": explanation.measure,
        "degree": explanation.degree,
        "steps": [_step_data(step) for step in explanation.steps],
        "readings": [_reading_data(reading) for reading in explanation.readings],
    }
    other = explanation.alternative
    if other is not None:
        data["alternative"] = {
            "value": other.value,
            "degree": other.degree,
            "steps": [_step_data(step) for step in other.steps],
            "readings": [_reading_data(reading) for reading in other.readings],
        }
    return data


def _step_data(step: Step) -> dict[str, object]:
    data: dict[str, object] = {"statement": step.statement, "degree": step.degree, "because": step.because}
    if step.span is not None and step.span != NOWHERE:
        data["span"] = span_to_json(step.span)
    if step.source:
        data["source"] = step.source
    if step.bindings:
        data["bindings"] = {name: json_value(value) for name, value in step.bindings}
    return data


def _reading_data(reading: Reading) -> dict[str, object]:
    data: dict[str, object] = {
        "percept": reading.percept,
        "statement": reading.statement,
        "degree": reading.degree,
        "slack": list(reading.slack),
    }
    if reading.probability is not None:
        data["probability"] = reading.probability
    return data
