"""Which name draws on which, and what that makes of each relation: crisp, derived or chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from nesy.dsl.checks.declarations import head_atoms
from nesy.dsl.checks.negative_cycles import negative_components
from nesy.dsl.checks.walk import names, names_read
from nesy.dsl.span import Span
from nesy.dsl.statements import (
    Choice,
    ClingoStatement,
    ConceptDeclaration,
    Definition,
    Disjunction,
    ErrorRule,
    PerceptDeclaration,
    Program,
    RandomDeclaration,
    Rule,
    Statement,
    UncertainRule,
)
from nesy.dsl.syntax import Aggregate, Call, Comparison, Formula, Membership, Node, Not, Quantified, children

Status = Literal["crisp", "derived", "chosen"]


@dataclass(slots=True)
class Dependencies:
    """The graph of names.

    ``direct`` maps each name to what its definition draws on. ``negative`` gives the pairs (name, other) where it
    draws on ``other`` under a negation or in an aggregate, with a place; ``positive`` the other pairs of ``:-`` rules.
    ``guessed`` are the names in the head of a choice or disjunction.
    """

    direct: dict[str, set[str]] = field(default_factory=dict)
    positive: dict[tuple[str, str], Span] = field(default_factory=dict)
    negative: dict[tuple[str, str], Span] = field(default_factory=dict)
    guessed: set[str] = field(default_factory=set)


def defined_names(statement: Statement) -> tuple[str, ...]:
    """The attributes and relations to whose definition a statement belongs."""
    match statement:
        case Rule():
            return tuple(dict.fromkeys((*(atom.name for atom in head_atoms(statement)), *_valued(statement))))
        case UncertainRule():
            return _target(statement.conclusion)
        case PerceptDeclaration() | ConceptDeclaration() | RandomDeclaration() | Definition():
            return (statement.name,)
        case ClingoStatement(heads=heads):
            return tuple(dict.fromkeys(atom.name for atom in heads))
        case _:
            return ()


def _valued(rule: Rule) -> Iterator[str]:
    """The attributes whose value the head of a rule sets."""
    match rule.head:
        case Comparison():
            yield from _target(rule.head)
        case Disjunction(items):
            for item in items:
                if isinstance(item, Comparison):
                    yield from _target(item)
        case Choice(elements):
            for element in elements:
                for term in element.terms[:1]:
                    if isinstance(term, Comparison):
                        yield from _target(term)
        case _:
            return


def _target(conclusion: Formula) -> tuple[str, ...]:
    match conclusion:
        case Not(operand):
            return _target(operand)
        case Comparison(_, Call(name), _) | Membership(Call(name), _) | Call(name):
            return (name,)
        case _:
            return ()


def find(program: Program, known: Iterable[str]) -> Dependencies:
    """The dependencies between the names of ``known`` (attributes and relations)."""
    known = frozenset(known).union(_strongly_negated(program))
    found = Dependencies({name: set() for name in known})
    for statement in program.statements:
        if isinstance(statement, Rule) and not statement.body and isinstance(statement.head, Call):
            continue
        heads = [name for name in defined_names(statement) if name in known]
        if not heads or isinstance(statement, ErrorRule):
            continue
        read = _read(statement) & known
        if isinstance(statement, ClingoStatement):
            _enter_clingo(statement, heads, known, found)
        if isinstance(statement, Rule):
            _enter_rule(statement, heads, known, found)
            if isinstance(statement.head, Choice | Disjunction):
                found.guessed.update(heads)
                for name in heads:
                    found.direct[name] |= set(heads) - {name}
        for name in heads:
            found.direct[name] |= read
    return found


def _strongly_negated(program: Program) -> Iterator[str]:
    """The names with a strong negation (``-p``), which clingo code alone can speak of."""
    for statement in program.statements:
        if isinstance(statement, ClingoStatement):
            yield from (atom.name for atom in statement.heads if atom.name.startswith("-"))


def _enter_clingo(statement: ClingoStatement, heads: list[str], known: frozenset[str], found: Dependencies) -> None:
    for name in heads:
        for atom in statement.reads:
            if atom.plain in known:
                edges = found.negative if atom.negated else found.positive
                edges.setdefault((name, atom.plain), atom.span)
        if statement.guesses:
            found.guessed.add(name)
            found.direct[name] |= set(heads) - {name}


def _read(statement: Statement) -> set[str]:
    if isinstance(statement, UncertainRule):
        inside = [argument for call in _conclusion_calls(statement) for argument in call.arguments]
        values = _conclusion_values(statement.conclusion)
        return names((statement.premise, *statement.where, *inside, *values))
    return names_read(statement)


def _conclusion_calls(rule: UncertainRule) -> tuple[Call, ...]:
    conclusion: Formula = rule.conclusion
    while isinstance(conclusion, Not):
        conclusion = conclusion.operand
    match conclusion:
        case Comparison(_, Call() as call, _) | Membership(Call() as call, _) | (Call() as call):
            return (call,)
        case _:
            return ()


def _conclusion_values(conclusion: Formula) -> tuple[Node, ...]:
    match conclusion:
        case Not(operand):
            return _conclusion_values(operand)
        case Comparison(_, _, right):
            return (right,)
        case Membership(_, values):
            return (values,)
        case _:
            return ()


def _enter_rule(rule: Rule, heads: list[str], known: frozenset[str], found: Dependencies) -> None:
    conditions = list(rule.body)
    if isinstance(rule.head, Choice):
        conditions.extend(formula for element in rule.head.elements for formula in element.condition)
    for formula in conditions:
        for call, negated in _signed(formula, False):
            if call.name in known:
                edges = found.negative if negated else found.positive
                for name in heads:
                    edges.setdefault((name, call.name), call.span)


def _signed(node: Node, negated: bool) -> Iterator[tuple[Call, bool]]:
    """The calls of a body, each with whether it stands under a negation or in an aggregate."""
    if isinstance(node, Call):
        yield node, negated
    inner = negated or isinstance(node, Not | Aggregate) or (isinstance(node, Quantified) and node.quantifier == "all")
    for child in children(node):
        yield from _signed(child, inner)


def reach(starts: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    """All names that can be reached from ``starts``, themselves included."""
    seen: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(edges.get(name, ()))
    return seen


def statuses(found: Dependencies, attributes: Iterable[str], relations: Iterable[str]) -> dict[str, Status]:
    """The status of each relation. One that takes part in a cycle through negation counts as chosen."""
    readers: dict[str, list[str]] = {}
    for name, others in found.direct.items():
        for other in others:
            readers.setdefault(other, []).append(name)
    kinds = frozenset(attributes)
    among_relations = {name: [reader for reader in all_ if reader not in kinds] for name, all_ in readers.items()}
    looping = {name for names, _ in negative_components(found.positive, found.negative) for name in names}
    chosen = reach((found.guessed | looping) - kinds, among_relations)
    derived = reach(kinds, readers)
    return {name: "chosen" if name in chosen else "derived" if name in derived else "crisp" for name in relations}
