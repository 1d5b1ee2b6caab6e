"""The table of all names, against which formulas are checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nesy.dsl.checked import AttributeKind, Domain, NumericType, ValueType
from nesy.dsl.checks.constants import Scalar, fold
from nesy.dsl.checks.declarations import AttributeStatement, Declarations, kind_of
from nesy.dsl.checks.report import Report
from nesy.dsl.checks.types import BOOL, TypeTable
from nesy.dsl.statements import ConceptDeclaration, Definition, IndexItem, PerceptDeclaration, RandomDeclaration
from nesy.dsl.syntax import And, Call, Comparison, Formula, Membership, Not, Or, Quantified, Term, Variable
from nesy.dsl.values import Value

FUNCTIONS = {"exp": 1, "log": 1, "sqrt": 1, "abs": 1}
"""The functions of definitions, with their number of arguments."""
OF_READINGS = ("confidence", "margin")
"""The functions of error rules, which take one reading of a percept: how sure it is, and by how much it is ahead."""


@dataclass(slots=True)
class AttributeSymbol:
    """An attribute while checking: as :class:`~nesy.dsl.checked.AttributeInfo`, with None where a type is unknown.

    The domains of index variables are filled in by :mod:`nesy.dsl.checks.places`.
    """

    statement: AttributeStatement
    kind: AttributeKind
    index: list[Domain | None]
    value: ValueType | None

    @property
    def name(self) -> str:
        return self.statement.name

    @property
    def items(self) -> tuple[IndexItem, ...]:
        return self.statement.index

    @property
    def sources(self) -> tuple[str, ...]:
        return self.statement.sources if isinstance(self.statement, PerceptDeclaration) else ()

    @property
    def is_bool(self) -> bool:
        return isinstance(self.value, Domain) and self.value.is_bool


@dataclass(slots=True)
class Symbols:
    """Constants, types, attributes and relations by name.

    ``declared`` gives the argument types of declared relations. ``arities`` lists the numbers of arguments with
    which each relation is known. ``broken`` are types whose definition has an error, of which no more is said.
    """

    constants: Mapping[str, Scalar]
    types: Mapping[str, Domain]
    attributes: Mapping[str, AttributeSymbol]
    declared: Mapping[str, tuple[ValueType | None, ...]]
    arities: Mapping[str, list[int]]
    open_ended: bool
    plain: frozenset[str] = field(default=frozenset())
    broken: frozenset[str] = field(default=frozenset())

    def fold(self, term: Term) -> Scalar | None:
        """The value of a constant term, None if it has none (or holds an attribute)."""
        return fold(term, self.constants, self.plain)

    def attribute_of(self, term: object) -> AttributeSymbol | None:
        """The attribute that a term refers to, if it is one.

        A bare name of an attribute that has an index stands for a value: ``edge(a, b)`` beside ``percept a(1..2)``.
        """
        if isinstance(term, Call) and term.name in self.attributes and term.name not in self.constants:
            symbol = self.attributes[term.name]
            if term.arguments or term.source or not symbol.items:
                return symbol
        return None


def build(declared: Declarations, table: TypeTable, constants: Mapping[str, Scalar], report: Report) -> Symbols:
    """The symbols of a program; problems of the type expressions in declarations are reported here."""
    attributes = {name: _attribute(statement, table) for name, statement in declared.attributes.items()}
    relations: dict[str, tuple[ValueType | None, ...]] = {}
    arities: dict[str, list[int]] = {}
    types = table.all_domains()
    for name, relation in declared.relations.items():
        relations[name] = tuple(table.value_type(item) for item in relation.arguments)
        arities[name] = [len(relation.arguments)]
    for name, arity in declared.heads:
        taken = name in relations or name in attributes or name in declared.types
        if not taken:
            arities.setdefault(name, []).append(arity)
    plain = frozenset(name for name, symbol in attributes.items() if not symbol.items)
    _clashing_values(declared, types, attributes, report)
    for symbol in attributes.values():
        _settle_definition(symbol, attributes)
    broken = frozenset(declared.types) - frozenset(types)
    return Symbols(constants, types, attributes, relations, arities, declared.open_ended, plain, broken)


def _attribute(statement: AttributeStatement, table: TypeTable) -> AttributeSymbol:
    index = [None if isinstance(item, Variable) else table.finite(item, "an index") for item in statement.index]
    value: ValueType | None
    match statement:
        case PerceptDeclaration():
            return AttributeSymbol(statement, "percept", index, table.finite(statement.value, "a percept"))
        case ConceptDeclaration():
            return AttributeSymbol(statement, "concept", index, table.finite(statement.value, "a concept"))
        case RandomDeclaration():
            return AttributeSymbol(statement, "random", index, table.value_type(statement.value))
        case Definition():
            value = BOOL if _is_formula(statement.expression) else NumericType("real")
            return AttributeSymbol(statement, "definition", index, value)


def _settle_definition(symbol: AttributeSymbol, attributes: Mapping[str, AttributeSymbol]) -> None:
    """``define glad(P) = smiling(P).`` is true or false if ``smiling`` is; a relation's atom is as well."""
    if isinstance(symbol.statement, Definition) and isinstance(symbol.statement.expression, Call):
        other = attributes.get(symbol.statement.expression.name)
        if other is not None:
            symbol.value = other.value
        elif symbol.statement.expression.arguments and symbol.statement.expression.name not in FUNCTIONS:
            symbol.value = BOOL


def _is_formula(expression: Term | Formula) -> bool:
    return isinstance(expression, Comparison | Membership | Not | And | Or | Quantified)


def _clashing_values(
    declared: Declarations,
    types: Mapping[str, Domain],
    attributes: Mapping[str, AttributeSymbol],
    report: Report,
) -> None:
    """An attribute without index may not be called like a value: ``red`` would mean two things."""
    plain = [symbol for symbol in attributes.values() if not symbol.items]
    domains = [*types.values(), *(symbol.value for symbol in attributes.values())]
    homes: dict[Value, str] = {}
    for domain in {id(domain): domain for domain in domains}.values():
        if isinstance(domain, Domain) and not domain.components:
            for value in domain.values:
                homes.setdefault(value, domain.name)
    for symbol in plain:
        home = homes.get(symbol.name)
        if home is not None:
            text = f"'{symbol.name}' is a {kind_of(symbol.statement)} and a value of the type '{home}'"
            first = declared.types[home].span if home in declared.types else None
            report.add("E205", text, symbol.statement.span, "rename one of the two", first, "the value stands here")
