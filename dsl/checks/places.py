"""Which values can stand at each place of a relation, and what that says of the variables in a formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from nesy.dsl.checked import Domain, ValueType
from nesy.dsl.checks.bounds import narrow
from nesy.dsl.checks.domains import Extent, Known, component, meet, union, values_of
from nesy.dsl.checks.symbols import Symbols
from nesy.dsl.span import Span
from nesy.dsl.syntax import (
    And,
    Binary,
    Call,
    Comparison,
    Formula,
    Interval,
    Membership,
    Negative,
    Not,
    Or,
    Quantified,
    Term,
    TupleTerm,
    Variable,
)

Kind = Literal["index", "argument", "value"]

Place = tuple[str, int, int]
"""A relation's name, its number of arguments, and the place among them."""


def place_name(place: Place) -> str:
    """How a domain is called that has the values at one place of a relation."""
    name, size, number = place
    return name if size == 1 else f"{name}[{number + 1}]"


@dataclass(slots=True)
class Places:
    """The domain of each place of each relation, as far as it is known."""

    symbols: Symbols
    known: dict[Place, Known] = field(default_factory=dict)
    _common: dict[tuple[int, int], tuple[Known, Known, Known]] = field(default_factory=dict)

    def meet(self, left: Known, right: Known) -> Known:
        """As :func:`~nesy.dsl.checks.domains.meet`, worked out once for each pair of domains."""
        key = (id(left), id(right))
        if key not in self._common:
            self._common[key] = (left, right, meet(left, right))
        return self._common[key][2]

    def names(self) -> frozenset[str]:
        """All names that are values of a type or of a place of a relation."""
        symbols = self.symbols
        domains: list[Known | ValueType | None] = [*symbols.types.values(), *self.known.values()]
        for symbol in symbols.attributes.values():
            domains.extend((*symbol.index, symbol.value))
        found: set[str] = set()
        while domains:
            domain = domains.pop()
            if isinstance(domain, Domain) and domain.components:
                domains.extend(domain.components)
            elif isinstance(domain, Domain):
                found.update(value for value in domain.values if isinstance(value, str))
        return frozenset(found)

    def of_atom(self, call: Call) -> Sequence[Known]:
        """The domains of the arguments of an atom or an attribute's index."""
        symbols, size = self.symbols, len(call.arguments)
        if call.name in symbols.attributes:
            symbol = symbols.attributes[call.name]
            if len(symbol.index) != size:
                return [Extent.ANYTHING] * size
            waits = bool(symbol.statement.condition)
            return [
                Extent.NOTHING if domain is None and waits and isinstance(item, Variable) else _or_anything(domain)
                for domain, item in zip(symbol.index, symbol.items, strict=True)
            ]
        if call.name in symbols.types and size == 1:
            return [symbols.types[call.name]]
        if call.name in symbols.declared:
            declared = symbols.declared[call.name]
            if len(declared) != size:
                return [Extent.ANYTHING] * size
            # of int and real, the values that occur
            return [
                domain if isinstance(domain, Domain) else self.known.get((call.name, size, place), Extent.NOTHING)
                for place, domain in enumerate(declared)
            ]
        if size in symbols.arities.get(call.name, ()):
            return [self.known.get((call.name, size, place), Extent.NOTHING) for place in range(size)]
        return [Extent.ANYTHING] * size


def _or_anything(domain: ValueType | None) -> Known:
    return domain if isinstance(domain, Domain) else Extent.ANYTHING


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A variable at a place whose values are known.

    ``kind``: an attribute's index, an argument of a relation or type, or a value (of an attribute, listed in a set).
    """

    name: str
    domain: Known
    span: Span
    kind: Kind = "value"


def occurrences(formula: Formula, places: Places, positive: bool) -> Iterator[Occurrence]:
    """The variables of a formula at places with a domain.

    ``positive``: only what a true formula forces, as in the body of a rule (nothing under ``not`` or in a quantifier;
    of an ``or`` the values that one of its branches allows); otherwise all places are found.
    """
    match formula:
        case Call():
            yield from _arguments(formula, places)
        case Comparison(operator, left, right):
            for side, other in ((left, right), (right, left)):
                value = _value_domain(side, places.symbols)
                if value is not None and (operator == "=" or not positive):
                    yield from _matched(other, value)
                yield from _nested(side, places)
        case Membership(term, values):
            value = _value_domain(term, places.symbols)
            yield from _nested(term, places)
            items = (values,) if isinstance(values, Interval) else values.items
            if value is not None and not isinstance(values, Interval) and (len(items) == 1 or not positive):
                for item in items:
                    yield from _matched(item, value)
            elif isinstance(term, Variable) and value is None:
                yield Occurrence(term.name, _listed(items, places.symbols), term.span)
            if not isinstance(values, Interval):
                for condition in values.condition:
                    yield from occurrences(condition, places, positive)
        case And(items):
            for part in items:
                yield from occurrences(part, places, positive)
        case Not(operand) if not positive:
            yield from occurrences(operand, places, positive)
        case Or(items) if not positive:
            for part in items:
                yield from occurrences(part, places, positive)
        case Or(items):
            yield from _alternatives(items, places, formula.span)
        case Quantified(_, body, condition) if not positive:
            for part in (body, *condition):
                yield from occurrences(part, places, positive)


def _alternatives(items: Sequence[Formula], places: Places, span: Span) -> Iterator[Occurrence]:
    """The variables of every branch of an ``or``, each with the values that it has in one of them."""
    ways = [variable_domains((item,), places) for item in items]
    for name in ways[0]:
        if all(name in way for way in ways):
            domains = [way[name] for way in ways]
            names = dict.fromkeys(domain.name for domain in domains if isinstance(domain, Domain))
            yield Occurrence(name, union(domains, " or ".join(names)), span)


def _arguments(call: Call, places: Places) -> Iterator[Occurrence]:
    kind: Kind = "argument" if places.symbols.attribute_of(call) is None else "index"
    for argument, domain in zip(call.arguments, places.of_atom(call), strict=True):
        yield from _matched(argument, domain, kind)
        yield from _nested(argument, places)


def _matched(term: Term, domain: Known, kind: Kind = "value") -> Iterator[Occurrence]:
    """The variables of a pattern that is matched against the values of ``domain``."""
    match term:
        case Variable(name):
            yield Occurrence(name, domain, term.span, kind)
        case TupleTerm(items):
            for place, item in enumerate(items):
                yield from _matched(item, component(domain, place, len(items)), kind)


def _nested(term: Term, places: Places) -> Iterator[Occurrence]:
    """The variables in the indices of attributes within a term."""
    match term:
        case Call() if places.symbols.attribute_of(term) is not None:
            yield from _arguments(term, places)
        case Call(_, arguments, _):
            for argument in arguments:
                yield from _nested(argument, places)
        case TupleTerm(items):
            for item in items:
                yield from _nested(item, places)
        case Negative(operand):
            yield from _nested(operand, places)
        case Binary(_, left, right) | Interval(left, right):
            yield from _nested(left, places)
            yield from _nested(right, places)


def _value_domain(term: Term, symbols: Symbols) -> Known | None:
    symbol = symbols.attribute_of(term)
    return symbol.value if symbol is not None and isinstance(symbol.value, Domain) else None


def _listed(items: Sequence[Term], symbols: Symbols) -> Known:
    return union([values_of(item, {}, symbols) for item in items], "set")


def equations(formula: Formula) -> Iterator[tuple[Variable, Term]]:
    """The pairs ``X = term`` in a conjunction, either way round."""
    match formula:
        case Comparison("=", left, right):
            if isinstance(left, Variable) and not left.anonymous:
                yield left, right
            if isinstance(right, Variable) and not right.anonymous:
                yield right, left
        case And(items):
            for item in items:
                yield from equations(item)


def variable_domains(body: Sequence[Formula], places: Places, limited: bool = False) -> dict[str, Known]:
    """The values that a conjunction leaves to each of its variables; ``limited``: comparisons count as well."""
    known: dict[str, Known] = {}
    for formula in body:
        for found in occurrences(formula, places, positive=True):
            known[found.name] = places.meet(known.get(found.name, Extent.ANYTHING), found.domain)
    pairs = [pair for formula in body for pair in equations(formula)]
    settle(pairs, known, places.symbols)
    if limited:
        for formula in body:
            narrow(formula, known, places.symbols)
    return known


def settle(pairs: Sequence[tuple[Variable, Term]], known: dict[str, Known], symbols: Symbols) -> None:
    """Give variables without a domain the values of what they are equal to, in passes to and fro."""
    changed, order = True, list(pairs)
    while changed:
        changed = False
        order.reverse()
        for variable, term in order:
            if known.get(variable.name, Extent.ANYTHING) is Extent.ANYTHING:
                values = values_of(term, known, symbols)
                if values is not Extent.ANYTHING:
                    known[variable.name] = values
                    changed = True
