"""Which values can stand at each place of a relation, and in each variable of an attribute's index.

Declared relations have the types of their declaration. For all others the values are found by a fixpoint over facts
and rules: a head's variable has the values that every positive formula of the body leaves it. The result is an upper
bound, and ``ANYTHING`` where there is none, as for arithmetic that never ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nesy.dsl.checked import Domain
from nesy.dsl.checks.declarations import head_atoms
from nesy.dsl.checks.domains import Extent, Known, adhoc, component, meet, union, values_of
from nesy.dsl.checks.open_types import values_of_fact_term
from nesy.dsl.checks.symbols import AttributeSymbol, Symbols
from nesy.dsl.checks.walk import names_read
from nesy.dsl.span import Span
from nesy.dsl.statements import Choice, Disjunction, Program, Rule
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

ROUNDS = 40
"""A rule whose head still grows after so many rounds is taken to have no bound."""

Place = tuple[str, int, int]
"""A relation's name, its number of arguments, and the place among them."""


@dataclass(slots=True)
class Places:
    """The domain of each place of each relation, as far as it is known."""

    symbols: Symbols
    known: dict[Place, Known] = field(default_factory=dict)

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
            return [_or_anything(domain) for domain in declared] if len(declared) == size else [Extent.ANYTHING] * size
        if size in symbols.arities.get(call.name, ()):
            return [self.known.get((call.name, size, place), Extent.NOTHING) for place in range(size)]
        return [Extent.ANYTHING] * size


def _or_anything(domain: Domain | None) -> Known:
    return Extent.ANYTHING if domain is None else domain


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A variable at a place whose values are known."""

    name: str
    domain: Known
    span: Span


def occurrences(formula: Formula, places: Places, positive: bool) -> Iterator[Occurrence]:
    """The variables of a formula at places with a domain.

    ``positive``: only what a true formula forces, as in the body of a rule (nothing under ``not``, in an ``or`` or in a
    quantifier); otherwise all places count, as they do in an uncertain rule.
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
        case Quantified(_, body, condition) if not positive:
            for part in (body, *condition):
                yield from occurrences(part, places, positive)


def _arguments(call: Call, places: Places) -> Iterator[Occurrence]:
    for argument, domain in zip(call.arguments, places.of_atom(call), strict=True):
        yield from _matched(argument, domain)
        yield from _nested(argument, places)


def _matched(term: Term, domain: Known) -> Iterator[Occurrence]:
    """The variables of a pattern that is matched against the values of ``domain``."""
    match term:
        case Variable(name):
            yield Occurrence(name, domain, term.span)
        case TupleTerm(items):
            for place, item in enumerate(items):
                yield from _matched(item, component(domain, place, len(items)))


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
    found: Known = Extent.NOTHING
    for item in items:
        found = union(found, values_of(item, {}, symbols), "set")
    return found


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


def variable_domains(body: Sequence[Formula], places: Places) -> dict[str, Known]:
    """The values that a conjunction leaves to each of its variables."""
    known: dict[str, Known] = {}
    for formula in body:
        for found in occurrences(formula, places, positive=True):
            known[found.name] = meet(known.get(found.name, Extent.ANYTHING), found.domain)
    pairs = [pair for formula in body for pair in equations(formula)]
    settle(pairs, known, places.symbols)
    return known


def settle(pairs: Sequence[tuple[Variable, Term]], known: dict[str, Known], symbols: Symbols) -> None:
    """Give variables without a domain the values of what they are equal to."""
    changed = True
    while changed:
        changed = False
        for variable, term in pairs:
            if known.get(variable.name, Extent.ANYTHING) is Extent.ANYTHING:
                values = values_of(term, known, symbols)
                if values is not Extent.ANYTHING:
                    known[variable.name] = values
                    changed = True


def infer(program: Program, symbols: Symbols, extra: Mapping[str, AttributeSymbol]) -> Places:
    """The domains of all places; the domains of index variables are entered into ``extra`` (attributes)."""
    places = Places(symbols)
    rules = [statement for statement in program.statements if isinstance(statement, Rule)]
    _enter_facts(rules, places)
    waiting = [rule for rule in rules if rule.body or not isinstance(rule.head, Call)]
    conditioned = [symbol for symbol in extra.values() if None in symbol.index]
    readers = _readers(waiting)
    for _ in range(ROUNDS):
        grown = _round(waiting, places) | _index_round(conditioned, places)
        if not grown:
            return places
        waiting = _unique(rule for name in sorted(grown) for rule in readers.get(name, ()))
    for rule in waiting:
        for atom, _ in _heads(rule):
            for place in range(len(atom.arguments)):
                places.known[(atom.name, len(atom.arguments), place)] = Extent.ANYTHING
    _index_round(conditioned, places)
    return places


def _unique(rules: Iterator[Rule]) -> list[Rule]:
    return list({id(rule): rule for rule in rules}.values())


def _enter_facts(rules: Sequence[Rule], places: Places) -> None:
    values: dict[Place, dict[object, None]] = {}
    symbols = places.symbols
    for rule in rules:
        if isinstance(rule.head, Call) and not rule.body and rule.head.name not in symbols.declared:
            call = rule.head
            for place, argument in enumerate(call.arguments):
                found = values.setdefault((call.name, len(call.arguments), place), {})
                for value in values_of_fact_term(argument, symbols.constants):
                    found.setdefault(value)
    for key, found in values.items():
        places.known[key] = adhoc(f"{key[0]}[{key[2] + 1}]", found)


def _readers(rules: Sequence[Rule]) -> dict[str, list[Rule]]:
    readers: dict[str, list[Rule]] = {}
    for rule in rules:
        for name in names_read(rule):
            readers.setdefault(name, []).append(rule)
    return readers


def _heads(rule: Rule) -> Iterator[tuple[Call, tuple[Formula, ...]]]:
    """Each atom of a head with the formulas that bind its variables."""
    match rule.head:
        case Choice(elements):
            for element in elements:
                for term in element.terms[:1]:
                    if isinstance(term, Call):
                        yield term, (*element.condition, *rule.body)
        case Call() | Comparison() | Disjunction():
            for atom in head_atoms(rule):
                yield atom, rule.body


def _round(rules: Sequence[Rule], places: Places) -> set[str]:
    """Pass once over ``rules``; the names of the relations that have grown."""
    grown: set[str] = set()
    symbols = places.symbols
    for rule in rules:
        for atom, body in _heads(rule):
            if atom.name not in symbols.arities or atom.name in symbols.declared:
                continue
            known = variable_domains(body, places)
            for place, argument in enumerate(atom.arguments):
                key = (atom.name, len(atom.arguments), place)
                before = places.known.get(key, Extent.NOTHING)
                now = union(before, values_of(argument, known, symbols), f"{atom.name}[{place + 1}]")
                if now is not before and (isinstance(now, Extent) or not isinstance(before, Domain) or now != before):
                    places.known[key] = now
                    grown.add(atom.name)
    return grown


def _index_round(attributes: Sequence[AttributeSymbol], places: Places) -> set[str]:
    """Give the index variables of attributes their domain from the ``for`` condition."""
    grown: set[str] = set()
    for symbol in attributes:
        known = variable_domains(symbol.statement.condition, places)
        for place, item in enumerate(symbol.items):
            if isinstance(item, Variable):
                domain = known.get(item.name)
                if isinstance(domain, Domain) and domain != symbol.index[place]:
                    symbol.index[place] = domain
                    grown.add(symbol.name)
    return grown
