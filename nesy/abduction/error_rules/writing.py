"""Error rules as text: what a person reads, edits, and includes in a rule file."""

from __future__ import annotations

from collections.abc import Iterator

from nesy.abduction.error_rules.rules import ErrorRules, Learned
from nesy.dsl.printing.statement_printer import write_statement
from nesy.dsl.values import format_value


def write_rules(rules: ErrorRules) -> str:
    """The statements; above those of each class, what was measured on the data that they were learned from."""
    if not rules.learned:
        return "".join(f"{write_statement(rule)}\n" for rule in rules.rules)
    return "\n".join("\n".join(block) + "\n" for block in _blocks(rules))


def _blocks(rules: ErrorRules) -> Iterator[list[str]]:
    budgets = sorted({entry.budget for entry in rules.learned if entry.budget is not None})
    if budgets:
        how = f"so that they cost at most {', '.join(f'{100 * budget:g} %' for budget in budgets)} of recall"
    else:
        how = "so that they tell wrong predictions from right ones as well as they can"
    yield [f"% Error rules of '{rules.percept}', learned from held-out data {how}."]
    for entry in rules.learned:
        if entry.rules:
            yield [_measured(entry), *(write_statement(rule) for rule in entry.rules)]


def _measured(entry: Learned) -> str:
    """``% m1, bus: 120 predictions, 30 wrong; the rules catch 21 of these and lose 2 right ones (recall −1.7 %).``"""
    cost = 100 * entry.lost / entry.members if entry.members else 0.0
    caught = f"{entry.caught} of these and lose {entry.lost} right (recall −{cost:.1f} %)"
    return (
        f"% {entry.model}, {format_value(entry.label)}: {entry.predictions} predictions, {entry.wrong} wrong; "
        f"the rules catch {caught}."
    )
