"""Findings about ground instances and about facts, without flooding: said once, or a few times with a count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from nesy.dsl.checks.constants import Scalar, fold
from nesy.dsl.checks.walk import parts_of
from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.span import Span
from nesy.dsl.statements import Constraint, Optimize, Rule, SoftConstraint
from nesy.dsl.syntax import Call, Negative, Number, walk


def once_each(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The first finding of each code and place; further instances are counted in its message."""
    first: dict[tuple[str, Span], Diagnostic] = {}
    counts: dict[tuple[str, Span], int] = {}
    for diagnostic in diagnostics:
        key = (diagnostic.code, diagnostic.span)
        first.setdefault(key, diagnostic)
        counts[key] = counts.get(key, 0) + 1
    return [_counted(diagnostic, counts[key] - 1) for key, diagnostic in first.items()]


def decimal_number(value: float, span: Span) -> Diagnostic:
    """E517 for a decimal number where rules are grounded as they stand."""
    message = f"the decimal number {value} stands in a rule, but here rules count in integers"
    hint = "scale the numbers to integers; random models take decimals (--with probabilistic), "
    return Diagnostic("E517", message, span, f"{hint}error rules do where the relation declares the type real")


def decimal_numbers(constants: Mapping[str, Scalar], statements: Iterable[object]) -> list[Diagnostic]:
    """What grounding ``statements`` would find of decimal numbers in facts, rules and constraints."""
    found: list[Diagnostic] = []
    for statement in statements:
        if not isinstance(statement, Rule | Constraint | SoftConstraint | Optimize):
            continue
        signed: set[int] = set()
        for part in (part for node in parts_of(statement) for part in walk(node)):
            if isinstance(part, Negative) and isinstance(part.operand, Number):
                signed.add(id(part.operand))
            elif not isinstance(part, Number | Call) or id(part) in signed:
                continue
            value = fold(part, constants) if not isinstance(part, Call) or not part.arguments else None
            if isinstance(value, float):
                found.append(decimal_number(value, part.span))
    return few_of_numbers(found)


SHOWN = 5


def few_of_numbers(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """``diagnostics`` with the first few E517 of each file: each row of a table may hold a number that no rule can."""
    kept: list[Diagnostic] = []
    places: dict[str, list[int]] = {}
    left: dict[str, int] = {}
    for diagnostic in diagnostics:
        file = diagnostic.span.file
        if diagnostic.code == "E517":
            if len(places.setdefault(file, [])) == SHOWN:
                left[file] = left.get(file, 0) + 1
                continue
            places[file].append(len(kept))
        kept.append(diagnostic)
    for file, count in left.items():
        last = places[file][-1]
        kept[last] = _counted(kept[last], count)
    return kept


def _counted(diagnostic: Diagnostic, more: int) -> Diagnostic:
    return replace(diagnostic, message=f"{diagnostic.message} (and {more} more)") if more else diagnostic
