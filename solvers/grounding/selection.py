"""Choosing the part of a program that the queries need, and refusing what cannot be part of a ground model.

A construct that no query depends on is no error. One that a query does depend on is refused (E513) if the ground
model has no place for it; constraints, soft constraints and optimisation are left out with a warning, because
the answer is still the meaning of the rest (W515, an error when strict).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

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
from nesy.dsl.syntax import Aggregate, And, Call, Element, Node, Not, Or, Quantified, SetTerm, children, walk
from nesy.solvers.grounding.vocabulary import attribute_of


@dataclass
class Selection:
    """The statements to ground, by how they are grounded, with their number in the program."""

    needed: frozenset[str]
    attributes: list[AttributeInfo] = field(default_factory=list)
    crisp: list[tuple[int, Rule]] = field(default_factory=list)
    over_attributes: list[tuple[int, Rule]] = field(default_factory=list)
    uncertain: list[tuple[int, TypedRule]] = field(default_factory=list)
    crisp_constraints: list[tuple[int, Constraint]] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    by_clingo: set[str] = field(default_factory=set)
    """What clingo code defines that has been refused."""


def names_in(checked: CheckedProgram, nodes: Iterable[Node]) -> frozenset[str]:
    """The attributes and relations that ``nodes`` speak of.

    A name inside a term is an attribute or a value, never a relation, even if a relation is called the same. What
    an element of braces begins with may be either.
    """
    relations = {name for name, _ in checked.relations}
    found: set[str] = set()

    def visit(node: Node, is_formula: bool) -> None:
        match node:
            case Call():
                if attribute_of(checked, node) is not None or (is_formula and node.name in relations):
                    found.add(node.name)
                inside: tuple[tuple[Node, bool], ...] = tuple((part, False) for part in node.arguments)
            case SetTerm():
                inside = (*((part, False) for part in node.items), *((part, True) for part in node.condition))
            case Element():
                inside = (*((part, is_formula) for part in node.terms), *((part, True) for part in node.condition))
            case Aggregate():
                inside = tuple((part, False) for part in node.elements)
            case And() | Or() | Not() | Quantified():
                inside = tuple((part, True) for part in children(node))
            case _:
                inside = tuple((part, False) for part in children(node))
        for part, part_is_formula in inside:
            visit(part, part_is_formula)

    for node in nodes:
        visit(node, True)
    return frozenset(found)


def select(checked: CheckedProgram, queries: Sequence[Query], *, strict: bool) -> Selection:
    """The part of ``checked`` that ``queries`` need; without queries, all concepts and derived relations."""
    if queries:
        wanted = names_in(checked, (query.formula for query in queries))
    else:
        wanted = frozenset(name for name, info in checked.attributes.items() if info.kind == "concept") | frozenset(
            name for (name, _), relation in checked.relations.items() if relation.status == "derived"
        )
    touched = checked.needed_by(wanted)
    chosen = Selection(checked.needed_by(touched | _data_constraints(checked, touched)))
    chosen.attributes = [
        info for info in checked.attributes.values() if info.name in touched and info.kind in ("percept", "concept")
    ]
    rules = {id(rule.statement): rule for rule in checked.rules}
    for number, statement in enumerate(checked.program.statements):
        _place(checked, chosen, touched, number, statement, rules, strict=strict)
    chosen.problems += counted_in_queries(checked, queries)
    if not any(problem.code == "E513" for problem in chosen.problems):
        for (name, _), relation in checked.relations.items():
            if name in touched and relation.status == "chosen":
                what = f"the relation '{name}' (it depends on a choice or on its own negation)"
                chosen.problems.append(_refused(what, relation.span, ("asp", "integer")))
    return chosen


def _data_constraints(checked: CheckedProgram, needed: frozenset[str]) -> frozenset[str]:
    """Names in the constraints on crisp relations that concern ``needed``: these constraints are checked."""
    found: set[str] = set()
    for statement in checked.program.statements:
        if isinstance(statement, Constraint):
            names = names_in(checked, statement.body)
            if names & needed and is_crisp(checked, names):
                found |= names
    return frozenset(found)


def is_crisp(checked: CheckedProgram, names: Iterable[str]) -> bool:
    """Whether all of ``names`` are relations that are known while grounding."""
    uncertain = {name for (name, _), relation in checked.relations.items() if relation.status != "crisp"}
    return not any(name in checked.attributes or name in uncertain for name in names)


def _place(
    checked: CheckedProgram,
    chosen: Selection,
    touched: frozenset[str],
    number: int,
    statement: Statement,
    rules: dict[int, TypedRule],
    *,
    strict: bool,
) -> None:
    match statement:
        case Rule():
            _place_rule(checked, chosen, number, statement)
        case UncertainRule():
            if names_in(checked, [statement.conclusion]) & touched & set(checked.attributes):
                chosen.uncertain.append((number, rules[id(statement)]))
        case Constraint():
            names = names_in(checked, statement.body)
            if not names & touched:
                return
            if is_crisp(checked, names):
                chosen.crisp_constraints.append((number, statement))
            else:
                chosen.problems.append(_left_out("constraint", statement.span, ("asp", "integer"), strict))
        case SoftConstraint():
            if names_in(checked, statement.body) & touched:
                chosen.problems.append(_left_out("soft constraint", statement.span, ("asp", "integer"), strict))
        case Optimize():
            if names_in(checked, statement.elements) & touched:
                chosen.problems.append(
                    _left_out(f"'{statement.direction}'", statement.span, ("asp", "integer"), strict)
                )
        case RandomDeclaration():
            if statement.name in touched:
                what = f"the random variable '{statement.name}'"
                chosen.problems.append(_refused(what, statement.span, ("probabilistic",)))
        case Include():
            chosen.problems.append(clingo_code(statement))
        case ClingoStatement():
            _place_clingo(chosen, touched, statement, strict=strict)
        case Definition():
            if statement.name in touched:
                chosen.problems.append(
                    _refused(f"the definition of '{statement.name}'", statement.span, ("probabilistic",))
                )
        case _:
            pass


def _place_rule(checked: CheckedProgram, chosen: Selection, number: int, rule: Rule) -> None:
    heads = [part for part in head_parts(rule.head) if not isinstance(part, Aggregate)]
    several = isinstance(rule.head, Choice | Disjunction)
    names = names_in(checked, heads) if several else frozenset({head_name(checked, rule)})
    if not names & chosen.needed:
        return
    if isinstance(rule.head, Choice | Disjunction):
        what = "the choice" if isinstance(rule.head, Choice) else "the disjunction"
        about = ", ".join(sorted(names & chosen.needed & _defined(checked)))
        if about:
            chosen.problems.append(_refused(f"{what} over {about}", rule.span, ("asp", "integer")))
        return
    everything = names_in(checked, [*heads, *rule.body])
    if is_crisp(checked, everything):
        chosen.crisp.append((number, rule))
        return
    for aggregate in _aggregates([*heads, *rule.body]):
        inside = names_in(checked, [aggregate])
        if not is_crisp(checked, inside):
            what = f"the aggregate '{aggregate.function}' over {', '.join(sorted(inside))}"
            chosen.problems.append(_refused(what, aggregate.span, ("asp", "integer")))
            return
    chosen.over_attributes.append((number, rule))


def _place_clingo(chosen: Selection, touched: frozenset[str], statement: ClingoStatement, *, strict: bool) -> None:
    """What clingo code defines is refused where a query needs it; what only restricts models is left out."""
    defined = {atom.name for atom in statement.heads} & chosen.needed
    if defined:
        if defined <= chosen.by_clingo:
            return
        chosen.by_clingo |= defined
        what = f"the clingo code that defines {', '.join(sorted(defined))}"
        chosen.problems.append(_refused(what, statement.span, ("asp", "integer")))
    elif not statement.heads and {atom.plain for atom in statement.reads} & touched:
        chosen.problems.append(_left_out("clingo code", statement.span, ("asp", "integer"), strict))


def _defined(checked: CheckedProgram) -> frozenset[str]:
    return frozenset(checked.attributes) | frozenset(name for name, _ in checked.relations)


def head_name(checked: CheckedProgram, rule: Rule) -> str:
    """The relation or attribute that a rule defines."""
    head = rule.head
    if isinstance(head, Call):
        return head.name
    assert not isinstance(head, Choice | Disjunction)
    sides = (attribute_of(checked, side) for side in children(head))
    return next((info.name for info in sides if info is not None), "")


def _aggregates(nodes: Iterable[Node]) -> list[Aggregate]:
    return [part for node in nodes for part in walk(node) if isinstance(part, Aggregate)]


def _left_out(what: str, span: Span, backends: tuple[str, ...], strict: bool) -> Diagnostic:
    message = f"this {what} is no part of the degrees" + ("" if strict else " and is left out")
    return Diagnostic("E515" if strict else "W515", message, span, f"these back ends honour it: {', '.join(backends)}")


def _refused(what: str, span: Span, backends: tuple[str, ...]) -> Diagnostic:
    message = f"this back end cannot take {what}, on which a query depends"
    return Diagnostic("E513", message, span, f"these back ends take it: {', '.join(backends)}")


def counted_in_queries(checked: CheckedProgram, queries: Sequence[Query]) -> list[Diagnostic]:
    """E513 for aggregates over attributes that stand in a query itself, where no rule says what they range over."""
    return [
        Diagnostic(
            "E513",
            f"a query cannot hold the aggregate '{aggregate.function}' over {', '.join(sorted(inside))}",
            aggregate.span,
            "give the condition a name by a rule, 'enough :- count { … } > 1.', and ask for that: 'query enough.'; "
            "these back ends take it: asp, integer",
        )
        for query in queries
        for aggregate in _aggregates([query.formula])
        if not is_crisp(checked, inside := names_in(checked, [aggregate]))
    ]


def clingo_code(include: Include) -> Diagnostic:
    """E513 for an included file that has not been read: what it says would be lost."""
    message = f"the included file '{include.path}' has not been read and would be left out"
    return Diagnostic("E513", message, include.span, "load the program from a file, or with its folder")
