"""Drawing what moved a posterior: the figure before and after, and what each observation did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nesy.dsl.diagnostics import span_to_json
from nesy.dsl.span import NOWHERE
from nesy.posterior_output import number

if TYPE_CHECKING:
    from nesy.solvers.explanation import Explanation, Influence

MOST = 8
"""So many observations are listed."""
FAINT = 1e-6
"""Effects below this are none."""


def posterior_text(explanation: Explanation) -> str:
    """An explanation of a posterior as lines."""
    return "\n".join([*_lines(explanation), *(f"  note: {note}" for note in explanation.notes)]) + "\n"


def _lines(explanation: Explanation) -> Iterator[str]:
    said = explanation.query
    if explanation.value not in ("", "true"):
        said += f" = {explanation.value}"
    name = f"P({said})" if explanation.measure == "probability" else f"mean of {said}"
    yield f"{name} = {number(explanation.degree)}   [instance {explanation.instance}]"
    if explanation.prior is not None:
        yield f"  before anything was known: {number(explanation.prior)}"
    felt = [entry for entry in explanation.influences if entry.effect > FAINT]
    if felt:
        yield "  what moved it, the strongest first:"
    for entry in felt[:MOST]:
        yield f"    {entry.statement}: {entry.effect:.3g} {entry.unit}; without it {number(entry.without)}"
        if entry.path:
            yield f"      {entry.path}"
        if entry.source:
            where = "" if entry.span == NOWHERE else f"{entry.span.file}:{entry.span.line}: "
            yield f"      {where}{entry.source}"
    silent = [entry.statement for entry in explanation.influences if entry.effect <= FAINT]
    if silent:
        shown = ", ".join(silent[:MOST]) + (", …" if len(silent) > MOST else "")
        yield f"  no influence: {shown}"


def posterior_data(explanation: Explanation) -> dict[str, object]:
    """The same as plain data; empty for other explanations."""
    data: dict[str, object] = {}
    if explanation.prior is not None:
        data["prior"] = explanation.prior
    if explanation.influences:
        data["influences"] = [_influence_data(entry) for entry in explanation.influences]
    return data


def _influence_data(entry: Influence) -> dict[str, object]:
    data: dict[str, object] = {
        "observation": entry.statement,
        "effect": entry.effect,
        "unit": entry.unit,
        "without": entry.without,
        "path": entry.path,
    }
    if entry.span != NOWHERE:
        data["span"] = span_to_json(entry.span)
    if entry.source:
        data["source"] = entry.source
    return data
