"""Drawing what the back ends that search explain: repaired readings, contradictions, derivations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nesy.dsl.span import NOWHERE

if TYPE_CHECKING:
    from nesy.solvers.explanation import Conflict, Explanation, Repair, Step


def model_text(explanation: Explanation) -> str:
    """An explanation of a model, of its absence, or of a query in it, as lines."""
    return "\n".join([*_lines(explanation), *(f"  note: {note}" for note in explanation.notes)]) + "\n"


def _lines(explanation: Explanation) -> Iterator[str]:
    if explanation.query:
        yield f"{_answered(explanation)}   [instance {explanation.instance}]"
        for step in explanation.steps:
            yield f"  {step.statement}: {step.because}"
            if step.source:
                yield f"      {_place(step)}{step.source}"
        return
    if explanation.conflict is not None:
        yield f"{explanation.value}   [instance {explanation.instance}]"
        yield from _conflict(explanation.conflict)
        return
    cost = f", readings cost {explanation.degree:.3f}" if explanation.value not in ("infeasible", "unknown") else ""
    yield f"{explanation.value}{cost}   [instance {explanation.instance}]"
    for repair in explanation.repairs:
        yield from _repair(repair)
    if cost and not explanation.repairs:
        yield "  every percept keeps its best reading"


def _answered(explanation: Explanation) -> str:
    if explanation.value in ("true", "false"):
        return explanation.query if explanation.value == "true" else f"not {explanation.query}"
    return f"{explanation.query} = {explanation.value}"


def _conflict(found: Conflict) -> Iterator[str]:
    yield "  cannot hold together" + ("" if found.minimal else " (perhaps some of these would do)") + ":"
    for step in found.statements:
        yield f"    {_place(step)}{step.statement}" + (f"   with {step.because}" if step.because else "")
    if found.readings:
        yield "    readings: " + ", ".join(found.readings)
    if not found.statements:
        yield "    and the values that concepts must have"


def _repair(repair: Repair) -> Iterator[str]:
    yield f"  {repair.became}, read as {repair.read}: costs {repair.cost:.3f}"
    if repair.forbidding or repair.given:
        yield f"    {repair.read} is impossible" + (f" given {', '.join(repair.given)}" if repair.given else "") + ":"
        yield from _against(repair.forbidding, "with")
    elif repair.breaking:
        yield f"    {repair.read} would break:"
        yield from _against(repair.breaking, "of")
    else:
        yield f"    {repair.read} is possible with the other values, but costs more elsewhere"


def _against(steps: Sequence[Step], word: str) -> Iterator[str]:
    for step in steps:
        yield f"      {_place(step)}{step.statement}   {word} {step.because}"


def _place(step: Step) -> str:
    return "" if step.span is None or step.span == NOWHERE else f"{step.span.file}:{step.span.line}: "


def model_data(explanation: Explanation) -> dict[str, object]:
    """What explanations of models hold beyond the others, as plain data."""
    data: dict[str, object] = {}
    if explanation.repairs:
        data["repairs"] = [_repair_data(repair) for repair in explanation.repairs]
    if explanation.conflict is not None:
        data["conflict"] = {
            "statements": list(map(_step_data, explanation.conflict.statements)),
            "readings": list(explanation.conflict.readings),
            "minimal": explanation.conflict.minimal,
        }
    return data


def _repair_data(repair: Repair) -> dict[str, object]:
    data: dict[str, object] = {
        "percept": repair.percept,
        "read": repair.read,
        "became": repair.became,
        "cost": repair.cost,
        "forbidding": list(map(_step_data, repair.forbidding)),
        "given": list(repair.given),
    }
    return data | ({"breaking": list(map(_step_data, repair.breaking))} if repair.breaking else {})


def _step_data(step: Step) -> dict[str, object]:
    line = {} if step.span is None or step.span == NOWHERE else {"file": step.span.file, "line": step.span.line}
    return {**line, "statement": step.statement, "instance": step.because}
