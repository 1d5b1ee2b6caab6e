"""Gathering what a program declares, and finding names that are declared twice or stand for two things."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from nesy.dsl.checks.report import Report
from nesy.dsl.span import Span
from nesy.dsl.statements import (
    Choice,
    ClingoStatement,
    ConceptDeclaration,
    ConstantDeclaration,
    Definition,
    Disjunction,
    Include,
    PerceptDeclaration,
    Program,
    RandomDeclaration,
    RelationDeclaration,
    Rule,
    TypeDeclaration,
)
from nesy.dsl.syntax import Call, Comparison

AttributeStatement: TypeAlias = PerceptDeclaration | ConceptDeclaration | RandomDeclaration | Definition
Declaration: TypeAlias = TypeDeclaration | ConstantDeclaration | RelationDeclaration | AttributeStatement

BUILT_IN_TYPES = ("bool", "real", "int")


@dataclass(slots=True)
class Declarations:
    """The first declaration of each name, by kind. ``heads`` are the relations that rules and facts define.

    ``clingo`` are those of them that included clingo code defines. ``open_ended``: the program includes a file that has
    not been read, so relations may come from there.
    """

    types: dict[str, TypeDeclaration] = field(default_factory=dict)
    constants: dict[str, ConstantDeclaration] = field(default_factory=dict)
    attributes: dict[str, AttributeStatement] = field(default_factory=dict)
    relations: dict[str, RelationDeclaration] = field(default_factory=dict)
    heads: dict[tuple[str, int], Span] = field(default_factory=dict)
    clingo: set[tuple[str, int]] = field(default_factory=set)
    open_ended: bool = False


def kind_of(statement: Declaration) -> str:
    """The word by which messages call a declaration."""
    match statement:
        case TypeDeclaration():
            return "type"
        case ConstantDeclaration():
            return "constant"
        case RelationDeclaration():
            return "relation"
        case PerceptDeclaration():
            return "percept"
        case ConceptDeclaration():
            return "concept"
        case RandomDeclaration():
            return "random variable"
        case Definition():
            return "definition"


def collect(program: Program, report: Report) -> Declarations:
    """All declarations of a program. Reports E204 (declared twice) and E205 (two things of one name)."""
    found = Declarations()
    seen: dict[str, Declaration] = {}
    for statement in program.statements:
        match statement:
            case Rule():
                for call in head_atoms(statement):
                    found.heads.setdefault((call.name, len(call.arguments)), call.span)
            case ClingoStatement(heads=heads):
                for atom in heads:
                    if not atom.name.startswith(("-", "_", "'")):
                        found.heads.setdefault((atom.name, atom.arity), atom.span)
                        found.clingo.add((atom.name, atom.arity))
            case Include():
                found.open_ended = True
            case (
                TypeDeclaration()
                | ConstantDeclaration()
                | RelationDeclaration()
                | PerceptDeclaration()
                | ConceptDeclaration()
                | RandomDeclaration()
                | Definition()
            ):
                if _is_new(statement, seen, report):
                    seen[statement.name] = statement
                    _enter(statement, found)
            case _:
                pass
    return found


def _is_new(statement: Declaration, seen: dict[str, Declaration], report: Report) -> bool:
    name, kind = statement.name, kind_of(statement)
    if name in BUILT_IN_TYPES or name in ("true", "false"):
        hint = f"choose another name, such as 'my_{name}'"
        report.add("E205", f"'{name}' is built in, so no {kind} can have that name", statement.span, hint)
        return False
    first = seen.get(name)
    if first is None:
        return True
    if kind_of(first) == kind:
        text, hint = f"the {kind} '{name}' is declared twice", "remove or rename one of the two"
        report.add("E204", text, statement.span, hint, first.span, "first declared here")
    else:
        text = f"'{name}' is declared as a {kind}, but is already a {kind_of(first)}"
        hint = "every name stands for one thing: rename one of the two"
        report.add("E205", text, statement.span, hint, first.span, f"'{name}' is a {kind_of(first)} here")
    return False


def _enter(statement: Declaration, found: Declarations) -> None:
    match statement:
        case TypeDeclaration():
            found.types[statement.name] = statement
        case ConstantDeclaration():
            found.constants[statement.name] = statement
        case RelationDeclaration():
            found.relations[statement.name] = statement
        case _:
            found.attributes[statement.name] = statement


def head_atoms(rule: Rule) -> Iterator[Call]:
    """The atoms in the head of a rule: ``p(X)``, those of a choice or a disjunction. ``a = v`` is none."""
    match rule.head:
        case Call():
            yield rule.head
        case Comparison():
            return
        case Choice(elements):
            for element in elements:
                for term in element.terms[:1]:
                    if isinstance(term, Call):
                        yield term
        case Disjunction(items):
            for item in items:
                if isinstance(item, Call):
                    yield item
