"""What has no meaning in terms of probability: refused, with the place and the back ends that take it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nesy.dsl.checked import CheckedProgram, TypedRule
from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.statements import Choice, Disjunction, Rule
from nesy.solvers.grounding.selection import names_in
from nesy.solvers.grounding.uncertain_rules import parameters
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.selection import LogicSelection

LOGICAL = "these back ends take it: asp, integer"


def refusals(checked: CheckedProgram, chosen: LogicSelection, concluded: Sequence[TypedRule]) -> Iterator[Diagnostic]:
    """E600 for degrees between 0 and 1, E601 for choices and disjunctions."""
    for rule in concluded:
        statement = rule.statement
        pair = parameters(statement.parameters, statement.form, checked.constants)
        for letter, degree in zip("sr", pair, strict=True):
            if degree not in (0.0, 1.0):
                message = f"this rule has {letter} = {degree:g}: a degree of possibility is no probability"
                hint = "with s and r of 0 or 1 it is a crisp condition; --with possibilistic takes degrees"
                yield Diagnostic("E600", message, statement.span, hint)
    for statement, _ in chosen.statements:
        if isinstance(statement, Rule) and isinstance(statement.head, Choice | Disjunction):
            what = "choice" if isinstance(statement.head, Choice) else "disjunction"
            message = f"this {what} says what may be, not how probable it is"
            yield Diagnostic("E601", message, statement.span, f"make it a percept with evidence; {LOGICAL}")


def level_refusals(program: LogicProgram) -> Iterator[Diagnostic]:
    """E602 where soft constraints stand at several levels."""
    levels: dict[int, int] = {}
    for penalty in program.penalties:
        levels.setdefault(penalty.level, penalty.origin)
    if len(levels) > 1:
        ranked = sorted(levels, reverse=True)
        origin = levels[ranked[0]]
        span = program.origins[origin].span if origin >= 0 else None
        message = f"soft constraints at the levels {', '.join(map(str, ranked))}: an order of importance is no probability"
        yield Diagnostic("E602", message, span, f"give all of them one level; a weight w then counts exp(−w). {LOGICAL}")


def concluding_rules(checked: CheckedProgram, names: frozenset[str]) -> list[TypedRule]:
    """The uncertain rules that conclude something about one of ``names``."""
    return [rule for rule in checked.rules if names_in(checked, [rule.statement.conclusion]) & names]
