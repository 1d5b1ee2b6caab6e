"""The values of open types: gathered from facts and observations, in order of first appearance.

A value comes from a fact of the type itself (``object(o1).``), from an argument of a fact whose relation is
declared with the type there (``relation edge(node, node).  edge(a, b).``), and from an index of an attribute in a
fact or an ``observe`` statement. Values that only rules, queries or expectations mention do not count: they may be
misspelt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from nesy.dsl.checks.constants import Scalar, fold
from nesy.dsl.checks.declarations import Declarations
from nesy.dsl.checks.types import LONGEST_CHAIN
from nesy.dsl.statements import NamedType, Observe, ProductType, Program, Rule, TypeDeclaration
from nesy.dsl.syntax import Call, Comparison, Interval, Node, Term, TupleTerm, children
from nesy.dsl.values import Value

LARGEST_INTERVAL = 1_000_000

Found: TypeAlias = dict[tuple[bool, Value], Value]
"""Values in order of appearance; the keys tell true from 1."""


def gather(program: Program, declared: Declarations, constants: Mapping[str, Scalar]) -> dict[str, list[Value]]:
    """The values of each open type by its name."""
    open_types = {name for name, declaration in declared.types.items() if declaration.definition is None}
    found: dict[str, Found] = {name: {} for name in open_types}
    if not open_types:
        return {}
    signatures = _signatures(declared, open_types)
    for statement in program.statements:
        if isinstance(statement, Rule) and not statement.body:
            calls = _calls(statement.head) if isinstance(statement.head, Call | Comparison) else ()
        elif isinstance(statement, Observe):
            calls = _calls(statement.formula)
        else:
            continue
        for call in calls:
            for expected, term in zip(signatures.get(call.name, ()), call.arguments, strict=False):
                _take(term, expected, constants, found)
    return {name: list(values.values()) for name, values in found.items()}


def _signatures(declared: Declarations, open_types: set[str]) -> dict[str, tuple[object, ...]]:
    signatures: dict[str, tuple[object, ...]] = {}
    for name, attribute in declared.attributes.items():
        signatures[name] = tuple(_resolved(item, declared.types) for item in attribute.index)
    for name, relation in declared.relations.items():
        signatures[name] = tuple(_resolved(item, declared.types) for item in relation.arguments)
    return signatures | {name: (name,) for name in open_types}


def _resolved(expression: object, types: Mapping[str, TypeDeclaration], path: tuple[str, ...] = ()) -> object:
    """The open type's name, a tuple of such for a product, None for everything else; aliases are followed.

    ``path`` holds the names that led here, so that a type which contains itself (an error reported elsewhere) ends.
    """
    if isinstance(expression, ProductType):
        return tuple(_resolved(item, types, path) for item in expression.items)
    if not isinstance(expression, NamedType) or expression.name not in types:
        return None
    if expression.name in path or len(path) >= LONGEST_CHAIN:
        return None
    definition = types[expression.name].definition
    return expression.name if definition is None else _resolved(definition, types, (*path, expression.name))


def _calls(node: Node) -> Iterator[Call]:
    if isinstance(node, Call):
        yield node
    elif not isinstance(node, Interval):
        for child in children(node):
            yield from _calls(child)


def _take(term: Term, expected: object, constants: Mapping[str, Scalar], found: dict[str, Found]) -> None:
    if isinstance(expected, tuple):
        if isinstance(term, TupleTerm):
            for item, part in zip(term.items, expected, strict=False):
                _take(item, part, constants, found)
    elif isinstance(expected, str):
        for value in values_of_fact_term(term, constants):
            found[expected].setdefault((isinstance(value, bool), value), value)


def values_of_fact_term(term: Term, constants: Mapping[str, Scalar]) -> Sequence[Value]:
    """The values of an argument of a fact: one, several for an interval, none if it is no constant."""
    if isinstance(term, Interval):
        low, high = fold(term.low, constants), fold(term.high, constants)
        if isinstance(low, int) and isinstance(high, int) and high - low < LARGEST_INTERVAL:
            return range(low, high + 1)
        return ()
    value = fold(term, constants)
    return () if value is None or isinstance(value, float) else (value,)
