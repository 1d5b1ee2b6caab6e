"""What of a program decides between solvers, read off before grounding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nesy.dsl.checked import CheckedProgram, TypedRule
from nesy.dsl.checks.constants import fold
from nesy.dsl.graphs import components
from nesy.dsl.span import Span
from nesy.dsl.statements import Choice, ClingoStatement, Disjunction, Optimize, Rule, SoftConstraint, head_parts
from nesy.dsl.syntax import Aggregate, Call, Comparison, Node, Not, Term, walk
from nesy.dsl.values import Value
from nesy.solvers.grounding.selection import names_in
from nesy.solvers.grounding.uncertain_rules import parameters
from nesy.solvers.grounding.walking import clauses
from nesy.solvers.logic.selection import LogicSelection
from nesy.solvers.planning.extents import Estimates
from nesy.solvers.planning.heads import heads_of
from nesy.solvers.planning.joins import join
from nesy.solvers.planning.literals import Body, literals_of
from nesy.solvers.planning.matching import value_of


@dataclass(frozen=True)
class Recursion:
    """Names that positive rules let rest on themselves, and the line of such a rule.

    ``ground`` tells whether their atoms do as well; None where that is not known before grounding.
    """

    names: tuple[str, ...]
    span: Span
    ground: bool | None
    through_aggregate: Span | None
    through_disjunction: Span | None


def recursions(estimates: Estimates, chosen: LogicSelection) -> list[Recursion]:
    """The recursive names of a logic program, those that rest on one another together."""
    checked = estimates.checked
    rules = [statement for statement, crisp in chosen.statements if isinstance(statement, Rule) and not crisp]
    edges: dict[str, set[str]] = {}
    for rule in rules:
        for name in defined(checked, rule):
            edges.setdefault(name, set()).update(_positive(checked, rule))
    found = []
    for members in components(edges):
        if len(members) > 1 or members[0] in edges[members[0]]:
            inside = set(members)
            own = [rule for rule in rules if defined(checked, rule) & inside and _positive(checked, rule) & inside]
            summed = _aggregate_over(checked, own, inside)
            found.append(
                Recursion(
                    tuple(sorted(members)),
                    own[0].span,
                    _ground_loop(estimates, own, inside) if summed is None else None,
                    summed,
                    next((rule.span for rule in own if isinstance(rule.head, Disjunction)), None),
                )
            )
    return found


def defined(checked: CheckedProgram, rule: Rule) -> frozenset[str]:
    """The relations and attributes that a rule's head is about."""
    heads = [element.terms[0] for element in rule.head.elements] if isinstance(rule.head, Choice) else None
    found: set[str] = set()
    for part in head_parts(rule.head) if heads is None else heads:
        sides = (part.left, part.right) if isinstance(part, Comparison) else (part,)
        calls = [side for side in sides if isinstance(side, Call)]
        found |= {call.name for call in calls if len(calls) == 1 or call.name in checked.attributes}
    return frozenset(found)


def _positive(checked: CheckedProgram, rule: Rule) -> frozenset[str]:
    """What a rule's body speaks of otherwise than below ``not``."""
    found: set[str] = set()
    for formula in rule.body:
        for literal in literals_of(formula):
            if not isinstance(literal, Not):
                found |= names_in(checked, [literal])
    return frozenset(found)


def _aggregate_over(checked: CheckedProgram, rules: Iterable[Rule], inside: set[str]) -> Span | None:
    for rule in rules:
        for part in (part for formula in rule.body for part in walk(formula)):
            if isinstance(part, Aggregate) and names_in(checked, [part]) & inside:
                return part.span
    return None


def _ground_loop(estimates: Estimates, rules: Sequence[Rule], inside: set[str]) -> bool | None:
    """Whether atoms rest on themselves: exact where all instances of the rules are known, else None."""
    if inside & set(estimates.checked.attributes):
        return None
    edges: dict[tuple[object, ...], set[tuple[object, ...]]] = {}
    for rule in rules:
        for head in heads_of(rule):
            for clause in clauses(head.body):
                body = Body(estimates)
                body.add_all(clause)
                matches = join(body.atoms, body.conditions, estimates.effort)
                if not matches.exact:
                    return None
                used = [atom for atom in body.atoms if atom.name in inside]
                for row in matches.rows:
                    constants = estimates.effort.constants
                    key = (head.atom.name, *(value_of(term, row, constants) for term in head.atom.arguments))
                    below = [(a.name, *(value_of(term, row, constants) for term in a.arguments)) for a in used]
                    edges.setdefault(key, set()).update(below)
    return any(len(members) > 1 or members[0] in edges[members[0]] for members in components(edges))


# ----- costs


@dataclass(frozen=True)
class Costs:
    """What a program pays for: readings (at level 0, fine-grained), and weights at levels."""

    readings: bool
    levels: tuple[int, ...]
    degrees: int
    sums: bool

    @property
    def count(self) -> int:
        """Number of levels with costs."""
        return len({*self.levels, *((0,) if self.readings else ())}) + self.degrees


def costs_of(checked: CheckedProgram, chosen: LogicSelection) -> Costs:
    """The costs of a logic program."""
    levels: set[int] = set()
    degrees: set[float] = set()
    sums = False
    for statement, _ in chosen.statements:
        match statement:
            case SoftConstraint():
                levels.add(_level(statement.level, checked.constants))
            case Optimize():
                levels |= {_level(element.priority, checked.constants) for element in statement.elements}
            case TypedRule():
                given = statement.statement
                pair = parameters(given.parameters, given.form, checked.constants)
                degrees |= {degree for degree in pair if 0.0 < degree < 1.0}
            case ClingoStatement():
                levels |= {int(level) for level in statement.levels if level.lstrip("-").isdigit()}
            case _:
                nodes: list[Node] = list(statement.body)
                if isinstance(statement, Rule):
                    nodes += head_parts(statement.head)
                sums = sums or any(
                    isinstance(part, Aggregate) and part.function == "sum" for node in nodes for part in walk(node)
                )
    readings = any(info.kind == "percept" for info in chosen.attributes)
    return Costs(readings, tuple(sorted(levels, reverse=True)), len(degrees), sums)


def _level(term: Term | None, constants: Mapping[str, Value | float]) -> int:
    """A level that is a number or a constant; 0 for one that only grounding tells."""
    known = None if term is None else fold(term, constants)
    return int(known) if isinstance(known, int | float) else 0
