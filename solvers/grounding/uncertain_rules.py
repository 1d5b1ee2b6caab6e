"""Uncertain rules: their scope as text, and back as ground rules with premise, conclusion and parameters.

An instance exists for each choice of values for the rule's variables that satisfies the ``where`` guards and for
which every index, computed ones such as ``w(J+1)`` included, lies inside its attribute's index set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from nesy.dsl.checked import TypedRule
from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.statements import Parameters
from nesy.dsl.syntax import And, Binary, Call, Negative, Number, Term
from nesy.dsl.values import Value, format_reference, format_value
from nesy.solvers.ground_model import AttributeLiteral, GroundUncertainRule, Origin
from nesy.solvers.grounding.clingo_parts import refusal
from nesy.solvers.grounding.instantiate import Instantiator
from nesy.solvers.grounding.scopes import Scope
from nesy.solvers.grounding.templates import NotTemplate, Rows, SetTemplate, Template, ValueTemplate
from nesy.solvers.grounding.vocabulary import Vocabulary
from nesy.solvers.grounding.walking import global_variables
from nesy.solvers.grounding.wildcards import name_wildcards


@dataclass(frozen=True, slots=True)
class UncertainText:
    """One uncertain rule: its lines and the templates to read it back with."""

    rule: TypedRule
    lines: tuple[str, ...]
    rows: Rows
    names: tuple[str, ...]
    premise: Template
    conclusion: Template


def uncertain_text(vocabulary: Vocabulary, rule: TypedRule, label: str) -> UncertainText:
    """The scope and the templates of an uncertain rule."""
    statement = rule.statement
    names = tuple(name for name, _ in rule.variables)
    both = And((statement.premise, statement.conclusion))
    named = name_wildcards(vocabulary, both)
    premise, conclusion = named.items
    wildcards = [name for name in global_variables(named.items) if name not in names and "'" in name]
    scope = Scope(
        vocabulary, f"_instance_{label}", label, [*names, *wildcards], domains=dict(rule.variables), free=wildcards
    )
    for name, domain in rule.variables:
        scope.clause.add(f"{vocabulary.domain_predicate(domain)}({name})")
    scope.clause.add_all(statement.where)
    templates = scope.compile(premise), scope.compile(conclusion)
    concluded = templates[1].operand if isinstance(templates[1], NotTemplate) else templates[1]
    if not isinstance(concluded, ValueTemplate | SetTemplate):
        hint = "put the other attribute into the premise: 'if d = V then c = V'"
        raise refusal("a conclusion about more than one attribute", statement.conclusion.span, (), hint)
    return UncertainText(rule, tuple(scope.lines()), scope.columns.rows(), names, *templates)


def parameters(given: Parameters, form: str, constants: Mapping[str, Value | float]) -> tuple[float, float]:
    """The pair (s, r): what the rule sets, else what its form says (``if``: 1, 0; ``iff``: 0, 0)."""
    s = 1.0 if form == "if" else 0.0
    if given.s is not None:
        s = number(given.s, constants)
    return s, 0.0 if given.r is None else number(given.r, constants)


def number(term: Term, constants: Mapping[str, Value | float]) -> float:
    """The value of a numeric term over constants; the checks have seen to it that it has one."""
    match term:
        case Number():
            return float(term.value)
        case Call():
            value = constants[term.name]
            assert isinstance(value, int | float)
            return float(value)
        case Negative():
            return -number(term.operand, constants)
        case Binary():
            left, right = number(term.left, constants), number(term.right, constants)
            operations = {"+": left + right, "-": left - right, "*": left * right}
            if term.operator in operations:
                return operations[term.operator]
            return left / right if term.operator == "/" else left % right
    raise TypeError(f"{type(term).__name__} is no number")


class UncertainReader:
    """Reads the ground instances of uncertain rules."""

    def __init__(self, instantiator: Instantiator, constants: Mapping[str, Value | float]) -> None:
        self._instantiator = instantiator
        self._constants = constants
        self.problems: list[Diagnostic] = []

    def read(self, text: UncertainText, source: str) -> list[GroundUncertainRule]:
        """The ground rules of one statement, in the order of its variables' domains."""
        statement = text.rule.statement
        s, r = parameters(statement.parameters, statement.form, self._constants)
        rows = self._ordered(text)
        if not rows:
            message = "this rule has no instance: no values of its variables satisfy its conditions"
            hint = "compare the index sets of its attributes and its 'where' conditions with the types"
            self.problems.append(Diagnostic("W518", message, statement.span, hint))
        literals = self._instantiator.literals
        premise_of = self._instantiator.builder(text.premise)
        conclusion_of = self._instantiator.builder(text.conclusion)
        learn = statement.parameters.learn
        group_of = self._group(text)
        span, names = statement.span, text.names
        found = []
        for row in rows:
            conclusion = conclusion_of(row)
            assert isinstance(conclusion, AttributeLiteral)
            origin = Origin(span, source, tuple(zip(names, row)))  # noqa: B905  # the row goes on with computed terms
            if not conclusion.values:
                self._outside(text, conclusion, row, origin)
            premise = premise_of(row)
            if isinstance(premise, AttributeLiteral):
                found.append(
                    GroundUncertainRule(literals.simple(premise), conclusion, s, r, origin, learn, group_of(row))
                )
            else:
                found.append(GroundUncertainRule(premise, conclusion, s, r, origin, learn, group_of(row)))
        return found

    def _ordered(self, text: UncertainText) -> list[tuple[Value, ...]]:
        """The instances sorted by the places of the variables' values in their domains."""
        rows = self._instantiator.rows(text.rows)
        orders = [domain.positions for _, domain in text.rule.variables]
        width = len(orders)
        if all(_counts_up(domain.values) for _, domain in text.rule.variables):
            rows.sort(key=itemgetter(slice(width)))
        else:
            rows.sort(key=lambda row: [order[value] for order, value in zip(orders, row, strict=False)])
        return rows

    def _group(self, text: UncertainText) -> Any:
        given = text.rule.statement.parameters
        if not given.learn:
            return lambda _: ()
        places = [text.names.index(name) for name in given.per] if given.per else range(len(text.names))
        return lambda row: tuple(row[place] for place in places)

    def _outside(self, text: UncertainText, literal: AttributeLiteral, row: tuple[Value, ...], origin: Origin) -> None:
        """Report a conclusion that no value of the concept satisfies because its value is outside the type."""
        template = text.conclusion
        if not isinstance(template, ValueTemplate):
            return
        attribute = self._instantiator.attribute(literal)
        where = ", ".join(f"{name} = {format_value(value)}" for name, value in origin.bindings)
        label = format_reference(attribute.name, attribute.index[literal.index])
        message = (
            f"the rule concludes {label} = {format_value(row[template.value])}, which is no value of "
            f"'{attribute.domain.name}'{f' for {where}' if where else ''}"
        )
        hint = "widen the type, or add a 'where' condition that keeps the value inside"
        self.problems.append(Diagnostic("E510", message, origin.span, hint))


def _counts_up(values: tuple[Value, ...]) -> bool:
    """Whether ``values`` are integers in increasing order, so that they sort like their places."""
    numbers = [value for value in values if type(value) is int]
    return len(numbers) == len(values) and numbers == sorted(numbers)
