"""Finding the domain of each place of each relation, and of each variable of an attribute's index.

Declared relations have the types of their declaration. For all others the values are found by a fixpoint over facts
and rules: a head's variable has the values that every positive formula of the body leaves it. The result is an upper
bound, and ``ANYTHING`` where there is none, as for arithmetic that never ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nesy.dsl.checked import Domain
from nesy.dsl.checks.declarations import head_atoms
from nesy.dsl.checks.domains import Extent, Known, adhoc, union, values_of
from nesy.dsl.checks.open_types import values_of_fact_term
from nesy.dsl.checks.places import Place, Places, place_name, variable_domains
from nesy.dsl.checks.symbols import AttributeSymbol, Symbols
from nesy.dsl.checks.walk import names_read
from nesy.dsl.statements import Choice, ClingoStatement, Disjunction, Program, Rule
from nesy.dsl.syntax import Binary, Call, Comparison, Formula, Variable
from nesy.dsl.values import Value

ROUNDS = 300
"""A rule whose head still grows after so many rounds is taken to have no bound."""


def infer(program: Program, symbols: Symbols, extra: Mapping[str, AttributeSymbol]) -> Places:
    """The domains of all places; the domains of index variables are entered into ``extra`` (attributes)."""
    places = Places(symbols)
    rules = [statement for statement in program.statements if isinstance(statement, Rule)]
    _enter_facts(rules, places)
    _enter_clingo(program, places)
    waiting = [rule for rule in rules if rule.body or not isinstance(rule.head, Call)]
    conditioned = [symbol for symbol in extra.values() if None in symbol.index]
    readers = _readers(waiting)
    rounds: dict[str, int] = {}
    while True:
        grown = _round(waiting, places, rounds) | _index_round(conditioned, places)
        if not grown:
            return places
        for name in grown:
            rounds[name] = rounds.get(name, 0) + 1
        waiting = _unique(rule for name in sorted(grown) for rule in readers.get(name, ()))


def _unique(rules: Iterator[Rule]) -> list[Rule]:
    return list({id(rule): rule for rule in rules}.values())


def _enter_facts(rules: Sequence[Rule], places: Places) -> None:
    values: dict[Place, list[Value]] = {}
    symbols = places.symbols
    for rule in rules:
        if isinstance(rule.head, Call) and not rule.body:
            call = rule.head
            for place, argument in enumerate(call.arguments):
                if _is_settled(call, place, symbols):
                    continue
                found = values.setdefault((call.name, len(call.arguments), place), [])
                found.extend(values_of_fact_term(argument, symbols.constants))
    for key, found in values.items():
        places.known[key] = adhoc(place_name(key), found)


def _is_settled(call: Call, place: int, symbols: Symbols) -> bool:
    """Whether the declaration of a relation lists the values of a place: ``int`` and ``real`` do not."""
    declared = symbols.declared.get(call.name, ())
    return place < len(declared) and isinstance(declared[place], Domain)


def _enter_clingo(program: Program, places: Places) -> None:
    """Of relations that clingo code defines, nothing is known."""
    for statement in program.statements:
        if isinstance(statement, ClingoStatement):
            for atom in statement.heads:
                if atom.arity in places.symbols.arities.get(atom.name, ()):
                    for place in range(atom.arity):
                        places.known[(atom.name, atom.arity, place)] = Extent.ANYTHING


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


def _round(rules: Sequence[Rule], places: Places, rounds: Mapping[str, int]) -> set[str]:
    """Pass once over ``rules``; the names of the relations that have grown.

    ``rounds`` counts how often each has grown before; beyond :data:`ROUNDS` it may hold anything.
    """
    symbols = places.symbols
    parts: dict[Place, list[Known]] = {}
    for rule in rules:
        for atom, body in _heads(rule):
            if atom.name not in symbols.arities:
                continue
            computes = any(isinstance(argument, Binary) for argument in atom.arguments)
            known = variable_domains(body, places, limited=computes)
            for place, argument in enumerate(atom.arguments):
                if _is_settled(atom, place, symbols):
                    continue
                key = (atom.name, len(atom.arguments), place)
                parts.setdefault(key, []).append(values_of(argument, known, symbols))
    grown: set[str] = set()
    for key, found in parts.items():
        before = places.known.get(key, Extent.NOTHING)
        now = union((before, *found), place_name(key))
        if now is not before and now != before:
            places.known[key] = now if rounds.get(key[0], 0) < ROUNDS else Extent.ANYTHING
            grown.add(key[0])
    return grown


def _index_round(attributes: Sequence[AttributeSymbol], places: Places) -> set[str]:
    """Give the index variables of attributes their domain from the ``for`` condition."""
    grown: set[str] = set()
    for symbol in attributes:
        known = variable_domains(symbol.statement.condition, places)
        for place, item in enumerate(symbol.items):
            if isinstance(item, Variable):
                found = known.get(item.name)
                domain = found if isinstance(found, Domain) else None
                if domain != symbol.index[place]:
                    symbol.index[place] = domain
                    grown.add(symbol.name)
    return grown
