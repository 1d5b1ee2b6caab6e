"""One check for each kind of statement: which parts it has, and what may stand in them."""

from __future__ import annotations

from typing import assert_never

from nesy.dsl.checked import Domain, NumericType, TypedRule
from nesy.dsl.checks.clingo_atoms import ClingoCheck
from nesy.dsl.checks.context import (
    BODY,
    DEFINITION,
    DISTRIBUTION,
    ERROR_RULE,
    FOR,
    HEAD,
    OBSERVATION,
    QUESTION,
    RANDOM_FOR,
    WEIGHT,
)
from nesy.dsl.checks.declarations import kind_of
from nesy.dsl.checks.distributions import check_distribution
from nesy.dsl.checks.expectations import check_expectation
from nesy.dsl.checks.knowledge import check_gloss, check_phrase
from nesy.dsl.checks.names import Resolver
from nesy.dsl.checks.open_types import values_of_fact_term
from nesy.dsl.checks.places import Places
from nesy.dsl.checks.report import Report
from nesy.dsl.checks.safety import Safety
from nesy.dsl.checks.symbols import Symbols
from nesy.dsl.checks.uncertain import check_uncertain
from nesy.dsl.knowledge import Gloss, Phrase
from nesy.dsl.span import Span
from nesy.dsl.statements import (
    Choice,
    ClingoStatement,
    ConceptDeclaration,
    ConstantDeclaration,
    Constraint,
    Definition,
    Disjunction,
    ErrorRule,
    Expect,
    Include,
    Observe,
    Optimize,
    PerceptDeclaration,
    Query,
    RandomDeclaration,
    RelationDeclaration,
    Rule,
    SoftConstraint,
    Statement,
    TypeDeclaration,
    UncertainRule,
)
from nesy.dsl.syntax import Call, Comparison, Element, Formula, Interval, Membership, Node


class StatementCheck:
    """Checks statement after statement; the typed uncertain rules gather in ``rules``."""

    def __init__(self, symbols: Symbols, places: Places, report: Report) -> None:
        self.rules: list[TypedRule] = []
        self._glosses: dict[str, Gloss] = {}
        self._symbols = symbols
        self._places = places
        self._report = report
        self._resolver = Resolver(symbols, places, report)
        self._safety = Safety(symbols, report)
        self._clingo = ClingoCheck(symbols, report)

    def check(self, statement: Statement) -> None:
        """Check one statement."""
        resolver, safety = self._resolver, self._safety
        match statement:
            case Rule():
                self._rule(statement)
            case Constraint(body):
                resolver.formulas(body, BODY)
                safety.constraint(statement)
            case SoftConstraint():
                self._soft_constraint(statement)
            case Optimize(_, elements):
                for element in elements:
                    resolver.element(element, BODY)
                safety.optimize(statement)
            case UncertainRule():
                typed = check_uncertain(statement, self._places, resolver, self._report)
                if typed is not None:
                    self.rules.append(typed)
            case PerceptDeclaration() | ConceptDeclaration():
                self._declaration(statement)
            case RandomDeclaration():
                resolver.formulas(statement.condition, RANDOM_FOR)
                check_distribution(statement, resolver, DISTRIBUTION, self._report)
                safety.declaration(statement)
            case Definition():
                self._definition(statement)
            case Observe(formula):
                resolver.formula(formula, OBSERVATION)
            case ErrorRule():
                self._error_rule(statement)
            case Query(formula):
                self._query(formula)
            case Expect():
                check_expectation(statement, resolver, self._report)
                safety.expectation(statement.formula)
            case Gloss():
                check_gloss(statement, self._symbols, self._glosses, self._report)
            case Phrase():
                check_phrase(statement, resolver, self._symbols, self._report)
            case ClingoStatement():
                self._clingo.check(statement)
            case TypeDeclaration() | ConstantDeclaration() | RelationDeclaration() | Include():
                return
            case _:
                assert_never(statement)

    def _declaration(self, statement: PerceptDeclaration | ConceptDeclaration) -> None:
        if statement.condition and not statement.index:
            text = f"'for' restricts an index, but '{statement.name}' has none"
            hint = f"write {statement.name}(X) … for relation(X), or leave the condition out"
            self._report.add("E224", text, statement.condition[0].span, hint)
        self._resolver.formulas(statement.condition, FOR)
        self._safety.declaration(statement)

    def _query(self, formula: Formula) -> None:
        """A bare attribute asks for its distribution, whatever its type; all else is a formula."""
        if isinstance(formula, Call) and formula.name in self._symbols.attributes:
            self._resolver.attribute(formula, self._symbols.attributes[formula.name], QUESTION)
        else:
            self._resolver.formula(formula, QUESTION)
        self._safety.query(formula)

    def _soft_constraint(self, statement: SoftConstraint) -> None:
        self._resolver.formulas(statement.body, BODY)
        level = () if statement.level is None else (statement.level,)
        for term in (statement.weight, *level, *statement.terms):
            self._resolver.term(term, None, WEIGHT)
        self._safety.soft_constraint(statement)

    def _definition(self, statement: Definition) -> None:
        self._resolver.formulas(statement.condition, RANDOM_FOR)
        self._resolver.term_or_formula(statement.expression, DEFINITION)
        self._safety.definition(statement)

    def _error_rule(self, statement: ErrorRule) -> None:
        reading = statement.reading
        symbol = self._symbols.attributes.get(reading.name)
        if symbol is None or symbol.kind != "percept":
            kind = "" if symbol is None else f", but '{reading.name}' is a {kind_of(symbol.statement)}"
            text = f"an error rule speaks of a reading of a percept{kind}"
            self._report.add("E225", text, reading.span, "write, for instance, error label@m1(O) :- …")
        else:
            self._resolver.attribute(reading, symbol, ERROR_RULE)
        self._resolver.formulas(statement.body, ERROR_RULE)
        self._safety.error_rule(statement)

    # ----- rules

    def _rule(self, rule: Rule) -> None:
        if not rule.body and isinstance(rule.head, Call):
            if self._fact(rule.head):
                return
            self._ambiguous(rule.head)
        self._resolver.formulas(rule.body, BODY)
        match rule.head:
            case Choice(elements, low, high):
                for element in elements:
                    self._choice_element(element)
                for end in (low, high):
                    if end is not None:
                        self._resolver.term(end, None, WEIGHT)
            case Disjunction(items):
                for item in items:
                    self._head(item)
            case Call() | Comparison():
                self._head(rule.head)
        self._safety.rule(rule)

    def _fact(self, call: Call) -> bool:
        """Whether ``call`` is a plain fact of a relation without known types, of which files may have thousands."""
        symbols = self._symbols
        if call.name in symbols.attributes or call.name in symbols.types or call.source is not None:
            return False
        expected = symbols.declared.get(call.name)
        if expected is not None and len(expected) != len(call.arguments):
            return False
        for place, argument in enumerate(call.arguments):
            if isinstance(argument, Interval) or (isinstance(argument, Call) and argument.arguments):
                return False
            values = values_of_fact_term(argument, symbols.constants)
            domain = expected[place] if expected is not None else None
            if not values and isinstance(symbols.fold(argument), float):
                if domain is None or domain == NumericType("real"):
                    continue
                return False
            if len(values) != 1 or (isinstance(argument, Call) and argument.name in symbols.attributes):
                return False
            if isinstance(domain, NumericType) and type(values[0]) is not int:
                return False
            if isinstance(domain, Domain) and domain.position(values[0]) is None:
                return False
        return True

    def _ambiguous(self, fact: Call) -> None:
        """``cause(flu, fever).`` beside ``concept flu : bool``: a fact speaks of values, the name is an attribute's."""
        for argument in fact.arguments:
            symbol = self._symbols.attribute_of(argument)
            if symbol is not None and isinstance(argument, Call) and not argument.arguments:
                text = f"'{symbol.name}' is a {kind_of(symbol.statement)}, but stands for a value in this fact"
                place = symbol.statement.span
                self._report.add("E205", text, argument.span, "rename one of the two", place, "declared here")

    def _choice_element(self, element: Element) -> None:
        self._resolver.formulas(element.condition, BODY)
        if len(element.terms) != 1 or not isinstance(element.terms[0], Call | Comparison):
            text = "an element of a choice is one atom, or attribute = value"
            self._report.add("E224", text, element.span, "write { in(X) : item(X) }")
        else:
            self._head(element.terms[0])

    def _head(self, head: Node) -> None:
        match head:
            case Comparison("=", Call() as target, _) if target.name in self._symbols.attributes:
                self._resolver.comparison(head, HEAD)
                self._concluded(target)
            case Call(name, _, _) if name in self._symbols.attributes:
                self._resolver.atom(head, HEAD)
                self._concluded(head)
            case Call(name, arguments, _) if name in self._symbols.types:
                self._type_head(head, arguments)
            case Call():
                self._resolver.atom(head, HEAD)
            case Comparison() | Membership():
                text = "the head of a rule is an atom, or concept = value"
                self._report.add("E224", text, head.span, "write concept = value, with a declared concept on the left")
            case _:
                text = "the head of a rule is an atom, or concept = value"
                self._report.add("E224", text, _span(head), "write an atom")

    def _type_head(self, head: Call, arguments: tuple[Node, ...]) -> None:
        domain = self._symbols.types[head.name]
        if not domain.is_open or domain.components:
            text = f"the type '{head.name}' has fixed values, so nothing can be added to it"
            hint = f"extend its declaration, or make it open: type {head.name}."
            self._report.add("E227", text, head.span, hint)
        elif not all(values_of_fact_term(term, self._symbols.constants) for term in head.arguments) or not arguments:
            text = f"the values of the open type '{head.name}' come from facts, not from rules"
            self._report.add("E227", text, head.span, f"write facts such as {head.name}(o1)")

    def _concluded(self, target: Call) -> None:
        symbol = self._symbols.attributes[target.name]
        place = symbol.statement.span
        if symbol.kind == "percept":
            text = f"the percept '{target.name}' is read by a network and cannot be concluded"
            hint = "declare a concept for what the rule concludes"
            self._report.add("E211", text, target.span, hint, place, f"'{target.name}' is a percept")
        elif symbol.kind != "concept":
            text = f"the {kind_of(symbol.statement)} '{target.name}' is given by its declaration"
            self._report.add("E226", text, target.span, "declare a concept instead", place, "declared here")


def _span(node: Node) -> Span:
    return node.span
