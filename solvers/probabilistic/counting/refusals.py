"""What has no meaning in terms of probability: refused, with the place and the back ends that take it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nesy.dsl.checked import CheckedProgram, TypedRule
from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.span import NOWHERE, Span
from nesy.solvers.grounding.uncertain_rules import parameters
from nesy.solvers.logic.program import LogicProgram

LOGICAL = "these back ends take it: asp, integer"


def degree_refusals(checked: CheckedProgram, concluded: Sequence[TypedRule]) -> Iterator[Diagnostic]:
    """E600 for degrees between 0 and 1."""
    for rule in concluded:
        statement = rule.statement
        pair = parameters(statement.parameters, statement.form, checked.constants)
        for letter, degree in zip("sr", pair, strict=True):
            if degree not in (0.0, 1.0):
                message = f"this rule has {letter} = {degree:g}: a degree of possibility is no probability"
                hint = "with s and r of 0 or 1 it is a crisp condition; --with possibilistic takes degrees"
                yield Diagnostic("E600", message, statement.span, hint)


def level_refusals(program: LogicProgram) -> Iterator[Diagnostic]:
    """E602 where soft constraints stand at several levels."""
    levels: dict[int, int] = {}
    for penalty in program.penalties:
        levels.setdefault(penalty.level, penalty.origin)
    if len(levels) > 1:
        ranked = sorted(levels, reverse=True)
        origin = levels[ranked[0]]
        span = program.origins[origin].span if origin >= 0 else NOWHERE
        message = (
            f"soft constraints at the levels {', '.join(map(str, ranked))}: an order of importance is no probability"
        )
        yield Diagnostic(
            "E602", message, span, f"give all of them one level; a weight w then counts exp(−w). {LOGICAL}"
        )


def choice_refusals(program: LogicProgram) -> Iterator[Diagnostic]:
    """E601 for choices and disjunctions, those of included clingo code too."""
    values = {atom for table in program.values for row in table for atom in row}
    refused: set[int] = set()
    for rule in program.rules:
        chosen = rule.choice and not values.issuperset(rule.head)
        if (chosen or len(rule.head) > 1) and not values.issuperset(rule.head) and rule.origin not in refused:
            refused.add(rule.origin)
            span = program.origins[rule.origin].span if rule.origin >= 0 else NOWHERE
            yield choice_refusal("choice" if rule.choice else "disjunction", span)


def choice_refusal(what: str, span: Span) -> Diagnostic:
    """E601."""
    message = f"this {what} says what may be, not how probable it is"
    return Diagnostic("E601", message, span, f"make it a percept with evidence; {LOGICAL}")
