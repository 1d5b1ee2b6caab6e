"""Outcomes of expectations as text and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nesy.expectations import Outcome

SHOWN = 3
"""How many instances of a formula with variables a failure shows."""


def outcome_text(outcome: Outcome) -> str:
    """A failure as lines: the statement, what was wanted, what was found, and the values found instead."""
    span = outcome.expectation.span
    lines = [f"{span.file}:{span.line}: failed: {outcome.text}", f"    wanted  {outcome.wanted}"]
    if not outcome.degrees:
        lines.append("    found   the formula has no instance")
    lines += [
        f"    found   Π({each.label}) = {each.possibility:.3f}, N({each.label}) = {each.necessity:.3f}"
        for each in outcome.degrees[:SHOWN]
    ]
    for label, values in outcome.instead:
        best = ", ".join(f"{value} {degree:.3f}" for value, degree in values) or "no value is possible"
        lines.append(f"    instead {label}: {best}")
    return "\n".join(lines) + "\n"


def outcome_to_json(outcome: Outcome) -> dict[str, object]:
    """An outcome as plain data."""
    span = outcome.expectation.span
    return {
        "file": span.file,
        "line": span.line,
        "expectation": outcome.text,
        "passed": outcome.passed,
        "wanted": outcome.wanted,
        "degrees": {
            each.label: {"possibility": each.possibility, "necessity": each.necessity} for each in outcome.degrees
        },
        "instead": {label: dict(values) for label, values in outcome.instead},
    }
