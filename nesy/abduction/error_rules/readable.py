"""What the conditions of an error rule compare, with the values of one object: ``confidence 0.41 < 0.6``."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nesy.abduction.error_rules.columns import Codes, Column
from nesy.abduction.error_rules.surroundings import Surroundings
from nesy.dsl import parse
from nesy.dsl.checks.symbols import OF_READINGS
from nesy.dsl.printing.term_printer import write
from nesy.dsl.statements import ErrorRule
from nesy.dsl.syntax import And, Call, Comparison, Formula, Term, Variable
from nesy.dsl.values import format_value


def evaluated(text: str, surroundings: Surroundings, row: int) -> str:
    """The comparisons in the rule ``text`` with the values of the object in ``row``; what is plain is left out."""
    (rule,) = parse(text).statements
    assert isinstance(rule, ErrorRule)
    return ", ".join(dict.fromkeys(_comparisons(rule, surroundings, row)))


def _comparisons(rule: ErrorRule, surroundings: Surroundings, row: int) -> Iterator[str]:
    arguments = rule.reading.arguments
    parts = [part for formula in rule.body for part in (formula.items if isinstance(formula, And) else (formula,))]
    named = dict(_named(parts, arguments, surroundings, row))
    for part in parts:
        if isinstance(part, Comparison):
            left = _side(part.left, rule, named, surroundings, row)
            right = _side(part.right, rule, named, surroundings, row)
            if left is not None or right is not None:
                yield f"{left or write(part.left)} {part.operator} {right or write(part.right)}"
        elif isinstance(part, Call) and part.arguments[: len(arguments)] == arguments and not _is_new(part, named):
            yield write(part)


def _is_new(call: Call, named: dict[str, str]) -> bool:
    last = call.arguments[-1]
    return isinstance(last, Variable) and last.name in named


def _named(
    parts: list[Formula], arguments: tuple[Term, ...], surroundings: Surroundings, row: int
) -> Iterator[tuple[str, str]]:
    """What variables stand for: ``light 0.12`` for L of ``light(O, L)``."""
    models = surroundings.predictions.models
    for part in parts:
        if not isinstance(part, Call) or not part.arguments or part.arguments[: len(arguments)] != arguments:
            continue
        last, between = part.arguments[-1], part.arguments[len(arguments) : -1]
        if not isinstance(last, Variable):
            continue
        model = None
        if len(between) == 1 and isinstance(between[0], Call) and between[0].name in models:
            model = models.index(between[0].name)
        column = surroundings.metadata(part.name, model)
        if column is not None:
            yield last.name, f"{part.name} {_value(column, row)}"


def _side(term: Term, rule: ErrorRule, named: dict[str, str], surroundings: Surroundings, row: int) -> str | None:
    match term:
        case Call(name, (Call() as call,), None) if name in OF_READINGS:
            reading = surroundings.readings.get(_key(call))
            numbers = None if reading is None else reading.confidence if name == "confidence" else reading.margin
            if numbers is None or call.arguments not in (rule.reading.arguments, ()):
                return None
            whose = "" if call == rule.reading else f" of {_key(call)}"
            return f"{name}{whose} {float(numbers[row]):.4g}"
        case Call() if term != rule.reading and term.arguments in (rule.reading.arguments, ()):
            reading = surroundings.readings.get(_key(term))
            if reading is None:
                return None
            label = int(reading.labels[row])
            return f"{_key(term)} {'nothing' if label < 0 else format_value(reading.classes[label])}"
        case Variable(name):
            return named.get(name)
    return None


def _key(call: Call) -> str:
    return call.name if call.source is None else f"{call.name}@{call.source}"


def _value(column: Column, row: int) -> str:
    if isinstance(column, Codes):
        return format_value(column.values[column.data[row]]) if column.data[row] >= 0 else "nothing"
    number = column.data[row]
    return "nothing" if np.isnan(number) else f"{float(number):.4g}"
