"""Which constraints of a program concern the fused attribute, and of how many objects they speak."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nesy.abduction.error_rules.relevant import is_fused, relevant_rules
from nesy.abduction.error_rules.surroundings import Surroundings
from nesy.dsl.checks.walk import calls
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.statements import Constraint
from nesy.dsl.syntax import And, Call, Formula, Not, Variable, walk
from nesy.solvers.grounding.vocabulary import attribute_of


@dataclass(frozen=True)
class Rule:
    """A constraint over the fused attribute: the parts of its body, and where it stands (``cars.nesy:7``)."""

    statement: Constraint
    parts: tuple[Formula, ...]
    origin: str

    def readings(self, surroundings: Surroundings) -> list[Call]:
        """The readings of the fused attribute that the body itself mentions."""
        return [call for call in calls(self.parts) if is_fused(surroundings, call)]


def constraints_of(surroundings: Surroundings) -> list[Rule]:
    """The constraints that concern the fused attribute, in order.

    Raises E489 for one that speaks of sources only (no hypothesis can mend it), E577 for one that cannot be computed.
    Constraints on crisp relations alone are left to the back ends, which hold the facts to them.
    """
    checked = surroundings.checked
    assert checked is not None
    found = []
    for statement in checked.program.statements:
        if not isinstance(statement, Constraint):
            continue
        names = [call for call in calls(statement.body) if attribute_of(checked, call) is not None]
        needed = checked.needed_by(call.name for call in calls(statement.body))
        if not names and surroundings.percept not in needed:
            continue
        origin = f"{statement.span.file}:{statement.span.line}"
        rule = Rule(statement, tuple(_flattened(statement.body)), origin)
        if not _reads_fused(surroundings, rule):
            message = f"this constraint does not speak of '{surroundings.percept}', which abduction is to find"
            hint = "write what a source must not say as an error rule"
            raise NesyError(Diagnostic("E489", message, statement.span, hint))
        found.append(rule)
    return found


def _flattened(body: tuple[Formula, ...]) -> Iterator[Formula]:
    for formula in body:
        if isinstance(formula, And):
            yield from _flattened(formula.items)
        elif isinstance(formula, Not) and isinstance(formula.operand, Not):
            yield from _flattened((formula.operand.operand,))
        else:
            yield formula


def _reads_fused(surroundings: Surroundings, rule: Rule) -> bool:
    if rule.readings(surroundings):
        return True
    derived = relevant_rules(surroundings, rule.parts, fused=True)
    return any(is_fused(surroundings, call) for statement in derived for call in calls(statement.body))


def speaks_of_one_object(surroundings: Surroundings, rule: Rule) -> bool:
    """Whether a constraint compares labels of one object, any object: ``:- label(O) = C, label(O) = D, sub(C, D).``

    All its readings have the same variables as their index, which occur nowhere else.
    """
    readings = rule.readings(surroundings)
    if len(readings) < 2 or len({reading.arguments for reading in readings}) > 1:
        return False
    arguments = readings[0].arguments
    names = [argument.name for argument in arguments if isinstance(argument, Variable) and not argument.anonymous]
    if len(set(names)) < len(arguments):
        return False
    checked = surroundings.checked
    if checked is None or any(attribute_of(checked, call) is not None for call in _others(surroundings, rule)):
        return False
    inside = sum(_occurrences(reading, names) for reading in readings)
    everywhere = sum(_occurrences(part, names) for part in rule.parts)
    return inside == everywhere


def _others(surroundings: Surroundings, rule: Rule) -> list[Call]:
    return [call for call in calls(rule.parts) if not is_fused(surroundings, call)]


def _occurrences(formula: Formula, names: list[str]) -> int:
    return sum(isinstance(node, Variable) and node.name in names for node in walk(formula))
