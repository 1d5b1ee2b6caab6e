"""Choosing what of a program is a logic program: what the queries draw on, and everything that restricts models.

Constraints, soft constraints, optimisation and choices belong to it whatever is asked, because they decide which models
there are. A concept that nothing asks for and nothing restricts is left out. Random variables, definitions and error
rules belong to other back ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from nesy.dsl.checked import AttributeInfo, CheckedProgram, TypedRule
from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.span import Span
from nesy.dsl.statements import (
    Choice,
    ClingoStatement,
    Constraint,
    Definition,
    Disjunction,
    Include,
    Optimize,
    Query,
    RandomDeclaration,
    Rule,
    SoftConstraint,
    Statement,
    UncertainRule,
    head_parts,
)
from nesy.dsl.syntax import Aggregate, Call, Node, walk
from nesy.solvers.grounding.selection import clingo_code, counted_in_queries, names_in
from nesy.solvers.grounding.uncertain_rules import parameters
from nesy.solvers.grounding.vocabulary import attribute_key

LogicStatement = Rule | Constraint | SoftConstraint | Optimize | TypedRule | ClingoStatement


@dataclass(frozen=True)
class LogicSelection:
    """The statements of a logic program in order, each with whether it is crisp, and the attributes they speak of."""

    attributes: tuple[AttributeInfo, ...]
    statements: tuple[tuple[LogicStatement, bool], ...]
    relations: frozenset[str]
    determined: frozenset[str]
    """Concepts among the attributes that follow from the percepts and are no part of the search."""
    readings: frozenset[str]
    """The percepts that all this speaks of, ``label@m1`` for one source's reading."""
    problems: tuple[Diagnostic, ...]


def select_logic(checked: CheckedProgram, queries: Sequence[Query], *, whole: bool = False) -> LogicSelection:
    """The part of ``checked`` that decides about models and ``queries``; without queries, all of it.

    Concepts that only follow from the percepts are set apart unless the ``whole`` program is wanted.
    """
    needed = _needed(checked, queries)
    determined = frozenset() if whole else determined_concepts(checked, _restricted(checked), needed)
    typed = {id(rule.statement): rule for rule in checked.rules}
    chosen: list[tuple[LogicStatement, bool]] = []
    spoken: list[Statement] = list(queries)
    problems = counted_in_queries(checked, queries)
    for statement in checked.program.statements:
        if isinstance(statement, Rule | Constraint | SoftConstraint | Optimize):
            heads = names_of_heads(checked, statement)
            if heads <= needed:
                spoken.append(statement)
            if heads <= needed and not heads & determined:
                chosen.append((statement, is_crisp(checked, names_of(checked, statement))))
        elif id(statement) in typed:
            rule = typed[id(statement)]
            concluded = names_in(checked, [rule.statement.conclusion]) & needed
            if concluded:
                spoken.append(rule.statement)
            if concluded - determined:
                chosen.append((rule, False))
        elif isinstance(statement, ClingoStatement):
            if statement.refused:
                problems.append(_no_code(statement))
            else:
                names = {atom.name for atom in statement.heads} | names_of(checked, statement)
                chosen.append((statement, statement.kind == "directive" or is_crisp(checked, names)))
        elif isinstance(statement, Include):
            problems.append(clingo_code(statement))
        elif isinstance(statement, RandomDeclaration | Definition) and statement.name in needed:
            problems.append(_refused(statement.name, statement.span))
    attributes = [
        info for info in checked.attributes.values() if info.name in needed and info.kind in ("percept", "concept")
    ]
    relations = frozenset(name for (name, _), info in checked.relations.items() if info.status != "crisp") & needed
    readings = frozenset(_readings(checked, spoken))
    return LogicSelection(tuple(attributes), tuple(chosen), relations, determined, readings, tuple(problems))


def _readings(checked: CheckedProgram, statements: Iterable[Statement]) -> Iterator[str]:
    for node in chain.from_iterable(map(_nodes_of, statements)):
        for part in walk(node):
            info = checked.attributes.get(part.name) if isinstance(part, Call) else None
            if isinstance(part, Call) and info is not None and info.kind == "percept":
                yield attribute_key(part)


def _needed(checked: CheckedProgram, queries: Sequence[Query]) -> frozenset[str]:
    if not queries:
        kinds = ("percept", "concept")
        everything = {name for name, info in checked.attributes.items() if info.kind in kinds}
        return checked.needed_by(everything | {name for name, _ in checked.relations})
    asked = names_in(checked, (query.formula for query in queries))
    return checked.needed_by(asked | _restricted(checked))


def _restricted(checked: CheckedProgram) -> frozenset[str]:
    """What the statements speak of that decide which models there are and what they cost."""
    found: set[str] = set()
    for statement in checked.program.statements:
        if _restricts(checked, statement):
            found |= names_of(checked, statement)
    return frozenset(found)


def determined_concepts(checked: CheckedProgram, restricted: Iterable[str], needed: Iterable[str]) -> frozenset[str]:
    """The concepts among ``needed`` that certain uncertain rules derive from percepts, and that nothing restricts.

    Nor does a ``:-`` rule read them: what it derives belongs to the search.
    """
    certain: dict[str, bool] = {}
    for rule in checked.rules:
        given = rule.statement
        hard = all(degree in (0.0, 1.0) for degree in parameters(given.parameters, given.form, checked.constants))
        for name in names_in(checked, [given.conclusion]):
            certain[name] = certain.get(name, True) and hard
    soft = {name for name, hard in certain.items() if not hard}
    searched = checked.needed_by({*restricted, *soft, *_read_by_rules(checked, frozenset(needed))})
    found = {name for name in needed if certain.get(name) and name not in searched}
    while True:
        kept = {
            name for name in found if all(_follows(checked, other, found) for other in checked.depends.get(name, ()))
        }
        if kept == found:
            return frozenset(found)
        found = kept


def _read_by_rules(checked: CheckedProgram, needed: frozenset[str]) -> Iterator[str]:
    """What the ``:-`` rules speak of that define something needed."""
    for statement in checked.program.statements:
        if isinstance(statement, Rule) and names_of_heads(checked, statement) <= needed:
            yield from names_of(checked, statement)


def _follows(checked: CheckedProgram, name: str, determined: set[str]) -> bool:
    """Whether ``name`` is known once the percepts are: a percept, a determined concept, a crisp relation."""
    if name in checked.attributes:
        return name in determined or checked.attributes[name].kind == "percept"
    return is_crisp(checked, [name])


def _restricts(checked: CheckedProgram, statement: Statement) -> bool:
    """Whether a statement decides which models there are, even if no query speaks of it.

    A relation that rests on its own negation does: ``p :- not p.`` leaves no model.
    """
    if isinstance(statement, Rule):
        return isinstance(statement.head, Choice | Disjunction) or _is_loop(checked, statement)
    return isinstance(statement, Constraint | SoftConstraint | Optimize | ClingoStatement)


def _is_loop(checked: CheckedProgram, rule: Rule) -> bool:
    head = rule.head
    if not isinstance(head, Call) or (head.name, len(head.arguments)) not in checked.relations or not rule.body:
        return False
    chosen = checked.relations[head.name, len(head.arguments)].status == "chosen"
    return chosen and head.name in checked.needed_by(checked.depends.get(head.name, ()))


def names_of(checked: CheckedProgram, statement: Statement) -> frozenset[str]:
    """The attributes and relations that a logical statement speaks of."""
    if isinstance(statement, ClingoStatement):
        known = {*checked.attributes, *(name for name, _ in checked.relations)}
        return frozenset({atom.plain for atom in (*statement.heads, *statement.reads)} & known)
    return names_in(checked, _nodes_of(statement))


def _nodes_of(statement: Statement) -> Sequence[Node]:
    """What a logical statement or query is made of; nothing for others."""
    match statement:
        case Rule():
            return [*_head_parts(statement), *statement.body]
        case Constraint():
            return statement.body
        case SoftConstraint():
            return [*statement.body, statement.weight, *statement.terms]
        case Optimize():
            return statement.elements
        case UncertainRule():
            return [statement.premise, statement.conclusion, *statement.where]
        case Query():
            return [statement.formula]
        case _:
            return ()


def names_of_heads(checked: CheckedProgram, statement: Statement) -> frozenset[str]:
    """What a rule defines; empty for statements that define nothing, which always count."""
    if not isinstance(statement, Rule) or isinstance(statement.head, Choice | Disjunction):
        return frozenset()
    return names_in(checked, _head_parts(statement)[:1])


def _head_parts(rule: Rule) -> list[Node]:
    return [part for part in head_parts(rule.head) if not isinstance(part, Aggregate)]


def is_crisp(checked: CheckedProgram, names: Iterable[str]) -> bool:
    """Whether all of ``names`` are relations that are known once grounding is done."""
    open_relations = {name for (name, _), relation in checked.relations.items() if relation.status != "crisp"}
    return not any(name in checked.attributes or name in open_relations for name in names)


def _no_code(statement: ClingoStatement) -> Diagnostic:
    message = f"included clingo code holds {statement.refused}, which no back end takes"
    return Diagnostic("E545", message, statement.span, "say it with rules, aggregates and constraints")


def _refused(name: str, span: Span) -> Diagnostic:
    message = f"this back end cannot take '{name}', a random variable or definition, on which a query depends"
    return Diagnostic("E513", message, span, "these back ends take it: probabilistic")
