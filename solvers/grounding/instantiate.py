"""From templates and rows to ground formulas.

A template becomes a closure from a row of values to a formula; everything that does not depend on the row (tables
of sets, cases and ranges, places of attributes) is looked up once, when the closure is made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import TypeAlias

from nesy.dsl.values import Value
from nesy.solvers.ground_model import AllOf, AnyOf, AtomLiteral, Attribute, AttributeLiteral, GroundAtom, GroundFormula
from nesy.solvers.grounding.formulas import FALSE, TRUE, Literals
from nesy.solvers.grounding.gringo import Grounding
from nesy.solvers.grounding.templates import (
    AtomTemplate,
    CasesTemplate,
    Column,
    CrispTemplate,
    JoinTemplate,
    NotTemplate,
    RangeTemplate,
    Rows,
    SetTemplate,
    Template,
    ValueTemplate,
)

Row: TypeAlias = tuple[Value, ...]
Builder: TypeAlias = Callable[[Row], GroundFormula]


def picker(columns: tuple[Column, ...]) -> Callable[[Row], Row]:
    """A function that gives the values of ``columns`` as a tuple."""
    if not columns:
        return lambda _: ()
    if len(columns) == 1:
        (column,) = columns
        return lambda row: (row[column],)
    return itemgetter(*columns)


class Instantiator:
    """Makes closures for templates over one grounding."""

    def __init__(
        self,
        grounding: Grounding,
        attributes: tuple[Attribute, ...],
        atoms: Mapping[GroundAtom, int],
    ) -> None:
        self.grounding = grounding
        self.literals = Literals(attributes)
        self.attributes = attributes
        self._places = {attribute.name: place for place, attribute in enumerate(attributes)}
        self._atoms = atoms

    def rows(self, rows: Rows) -> list[Row]:
        """The rows of a scope, their fixed values included."""
        found = self.grounding.rows(rows.predicate, rows.arity)
        return [row + rows.fixed for row in found] if rows.fixed else found

    def builder(self, template: Template) -> Builder:
        """The closure of ``template``. Attribute literals come as they are, joins merged and simplified."""
        match template:
            case ValueTemplate():
                return self._value(template)
            case SetTemplate():
                return self._set(template)
            case CasesTemplate():
                return self._cases(template)
            case CrispTemplate():
                return self._crisp(template)
            case AtomTemplate():
                return self._atom(template)
            case NotTemplate():
                return self._not(template)
            case JoinTemplate():
                return self._join(template)
            case RangeTemplate():
                return self._range(template)

    def _value(self, template: ValueTemplate) -> Builder:
        place = self._places[template.attribute]
        attribute = self.attributes[place]
        pick, column, literal = picker(template.index), template.value, self.literals.literal
        positions, position = attribute.positions, attribute.domain.position

        def build(row: Row) -> GroundFormula:
            value = position(row[column])
            return literal(place, positions[pick(row)], () if value is None else (value,))

        return build

    def _set(self, template: SetTemplate) -> Builder:
        place = self._places[template.attribute]
        attribute = self.attributes[place]
        table: dict[Row, set[int]] = defaultdict(set)
        for row in self.rows(template.members):
            value = attribute.domain.position(row[-1])
            if value is not None:
                table[row[:-1]].add(value)
        members = {key: tuple(sorted(values)) for key, values in table.items()}
        pick, pick_key = picker(template.index), picker(template.key)
        positions = attribute.positions

        def build(row: Row) -> GroundFormula:
            # not through self.literals: to look up a literal of many values costs more than to make it
            return AttributeLiteral(place, positions[pick(row)], members.get(pick_key(row), ()))

        return build

    def _cases(self, template: CasesTemplate) -> Builder:
        """Rows that differ in the value of the last attribute only become one conjunction."""
        width = len(template.key)
        merged: dict[Row, set[int]] = defaultdict(set)
        for row in self.rows(template.cases):
            last = self.attributes[self._places[template.attributes[-1][0]]].domain.position(row[-1])
            if last is not None:
                merged[row[:-1]].add(last)
        table: dict[Row, list[GroundFormula]] = defaultdict(list)
        for row, values in merged.items():
            table[row[:width]].append(self._case(template.attributes, row[width:], tuple(sorted(values))))
        ways = {key: self.literals.any_of(items) for key, items in table.items()}
        pick_key = picker(template.key)
        return lambda row: ways.get(pick_key(row), FALSE)

    def _case(self, attributes: tuple[tuple[str, int], ...], row: Row, last: tuple[int, ...]) -> GroundFormula:
        items = []
        start = 0
        for number, (name, places) in enumerate(attributes, 1):
            place = self._places[name]
            attribute = self.attributes[place]
            index = attribute.positions[row[start : start + places]]
            start += places
            if number == len(attributes):
                values = last
            else:
                value = attribute.domain.position(row[start])
                values = () if value is None else (value,)
                start += 1
            items.append(self.literals.literal(place, index, values))
        return self.literals.all_of(items)

    def _crisp(self, template: CrispTemplate) -> Builder:
        holds = set(self.rows(template.holds))
        pick = picker(template.key)
        return lambda row: TRUE if pick(row) in holds else FALSE

    def _atom(self, template: AtomTemplate) -> Builder:
        pick = picker(template.arguments)

        def build(row: Row) -> GroundFormula:
            atom = self._atoms.get(GroundAtom(template.name, pick(row)))
            return FALSE if atom is None else AtomLiteral(atom)

        return build

    def _not(self, template: NotTemplate) -> Builder:
        operand, literals = self.builder(template.operand), self.literals

        def build(row: Row) -> GroundFormula:
            formula = operand(row)
            return literals.negation(formula)

        return build

    def _join(self, template: JoinTemplate) -> Builder:
        items = [self.builder(item) for item in template.items]
        combine = self.literals.all_of if template.kind == "all" else self.literals.any_of
        return lambda row: combine(item(row) for item in items)

    def _range(self, template: RangeTemplate) -> Builder:
        body = self.builder(template.body)
        width = len(template.key)
        grouped: dict[Row, list[Row]] = defaultdict(list)
        for row in self.rows(template.range):
            grouped[row[:width]].append(row)
        combine = self.literals.all_of if template.kind == "all" else self.literals.any_of
        made: dict[Row, GroundFormula] = {}
        pick = picker(template.key)

        def build(row: Row) -> GroundFormula:
            key = pick(row)
            found = made.get(key)
            if found is None:
                found = made[key] = _sorted(combine(map(body, grouped.get(key, ()))))
            return found

        return build

    def attribute(self, literal: AttributeLiteral) -> Attribute:
        """The attribute that a literal is about."""
        return self.attributes[literal.attribute]

    def place(self, name: str) -> int:
        """The place of the attribute called ``name``."""
        return self._places[name]


def _sorted(formula: GroundFormula) -> GroundFormula:
    """A join with its literals in the order of attributes and indices: gringo's order says nothing to readers."""
    if not isinstance(formula, AllOf | AnyOf):
        return formula
    literals = [item for item in formula.items if isinstance(item, AttributeLiteral)]
    literals.sort(key=lambda literal: (literal.attribute, literal.index))
    others = [item for item in formula.items if not isinstance(item, AttributeLiteral)]
    return type(formula)((*literals, *others))
