"""Whole statements as clingo text: rules, choices, constraints, optimisation, and the attributes themselves.

Each function gives lines of text, one rule a line. ``label`` makes the names of helper predicates unique, for
instance the number of the statement.
"""

from __future__ import annotations

from nesy.dsl.checked import AttributeInfo
from nesy.dsl.statements import Choice, Constraint, Disjunction, Optimize, Rule, SoftConstraint, head_parts
from nesy.dsl.syntax import Call, Comparison, Formula, Term, Variable
from nesy.solvers.grounding.clingo_parts import application, rule
from nesy.solvers.grounding.clingo_text import Clause
from nesy.solvers.grounding.memberships import without_attribute_sets
from nesy.solvers.grounding.vocabulary import Vocabulary
from nesy.solvers.grounding.walking import clauses, global_variables


def rule_lines(vocabulary: Vocabulary, statement: Rule, label: str) -> list[str]:
    """``head :- body.`` of any kind."""
    if not statement.body and isinstance(statement.head, Call) and not vocabulary.is_attribute(statement.head):
        clause = Clause(vocabulary, label, ())
        return [rule(head_text(clause, statement.head), clause.body)]
    lines: list[str] = []
    for place, body in enumerate(_bodies(vocabulary, statement.body)):
        clause = _clause(vocabulary, statement, label, place)
        head = head_text(clause, statement.head)
        clause.add_all(body)
        lines += [rule(head, clause.body), *clause.lines()]
    return lines


def constraint_lines(vocabulary: Vocabulary, statement: Constraint, label: str) -> list[str]:
    """``:- body.``"""
    lines: list[str] = []
    for place, body in enumerate(_bodies(vocabulary, statement.body)):
        clause = _clause(vocabulary, statement, label, place)
        clause.add_all(body)
        lines += [rule("", clause.body), *clause.lines()]
    return lines


def soft_lines(vocabulary: Vocabulary, statement: SoftConstraint, label: str) -> list[str]:
    """``:~ body. [weight@level, terms]``

    The terms tell the instances apart, as in clingo. Without terms the statement and its variables do, so that
    every instance counts once.
    """
    lines: list[str] = []
    for place, body in enumerate(_bodies(vocabulary, statement.body)):
        clause = _clause(vocabulary, statement, label, place)
        clause.add_all(body)
        weight = clause.term(statement.weight)
        level = "0" if statement.level is None else clause.term(statement.level)
        terms = [clause.term(term) for term in statement.terms] or [f'"{label}"', *global_variables(body)]
        inside = ",".join([f"{weight}@{level}", *terms])
        lines += [f":~ {rule('', clause.body)[3:]} [{inside}]", *clause.lines()]
    return lines


def optimize_lines(vocabulary: Vocabulary, statement: Optimize, label: str) -> list[str]:
    """``#maximize { V@1,X : value(X,V), in(X) }.``"""
    clause = Clause(vocabulary, label, ())
    elements = "; ".join(clause.element(element) for element in statement.elements)
    return [f"#{statement.direction} {{ {elements} }}.", *clause.lines()]


def head_text(clause: Clause, head: Call | Comparison | Choice | Disjunction) -> str:
    """A rule's head; terms over attributes add literals to ``clause``."""
    match head:
        case Choice():
            elements = "; ".join(
                _choice_element(clause, element.terms[0], element.condition) for element in head.elements
            )
            low = "" if head.low is None else f"{clause.term(head.low)} "
            high = "" if head.high is None else f" {clause.term(head.high)}"
            return f"{low}{{ {elements} }}{high}"
        case Disjunction():
            return " ; ".join(head_text(clause, item) for item in head.items)
        case _:
            name, arguments = head_atom(clause, head)
            return application(name, arguments)


def head_atom(clause: Clause, head: Call | Comparison) -> tuple[str, list[str]]:
    """Predicate and arguments of a head; of an attribute the last argument is the value."""
    if isinstance(head, Comparison):
        call, value = head.left, head.right
        if not clause.vocabulary.is_attribute(call):
            call, value = value, call
        assert isinstance(call, Call)
        text = clause.term(value)
        return clause.vocabulary.head_predicate(call), [*map(clause.term, call.arguments), text]
    arguments = [clause.term(argument) for argument in head.arguments]
    if clause.vocabulary.is_attribute(head):
        arguments.append("true")
    return clause.vocabulary.head_predicate(head), arguments


def _choice_element(clause: Clause, head: Term | Formula, condition: tuple[Formula, ...]) -> str:
    assert isinstance(head, Call | Comparison)
    inner = clause.inner(global_variables(condition))
    text = head_text(inner, head)
    inner.add_all(condition)
    clause.adopt(inner)
    return f"{text} : {', '.join(inner.body)}" if inner.body else text


def _bodies(vocabulary: Vocabulary, body: tuple[Formula, ...]) -> tuple[tuple[Formula, ...], ...]:
    """The conjunctions of which ``body`` is the disjunction."""
    return clauses(without_attribute_sets(vocabulary, body))


def _clause(vocabulary: Vocabulary, statement: Rule | Constraint | SoftConstraint, label: str, place: int) -> Clause:
    nodes = (*head_parts(statement.head), *statement.body) if isinstance(statement, Rule) else statement.body
    return Clause(vocabulary, label if place == 0 else f"{label}_{place}", global_variables(nodes))


# ----- attributes


def index_line(vocabulary: Vocabulary, info: AttributeInfo) -> list[str]:
    """``_index_pair(A,B) :- node(A), node(B), edge(A,B).``: the indices of an attribute."""
    predicate = vocabulary.index_predicate(info.name)
    if not info.index:
        return []
    names = [
        item.name if isinstance(item, Variable) and not item.anonymous else f"X'{place}"
        for place, item in enumerate(info.index_items)
    ]
    clause = Clause(vocabulary, f"index_{info.name}", names)
    for domain, name in zip(info.index, names, strict=True):
        clause.add(f"{vocabulary.domain_predicate(domain)}({name})")
    clause.add_all(info.condition)
    return [rule(application(predicate, names), list(dict.fromkeys(clause.body))), *clause.lines()]


def values_line(vocabulary: Vocabulary, info: AttributeInfo, source: str | None, *, exactly_one: bool) -> str:
    """``{ cell(X1,X2,V) : digit(V) } = 1 :- _index_cell(X1,X2).``: the values that an attribute can take.

    Without ``exactly_one`` the atoms are only open: what the grounder needs, so that nothing is decided.
    """
    domain = vocabulary.domain_predicate(vocabulary.value_domain(info, info.span))
    names = [f"X{place}" for place in range(1, len(info.index) + 1)]
    atom = application(vocabulary.head_predicate(Call(info.name, source=source)), [*names, "V"])
    head = f"{{ {atom} : {domain}(V) }}{' = 1' if exactly_one else ''}"
    return rule(head, [application(vocabulary.index_predicate(info.name), names)] if names else [])
