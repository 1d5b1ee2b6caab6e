"""Warnings about what a program does not use: declarations, rules, variables; and about queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from nesy.dsl.checks.declarations import Declaration, Declarations, kind_of
from nesy.dsl.checks.dependencies import Dependencies, defined_names, reach
from nesy.dsl.checks.report import Report
from nesy.dsl.checks.walk import names, names_read, parts_of, variables
from nesy.dsl.knowledge import Phrase
from nesy.dsl.statements import (
    ClingoStatement,
    ConceptDeclaration,
    ConstantDeclaration,
    Constraint,
    Definition,
    ErrorRule,
    Expect,
    IndexItem,
    NamedType,
    Observe,
    Optimize,
    PerceptDeclaration,
    ProductType,
    Program,
    Query,
    RandomDeclaration,
    RelationDeclaration,
    Rule,
    SoftConstraint,
    TypeDeclaration,
    UncertainRule,
)
from nesy.dsl.syntax import Call, Node, SetTerm, Variable, walk
from nesy.dsl.values import Value

ROOTS = (Query, Expect, Constraint, SoftConstraint, Optimize, Observe, ErrorRule, Phrase)


def check_unused(program: Program, declared: Declarations, found: Dependencies, report: Report) -> None:
    """All warnings of this module."""
    _queries(program, report)
    _single_variables(program, report)
    _concepts_without_rule(program, declared, report)
    _names(program, declared, found, report)


def _queries(program: Program, report: Report) -> None:
    asked: dict[object, Query] = {}
    for statement in program.statements:
        if isinstance(statement, Query):
            if statement.formula in asked:
                first = asked[statement.formula].span
                text = "this query is asked twice"
                report.add("W203", text, statement.span, "remove one of the two", first, "first asked here")
            else:
                asked[statement.formula] = statement
    outcome = any(isinstance(statement, Query | Expect | Phrase) for statement in program.statements)
    reasons = [
        statement.span
        for statement in program.statements
        if isinstance(statement, UncertainRule | Constraint) or (isinstance(statement, Rule) and statement.body)
    ]
    if reasons and not outcome:
        report.add("W204", "the program asks no query", reasons[-1], "say what an answer shall report: query name.")


def _concepts_without_rule(program: Program, declared: Declarations, report: Report) -> None:
    concluded: set[str] = set()
    for statement in program.statements:
        if isinstance(statement, Rule | UncertainRule):
            concluded.update(defined_names(statement))
    for name, attribute in declared.attributes.items():
        if isinstance(attribute, ConceptDeclaration) and name not in concluded:
            text = f"no rule concludes the concept '{name}', so every value stays possible"
            report.add("W205", text, attribute.span, f"write a rule for it: {name} … iff …")


# ----- names


def _names(program: Program, declared: Declarations, found: Dependencies, report: Report) -> None:
    used = _used(program)
    roots: set[str] = set()
    for statement in program.statements:
        if isinstance(statement, ROOTS):
            roots |= names(parts_of(statement))
        elif isinstance(statement, ClingoStatement):
            roots |= names_read(statement)
    needed = reach(roots, found.direct)
    rooted = any(isinstance(statement, Query | Expect) for statement in program.statements)
    for statement in _declarations(declared):
        name, kind = statement.name, kind_of(statement)
        if name not in used:
            text = f"the {kind} '{name}' is not used anywhere"
            report.add("W201", text, statement.span, "use it in a rule or a query, or remove it")
        elif rooted and name in found.direct and name not in needed:
            text = f"the {kind} '{name}' has no influence on any query"
            hint = f"ask for it (query {_asked(statement)}.), or remove what only it needs"
            report.add("W207", text, statement.span, hint)
    for (name, arity), span in declared.heads.items():
        if (name, arity) in declared.clingo:
            continue
        if name not in used and not _is_declared(name, declared) and found.direct.get(name) is not None:
            used.add(name)
            report.add("W201", f"the relation '{name}' is not used anywhere", span, "use it in a rule or a query")


def _is_declared(name: str, declared: Declarations) -> bool:
    return name in declared.relations or name in declared.attributes or name in declared.types


def _declarations(declared: Declarations) -> Iterator[Declaration]:
    yield from declared.constants.values()
    yield from declared.types.values()
    yield from declared.relations.values()
    yield from declared.attributes.values()


def _asked(statement: Declaration) -> str:
    """The name with a place for each of its arguments."""
    match statement:
        case RelationDeclaration(_, arguments):
            places = len(arguments)
        case TypeDeclaration() | ConstantDeclaration():
            places = 0
        case _:
            places = len(statement.index)
    return f"{statement.name}({', '.join('_' * places)})" if places else statement.name


def _used(program: Program) -> set[str]:
    """All names that some statement draws on; a statement's own head does not count."""
    used: set[str] = set()
    for statement in program.statements:
        match statement:
            case Rule(Call(arguments=arguments), ()):
                used |= names(arguments)
            case ClingoStatement():
                used |= statement.words | names_read(statement)
            case UncertainRule():
                used |= names(parts_of(statement)) - (set(defined_names(statement)) - names((statement.premise,)))
            case ConstantDeclaration(_, value):
                used |= names((value,))
            case TypeDeclaration(_, definition):
                used |= _named((definition,))
            case RelationDeclaration(_, arguments):
                used |= _named(arguments)
            case PerceptDeclaration() | ConceptDeclaration() | RandomDeclaration():
                used |= _named((*statement.index, statement.value)) | names(parts_of(statement))
            case Definition():
                used |= _named(statement.index) | names(parts_of(statement))
            case _:
                used |= names_read(statement)
    return used


def _named(expressions: Iterable[IndexItem | None]) -> set[str]:
    """The names of types and constants in type expressions."""
    found: set[str] = set()
    for expression in expressions:
        match expression:
            case NamedType(name):
                found.add(name)
            case ProductType(items):
                found |= _named(items)
            case None | Variable():
                continue
            case _:
                found |= names((expression,))
    return found


# ----- variables


def _single_variables(program: Program, report: Report) -> None:
    for statement in program.statements:
        if isinstance(statement, Rule) and not statement.body:
            continue
        if isinstance(statement, Rule | Constraint | SoftConstraint | ErrorRule | Optimize):
            candidates = set(_named_once(parts_of(statement)))
        elif isinstance(statement, UncertainRule):
            once = set(_named_once(parts_of(statement)))
            candidates = once & _replaceable(statement) - set(statement.parameters.per)
        else:
            continue
        for variable in variables(parts_of(statement)):
            if variable.name in candidates:
                text = f"the variable {variable.name} occurs only once"
                report.add("W202", text, variable.span, "write '_' if its value does not matter")


def _named_once(parts: Iterable[Node]) -> Iterator[str]:
    counts: dict[str, int] = {}
    for variable in variables(parts):
        counts[variable.name] = counts.get(variable.name, 0) + 1
    return (name for name, count in counts.items() if count == 1 and not name.startswith("_"))


def _replaceable(rule: UncertainRule) -> set[str]:
    """The variables of an uncertain rule in whose place ``_`` could stand."""
    found: set[str] = set()
    for part in parts_of(rule):
        for node in walk(part):
            if isinstance(node, SetTerm) and node.condition:
                found.update(variable.name for variable in variables((node,)))
    for condition in rule.where:
        found.update(variable.name for variable in variables((condition,)))
    return found


def open_types_without_values(declared: Declarations, values: Mapping[str, Sequence[Value]], report: Report) -> None:
    """Warn about open types that no fact gives a value."""
    for name, declaration in declared.types.items():
        if declaration.definition is None and not values.get(name):
            text = f"no fact gives the open type '{name}' a value"
            hint = f"write facts such as {name}(o1), or give them as data"
            report.add("W206", text, declaration.span, hint)
