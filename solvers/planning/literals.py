"""From the formulas of a body to what a join takes: atoms over relations, conditions, and parts that are counted apart.

An attribute is an index (a relation) and a value; of `cell(R, C) = V` a ground rule has one instance for each value of
V, of `cell(R, C) != V` and `cell(R, C) in {…}` one for each index.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain
from nesy.dsl.syntax import (
    Aggregate,
    And,
    Call,
    Comparison,
    Formula,
    Interval,
    Membership,
    Node,
    Not,
    Or,
    Quantified,
    SetTerm,
    Term,
    TupleTerm,
    Variable,
    children,
    walk,
)
from nesy.dsl.values import Value
from nesy.solvers.grounding.vocabulary import attribute_of
from nesy.solvers.grounding.walking import clauses, global_variables, inward, rename, replace
from nesy.solvers.planning.conditions import Absent, Condition, Outside
from nesy.solvers.planning.joins import Atom
from nesy.solvers.planning.relations import Relation, Table, Vague


class Extents(Protocol):
    """What is known of the relations of a program."""

    @property
    def checked(self) -> CheckedProgram: ...

    def relation(self, name: str, arity: int) -> Relation: ...

    def index(self, info: AttributeInfo) -> Relation: ...


@dataclass
class Body:
    """A conjunction while it is read. ``parts`` are aggregates, quantifiers and sets: bodies inside this one."""

    extents: Extents
    atoms: list[Atom] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    parts: list[Body] = field(default_factory=list)
    read: set[tuple[str, int]] = field(default_factory=set)
    """The relations that it speaks of."""
    _fresh: count[int] = field(default_factory=lambda: count(1))

    def add_all(self, formulas: Iterable[Formula]) -> None:
        """Append a conjunction in which ``or`` has been distributed (``walking.clauses``)."""
        for formula in formulas:
            self.add(inward(formula))

    def add(self, formula: Formula) -> None:
        """Append one literal in negation normal form."""
        match formula:
            case And():
                self.add_all(formula.items)
            case Not(operand=Call() as call):
                self._absent(call)
            case Not(operand=Membership() as membership):
                self._membership(membership, negative=True)
            case Call():
                self._atom(formula)
            case Membership():
                self._membership(formula, negative=False)
            case Comparison():
                self._comparison(formula)
            case Quantified():
                self._quantified(formula)
            case _:
                pass  # an alternation below a quantifier multiplies nothing

    def typed(self, variables: Iterable[tuple[str, Domain]]) -> None:
        """Variables that range over domains."""
        for name, domain in variables:
            self.atoms.append(Atom(Vague.product([domain.values]), (Variable(name),), domain.name))

    def indices(self, nodes: Iterable[Node]) -> None:
        """The index sets of the attributes in ``nodes``, those below quantifiers and in sets as parts of their own."""
        for node in nodes:
            match node:
                case Quantified() if node.quantifier == "all":
                    self._for_all(node)
                case SetTerm() if node.condition:
                    continue
                case Membership(term, SetTerm() as values) if values.condition:
                    self._set(term, values)
                    self.indices([term])
                case Call() if attribute_of(self.extents.checked, node):
                    self._index(node)
                case _:
                    self.indices(children(node))

    def inner(self) -> Body:
        """A part that is read on its own."""
        part = Body(self.extents, read=self.read, _fresh=self._fresh)
        self.parts.append(part)
        return part

    # ----- atoms

    def _atom(self, call: Call) -> None:
        if attribute_of(self.extents.checked, call):
            self._index(call)
            return
        relation = self._relation(call)
        if relation is not None:
            arguments = tuple(self._lifted(term) for term in call.arguments)
            self.atoms.append(Atom(relation, arguments, call.name))

    def _absent(self, call: Call) -> None:
        if attribute_of(self.extents.checked, call):
            self._index(call)
            return
        relation = self._relation(call)
        info = self.extents.checked.relations.get((call.name, len(call.arguments)))
        crisp = info is None or info.status == "crisp"
        if isinstance(relation, Table) and crisp and not self._has_attribute(call):
            self.conditions.append(Absent(relation, call.arguments))

    def _relation(self, call: Call) -> Relation | None:
        checked, arity = self.extents.checked, len(call.arguments)
        if (call.name, arity) in checked.relations:
            self.read.add((call.name, arity))
            return self.extents.relation(call.name, arity)
        if arity == 1 and call.name in checked.types:
            return Vague.product([checked.types[call.name].values])
        return None

    def _index(self, call: Call) -> None:
        """The index of an attribute, whatever its value."""
        info = self.extents.checked.attributes[call.name]
        if call.arguments:
            arguments = tuple(self._lifted(term) for term in call.arguments)
            self.atoms.append(Atom(self.extents.index(info), arguments, call.name))

    def _value(self, call: Call, value: Term) -> None:
        """An attribute with its value."""
        self._index(call)
        domain = self.extents.checked.attributes[call.name].value
        values: Sequence[Value] | None = domain.values if isinstance(domain, Domain) else None
        column = Vague((values,), float(len(values)) if values is not None else 1.0)
        self.atoms.append(Atom(column, (value,), f"the values of {call.name}"))

    def _lifted(self, term: Term) -> Term:
        """``term`` with a variable in place of each attribute inside."""

        def change(part: Node) -> Node | None:
            if isinstance(part, Call) and attribute_of(self.extents.checked, part):
                name = self._name()
                self._value(part, name)
                return name
            return None

        return replace(term, change) if self._has_attribute(term) else term

    def _name(self) -> Variable:
        return Variable(f"V'{next(self._fresh)}")

    def _has_attribute(self, node: Node) -> bool:
        return any(attribute_of(self.extents.checked, part) is not None for part in walk(node))

    # ----- comparisons and memberships

    def _comparison(self, comparison: Comparison) -> None:
        left, right, checked = comparison.left, comparison.right, self.extents.checked
        for side, other in ((left, right), (right, left)):
            if isinstance(side, Aggregate):
                self._aggregate(side)
                if comparison.operator == "=" and isinstance(other, Variable):
                    self.atoms.append(Atom(Vague((None,), 1.0), (other,)))
                return
        for side, other in ((left, right), (right, left)):
            if isinstance(side, Call) and attribute_of(checked, side) and comparison.operator in ("=", "!="):
                if comparison.operator == "=":
                    self._value(side, self._lifted(other))
                else:
                    self._lifted(other)
                    self._index(side)
                return
        if not self._has_attribute(comparison):
            self.conditions.append(comparison)
            return
        # the last attribute is a test on all of its values together, the others are instantiated
        calls = [part for part in walk(comparison) if isinstance(part, Call) and attribute_of(checked, part)]
        for call in calls[:-1]:
            self._value(call, self._name())
        self._index(calls[-1])
        for side in (left, right):
            if isinstance(side, Variable) and comparison.operator == "=":
                self.atoms.append(Atom(Vague((None,), 1.0), (side,)))

    def _membership(self, membership: Membership, *, negative: bool) -> None:
        term, values = membership.term, membership.values
        if self._has_attribute(term):
            self.indices([term])
            if isinstance(values, SetTerm) and values.condition:
                self._set(term, values)
        elif negative:
            if isinstance(values, Interval) or not values.condition:
                self.conditions.append(Outside(membership))
        elif isinstance(values, SetTerm) and values.condition:
            self.add_all(values.condition)
            self.conditions.append(Comparison("=", term, values.items[0], membership.span))
        else:
            self.conditions.append(membership)

    # ----- parts

    def _aggregate(self, aggregate: Aggregate) -> None:
        for element in aggregate.elements:
            part = self.inner()
            part.add_all(element.condition)

    def _quantified(self, formula: Quantified) -> None:
        if formula.quantifier == "all":
            self._for_all(formula)
            return
        own = global_variables([formula.body, *formula.condition])
        names = {name: f"{name}'{next(self._fresh)}" for name in own if not self._is_bound(name)}
        for clause in clauses([rename(formula.body, names)])[:1]:
            self.add_all([*(rename(item, names) for item in formula.condition), *clause])

    def _is_bound(self, name: str) -> bool:
        return any(
            isinstance(part, Variable) and part.name == name
            for atom in self.atoms
            for term in atom.arguments
            for part in walk(term)
        )

    def _for_all(self, formula: Quantified) -> None:
        part = self.inner()
        part.add_all(formula.condition)
        body = replace(formula.body, lambda node: self._name() if _anonymous(node) else None)
        part.indices([body])

    def _set(self, term: Term, values: SetTerm) -> None:
        """The values of a set with a condition: those of the attribute's domain that match one of its items."""
        info = attribute_of(self.extents.checked, term)
        if info is None or not isinstance(info.value, Domain):
            return
        part = self.inner()
        for item in values.items[:1]:
            part.atoms.append(_matching(info.value, item))
        part.add_all(values.condition)


def _anonymous(node: Node) -> bool:
    return isinstance(node, Variable) and node.anonymous


def _matching(domain: Domain, item: Term) -> Atom:
    """The values of a domain that an item matches; of a product, component by component."""
    if domain.components and isinstance(item, TupleTerm) and len(item.items) == len(domain.components):
        return Atom(Vague.product([part.values for part in domain.components]), item.items, domain.name)
    return Atom(Vague.product([domain.values]), (item,), domain.name)


def literals_of(formula: Formula) -> Iterator[Formula]:
    """What a formula is made of by ``and`` and ``or``, with ``not`` before atoms and memberships only."""

    def split(part: Formula) -> Iterator[Formula]:
        if isinstance(part, And | Or):
            for item in part.items:
                yield from split(item)
        else:
            yield part

    yield from split(inward(formula))
