"""Drawing explanations: as text with source lines, and as plain data."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nesy.dsl.diagnostics import span_to_json
from nesy.dsl.span import NOWHERE
from nesy.dsl.values import format_value
from nesy.model_explanations import model_data, model_text
from nesy.posterior_explanations import posterior_data, posterior_text
from nesy.solvers.answer import json_value
from nesy.world_explanations import reasons_text

if TYPE_CHECKING:
    from nesy.solvers.explanation import Explanation, Reading, Step

SHOWN = 5e-4
"""Slacks below this are not told, and smaller degrees are shown by their order of magnitude."""
SYMBOLS = {"possibility": "Π", "necessity": "N", "probability": "P"}


def explanation_text(explanation: Explanation) -> str:
    """An explanation as lines: the degree, the rules that decide it, the readings, the next-best value."""
    if explanation.measure in ("cost", "model"):
        return model_text(explanation)
    if explanation.prior is not None or explanation.influences:
        return posterior_text(explanation)
    if explanation.measure == "probability":
        return reasons_text(explanation)
    symbol = SYMBOLS.get(explanation.measure, explanation.measure)
    statement = f"{symbol}({membership(explanation.query, explanation.value)})"
    if explanation.steps and explanation.steps[0].degree == explanation.degree:
        statement = explanation.steps[0].statement
    lines = [f"{statement} = {number(explanation.degree)}   [instance {explanation.instance}]"]
    lines += _chain(statement, explanation.steps, explanation.readings)
    other = explanation.alternative
    if other is not None:
        first = other.steps[0].statement if other.steps else f"Π({membership(explanation.query, other.value)})"
        lines.append(f"  next best: {first} = {number(other.degree)}")
        lines += [f"  {line}" for line in _chain(first, other.steps, other.readings)]
        if other.contrast:
            lines.append(f"    {other.contrast}")
    lines += [f"  note: {note}" for note in explanation.notes]
    return "\n".join(lines) + "\n"


def wrapped(text: str, width: int) -> str:
    """``text`` for a terminal of ``width`` columns: what goes on in the next line is indented by two more."""
    return "".join(f"{_wrapped_line(line, width)}\n" for line in text.splitlines())


def _wrapped_line(line: str, width: int) -> str:
    margin = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(line, width, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False)


def number(degree: float) -> str:
    """Three decimals, or the order of magnitude of what would look like 0."""
    return f"{degree:.3f}" if degree == 0 or degree >= SHOWN else f"{degree:.0e}"


def membership(query: str, value: str) -> str:
    """``y = 8``; for a query that is itself a statement, ``y > 8`` and ``not y > 8``."""
    if value == "true":
        return query
    return f"not {query}" if value == "false" else f"{query} = {value}"


def _chain(said: str, steps: Sequence[Step], readings: Sequence[Reading]) -> list[str]:
    """The steps after a line that has named the statement ``said``. Steps that are readings stand among these."""
    shown = {f"Π({reading.statement})" for reading in readings}
    lines = []
    for step in steps:
        if step.statement == said:
            lines.append(f"  {step.because}")
        elif step.statement in shown and not step.source:
            continue
        else:
            lines.append(f"  {step.statement} = {number(step.degree)}: {step.because}")
        if step.source:
            where = "" if step.span is None or step.span == NOWHERE else f"{step.span.file}:{step.span.line}: "
            bound = ", ".join(f"{name} = {format_value(value)}" for name, value in step.bindings)
            lines.append(f"      {where}{step.source}" + (f"   with {bound}" if bound else ""))
    if readings:
        lines.append("  readings that decide it:")
    lines += [f"    {_reading(reading)}" for reading in readings]
    return lines


def _reading(reading: Reading) -> str:
    text = f"Π({reading.statement}) = {number(reading.degree)}"
    if reading.probability is not None:
        text += f" (probability {number(reading.probability)})"
    down, up = (f"{slack:.3f}" if slack >= SHOWN else "" for slack in reading.slack)
    moves = [f"fall by {down}"] * bool(down) + [f"rise by {up}"] * bool(up)
    return text + (f", may {' and '.join(moves)}" if moves else "")


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
        "supporting": [_reading_data(reading) for reading in explanation.supporting],
        "margin": explanation.margin,
    }
    data |= model_data(explanation) | posterior_data(explanation)
    if explanation.notes:
        data["notes"] = list(explanation.notes)
    other = explanation.alternative
    if other is not None:
        data["alternative"] = {
            "value": other.value,
            "degree": other.degree,
            "steps": [_step_data(step) for step in other.steps],
            "readings": [_reading_data(reading) for reading in other.readings],
        } | ({"contrast": other.contrast} if other.contrast else {})
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
