"""Outcomes of expectations as text and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nesy.expecting import Outcome


def outcome_text(outcome: Outcome) -> str:
    """A failure as lines: the statement, what was wanted, what was found, and the values found instead."""
    span = outcome.expectation.span
    lines = [
        f"{span.file}:{span.line}: failed: {outcome.text}",
        f"    wanted  {outcome.wanted}",
        f"    found   {outcome.found}",
    ]
    for label, values in outcome.instead:
        best = ", ".join(f"{value} {degree:.3f}" for value, degree in values) or "no value is possible"
        lines.append(f"    instead {label}: {best}")
    lines += [f"    instead {label}: {value}" for label, value in outcome.witness]
    return "\n".join(lines) + "\n"


def outcome_to_json(outcome: Outcome) -> dict[str, object]:
    """An outcome as plain data."""
    span = outcome.expectation.span
    data: dict[str, object] = {
        "file": span.file,
        "line": span.line,
        "expectation": outcome.text,
        "passed": outcome.passed,
        "wanted": outcome.wanted,
    }
    if outcome.probability is not None:
        return data | {"probability": outcome.probability}
    if outcome.possibility is None:
        return data | {"found": outcome.found, "instead": dict(outcome.witness)}
    data |= {"possibility": outcome.possibility, "necessity": outcome.necessity}
    return data | {"instead": {label: dict(values) for label, values in outcome.instead}}
