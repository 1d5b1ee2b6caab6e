"""Expectations: the tests inside a rule file."""

from __future__ import annotations

from nesy.dsl.checks.context import EXPECTATION
from nesy.dsl.checks.names import Resolver
from nesy.dsl.checks.report import Report
from nesy.dsl.checks.uncertain import unit_number
from nesy.dsl.checks.walk import variables
from nesy.dsl.statements import Expect
from nesy.dsl.syntax import Call, Comparison, Formula, Membership, Not, Term


def check_expectation(statement: Expect, resolver: Resolver, report: Report) -> None:
    """``expect formula given reading, …``: names and values, the form of the readings, the threshold."""
    resolver.formula(statement.formula, EXPECTATION)
    for formula in statement.given:
        _given(formula, resolver, report)
    if statement.threshold is not None:
        unit_number(statement.threshold, "the threshold", resolver.symbols, report)


def _given(formula: Formula, resolver: Resolver, report: Report) -> None:
    before = len(report.diagnostics)
    resolver.formula(formula, EXPECTATION)
    if len(report.diagnostics) > before:
        return
    reading = _reading(formula)
    symbol = resolver.symbols.attributes.get(reading.name) if isinstance(reading, Call) else None
    if symbol is None or symbol.kind not in ("percept", "random", "definition"):
        text = "after 'given' stand readings: percept = value"
        if symbol is not None:
            text += f", but '{symbol.name}' is no percept"
        report.add("E223", text, formula.span, "write percept(index) = value, or percept(index) in {…}")
        return
    for variable in variables((formula,)):
        text = f"the reading must be given without variables, but {variable.name} stands here"
        report.add("E223", text, variable.span, "write one reading for each value")


def _reading(formula: Formula) -> Term | None:
    match formula:
        case Comparison("=", left, _) | Membership(left, _):
            return left
        case Not(Call() as call):
            return call
        case Call():
            return formula
        case _:
            return None
