"""Recursion through negation: answer set programming takes it, other back ends need its absence."""

from __future__ import annotations

from nesy.dsl.checks.dependencies import Dependencies
from nesy.dsl.checks.negative_cycles import cycles_through_negation
from nesy.dsl.diagnostics import Diagnostic, Label


def recursion_through_negation(found: Dependencies, code: str) -> list[Diagnostic]:
    """One diagnostic for each cycle, with the code given; every step of the cycle is a labelled place."""
    return [_diagnostic(cycle, found, code) for cycle in cycles_through_negation(found.positive, found.negative)]


def _diagnostic(cycle: tuple[str, ...], found: Dependencies, code: str) -> Diagnostic:
    steps = list(zip(cycle, (*cycle[1:], cycle[0]), strict=True))
    written: list[str] = []
    labels: list[Label] = []
    for place, (name, other) in enumerate(steps):
        negated = (name, other) in found.negative and (place == 0 or (name, other) not in found.positive)
        span = found.negative[(name, other)] if negated else found.positive[(name, other)]
        arrow = "not " if negated else ""
        written.append(f"{name} ← {arrow}{other}")
        labels.append(Label(span, f"{name} draws on {arrow}{other} here"))
    text = f"'{cycle[0]}' depends on its own negation: {', '.join(written)}"
    hint = "break the cycle, or write a choice: { a ; b } = 1."
    return Diagnostic(code, text, labels[0].span, hint, tuple(labels[1:]))
