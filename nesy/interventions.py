"""Interventions as users give them: ``--do 'sprinkler = true'``, or ``do={"sprinkler": True}`` in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nesy.dsl import parse
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.statements import Query
from nesy.dsl.syntax import Call, Comparison, Formula, Negative, Not, Number, Term, Text, TupleTerm
from nesy.dsl.values import Value, format_reference

if TYPE_CHECKING:
    from nesy.solvers.probabilistic.model.expressions import Scalar


def read_interventions(given: Mapping[str, object] | Sequence[str]) -> dict[str, Scalar]:
    """The value that each node is set to. Raises E598 for what is not ``node = value``."""
    texts = [f"{label} = {_written(value)}" for label, value in given.items()] if isinstance(given, Mapping) else given
    found: dict[str, Scalar] = {}
    for text in texts:
        label, value = _read(text)
        if label in found:
            raise _wrong(text, f"'{label}' is set twice")
        found[label] = value
    return found


def _read(text: str) -> tuple[str, Scalar]:
    try:
        (statement,) = parse(f"query {text.strip().removesuffix('.')}.", f"<do {text}>").statements
    except (NesyError, ValueError):
        raise _wrong(text) from None
    if not isinstance(statement, Query):
        raise _wrong(text)
    return assigned(statement.formula, text)


def assigned(formula: Formula, text: str) -> tuple[str, Scalar]:
    """The label of a node and the value that ``formula``, which reads ``text``, sets it to. Raises E598."""
    match formula:
        case Comparison("=", Call() as call, term):
            return _label(call, text), _value(term, text)
        case Not(Call() as call):
            return _label(call, text), False
        case Call():
            return _label(formula, text), True
        case _:
            raise _wrong(text)


def _label(call: Call, text: str) -> str:
    return format_reference(call.name, _values(call.arguments, text))


def _values(terms: tuple[Term, ...], text: str) -> tuple[Value, ...]:
    """An index or the items of a tuple, which hold no decimal numbers."""
    found: list[Value] = []
    for term in terms:
        value = _value(term, text)
        if isinstance(value, float):
            raise _wrong(text)
        found.append(value)
    return tuple(found)


def _value(term: Term, text: str) -> Scalar:
    match term:
        case Number(value):
            return value
        case Negative(Number(value)):
            return -value
        case Text(value):
            return value
        case Call(name, (), None):
            return name == "true" if name in ("true", "false") else name
        case TupleTerm(items):
            return _values(items, text)
    raise _wrong(text)


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _wrong(text: str, message: str = "") -> NesyError:
    message = message or f"'{text}' does not say which node is set to which value"
    hint = "write node = value, such as sprinkler = true or strength(ann) = 60"
    return NesyError(Diagnostic("E598", message, hint=hint, place="--do"))
