"""Drawing what explains a posterior: the readings that carry it, the next value, the reading that would turn it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nesy.solvers.explanation import Explanation, Step


def reasons_text(explanation: Explanation) -> str:
    """An explanation of a posterior as lines."""
    return "\n".join(_lines(explanation)) + "\n"


def _lines(explanation: Explanation) -> Iterator[str]:
    said = _said(explanation.query, explanation.value)
    yield f"P({said}) = {_number(explanation.degree)}   [instance {explanation.instance}]"
    yield from _reasons(explanation.steps, "  ")
    other = explanation.alternative
    if other is not None:
        yield f"  next best: P({_said(explanation.query, other.value)}) = {_number(other.degree)}"
        yield from _reasons(other.steps, "    ")
        if other.contrast:
            yield f"    {other.contrast}"
    yield from (f"  note: {note}" for note in explanation.notes)


def _reasons(steps: Sequence[Step], margin: str) -> Iterator[str]:
    """The reasons, one a line: how probable the readings are, how much of the posterior that is, the readings."""
    for step in steps:
        part = f" ({step.because})" if step.because else ""
        yield f"{margin}{_number(step.degree)}{part}: {step.statement}"


def _said(query: str, value: str) -> str:
    if value == "true":
        return query
    return f"not {query}" if value == "false" else f"{query} = {value}"


def _number(probability: float) -> str:
    return f"{probability:.3f}" if probability == 0 or probability >= 5e-4 else f"{probability:.1e}"
