"""What of a program is grounded as formulas, and what as a logic program.

Concepts that uncertain rules conclude come with all their rules from the ground model. Of these, the logic program has
only those that its own rules and constraints read, as values that are simply there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nesy.dsl.checked import CheckedProgram, TypedRule
from nesy.dsl.statements import Choice, Disjunction, Query, Rule
from nesy.solvers.grounding.selection import names_in
from nesy.solvers.logic.selection import LogicSelection, names_of, names_of_heads, select_logic


@dataclass(frozen=True)
class Division:
    """``concepts`` are those that ``rules`` conclude, ``logic`` the rest of what is needed."""

    concepts: frozenset[str]
    rules: tuple[TypedRule, ...]
    logic: LogicSelection


def divide(checked: CheckedProgram, queries: Sequence[Query]) -> Division:
    """Divide what ``queries`` need and what restricts them."""
    whole = select_logic(checked, queries, whole=True)
    needed = frozenset(info.name for info in whole.attributes)
    rules = tuple(rule for rule in checked.rules if names_in(checked, [rule.statement.conclusion]) & needed)
    concepts = names_in(checked, [rule.statement.conclusion for rule in rules]) & checked.attributes.keys()
    kept = tuple(
        (statement, crisp)
        for statement, crisp in whole.statements
        if not isinstance(statement, TypedRule) and not _concludes(checked, statement, concepts)
    )
    read = frozenset(name for statement, _ in kept for name in names_of(checked, statement))
    return Division(concepts, rules, replace(whole, statements=kept, determined=concepts - read))


def _concludes(checked: CheckedProgram, statement: object, concepts: frozenset[str]) -> bool:
    """Whether a statement is a ``:-`` rule that gives one of ``concepts`` a value."""
    if not isinstance(statement, Rule) or isinstance(statement.head, Choice | Disjunction):
        return False
    return bool(names_of_heads(checked, statement) & concepts)
