"""Queries: one attribute index, one relation atom or one formula each, with the label of its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.statements import Query
from nesy.dsl.syntax import Call, Formula
from nesy.dsl.values import Value, format_reference
from nesy.solvers.ground_model import AttributeLiteral, GroundQuery
from nesy.solvers.grounding.clingo_parts import refusal
from nesy.solvers.grounding.instantiate import Instantiator, picker
from nesy.solvers.grounding.labels import formula_label
from nesy.solvers.grounding.scopes import Scope
from nesy.solvers.grounding.symbols import order_key
from nesy.solvers.grounding.templates import Column, Rows, Template
from nesy.solvers.grounding.vocabulary import Vocabulary, attribute_key
from nesy.solvers.grounding.walking import global_variables
from nesy.solvers.grounding.wildcards import name_wildcards


@dataclass(frozen=True, slots=True)
class QueryText:
    """One query: its lines, and how to read its instances."""

    query: Query
    kind: Literal["attribute", "atom", "formula"]
    formula: Formula
    family: str
    lines: tuple[str, ...]
    rows: Rows
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    template: Template | None


def query_text(vocabulary: Vocabulary, query: Query, label: str) -> QueryText:
    """The scope and template of a query."""
    formula = name_wildcards(vocabulary, query.formula)
    names = global_variables([formula])
    scope = Scope(vocabulary, f"_query_{label}", label, names, free=names)
    if isinstance(formula, Call) and vocabulary.is_attribute(formula):
        if any(map(vocabulary.has_attribute, formula.arguments)):
            raise refusal(
                "a query whose index is an attribute", formula.span, (), "ask for a formula, such as a(b) = 3"
            )
        vocabulary.value_domain(vocabulary.attribute(formula), formula.span)
        columns = scope.columns.index(formula)
        key = attribute_key(formula)
        return QueryText(
            query, "attribute", formula, key, tuple(scope.lines()), scope.columns.rows(), names, columns, None
        )
    if isinstance(formula, Call):
        scope.bind_atoms(formula)
        template = scope.compile(formula)
        columns = tuple(map(scope.columns.column, formula.arguments))
        lines = tuple(scope.lines())
        return QueryText(query, "atom", formula, formula.name, lines, scope.columns.rows(), names, columns, template)
    scope.bind_atoms(formula)
    template = scope.compile(formula)
    return QueryText(query, "formula", formula, "", tuple(scope.lines()), scope.columns.rows(), names, (), template)


class QueryReader:
    """Reads the instances of queries."""

    def __init__(self, instantiator: Instantiator) -> None:
        self._instantiator = instantiator
        self.problems: list[Diagnostic] = []

    def read(self, text: QueryText) -> list[GroundQuery]:
        """The ground queries of one statement in order."""
        rows = self._instantiator.rows(text.rows)
        if not rows:
            self._empty(text)
        return self._attributes(text, rows) if text.kind == "attribute" else self._formulas(text, rows)

    def _empty(self, text: QueryText) -> None:
        label = formula_label(text.query.formula, {})
        if text.kind == "attribute" and self._instantiator.attributes[self._instantiator.place(text.family)].index:
            message = f"the query {label} is outside the index of '{text.family}'"
            hint = "'nesy ground' lists the index of every attribute"
            self.problems.append(Diagnostic("E511", message, text.query.span, hint))
        else:
            message = f"the query {label} has no instance"
            hint = "no values of its variables make it possible"
            self.problems.append(Diagnostic("W518", message, text.query.span, hint))

    def _attributes(self, text: QueryText, rows: list[tuple[Value, ...]]) -> list[GroundQuery]:
        place = self._instantiator.place(text.family)
        attribute = self._instantiator.attributes[place]
        pick = picker(text.columns)
        span = text.query.span
        positions = sorted({attribute.positions[pick(row)] for row in rows})
        return [
            GroundQuery(attribute.label(position), text.family, "attribute", place, position, None, span)
            for position in positions
        ]

    def _formulas(self, text: QueryText, rows: list[tuple[Value, ...]]) -> list[GroundQuery]:
        assert text.template is not None
        build = self._instantiator.builder(text.template)
        pick = picker(text.columns)
        found = []
        for row in sorted(rows, key=order_key):
            formula = build(row)
            if isinstance(formula, AttributeLiteral):
                formula = self._instantiator.literals.simple(formula)
            if text.kind == "atom":
                label = format_reference(text.family, pick(row))
            else:
                label = formula_label(text.formula, dict(zip(text.names, row, strict=False)))
            family = text.family or label
            found.append(GroundQuery(label, family, "formula", formula=formula, span=text.query.span))
        return found
