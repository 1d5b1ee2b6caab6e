"""What statements consist of: the names they use and the variables they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nesy.dsl.knowledge import Phrase
from nesy.dsl.statements import (
    Choice,
    ClingoStatement,
    ConceptDeclaration,
    Constraint,
    Definition,
    ErrorRule,
    Expect,
    Observe,
    Optimize,
    PerceptDeclaration,
    Query,
    RandomDeclaration,
    Rule,
    SoftConstraint,
    Statement,
    UncertainRule,
    head_parts,
)
from nesy.dsl.syntax import Call, Comparison, Node, Variable, walk


def calls(parts: Iterable[Node]) -> Iterator[Call]:
    """All calls in ``parts``."""
    return (node for part in parts for node in walk(part) if isinstance(node, Call))


def names(parts: Iterable[Node]) -> set[str]:
    """The names of all calls in ``parts``."""
    return {call.name for call in calls(parts)}


def variables(parts: Iterable[Node]) -> Iterator[Variable]:
    """All variables in ``parts``, in order of appearance, ``_`` included."""
    return (node for part in parts for node in walk(part) if isinstance(node, Variable))


def parts_of(statement: Statement) -> tuple[Node, ...]:
    """The terms and formulas of a statement in the order in which they are written; none for the types in it."""
    match statement:
        case Rule():
            return (*head_parts(statement.head), *statement.body)
        case Constraint(body):
            return body
        case SoftConstraint(body, weight, level, terms):
            return (*body, weight, *(() if level is None else (level,)), *terms)
        case Optimize(_, elements):
            return elements
        case UncertainRule():
            return uncertain_parts(statement)
        case RandomDeclaration(_, index, _, distribution, condition):
            return (*_index_variables(index), distribution, *condition)
        case Definition(_, index, expression, condition):
            return (*_index_variables(index), expression, *condition)
        case PerceptDeclaration(_, index, _, _, condition) | ConceptDeclaration(_, index, _, condition):
            return (*_index_variables(index), *condition)
        case Observe(formula) | Query(formula):
            return (formula,)
        case ErrorRule(reading, body):
            return (reading, *body)
        case Expect(_, formula, given, _, _, threshold):
            return (formula, *given, *(() if threshold is None else (threshold,)))
        case Phrase(_, meanings):
            return tuple(meaning.formula for meaning in meanings)
        case _:
            return ()


def uncertain_parts(rule: UncertainRule) -> tuple[Node, ...]:
    """The parts of an uncertain rule in the order in which they are written."""
    logic = (rule.premise, rule.conclusion) if rule.form == "if" else (rule.conclusion, rule.premise)
    parameters = rule.parameters
    given = tuple(term for term in (parameters.s, parameters.r) if term is not None)
    return (*logic, *given, *rule.where)


def _index_variables(index: Iterable[object]) -> tuple[Variable, ...]:
    return tuple(item for item in index if isinstance(item, Variable))


def names_read(statement: Statement) -> set[str]:
    """The names on which a statement draws: all but the names that its head defines."""
    if isinstance(statement, ClingoStatement):
        return {atom.plain for atom in statement.reads}
    if isinstance(statement, Rule):
        inner: list[Node] = [argument for call in calls(head_parts(statement.head)) for argument in call.arguments]
        if isinstance(statement.head, Choice):
            inner.extend(part for element in statement.head.elements for part in element.condition)
            inner.extend(end for end in (statement.head.low, statement.head.high) if end is not None)
        if isinstance(statement.head, Comparison):
            inner.append(statement.head.right)
        return names((*inner, *statement.body))
    return names(parts_of(statement))
