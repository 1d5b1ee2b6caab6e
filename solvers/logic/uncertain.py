"""Uncertain rules as constraints: what they forbid, and how much.

“if P then Q” with r = π(¬Q | P) forbids P without Q where r = 0, says nothing where r = 1, and is soft in between;
s = π(Q | ¬P) does the same for Q without P.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nesy.dsl.checked import CheckedProgram, TypedRule
from nesy.dsl.statements import ClingoStatement, Optimize, SoftConstraint
from nesy.dsl.syntax import And, Call, Formula, Not, Number, Term
from nesy.dsl.values import Value
from nesy.solvers.grounding.clingo_parts import application, rule
from nesy.solvers.grounding.clingo_text import Clause
from nesy.solvers.grounding.uncertain_rules import number, parameters
from nesy.solvers.grounding.vocabulary import Vocabulary
from nesy.solvers.grounding.walking import clauses, global_variables
from nesy.solvers.grounding.wildcards import name_wildcards
from nesy.solvers.logic.selection import LogicSelection


@dataclass(frozen=True)
class Levels:
    """The level of each degree between 0 and 1 that an uncertain rule bears."""

    constants: Mapping[str, Value | float]
    of_degree: Mapping[float, int]

    @property
    def degrees(self) -> Mapping[int, float]:
        """The degree at each level."""
        return {level: degree for degree, level in self.of_degree.items()}

    @staticmethod
    def of(checked: CheckedProgram, chosen: LogicSelection) -> Levels:
        """Above all levels that soft constraints name; the smaller the degree, the higher."""
        highest = 0
        degrees: set[float] = set()
        for statement, _ in chosen.statements:
            if isinstance(statement, TypedRule):
                given = statement.statement
                pair = parameters(given.parameters, given.form, checked.constants)
                degrees.update(degree for degree in pair if 0.0 < degree < 1.0)
            elif isinstance(statement, SoftConstraint):
                highest = max(highest, _level(statement.level, checked.constants))
            elif isinstance(statement, Optimize):
                levels = (_level(element.priority, checked.constants) for element in statement.elements)
                highest = max(highest, *levels)
            elif isinstance(statement, ClingoStatement):
                highest = max([highest, *(_written_level(level, checked.constants) for level in statement.levels)])
        ordered = sorted(degrees, reverse=True)
        return Levels(checked.constants, {degree: highest + rank for rank, degree in enumerate(ordered, 1)})


def _level(term: Term | None, constants: Mapping[str, Value | float]) -> int:
    """A level that is a number or a constant; 0 for one that only grounding tells."""
    known = isinstance(term, Number) or (isinstance(term, Call) and term.name in constants)
    return int(number(term, constants)) if term is not None and known else 0


def _written_level(text: str, constants: Mapping[str, Value | float]) -> int:
    """A level in clingo code, where it is a number or a constant of the rule file."""
    value = constants.get(text, text)
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else 0


def uncertain_lines(vocabulary: Vocabulary, typed: TypedRule, label: str, levels: Levels) -> list[str]:
    """The constraints of one uncertain rule, with its variables."""
    statement = typed.statement
    s, r = parameters(statement.parameters, statement.form, levels.constants)
    both = name_wildcards(vocabulary, And((statement.premise, statement.conclusion)))
    premise, conclusion = both.items
    lines: list[str] = []
    for letter, degree, body in (("r", r, (premise, Not(conclusion))), ("s", s, (Not(premise), conclusion))):
        if degree < 1.0:
            lines += _forbidden(vocabulary, typed, f"{label}{letter}", body, levels.of_degree.get(degree))
    return lines


def _forbidden(
    vocabulary: Vocabulary, typed: TypedRule, label: str, body: tuple[Formula, Formula], level: int | None
) -> Iterator[str]:
    names = [name for name, _ in typed.variables]
    free = [name for name in global_variables(body) if name not in names and "'" in name]
    for place, conditions in enumerate(clauses(body)):
        clause = Clause(vocabulary, f"{label}_{place}", [*names, *free])
        for name, domain in typed.variables:
            clause.add(f"{vocabulary.domain_predicate(domain)}({name})")
        clause.add_all(typed.statement.where)
        for call in [call for formula in body for call in clause.attribute_calls(formula)]:
            if call.arguments:
                clause.add(application(vocabulary.index_predicate(call.name), clause.index(call)))
        clause.add_all(conditions)
        text = rule("", list(dict.fromkeys(clause.body)))
        if level is None:
            yield text
        else:
            terms = ",".join([f"1@{level}", f'"{label}"', *names, *free])
            yield f":~ {text[3:]} [{terms}]"
        yield from clause.lines()
