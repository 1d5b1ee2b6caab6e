"""The ground size of statements, estimated: instances, what is tried for them, and what an explosion is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from nesy.dsl.checked import AttributeInfo, Domain, TypedRule
from nesy.dsl.span import Span
from nesy.dsl.statements import Choice, ClingoStatement, Constraint, Disjunction, Optimize, Rule, SoftConstraint
from nesy.dsl.syntax import Call, Element, Formula
from nesy.solvers.grounding.walking import clauses
from nesy.solvers.planning.extents import Estimates
from nesy.solvers.planning.heads import facts_of
from nesy.solvers.planning.joins import Growth, Matches, join
from nesy.solvers.planning.literals import Body

Accuracy = Literal["exact", "about", "at most", "unknown"]
Sized = Rule | Constraint | SoftConstraint | Optimize | TypedRule | ClingoStatement | AttributeInfo

KINDS = {
    Constraint: "constraint",
    SoftConstraint: "soft constraint",
    Optimize: "optimisation",
    TypedRule: "uncertain rule",
}
ATTRIBUTES = {"random": "random variable"}
"""What the kinds of attributes are called where the kind is no noun."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large one statement becomes.

    ``instances``: ground rules (facts, indices of an attribute). ``parts``: what stands in them beside their own
    literals (elements of aggregates and choices, members of sets, indices below ``all``; values of an attribute).
    ``tried``: partial matches on the way there, which cost time whatever comes of them. ``growth`` tells the steps that
    multiply. Numbers may be infinite.
    """

    span: Span
    kind: str
    instances: float
    parts: float
    tried: float
    accuracy: Accuracy
    growth: tuple[Growth, ...] = ()

    @property
    def work(self) -> float:
        """What is held against a budget."""
        return max(self.instances, self.tried, self.parts)


def size_of(program: Estimates, statement: Sized) -> Size:
    """The size of one statement, or of an attribute."""
    match statement:
        case AttributeInfo():
            return _attribute(program, statement)
        case ClingoStatement():  # its text is clingo's to read
            return Size(statement.span, "clingo code", 0.0, 0.0, 0.0, "unknown")
        case TypedRule():
            return _uncertain(program, statement)
        case Optimize():
            ways = [_Way(program, element.condition, ()) for element in statement.elements]
            return _summed(program, statement.span, KINDS[Optimize], ways)
        case Rule():
            if not statement.body and isinstance(statement.head, Call):
                count = facts_of(statement.head, program.checked.constants)
                return Size(statement.span, "fact", count, 0.0, count, "exact")
            ways = _ways(program, statement.body, _elements(statement))
            return _summed(program, statement.span, _kind(statement), ways)
        case _:
            return _summed(program, statement.span, KINDS[type(statement)], _ways(program, statement.body, ()))


def _kind(rule: Rule) -> str:
    match rule.head:
        case Choice():
            return "choice"
        case Disjunction():
            return "disjunction"
        case _:
            return "rule"


def _elements(rule: Rule) -> Sequence[Element]:
    return rule.head.elements if isinstance(rule.head, Choice) else ()


def _attribute(program: Estimates, info: AttributeInfo) -> Size:
    index = program.index(info)
    values = float(len(info.value)) if isinstance(info.value, Domain) else 0.0
    sources = 1 + len(info.sources)
    accuracy = _accuracy(program, {info.name}, exact=True)
    growth = [
        Growth((f"place {place}",), float(len(domain)), domain.name) for place, domain in enumerate(info.index, 1)
    ]
    instances = index.size * sources
    kind = ATTRIBUTES.get(info.kind, info.kind)
    return Size(info.span, kind, instances, instances * values, instances * values, accuracy, tuple(growth))


def _uncertain(program: Estimates, rule: TypedRule) -> Size:
    statement = rule.statement
    body = Body(program)
    body.typed(rule.variables)
    body.add_all(statement.where)
    body.indices([statement.premise, statement.conclusion])
    return _summed(program, statement.span, KINDS[TypedRule], [_Way.of(program, body, ())])


class _Way:
    """One conjunction: its matches, and those of the parts inside it."""

    def __init__(self, program: Estimates, formulas: Iterable[Formula], elements: Iterable[Element]) -> None:
        self._count(program, program.body(formulas), elements)

    @staticmethod
    def of(program: Estimates, body: Body, elements: Iterable[Element]) -> _Way:
        """A conjunction that has been read."""
        way = _Way.__new__(_Way)
        way._count(program, body, elements)
        return way

    def _count(self, program: Estimates, body: Body, elements: Iterable[Element]) -> None:
        for element in elements:
            body.inner().add_all(element.condition)
        self.matches: Matches = join(body.atoms, body.conditions, program.effort)
        self.parts: list[Matches] = []
        for part in body.parts:
            atoms, conditions = [*body.atoms, *part.atoms], [*body.conditions, *part.conditions]
            self.parts.append(join(atoms, conditions, program.effort))
        self.read = {name for name, _ in body.read}


def _ways(program: Estimates, formulas: Iterable[Formula], elements: Sequence[Element]) -> list[_Way]:
    return [_Way(program, clause, elements) for clause in clauses(formulas)]


def _summed(program: Estimates, span: Span, kind: str, ways: Sequence[_Way]) -> Size:
    everything = [matches for way in ways for matches in (way.matches, *way.parts)]
    worst = max(everything, key=lambda matches: matches.tried, default=None)
    exact = all(matches.exact for matches in everything)
    read = {name for way in ways for name in way.read}
    return Size(
        span,
        kind,
        sum(way.matches.size for way in ways),
        sum(part.size for way in ways for part in way.parts),
        sum(matches.tried for matches in everything),
        _accuracy(program, read, exact=exact),
        worst.growth if worst else (),
    )


def _accuracy(program: Estimates, read: set[str], *, exact: bool) -> Accuracy:
    if read & program.unknown:
        return "unknown"
    if read & program.at_most:
        return "at most"
    return "exact" if exact and not read & program.estimated else "about"


def sizes(program: Estimates, statements: Iterable[Sized]) -> Iterator[Size]:
    """The size of each statement."""
    for statement in statements:
        yield size_of(program, statement)
