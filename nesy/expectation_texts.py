"""Outcomes of expectations as text and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nesy.expectations import Outcome


def outcome_text(outcome: Outcome) -> str:
    """A failure as lines: the statement, what was wanted, what was found, and the values found instead."""
    span = outcome.expectation.span
    lines = [
        f"{span.file}:{span.line}: failed: {outcome.text}",
        f"    wanted  {outcome.wanted}",
        f"    found   Π({outcome.label}) = {outcome.possibility:.3f}, N({outcome.label}) = {outcome.necessity:.3f}",
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
        "possibility": outcome.possibility,
        "necessity": outcome.necessity,
        "instead": {label: dict(values) for label, values in outcome.instead},
    }
