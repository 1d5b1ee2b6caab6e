"""Which programs linear constraints over the completion cannot express.

An atom that rests on a sum in which it takes part itself, and alternatives of a disjunction that lead to one another:
level variables say of plain rules alone that atoms do not support themselves in a circle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.span import NOWHERE, Span
from nesy.solvers.logic.program import LogicProgram, Rule, WeightRule


def inexpressible(program: LogicProgram) -> Iterator[Diagnostic]:
    """E550 and E551 for each such rule."""
    component = program.loops
    if not component:
        return
    for rule in program.rules:
        if isinstance(rule, WeightRule):
            for atom in rule.head:
                mine = component.get(atom)
                if mine is not None and any(component.get(literal) == mine for literal, _ in rule.body):
                    circle = {other for other, number in component.items() if number == mine}
                    name = next((program.names[other] for other in sorted(circle) if other in program.names), "")
                    message = f"'{name}' depends on itself through an aggregate"
                    hint = "the integer back end takes no recursion through aggregates; these back ends do: asp"
                    yield Diagnostic("E550", message, _place(program, circle), hint)
        if not rule.choice and len(rule.head) > 1 and _lead_to_one_another(program, rule):
            names = " ; ".join(map(program.describe, rule.head))
            message = f"the alternatives '{names}' depend on one another"
            hint = "the integer back end takes disjunctions only where no alternative leads to another; asp takes all"
            yield Diagnostic("E551", message, _span(program, rule), hint)


def is_linear(program: LogicProgram) -> bool:
    """Whether linear constraints express the program."""
    return next(inexpressible(program), None) is None


def _lead_to_one_another(program: LogicProgram, rule: Rule | WeightRule) -> bool:
    circles = [circle for atom in rule.head if (circle := program.loops.get(atom)) is not None]
    return len(set(circles)) < len(circles)


def _place(program: LogicProgram, circle: Collection[int]) -> Span:
    """The first statement that concludes one of the atoms of a circle; gringo's rules of aggregates have no place."""
    concluding = (rule for rule in program.rules if any(atom in circle for atom in rule.head))
    return next((_span(program, rule) for rule in concluding if rule.origin >= 0), NOWHERE)


def _span(program: LogicProgram, rule: Rule | WeightRule) -> Span:
    return program.origins[rule.origin].span if rule.origin >= 0 else NOWHERE
