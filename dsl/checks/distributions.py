"""The distributions of random variables: their names and numbers of arguments, as in Pyro."""

from __future__ import annotations

from nesy.dsl.checked import Domain, NumericType
from nesy.dsl.checks.context import Context
from nesy.dsl.checks.names import Resolver
from nesy.dsl.checks.report import Report
from nesy.dsl.diagnostics import counted
from nesy.dsl.distributions import DISTRIBUTIONS
from nesy.dsl.statements import RandomDeclaration

CONTINUOUS = frozenset(DISTRIBUTIONS) - {"poisson", "binomial", "bernoulli", "categorical"}


def check_distribution(statement: RandomDeclaration, resolver: Resolver, context: Context, report: Report) -> None:
    """Name, number of arguments, and whether the type fits what the distribution yields."""
    call = statement.distribution
    for argument in call.arguments:
        resolver.term(argument, None, context)
    if call.name not in DISTRIBUTIONS:
        hint = report.near_name(call.name, DISTRIBUTIONS) or f"the distributions are {', '.join(DISTRIBUTIONS)}"
        report.add("E218", f"unknown distribution '{call.name}'", call.span, hint)
        return
    value = resolver.symbols.attributes[statement.name].value if statement.name in resolver.symbols.attributes else None
    signature = DISTRIBUTIONS[call.name]
    least, most = signature.least, signature.most
    if call.name == "categorical" and isinstance(value, Domain) and not value.is_open:
        least = most = len(value)
    given = len(call.arguments)
    if given < least or (most is not None and given > most):
        needs = counted(least, "argument") if most == least else f"{least} to {most or 'any number of'} arguments"
        text = f"the distribution '{call.name}' takes {needs}, but {given} {'is' if given == 1 else 'are'} given"
        report.add(
            "E206",
            text,
            call.span,
            f"the arguments are those of Pyro, in its order: {call.name}({', '.join(signature.arguments)})",
        )
    fitting = _fitting(call.name)
    if value is not None and not _fits(call.name, value):
        text = f"'{call.name}' does not yield values of the type {value.name}"
        report.add("E208", text, statement.value.span, f"declare the type {fitting}")


def _fitting(name: str) -> str:
    if name == "bernoulli":
        return "bool"
    return "real" if name in CONTINUOUS else "of the categories, such as {a, b}" if name == "categorical" else "int"


def _fits(name: str, value: Domain | NumericType) -> bool:
    match name:
        case "bernoulli":
            return isinstance(value, Domain) and (value.is_bool or value.values == (0, 1))
        case "poisson" | "binomial":
            return isinstance(value, NumericType)
        case "categorical":
            return isinstance(value, Domain)
        case _:
            return isinstance(value, NumericType) and value.name == "real"
