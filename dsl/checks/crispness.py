"""Conditions that are decided while grounding must be crisp: those after ``for`` and ``where``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nesy.dsl.checks.dependencies import Status
from nesy.dsl.checks.report import Report
from nesy.dsl.checks.walk import calls
from nesy.dsl.statements import (
    ConceptDeclaration,
    Definition,
    PerceptDeclaration,
    Program,
    RandomDeclaration,
    Statement,
    UncertainRule,
)
from nesy.dsl.syntax import Formula, Quantified, SetTerm, walk


def check_crisp_conditions(program: Program, status: Mapping[str, Status], report: Report) -> None:
    """Report E308 for each relation in such a condition that is not known while grounding."""
    if all(kind == "crisp" for kind in status.values()):
        return
    for statement in program.statements:
        for where, formula in _conditions(statement):
            for call in calls((formula,)):
                kind = status.get(call.name, "crisp")
                if kind != "crisp":
                    why = "depends on a choice" if kind == "chosen" else "depends on an attribute"
                    text = f"{where} is decided while grounding, but the relation '{call.name}' {why}"
                    report.add("E308", text, call.span, "use relations that are given by facts and crisp rules")


def _conditions(statement: Statement) -> Iterator[tuple[str, Formula]]:
    match statement:
        case PerceptDeclaration() | ConceptDeclaration() | RandomDeclaration() | Definition():
            for formula in statement.condition:
                yield "a 'for' condition", formula
        case UncertainRule():
            for formula in statement.where:
                yield "a 'where' condition", formula
            for part in (statement.premise, statement.conclusion):
                for node in walk(part):
                    if isinstance(node, Quantified | SetTerm):
                        for formula in node.condition:
                            yield "the condition of a set or quantifier", formula
        case _:
            return
